"""What of a submission looks like tampering: read, never run, and told to the instructor in sentences.

No points depend on it.
"""
