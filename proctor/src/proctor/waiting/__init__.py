"""A grader that waits for the next command: what the last one imported and started is used again."""
