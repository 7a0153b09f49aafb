"""What is known of a class after grading: one page, and the same as a table, as JSON and as text."""

from proctor.class_report.collected import collect
from proctor.class_report.known import ClassReport

__all__ = ["ClassReport", "collect"]
