"""What is generated from the source: built, or compared with what is committed."""
