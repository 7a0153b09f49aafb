"""The processes of a grading run: where examiners and candidates come from, and who gets which work."""
