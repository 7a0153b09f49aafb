"""Running cells as a notebook's kernel does, in both processes."""
