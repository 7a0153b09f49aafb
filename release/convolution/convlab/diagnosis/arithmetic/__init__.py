"""What a function does to numbers besides adding up products."""
