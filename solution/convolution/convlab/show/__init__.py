"""The figures of the lesson, in its order; each returns a Picture."""

from .gain import detectors, ripple
from .notes import learning, matrix, one_dimension, scene, search, superposition
from .operation import alike, flip_or_not, positions
from .why import flattening, likeness, reach, weights

__all__ = ["alike", "detectors", "flattening", "flip_or_not", "learning", "likeness", "matrix", "one_dimension",
           "positions", "reach", "ripple", "scene", "search", "superposition", "weights"]
