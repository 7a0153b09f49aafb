"""The figures of the lesson, in its order; each returns a Picture or something that slides."""

from .feature_maps import backward, detectors, ripple, shift
from .locality import flattening, likeness, reach, weights
from .operation import alike, flip_at_one_position, flip_or_not, one_position, positions, sliding
from .properties import matrix, one_dimension, search, superposition, two_in_a_row
from .training import learning, learning_with

__all__ = [
    "alike",
    "backward",
    "detectors",
    "flattening",
    "flip_at_one_position",
    "flip_or_not",
    "learning",
    "learning_with",
    "likeness",
    "matrix",
    "one_dimension",
    "one_position",
    "positions",
    "reach",
    "ripple",
    "search",
    "shift",
    "sliding",
    "superposition",
    "two_in_a_row",
    "weights",
]
