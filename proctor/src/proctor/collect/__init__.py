"""What learning platforms let an instructor download, as plugins of `nbgrader zip_collect`."""

from proctor.collect.plugins import PlatformCollector, PlatformExtractor

__all__ = ["PlatformCollector", "PlatformExtractor"]
