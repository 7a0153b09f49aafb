"""The course's own workshop: it builds what is released, proves the tests, and runs the sample class."""
