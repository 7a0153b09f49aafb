"""Feedback pages: what each says, how it looks, and which are written."""
