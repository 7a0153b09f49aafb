"""What builds the release, proves the tests and runs the sample class."""
