"""Owns what a stranger's process or notebook may put before an instructor's eyes: the public names of cleaning."""

from proctor.sanitize.limits import Limits
from proctor.sanitize.markdown import clean_attachments, clean_markdown, clean_raw
from proctor.sanitize.outputs import clean_outputs
from proctor.sanitize.text import clean_code

__all__ = [
    "Limits",
    "clean_attachments",
    "clean_code",
    "clean_markdown",
    "clean_outputs",
    "clean_raw",
]
