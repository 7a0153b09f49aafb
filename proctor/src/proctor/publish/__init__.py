"""Publishing what was graded: folders that appear whole or not at all, after the gradebook."""
