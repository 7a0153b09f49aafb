"""The figures of the lesson, in its order; each returns a Picture."""

from .feature_maps import detectors, ripple
from .locality import flattening, likeness, reach, weights
from .operation import alike, flip_or_not, positions
from .properties import learning, matrix, one_dimension, scene, search, superposition

__all__ = [
    "alike",
    "detectors",
    "flattening",
    "flip_or_not",
    "learning",
    "likeness",
    "matrix",
    "one_dimension",
    "positions",
    "reach",
    "ripple",
    "scene",
    "search",
    "superposition",
    "weights",
]
