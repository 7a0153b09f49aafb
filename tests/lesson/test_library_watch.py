"""Whether a library's convolution is noticed through every door, and a learner's own work never."""

import functools
import importlib

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
import scipy.signal
import torch
import torch.nn.functional as F
from convlab import checks, library_watch, mistakes
from convlab.library_watch import library_convolutions
from PIL import Image

IMAGE, KERNEL = torch.arange(64.0).reshape(8, 8), torch.arange(9.0).reshape(3, 3)
FOUR = IMAGE[None, None], KERNEL[None, None]
A, B = IMAGE.numpy(), KERNEL.numpy()


def layer():
    """A convolutional layer with the kernel as its weights, applied."""
    module = torch.nn.Conv2d(1, 1, 3, bias=False)
    module.weight.data = FOUR[1]
    return module(FOUR[0])


@functools.cache
def traced():
    """torch's conv2d compiled by the tracer, where no Python function of that name is called any
    more.
    """
    return torch.jit.trace(lambda image, kernel: F.conv2d(image, kernel), FOUR)


def gradient():
    """The arguments of the operation behind the gradient of a convolution."""
    slope = torch.ones(1, 1, 6, 6)
    return slope, *FOUR, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [True, True, False]


@pytest.fixture(params=["this torch", "a torch without the private names"])
def watch(request, monkeypatch):
    """Both watches of torch's operations."""
    if request.param != "this torch":
        monkeypatch.setattr(torch._C, "_dispatch_library", None)
        monkeypatch.setattr(library_watch, "OPERATIONS", library_watch.watch_of_operations())
        assert library_watch.OPERATIONS is library_watch.Mode


def without_gradients(conv2d):
    """What it returns in the mode in which torch keeps no gradients."""
    with torch.inference_mode():
        return conv2d(*FOUR)


@pytest.mark.parametrize(
    "door",
    [
        lambda: F.conv2d(*FOUR),
        lambda: torch.conv2d(*FOUR),
        layer,
        lambda: torch.ops.aten.conv2d(*FOUR),
        lambda: torch.convolution(*FOUR, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        lambda: F.conv1d(IMAGE[:, None], KERNEL[:1, None]),
        lambda: F.conv_transpose2d(*FOUR),
        lambda: traced()(*FOUR),
        lambda: scipy.signal.correlate2d(A, B, "valid"),
        lambda: scipy.signal.convolve(A, B),
        lambda: scipy.signal.fftconvolve(A, B),
        lambda: scipy.ndimage.correlate(A, B),
        lambda: scipy.ndimage.convolve1d(A, B[0]),
        lambda: np.correlate(A[0], B[0]),
        lambda: np.convolve(A[0], B[0]),
        lambda: np.polymul(A[0], B[0]),
        lambda: scipy.signal.upfirdn(B[0], A, axis=1),
        lambda: F.conv3d(FOUR[0][None], FOUR[1][None]),
        lambda: torch.ops.aten.convolution_backward(*gradient()),
        lambda: torch.func.vmap(traced())(FOUR[0][None], FOUR[1][None]),
        lambda: without_gradients(traced()),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_library_convolution_is_noticed(door, watch):
    """Each door to a library's convolution leaves its name."""
    traced()
    with library_convolutions() as used:
        door()
    assert used


@pytest.mark.parametrize(
    "work",
    [
        lambda: IMAGE.unfold(0, 3, 1).unfold(1, 3, 1),
        lambda: F.unfold(FOUR[0], 3),
        lambda: torch.einsum("ij,ij->", IMAGE[:3, :3], KERNEL),
        lambda: IMAGE.as_strided((6, 6, 3, 3), (8, 1, 8, 1)),
        lambda: np.lib.stride_tricks.sliding_window_view(A, (3, 3)),
        lambda: torch.fft.rfft2(IMAGE),
        lambda: torch.corrcoef(IMAGE),
        lambda: list(filter(None, [1, 2])),
        lambda: Image.fromarray(A).convert("L"),
        lambda: scipy.signal.correlation_lags(8, 3),
        lambda: scipy.linalg.convolution_matrix(A[0], 3),
        lambda: A.astype("float64").sum(),
    ],
)
def test_own_work_is_not_taken_for_a_library_convolution(work, watch):
    """Slices, windows, einsum, transforms and functions with similar names leave nothing."""
    with library_convolutions() as used:
        work()
    assert used == []


def test_a_library_is_named_by_a_function_that_learners_can_know():
    """A layer's own inner function comes first, but the public one behind it is told."""
    found = checks.mistake(checks.from_scratch(lambda i, k: layer()[0, 0]), checks.example(8, 8))
    assert isinstance(found, mistakes.LibraryConvolution)
    assert found.message.facts["library"] == "torch.conv2d"


def test_a_learners_helper_may_be_called_correlate(right):
    """Only a library's function counts, not one that the learner named after what it does."""

    def correlate(image, kernel):
        return right(image, kernel)

    assert (
        checks.mistake(checks.from_scratch(lambda i, k: correlate(i, k)), checks.example(8, 8))
        is None
    )


def test_the_message_names_what_was_called():
    """Who used torch's operation reads its name, and what is allowed instead."""
    watched = checks.from_scratch(lambda i, k: F.conv2d(i[None, None], k[None, None])[0, 0])
    mistake = checks.mistake(watched, checks.example(8, 8))
    assert type(mistake) is mistakes.LibraryConvolution
    assert "conv2d called torch" in str(
        mistake
    ) and "your own loops or slices were expected" in str(mistake)


def test_the_watch_is_over_afterwards():
    """After the block, calls are no longer noted, and the profiler is what it was."""
    import sys

    before = sys.getprofile()
    with library_convolutions() as used:
        pass
    F.conv2d(*FOUR)
    assert used == []
    assert sys.getprofile() is before


def test_an_operation_that_is_watched_does_what_it_does(right):
    """Values and gradients of a library's convolution are the same under the watch."""
    weights = FOUR[1].clone().requires_grad_()
    with library_convolutions() as used:
        found = traced()(FOUR[0], weights)
        found.sum().backward()
    assert torch.equal(found[0, 0], right(*(each[0, 0] for each in FOUR)))
    assert torch.equal(weights.grad[0, 0], right(FOUR[0][0, 0], torch.ones(6, 6)))
    assert used == ["torch._convolution", "torch.convolution_backward"]


def test_a_watch_within_a_watch_notes_its_own():
    """What is called in an inner block is noted there, and later calls in the outer one again."""
    with library_convolutions() as outer:
        with library_convolutions() as inner:
            traced()(*FOUR)
        assert (outer, inner) == ([], ["torch._convolution"])
        traced()(*FOUR)
    assert outer == inner


@pytest.mark.parametrize(
    "operation, watched",
    [
        ("aten::convolution", True),
        ("aten::convolution_backward", True),
        ("aten::mkldnn_convolution", True),
        ("aten::mul.Tensor", False),
        ("aten::select.int", False),
        ("aten::sum", False),
    ],
)
def test_only_convolutions_pay_for_the_watch(operation, watched):
    """Nothing is put in the place of an operation that is no convolution."""
    there = torch._C._dispatch_has_kernel_for_dispatch_key(operation, library_watch.FREE_KEY)
    assert there == watched


@pytest.mark.filterwarnings("error")
def test_a_module_loaded_anew_watches_as_well():
    """Who edits the lesson's modules and loads them again in one notebook sees no warning."""
    image, kernel = FOUR
    conv2d = traced()
    importlib.reload(library_watch)
    with library_watch.library_convolutions() as used:
        conv2d(image, kernel)
        assert torch.equal(image + 0, image)
    assert used == ["torch._convolution"]
