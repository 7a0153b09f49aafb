"""Measure the player against matplotlib's film of the same sliding: seconds, bytes of HTML."""

import argparse
import functools
import statistics
import sys
import time

import matplotlib
import torch

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402  (only after the backend is chosen)
from matplotlib.animation import FuncAnimation  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

from course import layout  # noqa: E402

sys.path.insert(0, str(layout.SOURCE))
from convlab import checks, feature_map, slide, xray  # noqa: E402  (it lies beside the notebook, not on the path)

SLIDE_SECONDS, SLIDE_BYTES, LEARNER_SECONDS, FASTER, SMALLER = 0.050, 27_000, 0.300, 200, 80


def plain_loop(image, kernel):
    """A learner's conv2d: one product and sum for each position."""
    (rows, columns), (height, width) = kernel.shape, image.shape
    result = torch.zeros(height - rows + 1, width - columns + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return result


def html(player):
    """The HTML that a notebook shows of a player."""
    return player._repr_mimebundle_()["text/html"]


def shown(make, *arguments):
    """The HTML of the player that `make` makes."""
    return html(make(*arguments))


def panel(ax, values, title, filled=True):
    """One table of the peer: colours, numbers in the cells; returns the image and the texts."""
    reach = float(values.abs().max())
    image = ax.imshow(values.numpy(), cmap="RdBu", vmin=-reach, vmax=reach)
    ax.set(title=title, xticks=[], yticks=[])
    texts = [
        ax.text(j, i, f"{values[i, j]:.2f}" if filled else "", ha="center", va="center", fontsize=6)
        for i in range(values.shape[0])
        for j in range(values.shape[1])
    ]
    return image, texts


def peer(image, kernel):
    """The same sliding as matplotlib's HTML: a frame over the image, the map filling; every
    artist is made once.
    """
    result = feature_map(image, kernel)
    figure, axes = plt.subplots(1, 3, figsize=(7.5, 3.6), width_ratios=[1.3, 0.5, 1.1])
    panel(axes[0], image, "image")
    panel(axes[1], kernel, "kernel")
    picture, texts = panel(axes[2], result, "feature map", filled=False)
    frame = axes[0].add_patch(
        Rectangle((0, 0), kernel.shape[1], kernel.shape[0], fill=False, linewidth=2.5)
    )
    cell = axes[2].add_patch(Rectangle((0, 0), 1, 1, fill=False, linewidth=2.5))
    figure.tight_layout()
    shown = torch.full_like(result, torch.nan)

    def update(position):
        i, j = divmod(position, result.shape[1])
        if position == 0:
            shown.fill_(torch.nan)
        shown[i, j] = result[i, j]
        picture.set_data(shown.numpy())
        texts[position].set_text(f"{result[i, j]:.2f}")
        for box in (frame, cell):
            box.set_xy((j - 0.5, i - 0.5))
        return frame, cell, picture, texts[position]

    text = FuncAnimation(figure, update, frames=result.numel(), interval=500).to_jshtml()
    plt.close(figure)
    return text


def measured(name, make, runs):
    """Print the seconds of each of `runs` calls and the bytes of what they make; return the
    medians of both.
    """
    seconds, sizes = [], []
    for _ in range(runs):
        begun = time.perf_counter()
        made = make()
        seconds.append(time.perf_counter() - begun)
        sizes.append(len(made.encode()))
    size = statistics.median(sizes)
    median = statistics.median(seconds)
    print(
        f"{name:<36} first {seconds[0]:8.3f} s   min {min(seconds):8.3f} s   "
        f"median {median:8.3f} s   max {max(seconds):8.3f} s   {size:>9,.0f} bytes"
    )
    return median, size


def compared(what, value, goal, unit, at_least=False):
    """Print one figure beside the figure to reach, and whether it is reached."""
    reached = value >= goal if at_least else value <= goal
    limit = "at least" if at_least else "at most"
    print(
        f"{'✓' if reached else '✗'} {what:<34} {value:10,.1f} {unit}   "
        f"(goal: {limit} {goal:,.0f} {unit})"
    )


def main():
    """Measure the player and its peer on the same numbers, and print medians and ratios beside
    the figures to reach.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=15, help="of each of the player's measurements")
    parser.add_argument(
        "--peer-runs", type=int, default=1, help="of matplotlib's, which takes about 20 s each"
    )
    arguments = parser.parse_args()
    large, small = checks.example(12, 10, seed=1).before, checks.example(8, 8, seed=1).before
    ours = measured("slide, 12×10", lambda: html(slide(*large)), arguments.runs)
    learners = {}
    for name, numbers in (("8×8", small), ("12×10", large)):
        learners[f"slide with conv2d, {name}"], _ = measured(
            f"slide with conv2d, {name}",
            functools.partial(shown, slide, *numbers, plain_loop),
            arguments.runs,
        )
        learners[f"xray, {name}"], _ = measured(
            f"xray, {name}", functools.partial(shown, xray, plain_loop, *numbers), arguments.runs
        )
    theirs = measured("matplotlib's to_jshtml, 12×10", lambda: peer(*large), arguments.peer_runs)
    print("\nMedians:")
    compared("slide, 12×10", 1000 * ours[0], 1000 * SLIDE_SECONDS, "ms")
    compared("slide, 12×10", ours[1] / 1000, SLIDE_BYTES / 1000, "kB")
    for name, seconds in learners.items():
        compared(name, 1000 * seconds, 1000 * LEARNER_SECONDS, "ms")
    compared("faster than to_jshtml", theirs[0] / ours[0], FASTER, "times", at_least=True)
    compared("smaller than to_jshtml", theirs[1] / ours[1], SMALLER, "times", at_least=True)


if __name__ == "__main__":
    main()
