"""Whether gradient descent runs through the learner's function, and says why where it cannot."""

import time

import pytest
import torch
from convlab import figures, images, oracle
from convlab.figures import training

from course import layout, notebook

(CELL,) = [c for c in notebook.read(layout.SOURCE / layout.NOTEBOOK).cells if c.id == "learn"]
NAMES = {"torch": torch}
exec(CELL.source, NAMES)
LEARN = NAMES["learn"]
DIGIT, EDGE = images.digit(), images.kernel("vertical edge")


def with_loops(one_position):
    """A conv2d that visits every position and calls one_position(patch, kernel) there."""

    def conv2d(image, kernel):
        rows, columns = oracle.size_of(image.shape, kernel.shape)
        out = torch.zeros(rows, columns)
        for i in range(rows):
            for j in range(columns):
                patch = image[i : i + kernel.shape[0], j : j + kernel.shape[1]]
                out[i, j] = one_position(patch, kernel)
        return out

    return conv2d


def only_while_learning(act):
    """A right conv2d that calls `act` where the kernel is to be learned."""

    def conv2d(image, kernel):
        if kernel.requires_grad:
            act()
        return oracle.feature_map(image, kernel).float()

    return conv2d


def spoiled(image, kernel):
    """A right map on whose way something that backward() needs is overwritten."""
    grown = (oracle.feature_map(image, kernel).float() * 0).exp()
    out = oracle.feature_map(image, kernel).float() + grown - grown.detach().clone()
    grown += 1
    return out


def stub(image, kernel):
    """The exercise before it is solved."""
    raise NotImplementedError("still to be written")


@pytest.mark.parametrize(
    "one_position",
    [
        lambda patch, kernel: (patch * kernel).sum(),
        lambda patch, kernel: sum(patch[m, n] * kernel[m, n] for m in range(3) for n in range(3)),
        lambda patch, kernel: torch.dot(patch.flatten(), kernel.flatten()),
    ],
)
def test_a_kernel_is_learned_through_the_learners_function(one_position):
    """As many steps as through torch's, and the true weights are found."""
    caption = figures.learning_with(with_loops(one_position), LEARN, DIGIT, EDGE).caption
    assert caption.startswith("100 steps through your conv2d bring the error to less than 0.001, ")
    assert caption.endswith("The weights found through yours are within 0.01 of the true ones.")


@pytest.mark.parametrize(
    "conv2d, words",
    [
        (stub, "Drawn by the lesson: conv2d is still the stub."),
        (3, "Drawn by the lesson, not by your conv2d: "),
        (lambda i, k: i[99], "Drawn by the lesson, not by your conv2d: "),
        (with_loops(lambda p, k: (p * k).sum().item()), "No gradient comes back"),
        (with_loops(lambda p, k: float((p * k).sum())), "No gradient comes back"),
        (with_loops(lambda p, k: (p * k).detach().sum()), "No gradient comes back"),
        (torch.no_grad()(with_loops(lambda p, k: (p * k).sum())), "No gradient comes back"),
        (
            with_loops(lambda p, k: float((p.numpy() * k.numpy()).sum())),
            "with a kernel that is to be learned it stops with RuntimeError: ",
        ),
        (spoiled, "with a kernel that is to be learned it stops with RuntimeError: "),
        (only_while_learning(exit), "it stops with SystemExit"),
        (with_loops(lambda p, k: (p * k).sum() * 0), "is 0 for every weight"),
        (with_loops(lambda p, k: (p * k).sum() * torch.nan), "is not a number"),
    ],
)
def test_why_nothing_can_be_learned_is_said(conv2d, words):
    """The lesson's own curve is drawn, and a sentence says what stands in the way."""
    picture = figures.learning_with(conv2d, LEARN, DIGIT, EDGE)
    assert words in picture.caption
    assert picture.caption.endswith("The curve is that of 100 steps through torch's operation.")
    assert len(picture.png) > 1000


def test_a_slow_function_is_given_up_in_time(monkeypatch):
    """After the time limit the picture comes without the learner's curve."""
    monkeypatch.setattr(training, "SECONDS", 0.5)
    slow = only_while_learning(lambda: time.sleep(0.1))
    begun = time.monotonic()
    caption = figures.learning_with(slow, LEARN, DIGIT, EDGE).caption
    assert "had not come to its end after 0.5 seconds" in caption
    assert time.monotonic() - begun < 20


def test_a_function_that_flips_learns_the_flipped_kernel(flipped):
    """What part 4 says of networks is seen: the weights are learned the other way round."""
    caption = figures.learning_with(flipped, LEARN, DIGIT, EDGE).caption
    assert "are the true ones turned by half a turn" in caption


def test_a_function_that_adds_something_is_told_to_be_checked(right):
    """Where the weights come out otherwise, the caption sends to the check."""
    caption = figures.learning_with(lambda i, k: right(i, k) + 1, LEARN, DIGIT, EDGE).caption
    assert "others than the true ones; `check(conv2d)` says" in caption


@pytest.mark.parametrize("learn", [lambda *_: None, lambda *_: (1, 2), lambda *_: 1 / 0, None])
def test_an_edited_learn_breaks_nothing(right, learn):
    """Whatever the notebook's `learn` was made into, the picture says what it does."""
    assert "`learn` of part 9" in figures.learning_with(right, learn, DIGIT, EDGE).caption


def test_the_learners_warnings_stay_off_the_page(capfd):
    """A warning of torch's on the way is not written to stderr."""
    import warnings

    figures.learning_with(
        only_while_learning(lambda: warnings.warn("mind", stacklevel=1)), LEARN, DIGIT, EDGE
    )
    assert capfd.readouterr().err == ""


def test_alt_text_and_caption_differ(right):
    """The alt text says what is drawn, the caption what it shows."""
    for conv2d in (right, stub):
        picture = figures.learning_with(conv2d, LEARN, DIGIT, EDGE)
        assert picture.alt not in picture.caption and picture.caption not in picture.alt


def test_learning_says_how_close_the_weights_came():
    """Close weights are "the same", others are not, and the error's fall is told."""
    assert (
        "within 0.01 of the true ones" in figures.learning([1.0, 0.5], EDGE + 0.004, EDGE).caption
    )
    told = figures.learning([1.0, 0.5], EDGE + 1, EDGE, prediction="the same").caption
    assert told.startswith('You predicted "the same", and it is "others".')


def test_only_the_true_weights_make_the_lessons_edge_map():
    """The photograph's patches span nine dimensions, so that no other kernel has the same map."""
    patches = images.photograph(step=8).unfold(0, 3, 1).unfold(1, 3, 1).reshape(-1, 9)
    assert torch.linalg.matrix_rank(patches.double()) == 9
