"""Whether a function that is no sum of pixels times weights is said to be none, with cells that show it."""

import pytest
import torch
from convlab.taps import taps
from samples import windows

NO_SUMS = {
    "relu": (
        lambda r, i, k: r(i, k).relu(),
        "turning the sign of every pixel should turn that of every output",
    ),
    "abs": (lambda r, i, k: r(i, k).abs(), "No value of these maps is negative."),
    "max": (lambda r, i, k: windows(i, k).amax((2, 3)), "turning the sign of every pixel"),
    "abs of weights": (lambda r, i, k: r(i, k.abs()), "turning the sign of every weight"),
    "round": (lambda r, i, k: r(i, k).round(), "Every value of these maps is a whole number."),
    "three decimals": (
        lambda r, i, k: r(i, k).round(decimals=3),
        "Every value of these maps has at most 3 decimals.",
    ),
    "four decimals": (
        lambda r, i, k: r(i, k).round(decimals=4),
        "doubling every pixel should double every output",
    ),
    "integers": (lambda r, i, k: r(i, k).int(), "doubling every pixel should double every output"),
    "whole weights": (
        lambda r, i, k: r(i, k.trunc()),
        "doubling every weight should double every output",
    ),
    "bytes": (
        lambda r, i, k: r(i, k).clamp(-255, 255),
        "No value of these maps is below −255 or above 255.",
    ),
    "half": (lambda r, i, k: r(i.half(), k.half()).float(), "All differences are small"),
    "bias": (
        lambda r, i, k: r(i, k) + 1,
        "should give a map of zeros, but every output is 1 instead of 0",
    ),
    "no weights": (lambda r, i, k: i[2:, 2:] * 1, "a kernel of zeros should give a map of zeros"),
    "constant": (
        lambda r, i, k: torch.eye(6),
        "It is the map that an image of random numbers gives, too.",
    ),
    "nan": (lambda r, i, k: r(i, k) / 0, "output (0, 0) is nan"),
    "infinite": (
        lambda r, i, k: r(i, k) / (i.count_nonzero() < 2 or not k.any()),
        "of a random image is",
    ),
    "equal weights": (
        lambda r, i, k: r(i, k * (k.flatten()[:, None] == k.flatten()).sum(0).reshape(3, 3)),
        "Image and kernel have few values here, many of them equal or 0",
    ),
    "equal rows": (
        lambda r, i, k: torch.stack([r(i, k)[i.tolist().index(row)] for row in i.tolist()[:6]]),
        "the maps of the upper and the lower half should add up to that of the image",
    ),
}


@pytest.mark.parametrize("name", NO_SUMS)
def test_what_is_no_sum_is_said_to_be_none(right, name):
    """A function that does more than add up products is told so, by a rule it breaks and a cell that breaks it."""
    function, words = NO_SUMS[name]
    seen = taps(lambda image, kernel: function(right, image, kernel), seconds=10)
    assert not seen.right
    assert seen.departure.sentence.startswith("This is not a sum of pixels times weights: ")
    assert words in seen.departure.sentence


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
    """A sum that goes on from call to call, noise, and maps that grow are told as such, with no taps."""
    total = torch.zeros(6, 6)
    for conv2d in (
        lambda i, k: total.add_(right(i, k)).clone(),
        lambda i, k: right(i, k) + torch.rand(6, 6),
    ):
        seen = taps(conv2d)
        assert seen.departure.sentence.startswith(
            "The same call gave two different maps: output (0, 0) was "
        )
        assert "Something besides image and kernel plays a part." in seen.departure.sentence
        assert not seen.coefficients.any()
    rows = []

    def growing(image, kernel):
        rows.extend(right(image, kernel))
        return torch.stack(rows)

    told = taps(growing).departure.sentence
    assert told == "The size of the map changes from call to call: first it was 6×6, then 12×6."


def test_what_changes_only_later_is_noticed(right):
    """A function that changes its mind after fifty calls is caught by the random images."""
    calls = []

    def conv2d(image, kernel):
        calls.append(1)
        return right(image, kernel) * (1 if len(calls) < 50 else 2)

    assert taps(conv2d).departure.sentence.startswith("The same call gave two different maps")


def test_the_same_function_is_told_the_same_twice(right):
    """The numbers tried are the same at every X-ray, and so are its sentences."""
    first, second = (taps(lambda i, k: right(i, k).relu()).departure for _ in range(2))
    assert first.sentence == second.sentence and first.cells == second.cells
