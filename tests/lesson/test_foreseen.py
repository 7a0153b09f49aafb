"""Whether what was read at one size spares calls at another, and is believed only if it is true."""

import pytest
import torch
from convlab import calling, observed
from convlab.taps import foreseen, taps
from samples import padded, windows

READ = (8, 7)  # the size at which a function was read before
SIZES = [(8, 8), (12, 10), (10, 10), (12, 8)]
FEW = 35  # calls: reading every pixel takes more than 64

WRONG = [
    lambda i, k: windows(i, k.flip(0, 1)).sum((2, 3)),
    lambda i, k: windows(i, k.T).sum((2, 3)),
    lambda i, k: windows(i, k)[..., 1:, :].sum((2, 3)),
    lambda i, k: windows(i, k, 2).sum((2, 3)),
    lambda i, k: windows(i, k).mean((2, 3)),
    lambda i, k: windows(padded(i), k).sum((2, 3)),
    lambda i, k: windows(i, k - k.mean()).sum((2, 3)),
    lambda i, k: windows(i, k)[..., -1, -1].clone(),
    lambda i, k: windows(i.roll((1, 1), (0, 1)), k).sum((2, 3)),
]


@pytest.fixture(autouse=True)
def nothing_observed_before(monkeypatch):
    """No test has a guess from another one, and a busy machine makes no image smaller."""
    forget()
    monkeypatch.setattr(calling, "SECONDS", 60)


def forget():
    """Let nothing be known of any function."""
    observed.OBSERVATIONS.known.clear()


@pytest.mark.parametrize("conv2d", WRONG)
@pytest.mark.parametrize("image_size", SIZES)
def test_a_guess_is_what_every_pixel_shows(conv2d, image_size):
    """After a reading at another size, few calls find what all of them find."""
    whole = taps(conv2d, image_size, seconds=30)
    forget()
    taps(conv2d, READ, seconds=30)
    seen = taps(conv2d, image_size, seconds=30, guess=True)
    assert seen.calls <= FEW < whole.calls and seen.departure is None
    torch.testing.assert_close(seen.coefficients, whole.coefficients, rtol=0, atol=1e-5)


@pytest.mark.parametrize("conv2d", [WRONG[0], WRONG[1], WRONG[2], *WRONG[4:]])
def test_one_pixel_lets_expect_what_all_show(conv2d):
    """Nothing being known of a function, few calls find what reading every pixel finds."""
    whole = taps(conv2d, READ, seconds=30)
    forget()
    seen = taps(conv2d, READ, seconds=30, guess=True)
    assert seen.calls <= FEW < whole.calls and seen.departure is None
    torch.testing.assert_close(seen.coefficients, whole.coefficients, rtol=0, atol=1e-5)


def test_a_map_of_zeros_lets_expect_nothing():
    """A function that reads nothing is no stencil, and is read as such."""
    seen = taps(lambda i, k: torch.zeros(6, 5), READ, seconds=30, guess=True)
    assert not seen.coefficients.any() and seen.departure is None


@pytest.mark.parametrize(
    "conv2d",
    [
        lambda i, k: windows(i, k).sum((2, 3)).cumsum(1),
        lambda i, k: windows(i, k).sum((2, 3)) * (torch.arange(i.shape[0] - 2) > 0)[:, None],
    ],
)
def test_what_is_no_stencil_is_read_pixel_by_pixel(conv2d):
    """Where outputs read in different ways, a guess changes neither the calls nor the result."""
    whole = taps(conv2d, (9, 9), seconds=30)
    seen = taps(conv2d, (9, 9), seconds=30, guess=True)
    assert torch.equal(seen.coefficients, whole.coefficients) and seen.calls >= whole.calls


def test_a_false_guess_is_not_believed(right):
    """What the function read at another size does not pass for what it reads at this one."""

    def of_size(image, kernel):
        return right(image, kernel.T if image.shape == (8, 8) else kernel.flip(0, 1))

    taps(of_size, READ, seconds=30)
    seen = taps(of_size, (8, 8), seconds=30, guess=True)
    turned = taps(lambda i, k: right(i, k.T), (8, 8), seconds=30)
    assert torch.equal(seen.coefficients, turned.coefficients)


@pytest.mark.parametrize("change", [torch.abs, torch.relu, lambda x: x.round()])
def test_what_is_no_sum_of_products_departs_as_ever(right, change):
    """A function that is right for single pixels alone shows the same with a guess."""

    def conv2d(image, kernel):
        return change(right(image, kernel))

    whole, seen = (taps(conv2d, (8, 8), seconds=30, guess=guess) for guess in (False, True))
    assert [fact.text() for fact in seen.departure.facts] == [
        fact.text() for fact in whole.departure.facts
    ]
    assert torch.equal(seen.coefficients, whole.coefficients)


@pytest.mark.parametrize(
    "conv2d",
    [
        lambda i, k: windows(i, k).abs().sum((2, 3)),
        lambda i, k: windows(i, k.T).sum((2, 3)).abs(),
        lambda i, k: windows(i, k).sum((2, 3)).clamp(0, 1),
        lambda i, k: (windows(i, torch.ones_like(k)) - k).square().sum((2, 3)),
    ],
)
@pytest.mark.parametrize("image_size", SIZES)
def test_what_is_known_to_be_no_sum_departs_as_ever_in_few_calls(conv2d, image_size):
    """Of a function that was no sum before, the same is told as if nothing were known of it."""
    whole = taps(conv2d, image_size, seconds=30)
    forget()
    taps(conv2d, READ, seconds=30)
    seen = taps(conv2d, image_size, seconds=30, guess=True)
    assert seen.calls <= FEW < whole.calls
    assert torch.equal(seen.coefficients, whole.coefficients)
    assert [fact.text() for fact in seen.departure.facts] == [
        fact.text() for fact in whole.departure.facts
    ]


@pytest.mark.parametrize("image_size", [(5, 5), (8, 7), *SIZES])
@pytest.mark.parametrize("kernel_size", [(3, 3), (2, 4)])
def test_every_pixel_is_tried_and_no_patch_has_two(image_size, kernel_size):
    """The images that bear out a guess have each pixel bright once, each patch one bright pixel."""
    images = foreseen.lit_apart(image_size, kernel_size)
    assert torch.equal(sum(images), torch.ones(image_size))
    for image in images:
        assert windows(image, torch.ones(kernel_size)).sum((2, 3)).max() <= 1


@pytest.mark.parametrize("pixel", [(0, 0), (3, 4), (7, 6)])
def test_a_pixel_that_is_wrong_only_when_bright_in_the_dark_is_found(right, pixel):
    """A right function that forgets one pixel in patches that are dark besides does not pass."""

    def conv2d(image, kernel):
        image = image.clone()
        (height, width), (y, x) = image.shape, pixel
        if height > y and width > x:
            around = image[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3]
            image[pixel] *= around.count_nonzero() != 1
        return right(image, kernel)

    assert not taps(conv2d, READ, seconds=30, guess=True).right
