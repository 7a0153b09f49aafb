"""Measures how long `check(conv2d)` takes, in milliseconds, for answers in several styles."""

import argparse
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "source" / "convolution"), str(ROOT / "tests" / "lesson")]

import torch  # noqa: E402
from convlab import check  # noqa: E402
from samples import written  # noqa: E402

from course import answers  # noqa: E402

STYLES = [
    "scalar_loops",
    "patch_sums",
    "unfold_both_axes",
    "numpy_inside",
    "flipped_both_axes",
    "flipped_left_right",
    "same_padding",
    "height_used_twice",
    "total_never_reset",
    "negative_values_removed",
    "half_precision_inside",
    "image_of_the_notebook",
    "buffer_for_each_size",
    "forgot_to_return",
    "division_by_zero",
    "loop_without_end",
]


def milliseconds(source, runs):
    """The times of so many checks, each of a function defined anew, output included."""
    times = []
    for _ in range(runs):
        conv2d = written(source)
        began = time.perf_counter()
        check(conv2d)._repr_mimebundle_()
        times.append((time.perf_counter() - began) * 1000)
    return times


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    torch.set_num_threads(1)
    known = {answer.name: answer for answer in answers.load()}
    print(f"{'answer':<26}{'median ms':>10}{'max ms':>10}")
    for name in STYLES:
        times = milliseconds(known[name], 1 if name == "loop_without_end" else runs)
        print(f"{name:<26}{statistics.median(times):>10.0f}{max(times):>10.0f}")


if __name__ == "__main__":
    main()
