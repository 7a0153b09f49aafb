"""convlab: the pictures and checks of the lesson on the principles of the convolution."""

from . import checks, pictures, show
from .explained import explained
from .ladder import check
from .player import slide
from .target import feature_map
from .xray import xray

__all__ = ["check", "checks", "explained", "feature_map", "pictures", "show", "slide", "xray"]
