"""Whether the taps are what a function really reads, whatever it is, and found in little time."""

import contextlib
import io
import sys
import time

import pytest
import torch

from convlab import attempt, checks, mistakes, target
from convlab.taps import taps
from course import answers
from course.gate import LEFT_OVER

RIGHT = [answer for answer in answers.load() if answer.right]


def written(answer):
    """The function that a sample answer defines, as a notebook would; None if it defines none."""
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(LEFT_OVER + answer.source, namespace)
    return namespace["conv2d"]


def windows(image, kernel, stride=1):
    """The products of every patch with the kernel: (rows, columns, M, N)."""
    return image.unfold(0, kernel.shape[0], stride).unfold(1, kernel.shape[1], stride) * kernel


def assert_replays(seen, conv2d):
    """The taps foretell the function's map of numbers it was not tried on."""
    image, kernel = torch.rand(seen.image_size) - 0.5, torch.rand(seen.kernel_size) - 0.5
    torch.testing.assert_close(seen.replay(image, kernel), conv2d(image.clone(), kernel.clone()).detach().double(),
                               rtol=0, atol=1e-5)


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.name)
def test_every_right_answer_is_right(answer):
    """However a right answer is written, its taps are the right ones, found at full size in 72 calls."""
    seen = taps(written(answer), seconds=30)
    assert seen.right and seen.departure is None and seen.note == ""
    assert (6, 6) == seen.size and 72 == seen.calls and seen.seconds > 0
    assert torch.equal(seen.coefficients, seen.expected)


def test_the_expected_taps_are_the_targets(right):
    """What should be read gives the target's map, at any size of image and kernel."""
    for image_size, kernel_size in [((8, 8), (3, 3)), ((12, 10), (3, 3)), ((4, 4), (2, 2)), ((5, 9), (1, 4)),
                                    ((7, 7), (4, 4))]:
        seen = taps(right, image_size, kernel_size)
        assert seen.right
        image, kernel = torch.rand(image_size), torch.rand(kernel_size)
        torch.testing.assert_close(seen.replay(image, kernel), target.feature_map(image, kernel))


@pytest.mark.parametrize("conv2d", [
    lambda i, k: windows(i, k.flip(0, 1)).sum((2, 3)), lambda i, k: windows(i, k).sum((2, 3)).T,
    lambda i, k: windows(i, k, 2).sum((2, 3)), lambda i, k: windows(i, k).mean((2, 3)),
    lambda i, k: windows(i, k).mean(3).sum(2), lambda i, k: -2 * windows(i, k).sum((2, 3)),
    lambda i, k: 3 * windows(i, k).sum((2, 3)), lambda i, k: 0.3 * windows(i, k).sum((2, 3)),
    lambda i, k: windows(i, k).sum((2, 3)) * torch.linspace(-1, 1, 6), lambda i, k: windows(i, k).sum((2, 3)).cumsum(0),
    lambda i, k: windows(torch.nn.functional.pad(i, (1, 1, 2, 2)), k).sum((2, 3)), lambda i, k: i[2:, 2:] * k[2, 2],
    lambda i, k: (i.unfold(0, 3, 1).unfold(1, 3, 1) @ k).sum((2, 3)), lambda i, k: torch.zeros(6, 6),
    lambda i, k: windows(i, k).sum((2, 3)).double(), lambda i, k: windows(i, k).sum((2, 3)).requires_grad_(),
    lambda i, k: torch.fft.ifft2(torch.fft.fft2(i) * torch.fft.fft2(k, s=i.shape)).real,
])
def test_the_taps_replay_any_sum_of_products(conv2d):
    """Whatever pixels a function multiplies by whatever weights, of whatever size its map is, the taps foretell it."""
    seen = taps(conv2d)
    assert seen.departure is None
    assert tuple(conv2d(torch.zeros(8, 8), torch.zeros(3, 3)).shape) == seen.size
    assert_replays(seen, conv2d)


def test_a_kernel_of_many_weights_is_read_in_parts(right):
    """More than nine weights do not fit into one number; they are told apart all the same."""
    seen = taps(right, (8, 8), (5, 5), seconds=10)
    assert seen.right and 3 * 64 + 8 == seen.calls
    assert not taps(lambda i, k: right(i, k.flip(1)), (8, 8), (5, 5), seconds=10).right


def test_coefficients_are_whole_numbers_where_they_are_meant_to_be():
    """Noise of single precision, as a Fourier transform's, leaves no trace in the taps."""
    def conv2d(image, kernel):
        spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=image.shape).conj()
        return torch.fft.irfft2(spectrum, s=image.shape)[:6, :6]
    assert {0, 1} == set(taps(conv2d).coefficients.unique().tolist())
    assert {0, 3} == set(taps(lambda i, k: 3 * conv2d(i, k)).coefficients.unique().tolist())


NO_SUMS = {
    "relu": (lambda r, i, k: r(i, k).relu(), "turning the sign of every pixel should turn that of every output"),
    "abs": (lambda r, i, k: r(i, k).abs(), "No value of these maps is negative."),
    "max": (lambda r, i, k: windows(i, k).amax((2, 3)), "turning the sign of every pixel"),
    "abs of weights": (lambda r, i, k: r(i, k.abs()), "turning the sign of every weight"),
    "round": (lambda r, i, k: r(i, k).round(), "Every value of these maps is a whole number."),
    "three decimals": (lambda r, i, k: r(i, k).round(decimals=3), "Every value of these maps has at most 3 decimals."),
    "four decimals": (lambda r, i, k: r(i, k).round(decimals=4), "doubling every pixel should double every output"),
    "integers": (lambda r, i, k: r(i, k).int(), "doubling every pixel should double every output"),
    "whole weights": (lambda r, i, k: r(i, k.trunc()), "doubling every weight should double every output"),
    "bytes": (lambda r, i, k: r(i, k).clamp(-255, 255), "No value of these maps is below −255 or above 255."),
    "half": (lambda r, i, k: r(i.half(), k.half()).float(), "All differences are small"),
    "bias": (lambda r, i, k: r(i, k) + 1, "should give a map of zeros, but every output is 1 instead of 0"),
    "no weights": (lambda r, i, k: i[2:, 2:] * 1, "a kernel of zeros should give a map of zeros"),
    "constant": (lambda r, i, k: torch.eye(6), "It is the map that an image of random numbers gives, too."),
    "nan": (lambda r, i, k: r(i, k) / 0, "output (0, 0) is nan"),
    "infinite": (lambda r, i, k: r(i, k) / (i.count_nonzero() < 2 or not k.any()), "of a random image is"),
    "equal weights": (lambda r, i, k: r(i, k * (k.flatten()[:, None] == k.flatten()).sum(0).reshape(3, 3)),
                      "Image and kernel have few values here, many of them equal or 0"),
    "equal rows": (lambda r, i, k: torch.stack([r(i, k)[i.tolist().index(row)] for row in i.tolist()[:6]]),
                   "the maps of the upper and the lower half should add up to that of the image"),
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


@pytest.mark.parametrize("name", ["relu", "round", "integers", "whole weights", "half", "bias", "bytes"])
def test_taps_are_kept_beside_a_departure_where_single_pixels_bear_them_out(right, name):
    """What reads the right pixels and then spoils the sum still shows the right taps."""
    seen = taps(lambda image, kernel: NO_SUMS[name][0](right, image, kernel), seconds=10)
    assert torch.equal(seen.coefficients, seen.expected)


@pytest.mark.parametrize("name", ["nan", "constant", "no weights"])
def test_no_taps_are_made_up_where_none_can_be_read(right, name):
    """Coefficients that single pixels do not bear out are not shown."""
    seen = taps(lambda image, kernel: NO_SUMS[name][0](right, image, kernel))
    assert not seen.coefficients.any() and (6, 6, 8, 8, 3, 3) == tuple(seen.coefficients.shape)


def test_what_is_kept_between_calls_is_noticed(right):
    """A sum that goes on from call to call, noise, and maps that grow are told as such, with no taps."""
    total = torch.zeros(6, 6)
    for conv2d in (lambda i, k: total.add_(right(i, k)).clone(), lambda i, k: right(i, k) + torch.rand(6, 6)):
        seen = taps(conv2d)
        assert seen.departure.sentence.startswith("The same call gave two different maps: output (0, 0) was ")
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


@pytest.mark.parametrize("conv2d, kind, words", [
    (None, mistakes.Raised, "not callable"),
    (lambda i, k: None, mistakes.WrongType, "conv2d(image 8×8, kernel 3×3) returned None"),
    (lambda i, k: i.tolist(), mistakes.WrongType, "returned a list"),
    (lambda i, k: i[None], mistakes.WrongSize, "returned a tensor of 3 axes"),
    (lambda i, k: i.sum(), mistakes.WrongSize, "returned a single number"),
    (lambda i, k: torch.zeros(0, 6), mistakes.WrongSize, "returned size 0×6"),
    (lambda i, k: torch.zeros(2000, 2000), mistakes.WrongSize, "returned size 2000×2000"),
    (lambda i, k: i > 0, mistakes.WrongDtype, "numbers of type bool"),
    (lambda i, k: torch.fft.fft2(i), mistakes.WrongDtype, "numbers of type complex64"),
    (lambda i, k: i.to_sparse(), mistakes.WrongType, "layout torch.sparse_coo"),
    (lambda i, k: 1 / 0, mistakes.Raised, "raised ZeroDivisionError"),
    (lambda i, k: sys.exit(), mistakes.Raised, "raised SystemExit"),
    (lambda i: i, mistakes.Raised, "raised TypeError"),
])
def test_a_function_that_gives_no_map_raises_the_mistake_of_the_checks(conv2d, kind, words):
    """What cannot be read is told in the words of the checks."""
    with pytest.raises(kind, match="conv2d") as raised:
        taps(conv2d)
    assert kind is type(raised.value) and words in str(raised.value)


def test_the_stub_is_no_error():
    """The stub is told as not implemented yet."""
    def conv2d(image, kernel):
        raise NotImplementedError
    with pytest.raises(mistakes.NotImplementedYet):
        taps(conv2d)


def test_an_error_on_single_pixels_alone_names_the_image(right):
    """Who raises only where most pixels are 0 reads which image it was."""
    def conv2d(image, kernel):
        if image[2, 3] == image.sum() == 1:
            raise ValueError("too dark")
        return right(image, kernel)
    with pytest.raises(mistakes.Raised, match="too dark") as raised:
        taps(conv2d)
    assert "conv2d(image 8×8 with one bright pixel at (2, 3), kernel 3×3) raised ValueError" in str(raised.value)


def test_a_result_that_is_none_only_sometimes_is_a_mistake(right):
    """A branch that forgets to return is found by the image of zeros."""
    with pytest.raises(mistakes.WrongType, match="of zeros, kernel 3×3. returned None"):
        taps(lambda i, k: right(i, k) if i.any() else None)


def test_ctrl_c_is_the_learners_own(right):
    """An interrupt is passed on at once."""
    def conv2d(image, kernel):
        if not image.any():
            raise KeyboardInterrupt
        return right(image, kernel)
    with pytest.raises(KeyboardInterrupt):
        taps(conv2d)


def test_a_function_without_end_is_asked_once_and_then_less(monkeypatch):
    """A function that never returns costs the usual patience, and a tenth of it the second time."""
    monkeypatch.setattr(attempt, "SECONDS", 1)

    def conv2d(image, kernel):
        while True:
            pass

    for least, most in [(1, 3), (0.1, 0.9)]:
        began = time.perf_counter()
        with pytest.raises(mistakes.TooSlow):
            taps(conv2d)
        assert least <= time.perf_counter() - began < most


def test_a_function_that_hangs_on_one_pixel_only_ends_too(right):
    """The one limit holds for the endless call among many quick ones, whose image the message names."""
    def conv2d(image, kernel):
        while image[7, 1] == image.sum() == 1:
            pass
        return right(image, kernel)
    began = time.perf_counter()
    with pytest.raises(mistakes.TooSlow) as raised:
        taps(conv2d, seconds=0.5)
    assert time.perf_counter() - began < 2
    assert "conv2d(image 8×8 with one bright pixel at (7, 1), kernel 3×3) had not returned after" in str(raised.value)


def test_nothing_that_a_function_prints_is_seen(right, capsys):
    """Prints, logs and warnings of all the calls are swallowed, and later ones are not."""
    import logging
    import warnings
    early = sys.stderr
    logger = logging.getLogger("a.talkative.learner")
    handler = logging.StreamHandler()
    logger.addHandler(handler)

    def conv2d(image, kernel):
        print("✓ working")
        print("oh", file=sys.stderr)
        print("early", file=early)
        logger.warning("watch out")
        warnings.warn("slow", stacklevel=1)
        return right(image, kernel)

    try:
        assert taps(conv2d).right
    finally:
        logger.removeHandler(handler)
    print("afterwards")
    assert ("afterwards\n", "") == capsys.readouterr()


def test_a_function_may_spoil_what_it_is_given(right):
    """Each call has its own image and kernel, so edits in place make no difference."""
    def conv2d(image, kernel):
        result = right(image, kernel)
        image.zero_()
        kernel.t_().neg_()
        return result.requires_grad_()
    assert taps(conv2d).right


def test_a_buffer_handed_out_again_and_again_is_no_matter(right):
    """Maps are copied as they come."""
    out = torch.zeros(6, 6)
    assert taps(lambda i, k: out.copy_(right(i, k))).right


def test_a_slow_function_is_shown_a_smaller_image(right):
    """Where the calls would take too long, the image is a little larger than the kernel, and the note says why."""
    def conv2d(image, kernel):
        time.sleep(0.0004 * image.numel())
        return right(image, kernel)
    seen = taps(conv2d)
    assert seen.right and (5, 5) == seen.image_size and (3, 3) == seen.size
    assert seen.note.startswith("The X-ray was made on a 5×5 image: one call takes ")
    assert seen.note.endswith(" ms, and 70 of them would take too long.")
    assert seen.seconds < 2
    assert_replays(seen, conv2d)


def test_a_function_too_slow_for_any_image_is_told_so(right):
    """Where no image is small enough, a Mistake says how long one call takes."""
    def conv2d(image, kernel):
        time.sleep(0.05)
        return right(image, kernel)
    with pytest.raises(mistakes.TooSlow, match=r"even on a 4×4 image one call takes \d+ ms, and 22 of them"):
        taps(conv2d, seconds=0.5)


def test_a_function_that_slows_down_on_the_way_is_shown_a_smaller_image(right):
    """When the calls take longer than planned, there is still time for a few on a small image."""
    def conv2d(image, kernel):
        time.sleep(0.04 if image.sum() == 1 and len(image) == 8 else 0)
        return right(image, kernel)
    seen = taps(conv2d, seconds=2)
    assert seen.right and (5, 5) == seen.image_size
    assert "calls took longer than they should have" in seen.note


def test_an_image_of_too_many_pixels_is_not_tried_pixel_by_pixel(right):
    """The products of a photograph would fill the memory; a small image does."""
    seen = taps(right, (64, 64))
    assert seen.right and (5, 5) == seen.image_size
    assert "The X-ray was made on a 5×5 image: one of 64×64 has too many pixels to try each." == seen.note


def test_the_kernel_must_fit_on_the_image(right):
    """A kernel larger than the image is the caller's mistake, not the learner's."""
    with pytest.raises(ValueError, match="must not be higher or wider"):
        taps(right, (2, 2), (3, 3))


def test_the_same_function_is_told_the_same_twice(right):
    """The numbers tried are the same at every X-ray, and so are its sentences."""
    first, second = (taps(lambda i, k: right(i, k).relu()).departure for _ in range(2))
    assert first.sentence == second.sentence and first.cells == second.cells


def test_a_watched_function_may_be_read(right):
    """A library's convolution under the watch is told as the Mistake it is, and a right one is read."""
    assert taps(checks.from_scratch(right), seconds=30).right
    with pytest.raises(mistakes.LibraryConvolution):
        taps(checks.from_scratch(lambda i, k: torch.conv2d(i[None, None], k[None, None])[0, 0]))
