"""Owns recognising a function that writes its results over pixels which it has still to read."""

import torch

from .. import oracle
from .models import TURNED
from .search import agrees


def earlier(size, place, by_columns, backwards):
    """Which weights (M, N) meet a pixel written over before: results go to `place` in the patch, in one of four orders."""
    m, n = torch.meshgrid(*map(torch.arange, size), indexing="ij")
    down, across = m - place[0], n - place[1]
    first, second = (across, down) if by_columns else (down, across)
    return (
        ((first > 0) | (first == 0) & (second > 0))
        if backwards
        else ((first < 0) | (first == 0) & (second < 0))
    )


def agreeing(image, kernel, came, place, before):
    """Whether `came` is what comes out if the weights marked in `before` meet results, laid down from `place` on, not pixels."""
    written = image.double().clone()
    written[place[0] : place[0] + came.shape[0], place[1] : place[1] + came.shape[1]] = came
    kernel = kernel.double()
    should = oracle.feature_map(written, kernel * before) + oracle.feature_map(
        image, kernel * ~before
    )
    return bool(agrees(should[None], came))


def overwritten(examples, turns):
    """(place, turn) of the first way of writing over pixels that gives all these (image, kernel, map), or None."""
    size = tuple(examples[0][1].shape)
    if not all(came.isfinite().all() for _, _, came in examples):
        return None
    for turn in turns:
        turned = TURNED[turn]
        for place in torch.cartesian_prod(*map(torch.arange, size)).tolist():
            for order in ((False, False), (True, False), (False, True), (True, True)):
                before = earlier(size, place, *order)
                if (
                    turned(before).shape == size
                    and before.any()
                    and all(
                        agreeing(image, turned(kernel), came, place, before)
                        for image, kernel, came in examples
                    )
                ):
                    return tuple(place), turn
    return None
