"""convlab: the pictures and checks of the lesson on the principles of the convolution."""

from . import checks, pictures, show
from .player import check, slide
from .target import feature_map

__all__ = ["check", "checks", "feature_map", "pictures", "show", "slide"]
