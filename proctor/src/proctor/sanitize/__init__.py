"""Makes what a student wrote or displayed harmless for whoever opens the notebook in a browser."""

from proctor.sanitize.markdown import clean_attachments, clean_markdown, clean_raw
from proctor.sanitize.outputs import Limits, clean_outputs
from proctor.sanitize.text import clean_code

__all__ = [
    "Limits",
    "clean_attachments",
    "clean_code",
    "clean_markdown",
    "clean_outputs",
    "clean_raw",
]
