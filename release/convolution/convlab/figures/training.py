"""The figures of a kernel that is learned: through torch's operation, or the learner's own."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from torch import Tensor

from .. import calling, oracle
from ..map_source import MapSource
from ..printing import number
from .colours import BLUE, INK, grid
from .picture import Picture, canvas
from .predictions import NOT_ASKED, Choice, reply, unknown

SECONDS = 10.0  # for gradient descent through the learner's function, about 100 calls
FOUND = ("the same", "others")
CLOSE = 0.1  # two kernels whose weights differ by less count as the same
FLOOR = 1e-6  # below it, float32 sums differ from machine to machine, and so would the picture
Learn = Callable[[Any, Tensor, Tensor], tuple[Tensor, list[float]]]


def learning(
    losses: Sequence[float],
    learned: Tensor,
    true: Tensor,
    *,
    prediction: Any = NOT_ASKED,
    reveal: bool = False,
) -> Picture:
    """How a kernel's loss fell during gradient descent, and the learned kernel beside the true one.

    `prediction` is "the same" or "others": the weights that are found.
    """
    gap = largest_gap(learned, true)
    found = "the same" if gap < CLOSE else "others"
    replied = reply(Choice(found, FOUND), prediction, reveal)
    figure, (left, middle, right) = canvas(2.9, 3, [1.8, 1, 1])
    left.semilogy(losses, color=BLUE, linewidth=2)
    label_losses(left)
    grid(right, true, "the true one", fontsize=11)
    alt = "A curve of the error, step by step, on a logarithmic scale; beside it "
    if not replied.open:
        unknown(middle, "the learned kernel")
        return Picture(figure, replied.sentence, alt + "a question mark, and the true kernel.")
    grid(middle, learned, "the learned kernel", fontsize=11)
    caption = (
        f"In {len(losses)} steps the error fell from {number(losses[0])} to {small(losses[-1])}; "
        f"the weights found are within {bound(gap)} of the true ones."
    )
    return Picture(figure, replied.before(caption), alt + "the learned kernel and the true one.")


def label_losses(ax: Axes) -> None:
    """Label the axes of a plot of losses, and cut off what is smaller than FLOOR."""
    ax.set(xlabel="step", ylabel="mean squared error")
    ax.set_ylim(bottom=FLOOR)
    ax.grid(alpha=0.3)


def learning_with(conv2d: Any, learn: Learn, image: Tensor, kernel: Tensor) -> Picture:
    """Learn `kernel` from an image (H, W) and its feature map through the learner's `conv2d`.

    `learn(conv2d, image, edges)` is the notebook's own gradient descent: it returns the weights and
    the loss of every step. It runs with torch's feature map first, then with `conv2d`. Whatever
    `conv2d` does, a Picture comes back, and says so if no gradient flows, or time is up.
    """
    edges = oracle.feature_map(image, kernel).float()
    figure, (left, middle, right) = canvas(3.1, 3, [1.8, 1, 1])
    grid(right, kernel, "the true one", fontsize=11)
    reference = trained(learn, oracle.feature_map, image, edges)
    if isinstance(reference, str):
        unknown(left, "mean squared error")
        unknown(middle, "the learned kernel")
        alt = "Two question marks, and the kernel that was to be learned."
        return Picture(figure, f"With torch's operation `learn` of part 9 {reference}.", alt)
    weights, losses = reference
    left.semilogy(losses, color=BLUE, linewidth=5, alpha=0.6, label="through torch's")
    label_losses(left)
    alt = "A wide pale curve of the error on a logarithmic scale, for torch's operation"
    trouble = cannot_learn(conv2d, image, kernel)
    theirs = trouble or trained(learn, conv2d, image, edges)
    if isinstance(theirs, str):
        left.legend(fontsize=9)
        grid(middle, weights, "learned through torch's", fontsize=11)
        trouble = trouble or f"Gradient descent through your conv2d {theirs}."
        caption = f"{trouble} The curve is that of {len(losses)} steps through torch's operation."
        return Picture(figure, caption, alt + "; beside it the learned kernel and the true one.")
    left.semilogy(theirs[1], "--", color=INK, linewidth=1.6, label="through your conv2d")
    left.legend(fontsize=9)
    grid(middle, theirs[0], "learned through yours", fontsize=11)
    alt += ", and a thin dashed one for your function; beside them the learned kernel and the true."
    return Picture(figure, learned_by_yours(theirs, losses, kernel), alt)


def trained(
    learn: Learn, feature_map: Any, image: Tensor, edges: Tensor
) -> tuple[Tensor, list[float]] | str:
    """The weights and losses that `learn` returns; or, in words, what became of it."""
    outcome = attempt(lambda: learn(feature_map, image.clone(), edges.clone()))
    if isinstance(outcome, str):
        return outcome
    try:
        weights, losses = outcome
        if tuple(weights.shape) == (3, 3) and losses:
            return weights.detach().float(), [float(loss) for loss in losses]
    except (TypeError, ValueError, AttributeError):
        pass
    return "does not return 3×3 weights and a list of losses"


def learned_by_yours(
    theirs: tuple[Tensor, list[float]], losses: list[float], kernel: Tensor
) -> str:
    """The sentences on what gradient descent found through the learner's function."""
    weights, own = theirs
    steps = (
        f"{len(own)} steps through your conv2d bring the error to {small(own[-1])}, {len(losses)} "
        f"through torch's to {small(losses[-1])}."
    )
    if largest_gap(weights, kernel) < CLOSE:
        gap = bound(largest_gap(weights, kernel))
        return f"{steps} The weights found through yours are within {gap} of the true ones."
    if largest_gap(weights, kernel.flip(0, 1)) < CLOSE:
        return (
            f"{steps} The weights found through yours are the true ones turned by half a turn: "
            "your conv2d flips the kernel, and so the learned one is flipped too."
        )
    return (
        f"{steps} The weights found through yours are others than the true ones; `check(conv2d)` "
        "says whether its feature map is right."
    )


def cannot_learn(conv2d: Any, image: Tensor, kernel: Tensor) -> str:
    """Why no kernel can be learned through a function, in a sentence or two; "" if nothing is seen.

    The function has to return a map, and the map of a kernel that is to be learned has to depend
    on it for torch too: its gradient is there, and not 0 throughout.
    """
    source = MapSource(conv2d)
    source(image, kernel)
    if not source.answers:
        return source.sign().strip()
    outcome = attempt(lambda: gradient(conv2d, image, kernel))
    if isinstance(outcome, str):
        return (
            f"Your conv2d answers for numbers, but with a kernel that is to be learned it {outcome}"
            ". torch can only follow what happens to tensors."
        )
    if outcome is None:
        return (
            "No gradient comes back through your conv2d: somewhere the numbers leave the tensors, "
            "as by `.item()`, `float()`, `.detach()`, `.numpy()`, `.data`, `torch.tensor(…)` or "
            "inside `torch.no_grad()`. The numbers are the same, but torch can no longer "
            "tell which weight made which of them."
        )
    if not outcome.isfinite().all():
        return "What comes back through your conv2d as a gradient is not a number."
    if not outcome.any():
        return "The gradient that comes back through your conv2d is 0 for every weight."
    return ""


def gradient(conv2d: Any, image: Tensor, kernel: Tensor) -> Tensor | None:
    """The kernel's gradient for a weighted sum of the feature map; None if none flows."""
    weights = kernel.clone().requires_grad_()
    result = conv2d(image.clone(), weights)
    if not isinstance(result, Tensor) or not result.requires_grad:
        return None
    (result * torch.arange(1.0, result.numel() + 1).reshape(result.shape)).sum().backward()
    return weights.grad


def attempt(run: Callable[[], Any]) -> Any:
    """What `run` returns; or text, the end of a sentence, that says why it returned nothing."""
    try:
        with warnings.catch_warnings(), calling.warnings_to_stdout(), calling.at_most(SECONDS):
            warnings.simplefilter("ignore")  # torch's, on a tensor made into a number
            return run()
    except calling.TimeIsUp:
        return f"had not come to its end after {number(SECONDS)} seconds"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a learner's function does, exit() included
        return f"stops with {calling.described(error)}"


def largest_gap(learned: Tensor, true: Tensor) -> float:
    """The largest difference between two kernels of one size; infinite where it is no number."""
    gap = float((learned.detach().double() - true.double()).abs().max())
    return gap if math.isfinite(gap) else math.inf


def small(value: float) -> str:
    """A loss as the caption tells it: not more finely than two machines agree."""
    return "less than 0.001" if value < 0.001 else number(value)


def bound(gap: float) -> str:
    """The next hundredth above a difference."""
    return number(math.ceil(gap * 100) / 100)
