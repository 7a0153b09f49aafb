"""The process that runs what a student wrote; nothing it says is believed."""
