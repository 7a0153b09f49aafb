"""Owns what holds of every sum of pixels times weights, and the further calls that show which of it a function breaks."""

import torch

from .. import calling
from ..printing import number
from .departure import NO_SUM, Departure, departed, nearness, remark, unchanged

FEW = " Image and kernel have few values here, many of them equal or 0; with random numbers the map was as foretold."


def foretold(coefficients, image, kernel):
    """The map that `coefficients` (rows, columns, H, W, M, N) give for `image` (H, W) and `kernel` (M, N), in float64."""
    products = torch.outer(image.double().flatten(), kernel.double().flatten())
    return coefficients.flatten(2) @ products.flatten()


def unforetold(ask, cases, first, coefficients):
    """The Departure of the first case whose map is not what the coefficients foretell, or None."""
    for case in cases:
        came = first if case is cases[0] else ask(*case.before)
        found = departed(
            "a random image should give what its pixels give one by one",
            came,
            foretold(coefficients, *case.before),
            *case.before,
        )
        if found:
            return found
    return None


def empty(what, came, first, image, kernel):
    """The Departure if an image or a kernel of zeros does not give a map of zeros, or None."""
    found = departed(
        f"{what} of zeros should give a map of zeros", came, torch.zeros_like(came), image, kernel
    )
    if found and torch.equal(came, first):
        found.sentence += f" It is the map that {what} of random numbers gives, too."
    return found


def explained(ask, cases, first, case, unlike=None):
    """The Departure from the first rule of a sum of pixels times weights that further calls on `case` show broken, or None.

    If there is no time for them, it is `unlike`, the Departure known already.
    """
    try:
        unchanged(first, ask(*cases[0].before), *cases[0].before)
        image, kernel = case.before
        came = ask(image, kernel)
        if not came.isfinite().all():
            i, j = (~came.isfinite()).nonzero()[0].tolist()
            return Departure(
                f"{NO_SUM}output ({i}, {j}) of a random image is {number(came[i, j])}.",
                unlike.cells if unlike else [],
                image,
                kernel,
            )
        found = multiplied(ask, image, kernel, came)
        if not found:
            found = added(ask, image, kernel, came, *cases[3].before)
            few = any(torch.equal(image, other.before[0]) for other in (cases[1], cases[4]))
            if found:
                found.sentence += FEW if few and unlike else nearness(found.cells)
        return found
    except calling.TimeIsUp:
        if not unlike:
            raise
        return unlike


def multiplied(ask, image, kernel, came):
    """The Departure if −1 or 2 times the image or the kernel does not give as many times the map `came`, or None."""
    for rule, factor, pair in [
        ("turning the sign of every pixel should turn that of every output", -1, (-image, kernel)),
        ("turning the sign of every weight should turn that of every output", -1, (image, -kernel)),
        ("doubling every pixel should double every output", 2, (2 * image, kernel)),
        ("doubling every weight should double every output", 2, (image, 2 * kernel)),
    ]:
        seen = ask(*pair)
        found = departed(rule, seen, factor * came, *pair)
        if found:
            found.sentence += remark(image, came, seen)
            return found
    return None


def added(ask, image, kernel, came, other, weights):
    """The Departure if the maps of two parts of the image or the kernel do not add up to the map `came`, or None."""
    upper = image.clone()
    upper[len(image) // 2 :] = 0
    rule = "the maps of two {} should add up to that of their sum"
    for rule, one, two in [
        (rule.format("images"), (other, kernel), (image - other, kernel)),
        (rule.format("kernels"), (image, weights), (image, kernel - weights)),
        (
            "the maps of the upper and the lower half should add up to that of the image",
            (upper, kernel),
            (image - upper, kernel),
        ),
    ]:
        found = departed(rule, came, ask(*one) + ask(*two), *one, *two, image, kernel)
        if found:
            return found
    return None
