"""Owns finding what the size of the map follows, from one image size to the next: the image's own sides, or something else."""

from ..checks import wrong_values
from ..examples import SIZES, example
from ..printing import size
from .diagnosis import diagnosed

TRIED = [*SIZES, (8, 12), (9, 11)]  # wide ones too: on tall ones the larger side is the height


def explain(asked, case):
    """The Diagnosis if rows or columns of the map of `case` follow the wrong side of the image, or none; else None."""
    shape = tuple(case.before[0].shape)
    first = asked.map(*case.before)
    if first is None or extent(first) == (tuple(case.target.shape),) * 2:
        return None
    seen = extents(asked)
    if shape not in seen or len(seen) < 4:
        return None
    for which in (0, 1):  # the size of the map, then the part of it that is not left 0
        came = seen[shape][which]
        follows = [
            followed(
                [
                    (sides, found[which][axis], shape_of(sides)[axis])
                    for sides, found in seen.items()
                ],
                axis,
            )
            for axis in (0, 1)
        ]
        if came != shape_of(shape) and any(follows) and (which == 0 or min(came) > 1):
            return transposed(asked, case) or told(asked, case, came, which, follows)
    return None


def transposed(asked, case):
    """The Diagnosis if the map is right but for its rows being columns, or None."""
    found = asked.map(*case.before).T
    if found.shape == case.target.shape and not wrong_values(found, case).any():
        return diagnosed(
            "map-transposed",
            image=size(case.before[0].shape),
            came=size(found.T.shape),
            expected=size(found.shape),
        )
    return None


def shape_of(sides):
    """The right map's size for an image of these sides under a 3×3 kernel."""
    return sides[0] - 2, sides[1] - 2


def extents(asked):
    """The `extent` of the map for each image size that is answered."""
    found = {sides: asked.map(*example(*sides, seed=sum(sides)).before) for sides in TRIED}
    return {sides: extent(came) for sides, came in found.items() if came is not None}


def extent(came):
    """A map's size, and how many rows and columns there are up to the last that is not all 0."""
    filled = came != 0
    return tuple(came.shape), tuple(
        int(line.nonzero()[-1]) + 1 if line.any() else 0
        for line in (filled.any(dim=1), filled.any(dim=0))
    )


def followed(found, axis):
    """What a number of rows or columns follows, in words; "" if the right side, or nothing that is known.

    `found` holds (sides of the image, what came, what is right).
    """
    own, other = ("height", "width") if axis == 0 else ("width", "height")
    if len({came - right for _, came, right in found}) == 1:
        return ""
    for words, wanted in [
        (f"follow the image's {other}, not its {own}", lambda sides, _: sides[1 - axis]),
        (f"follow the shorter side of the image, not its {own}", lambda sides, _: min(sides)),
        (f"follow the longer side of the image, not its {own}", lambda sides, _: max(sides)),
    ]:
        if len({came - wanted(sides, right) for sides, came, right in found}) == 1:
            return words
    most = max(came for _, came, _ in found)
    if all(came == most for _, came, _ in found):
        return f"are always {most}"
    return (
        f"are never more than {most}"
        if all(came == min(most, right) for _, came, right in found)
        else ""
    )


def told(asked, case, came, which, follows):
    """The Diagnosis in words: what the map's rows or columns follow, which is not what they should."""
    (height, width), (rows, columns) = case.before[0].shape, case.before[1].shape
    if which == 0 and came == (rows, columns) and all(" always " in words for words in follows):
        return diagnosed(
            "size-from-kernel", image=size((height, width)), kernel=size((rows, columns))
        )
    words = " and ".join(
        f"the {unit} {words}" for unit, words in zip(("rows", "columns"), follows) if words
    )
    fixed = all(" more than " in words or " always " in words for words in follows if words)
    return diagnosed(
        "size-fixed" if fixed else "sides-mixed-up",
        image=size((height, width)),
        came=size(came),
        expected=size(case.target.shape),
        part=("", "filled part of the ")[which],
        follow=words,
    )
