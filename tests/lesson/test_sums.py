"""Whether a function that is no sum of pixels times weights is said to be none, with cells that
show it.
"""

import functools

import pytest
import torch
from claims import untrue_of
from convlab.messages import message
from convlab.printing import told_apart
from convlab.taps import taps
from samples import windows

fact = functools.partial(message, "taps")
NO_SUMS = {  # the function, the rule it breaks, and what else is told
    "relu": (lambda r, i, k: r(i, k).relu(), "negative-image", fact("maps.not-negative")),
    "abs": (lambda r, i, k: r(i, k).abs(), "negative-image", fact("maps.not-negative")),
    "max": (
        lambda r, i, k: windows(i, k).amax((2, 3)),
        "negative-image",
        fact("maps.not-negative"),
    ),
    "abs of weights": (lambda r, i, k: r(i, k.abs()), "negative-kernel", None),
    "round": (lambda r, i, k: r(i, k).round(), "double-image", fact("maps.whole-numbers")),
    "three decimals": (
        lambda r, i, k: r(i, k).round(decimals=3),
        "double-image",
        fact("maps.decimals", count=3),
    ),
    "four decimals": (
        lambda r, i, k: r(i, k).round(decimals=4),
        "double-image",
        fact("maps.decimals", count=4),
    ),
    "integers": (lambda r, i, k: r(i, k).int(), "double-image", fact("maps.whole-numbers")),
    "whole weights": (lambda r, i, k: r(i, k.trunc()), "double-kernel", None),
    "bytes": (
        lambda r, i, k: r(i, k).clamp(-255, 255),
        "double-image",
        fact("maps.between", low=-255.0, high=255.0),
    ),
    "half": (
        lambda r, i, k: r(i.half(), k.half()).float(),
        "images",
        fact("maps.small-differences"),
    ),
    "bias": (lambda r, i, k: r(i, k) + 1, "zero-image", None),
    "no weights": (lambda r, i, k: i[2:, 2:] * 1, "zero-kernel", fact("maps.zero-kernel")),
    "constant": (lambda r, i, k: torch.eye(6), "zero-image", fact("maps.zero-image")),
    "nan": (lambda r, i, k: r(i, k) / 0, "zero-image", None),
    "infinite": (
        lambda r, i, k: r(i, k) / (i.count_nonzero() < 2 or not k.any()),
        None,
        None,
    ),
    "equal weights": (
        lambda r, i, k: r(i, k * (k.flatten()[:, None] == k.flatten()).sum(0).reshape(3, 3)),
        "kernels",
        fact("maps.few-values"),
    ),
    "equal rows": (
        lambda r, i, k: torch.stack([r(i, k)[i.tolist().index(row)] for row in i.tolist()[:6]]),
        "halves",
        None,
    ),
}


@pytest.mark.parametrize("name", NO_SUMS)
def test_what_is_no_sum_is_said_to_be_none(right, name):
    """A function that does more than add up products is told so, by a rule it breaks and a cell
    that breaks it.
    """
    function, rule, more = NO_SUMS[name]
    seen = taps(lambda image, kernel: function(right, image, kernel), seconds=10)
    assert not seen.right
    first, *others = seen.departure.facts
    assert first.name.startswith("no-sum.")
    assert first.facts.get("rule") == (fact(f"rule.{rule}") if rule else None)
    assert [fact.name for fact in others] == ([more.name] if more else [])
    assert not more or others[0].facts.items() >= more.facts.items()
    assert untrue_of(seen.departure, lambda i, k: function(right, i, k)) == []


@pytest.mark.parametrize("name", ["relu", "bias", "nan", "half"])
def test_what_is_told_of_a_departure_is_untrue_of_another_function(right, name):
    """The check of these facts is able to fail."""
    function = NO_SUMS[name][0]
    seen = taps(lambda image, kernel: function(right, image, kernel), seconds=10)
    assert untrue_of(seen.departure, lambda i, k: right(i, k) + 0.3) != []


def test_a_departure_is_put_into_words(right):
    """The rule, the cell and both numbers stand in one sentence."""
    relu, bias = (taps(lambda i, k, f=f: NO_SUMS[f][0](right, i, k)) for f in ("relu", "bias"))
    assert " ".join(fact.text("en") for fact in relu.departure.facts) == (
        "This is not a sum of pixels times weights: turning the sign of every pixel should turn "
        "that of every output, but output (0, 0) is 0 instead of −5.6. "
        "No value of these maps is negative."
    )
    assert bias.departure.facts[0].text("en") == (
        "This is not a sum of pixels times weights: an image of zeros should give a map of zeros, "
        "but every output is 1 instead of 0."
    )


@pytest.mark.parametrize("name", NO_SUMS)
def test_the_cells_of_a_departure_can_be_seen_again(right, name):
    """The call that departs is kept, and each of its cells comes out as told."""
    function = NO_SUMS[name][0]
    departure = taps(lambda image, kernel: function(right, image, kernel), seconds=10).departure
    result = function(right, departure.image.clone(), departure.kernel.clone()).double()
    assert departure.cells
    for i, j, came, foretold in departure.cells:
        assert came == pytest.approx(float(result[i, j]), nan_ok=True)
        assert came != foretold


@pytest.mark.parametrize(
    "name", ["relu", "round", "integers", "whole weights", "half", "bias", "bytes"]
)
def test_taps_are_kept_beside_a_departure_where_single_pixels_bear_them_out(right, name):
    """What reads the right pixels and then spoils the sum still shows the right taps."""
    seen = taps(lambda image, kernel: NO_SUMS[name][0](right, image, kernel), seconds=10)
    assert torch.equal(seen.coefficients, seen.expected)


@pytest.mark.parametrize("name", ["nan", "constant", "no weights"])
def test_no_taps_are_made_up_where_none_can_be_read(right, name):
    """Coefficients that single pixels do not bear out are not shown."""
    seen = taps(lambda image, kernel: NO_SUMS[name][0](right, image, kernel))
    assert not seen.coefficients.any() and tuple(seen.coefficients.shape) == (6, 6, 8, 8, 3, 3)


def test_what_is_kept_between_calls_is_noticed(right):
    """A sum that goes on from call to call, noise, and maps that grow are told as such, with no
    taps.
    """
    total = torch.zeros(6, 6)
    for conv2d in (
        lambda i, k: total.add_(right(i, k)).clone(),
        lambda i, k: right(i, k) + torch.rand(6, 6),
    ):
        seen = taps(conv2d)
        told = seen.departure.facts
        assert [fact.name for fact in told] == ["unsteady.map"] and seen.departure.unsteady
        assert told[0].facts["output"] == (0, 0)
        i, j, *numbers = seen.departure.cells[0]
        assert (told[0].facts["came"], told[0].facts["expected"]) == told_apart(*numbers)
        assert not seen.coefficients.any()
    rows = []

    def growing(image, kernel):
        rows.extend(right(image, kernel))
        return torch.stack(rows)

    told = taps(growing).departure.facts
    assert told == (fact("unsteady.size", came="12×6", expected="6×6"),)


def test_what_changes_only_later_is_noticed(right):
    """A function that changes its mind after fifty calls is caught by the random images."""
    calls = []

    def conv2d(image, kernel):
        calls.append(1)
        return right(image, kernel) * (1 if len(calls) < 50 else 2)

    assert [fact.name for fact in taps(conv2d).departure.facts] == ["unsteady.map"]


def test_the_same_function_is_told_the_same_twice(right):
    """The numbers tried are the same at every X-ray, and so are its facts."""
    first, second = (taps(lambda i, k: right(i, k).relu()).departure for _ in range(2))
    assert first.facts == second.facts and first.cells == second.cells


def test_a_map_of_one_number_is_not_said_to_have_no_negative_ones():
    """Of so few numbers, none may be negative by chance."""
    read = taps(lambda i, k: windows(i, k).flatten(2).norm(dim=2) * k.sum(), (3, 3))
    assert read.departure
    assert "maps.not-negative" not in [one.name for one in read.departure.facts]
