"""What a function reads: which pixel, times which weight, each output adds, and the facts that say
so.
"""

from .description import RIGHT_COUNTS, describe
from .probe import Taps, taps

__all__ = ["RIGHT_COUNTS", "Taps", "describe", "taps"]
