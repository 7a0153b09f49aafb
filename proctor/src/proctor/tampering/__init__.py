"""What of a submission looks like tampering: read, never run, told to the instructor in sentences.

No points depend on it.
"""
