"""convlab: the pictures and checks of the lesson on the principles of the convolution."""

from . import checks, pictures, show
from .player import slide
from .target import feature_map
from .tryout import check
from .xray import xray

__all__ = ["check", "checks", "feature_map", "pictures", "show", "slide", "xray"]
