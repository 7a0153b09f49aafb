"""Whether the sizes at which there is a map, and what a map's size follows, are told truly."""

import pytest
import torch
from convlab.checks import example
from convlab.diagnosis import map_size
from convlab.diagnosis.calls import Asked
from convlab.examples import SIZES
from failures import SUMS, crosses, explained, loops, parts, untrue
from samples import correlated, only

FOLLOWED = {  # a conv2d, and what is told: the clauses, the map's size or that of its filled part
    "width for both": (
        lambda i, k: cut(correlated(i, k), i.shape[1] - 2, i.shape[1] - 2),
        ["sides-mixed-up.rows.other"],
        "say 8×8",
    ),
    "height for both": (
        lambda i, k: cut(correlated(i, k), len(i) - 2, len(i) - 2),
        ["sides-mixed-up.columns.other"],
        "say 10×10",
    ),
    "exchanged": (
        lambda i, k: correlated(i, k).reshape(i.shape[1] - 2, -1),
        ["sides-mixed-up.rows.other", "sides-mixed-up.columns.other"],
        "say 8×10",
    ),
    "longer side": (
        lambda i, k: cut(correlated(i, k), max(i.shape) - 2, max(i.shape) - 2),
        ["sides-mixed-up.rows.longer", "sides-mixed-up.columns.longer"],
        "say 10×10",
    ),
    "shorter side filled": (
        lambda i, k: only(correlated(i, k), slice(min(i.shape) - 2), slice(min(i.shape) - 2)),
        ["sides-mixed-up.rows.shorter", "sides-mixed-up.columns.shorter"],
        "filled 8×8",
    ),
    "six by six": (
        lambda i, k: correlated(i, k)[:6, :6],
        ["size-fixed.rows.always 6", "size-fixed.columns.always 6"],
        "say 6×6",
    ),
    "one row": (
        lambda i, k: correlated(i, k)[:1],
        ["size-fixed.rows.always 1"],
        "say 1×8",
    ),
    "six columns filled": (
        lambda i, k: only(correlated(i, k), columns=slice(6)),
        ["size-fixed.columns.always 6"],
        "filled 10×6",
    ),
    "no more than eight rows": (
        lambda i, k: correlated(i, k)[:8],
        ["size-fixed.rows.at-most 8"],
        "say 8×8",
    ),
    "width for rows, six columns": (
        lambda i, k: cut(correlated(i, k), i.shape[1] - 2, 6),
        ["sides-mixed-up.rows.other", "size-fixed.columns.always 6"],
        "say 8×6",
    ),
}
SQUARE = {
    "assert": ("size-refused", {"before": "assert H == W, 'not square'"}),
    "own error": ("size-refused", {"before": "if H * W > 100: raise ValueError('too large')"}),
    "own index error": (
        "size-refused",
        {
            "before": "if H != W: "
            "raise IndexError('index 8 is out of bounds for axis 0 with size 8')"
        },
    ),
    "missing key": ("size-refused", {"before": "{8: 1, 10: 1}[H]"}),
    "width first": ("sides-mixed-up", {"before": "W, H = image.shape"}),
    "output turned": ("sides-mixed-up", {"size": "W - N + 1, H - M + 1"}),
    "height for both": ("sides-mixed-up", {"rows": "H - M + 1", "columns": "H - M + 1"}),
    "longer side": ("sides-mixed-up", {"before": "H = W = max(H, W)"}),
    "reshaped to the height": (
        "sides-mixed-up",
        {"before": "out = image[:H - 2, :W - 2].reshape(H - 2, H - 2)"},
    ),
    "image plus transposed": ("sides-mixed-up", {"before": "image = image + 0 * image.T"}),
    "ten by ten": ("size-fixed", {"size": "10, 10", "rows": "10", "columns": "10"}),
    "ten columns": ("size-fixed", {"columns": "10", "size": "H - 2, 10"}),
    "reshaped to six": ("size-fixed", {"before": f"return {SUMS}.reshape(6, 6)"}),
    "blocks of four": ("runs-past-edge", {"before": "W = (W + 1) // 4 * 4 + 2"}),
}


def told(conv2d, shape=(12, 10)):
    """The Diagnosis of this function's map of a 12×10 image, or None."""
    return map_size.explain(Asked(conv2d, 5), example(*shape))


def cut(result, rows, columns):
    """The map brought to this size: cut off, or with zeros added."""
    made = torch.zeros(rows, columns)
    made[: result.shape[0], : result.shape[1]] = result[:rows, :columns]
    return made


def sides_followed(clause, sides):
    """The number of rows or columns that a clause claims for an image of these sides."""
    _, unit, what = clause.name.split(".")
    own, other = sides if unit == "rows" else reversed(sides)
    side = {"other": other, "shorter": min(sides), "longer": max(sides)}
    count = clause.facts.get("count", 0)
    limits = {"always": count, "at-most": min(count, own - 2)}
    return limits[what] if what in limits else side[what] - 2


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_the_size_follows_is_told(name):
    """Each way in which sides can be mixed up or ignored is named, and holds for other images."""
    conv2d, clauses, map_told = FOLLOWED[name]
    found = told(conv2d)
    ((part, facts),) = parts(found).items()
    named = [f"{one.name} {one.facts.get('count', '')}".strip() for one in facts["follow"]]
    assert (named, f"{part} {facts['came']}") == (clauses, map_told), found.text()
    fixed = all(one.startswith("size-fixed") for one in clauses)
    assert found.name == ("size-fixed" if fixed else "sides-mixed-up") and crosses(found)
    assert (facts["image"], facts["expected"]) == ("12×10", "10×8")
    for sides in [(13, 9), (9, 13), *SIZES]:
        came = conv2d(*example(*sides, seed=1).before)
        extent = map_size.filled(came) if part == "filled" else came.shape
        for clause in facts["follow"]:
            claimed = sides_followed(clause, sides)
            assert extent[".columns." in clause.name] == claimed, (sides, clause)


@pytest.mark.parametrize(
    "name, told_facts, conv2d",
    [
        (
            "size-from-kernel",
            {"image": "12×10", "kernel": "3×3"},
            lambda i, k: correlated(i, k)[: len(k), : k.shape[1]],
        ),
        (
            "map-transposed",
            {"image": "12×10", "came": "8×10", "expected": "10×8"},
            lambda i, k: correlated(i, k).T,
        ),
    ],
)
def test_a_map_of_the_kernels_size_and_a_transposed_one_have_names_of_their_own(
    name, told_facts, conv2d
):
    """They are told with the sizes at hand."""
    found = told(conv2d)
    assert (found.name, dict(found.facts[0].facts)) == (name, told_facts)
    assert "12×10" in found.text()


@pytest.mark.parametrize("name", SQUARE)
def test_functions_for_some_sizes_are_told_at_which(name):
    """Refusing sizes, mixing up sides and fixing a size are told with the sizes that have a map."""
    expected, changed = SQUARE[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert found.name == expected, found.text()
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize(
    "conv2d",
    [
        correlated,
        lambda i, k: correlated(i, k)[:-1, :-1],
        lambda i, k: correlated(i, k)[::2],
        lambda i, k: correlated(i, k.T),
        lambda i, k: only(correlated(i, k), slice(1)),
        lambda i, k: torch.zeros(len(i) - 2, i.shape[1] - 2),
        lambda i, k: None,
        lambda i, k: 1 / 0,
    ],
)
def test_a_size_that_follows_the_right_side_is_not_told(conv2d):
    """Cells missing at the edge, a stride, zeros or no map at all are told by others."""
    assert told(conv2d) is None


def test_nothing_is_said_at_a_size_that_is_right():
    """At a square image a function that mixes up the sides is right, and is not told otherwise."""
    assert told(lambda i, k: cut(correlated(i, k), len(i) - 2, len(i) - 2), (8, 8)) is None
