"""The class of the demo: who is in it, what they hand in, and the table of what became of it."""
