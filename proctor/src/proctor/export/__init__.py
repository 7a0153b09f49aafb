"""Marks and feedback pages for a learning platform, as plugins of `nbgrader export`."""

from proctor.export.plugins import CanvasExport, CsvExport, MoodleExport

__all__ = ["CanvasExport", "CsvExport", "MoodleExport"]
