"""proctor grades a class of notebooks without trusting them."""
