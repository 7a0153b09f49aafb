"""Owns what a stranger's process or notebook may put before an instructor's eyes: the public names of cleaning."""

from .limits import Limits
from .markdown import clean_attachments, clean_markdown, clean_raw
from .outputs import clean_outputs
from .text import clean_code

__all__ = ["Limits", "clean_attachments", "clean_code", "clean_markdown", "clean_outputs", "clean_raw"]
