"""Whether a function that errs, hangs, prints or spoils its input is asked without harm, and told
as the checks would.
"""

import sys
import time

import pytest
import torch
from convlab import calling, checks, mistakes
from convlab.taps import taps


@pytest.mark.parametrize(
    "conv2d, kind, words",
    [
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
    ],
)
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
    assert "conv2d(image 8×8 with one bright pixel at (2, 3), kernel 3×3) raised ValueError" in str(
        raised.value
    )


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
    monkeypatch.setattr(calling, "SECONDS", 1)

    def conv2d(image, kernel):
        while True:
            pass

    for least, most in [(1, 3), (0.1, 0.9)]:
        began = time.perf_counter()
        with pytest.raises(mistakes.TooSlow):
            taps(conv2d)
        assert least <= time.perf_counter() - began < most


def test_a_function_that_hangs_on_one_pixel_only_ends_too(right):
    """The one limit holds for the endless call among many quick ones, whose image the message
    names.
    """

    def conv2d(image, kernel):
        while image[7, 1] == image.sum() == 1:
            pass
        return right(image, kernel)

    began = time.perf_counter()
    with pytest.raises(mistakes.TooSlow) as raised:
        taps(conv2d, seconds=0.5)
    assert time.perf_counter() - began < 2
    assert (
        "conv2d(image 8×8 with one bright pixel at (7, 1), kernel 3×3) had not returned after"
        in str(raised.value)
    )


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
    assert capsys.readouterr() == ("afterwards\n", "")


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


def test_a_watched_function_may_be_read(right):
    """A library's convolution under the watch is told as the Mistake it is, and a right one is
    read.
    """
    assert taps(checks.from_scratch(right), seconds=30).right
    with pytest.raises(mistakes.LibraryConvolution):
        taps(checks.from_scratch(lambda i, k: torch.conv2d(i[None, None], k[None, None])[0, 0]))
