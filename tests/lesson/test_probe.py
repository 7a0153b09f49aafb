"""Whether the taps are what a function really reads, whatever it is, and found in little time."""

import re
import time

import pytest
import torch
from convlab import mistakes, oracle
from convlab.messages import message
from convlab.taps import taps
from samples import windows, written

from course import answers

RIGHT = [answer for answer in answers.load() if answer.right]


def assert_replays(seen, conv2d):
    """The taps foretell the function's map of numbers it was not tried on."""
    image, kernel = torch.rand(seen.image_size) - 0.5, torch.rand(seen.kernel_size) - 0.5
    torch.testing.assert_close(
        seen.replay(image, kernel),
        conv2d(image.clone(), kernel.clone()).detach().double(),
        rtol=0,
        atol=1e-5,
    )


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.name)
def test_every_right_answer_is_right(answer):
    """However a right answer is written, its taps are the right ones, found at full size in 72
    calls.
    """
    seen = taps(written(answer), seconds=30)
    assert seen.right and seen.departure is None and seen.note is None
    assert seen.size == (6, 6) and seen.calls == 72 and seen.seconds > 0
    assert torch.equal(seen.coefficients, seen.expected)


def test_the_expected_taps_are_the_targets(right):
    """What should be read gives the target's map, at any size of image and kernel."""
    for image_size, kernel_size in [
        ((8, 8), (3, 3)),
        ((12, 10), (3, 3)),
        ((4, 4), (2, 2)),
        ((5, 9), (1, 4)),
        ((7, 7), (4, 4)),
    ]:
        seen = taps(right, image_size, kernel_size)
        assert seen.right
        image, kernel = torch.rand(image_size), torch.rand(kernel_size)
        torch.testing.assert_close(seen.replay(image, kernel), oracle.feature_map(image, kernel))


@pytest.mark.parametrize(
    "conv2d",
    [
        lambda i, k: windows(i, k.flip(0, 1)).sum((2, 3)),
        lambda i, k: windows(i, k).sum((2, 3)).T,
        lambda i, k: windows(i, k, 2).sum((2, 3)),
        lambda i, k: windows(i, k).mean((2, 3)),
        lambda i, k: windows(i, k).mean(3).sum(2),
        lambda i, k: -2 * windows(i, k).sum((2, 3)),
        lambda i, k: 3 * windows(i, k).sum((2, 3)),
        lambda i, k: 0.3 * windows(i, k).sum((2, 3)),
        lambda i, k: windows(i, k).sum((2, 3)) * torch.linspace(-1, 1, 6),
        lambda i, k: windows(i, k).sum((2, 3)).cumsum(0),
        lambda i, k: windows(torch.nn.functional.pad(i, (1, 1, 2, 2)), k).sum((2, 3)),
        lambda i, k: i[2:, 2:] * k[2, 2],
        lambda i, k: (i.unfold(0, 3, 1).unfold(1, 3, 1) @ k).sum((2, 3)),
        lambda i, k: torch.zeros(6, 6),
        lambda i, k: windows(i, k).sum((2, 3)).double(),
        lambda i, k: windows(i, k).sum((2, 3)).requires_grad_(),
        lambda i, k: torch.fft.ifft2(torch.fft.fft2(i) * torch.fft.fft2(k, s=i.shape)).real,
    ],
)
def test_the_taps_replay_any_sum_of_products(conv2d):
    """Whatever pixels a function multiplies by whatever weights, of whatever size its map is, the
    taps foretell it.
    """
    seen = taps(conv2d)
    assert seen.departure is None
    assert tuple(conv2d(torch.zeros(8, 8), torch.zeros(3, 3)).shape) == seen.size
    assert_replays(seen, conv2d)


def test_a_kernel_of_many_weights_is_read_in_parts(right):
    """More than nine weights do not fit into one number; they are told apart all the same."""
    seen = taps(right, (8, 8), (5, 5), seconds=10)
    assert seen.right and seen.calls == 3 * 64 + 8
    assert not taps(lambda i, k: right(i, k.flip(1)), (8, 8), (5, 5), seconds=10).right


def test_coefficients_are_whole_numbers_where_they_are_meant_to_be():
    """Noise of single precision, as a Fourier transform's, leaves no trace in the taps."""

    def conv2d(image, kernel):
        spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=image.shape).conj()
        return torch.fft.irfft2(spectrum, s=image.shape)[:6, :6]

    assert {0, 1} == set(taps(conv2d).coefficients.unique().tolist())
    assert {0, 3} == set(taps(lambda i, k: 3 * conv2d(i, k)).coefficients.unique().tolist())


def test_a_slow_function_is_shown_a_smaller_image(right):
    """Where the calls would take too long, the image is a little larger than the kernel, and the
    note says why.
    """

    def conv2d(image, kernel):
        time.sleep(0.0004 * image.numel())
        return right(image, kernel)

    seen = taps(conv2d)
    assert seen.right and seen.image_size == (5, 5) and seen.size == (3, 3)
    assert seen.note.name == "too-slow.smaller-image" and seen.note.facts["size"] == "5×5"
    reason = seen.note.facts["reason"]
    assert reason.name == "reason.time" and reason.facts["count"] == 70
    assert re.fullmatch(
        r"The X-ray was made on a 5×5 image: one call takes [\d.]+ ms, "
        r"and 70 of them would take too long\.",
        seen.note.text("en"),
    )
    assert seen.seconds < 2
    assert_replays(seen, conv2d)


def test_a_function_too_slow_for_any_image_is_told_so(right):
    """Where no image is small enough, a Mistake says how long one call takes."""

    def conv2d(image, kernel):
        time.sleep(0.05)
        return right(image, kernel)

    with pytest.raises(
        mistakes.TooSlow, match=r"even on a 4×4 image one call takes \d+ ms, and 22 of them"
    ):
        taps(conv2d, seconds=0.5)


def test_a_function_that_slows_down_on_the_way_is_shown_a_smaller_image(right):
    """When the calls take longer than planned, there is still time for a few on a small image."""

    def conv2d(image, kernel):
        time.sleep(0.04 if image.sum() == 1 and len(image) == 8 else 0)
        return right(image, kernel)

    seen = taps(conv2d, seconds=2)
    assert seen.right and seen.image_size == (5, 5)
    assert seen.note.facts["reason"].name == "reason.calls"


def test_an_image_of_too_many_pixels_is_not_tried_pixel_by_pixel(right):
    """The products of a photograph would fill the memory; a small image does."""
    seen = taps(right, (64, 64))
    assert seen.right and seen.image_size == (5, 5)
    reason = message("taps", "reason.pixels", size="64×64")
    assert seen.note == message("taps", "too-slow.smaller-image", size="5×5", reason=reason)


def test_the_kernel_must_fit_on_the_image(right):
    """A kernel larger than the image is the caller's mistake, not the learner's."""
    with pytest.raises(ValueError, match="must not be higher or wider"):
        taps(right, (2, 2), (3, 3))
