"""Which pixel, times which weight, a function really reads, and the sentences on it."""

from .probe import Taps, taps
from .structure import describe

__all__ = ["Taps", "describe", "taps"]
