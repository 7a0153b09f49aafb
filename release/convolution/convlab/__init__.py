"""The pictures and checks of the lesson on the principles of the convolution."""

from . import checks, figures, images, notebook_state
from .graded_cells import explained
from .ladder import check
from .oracle import feature_map
from .player.player import slide
from .player.xray import xray

__all__ = ["check", "checks", "explained", "feature_map", "figures", "images", "slide", "xray"]

notebook_state.watch()
