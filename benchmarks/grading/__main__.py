"""Measure how fast `proctor` grades, beside stock nbgrader in the same run, and print markdown.

The exit status is 0 if every grade is as it must be and every part could be measured, 1 if not. An
aim that was missed is told, and changes no status: it is a figure, and no failure.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .comparisons import compare_lesson, compare_ordinary, compare_small
from .part import Findings, Settings
from .processes import MeasurementError
from .profile import memory, stages
from .waiting import SOME, grade_one, run_demo, write_feedback


@dataclass(frozen=True)
class Part:
    """A part of the benchmark: its heading, its measurement, about how many minutes that takes on
    two free processors, and whether it is left out unless it is named."""

    heading: str
    measure: Callable[[Settings], Findings]
    minutes: float
    only_if_named: bool = False


PARTS = {
    "one": Part("One submission, from the command to the score", grade_one, 1.5),
    "ordinary": Part("An ordinary class, against stock nbgrader", compare_ordinary, 1.5),
    "small": Part("Many small notebooks, against stock nbgrader", compare_small, 2.5),
    "feedback": Part("Feedback pages, against stock nbgrader", write_feedback, 2),
    "stages": Part("Where the time goes", stages, 3),
    "memory": Part("Memory", memory, 2.5),
    "lesson": Part("The lesson, against stock nbgrader and the floor", compare_lesson, 14),
    "demo": Part("The demo", run_demo, 1.5, only_if_named=True),
}


def parser() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    known = Settings(Path())
    parts = "\n".join(
        f"  {name:<10}{part.heading} (about {part.minutes:g} min"
        f"{', only if named' if part.only_if_named else ''})"
        for name, part in PARTS.items()
    )
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.grading",
        description=__doc__,
        epilog=f"parts:\n{parts}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="only these parts")
    parser.add_argument(
        "--runs", type=positive, default=known.runs, help="of each measurement (default: 3)"
    )
    parser.add_argument(
        "--sizes",
        type=positive,
        nargs="+",
        default=list(known.sizes),
        help="of the lesson's classes (default: 100 400 1000)",
    )
    parser.add_argument(
        "--once-above",
        type=positive,
        default=known.once_above,
        metavar="SIZE",
        help="larger classes of the lesson are graded once only (default: 500)",
    )
    parser.add_argument(
        "--stock-sample",
        type=positive,
        default=known.stock_sample,
        metavar="N",
        help="submissions of the lesson that stock is measured on, 3 to 20, besides 2 (default: 5)",
    )
    parser.add_argument(
        "--stock-runs",
        type=positive,
        default=known.stock_runs,
        metavar="N",
        help="of stock on the ordinary class and the small notebooks (default: 1)",
    )
    parser.add_argument(
        "--pieces",
        type=positive,
        default=known.pieces,
        metavar="N",
        help="students of the ordinary class, and small notebooks (default: 40)",
    )
    parser.add_argument(
        "--pages",
        type=positive,
        default=known.pages,
        metavar="N",
        help="feedback pages that proctor writes, at least 6, as many as stock (default: 40)",
    )
    parser.add_argument(
        "--stage-sizes",
        type=positive,
        nargs=2,
        default=list(known.stage_sizes),
        metavar=("FEW", "MANY"),
        help="classes that the stages are told apart by (default: 20 100)",
    )
    parser.add_argument(
        "--memory-sizes",
        type=positive,
        nargs="+",
        default=list(known.memory_sizes),
        metavar="SIZE",
        help="classes whose memory is looked at (default: 20 100 400)",
    )
    return parser


def positive(text: str) -> int:
    """A number that is at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def settings_of(options: argparse.Namespace, scratch: Path) -> Settings:
    """What was said on the command line."""
    few, many = options.stage_sizes
    return Settings(
        scratch,
        runs=options.runs,
        sizes=tuple(options.sizes),
        once_above=options.once_above,
        stock_sample=options.stock_sample,
        stock_runs=options.stock_runs,
        pieces=options.pieces,
        pages=options.pages,
        stage_sizes=(few, many),
        memory_sizes=tuple(options.memory_sizes),
    )


def chosen(names: Sequence[str]) -> dict[str, Part]:
    """The parts of these names, all but the ones left out if there are no names; SystemExit in
    words if there is no such part."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part {unknown[0]!r}; there are {', '.join(PARTS)}.")
    return {
        name: part
        for name, part in PARTS.items()
        if (name in names if names else not part.only_if_named)
    }


def measured(part: Part, settings: Settings) -> Findings | str:
    """What a part found, or why it could not be measured: the others go on."""
    try:
        return part.measure(settings)
    except MeasurementError as error:
        return str(error)
    except Exception as error:  # whatever it is, the parts after it are wanted
        traceback.print_exc()
        last = str(error).strip().rpartition("\n")[2]
        return f"{type(error).__name__}: {last}"


def conclusion(found: dict[str, Findings | str]) -> tuple[list[str], int]:
    """The last section, as lines, and the exit status."""
    all_findings = [one for one in found.values() if isinstance(one, Findings)]
    verdicts = [verdict for one in all_findings for verdict in one.verdicts]
    missed = [verdict.sentence() for verdict in verdicts if verdict.missed]
    unlike = [text for one in all_findings for text in one.unlike]
    failed = [
        f"{PARTS[name].heading}: {text}"
        for name, one in found.items()
        for text in ([one] if isinstance(one, str) else one.failed)
    ]
    aims = [verdict for verdict in verdicts if verdict.aim.limit]
    lines = ["## In short", ""]
    for title, some in (
        ("Not measured", failed),
        ("Grades that are not as they must be", unlike),
        ("Aims missed", missed),
    ):
        if some:
            lines += [f"{title}:", "", *(f"- {text}" for text in some), ""]
    if not unlike and all_findings:
        lines += [
            "Every grade is as it must be, and the same as stock's where stock graded too.",
            "",
        ]
    lines.append(f"{len(aims) - len(missed)} of {len(aims)} aims are reached in every run.")
    return lines, int(bool(unlike or failed))


def require_sense(options: argparse.Namespace) -> None:
    """SystemExit in words if sizes do not fit together."""
    if options.stock_sample not in range(3, 21):
        sys.exit(f"--stock-sample must be from 3 to 20, not {options.stock_sample}.")
    if min(options.sizes) < options.stock_sample:
        sys.exit(f"--sizes must be at least as large as --stock-sample, {options.stock_sample}.")
    if options.pages < SOME:
        sys.exit(f"--pages must be at least {SOME}, not {options.pages}.")
    if options.stage_sizes[0] >= options.stage_sizes[1]:
        sys.exit("--stage-sizes must be a smaller and a larger class.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts that were asked for, one after another; the exit status."""
    options = parser().parse_args(arguments)
    parts = chosen(options.parts)
    require_sense(options)
    minutes = sum(part.minutes for part in parts.values())
    print(
        f"# How fast it grades\n\n{os.cpu_count()} processors, Python "
        f"{platform.python_version()}, {time.strftime('%d.%m.%Y %H:%M')}. Figures are medians, "
        "with the least and the most of the runs in brackets.",
        flush=True,
    )
    print(f"This takes about {minutes:g} minutes by default.", file=sys.stderr, flush=True)
    found: dict[str, Findings | str] = {}
    for ending in (signal.SIGINT, signal.SIGTERM):  # so that what was started is ended, and removed
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        settings = settings_of(options, Path(scratch))
        for name, part in parts.items():
            begun = time.monotonic()
            print(f"\n## {part.heading}\n", flush=True)
            result = found[name] = measured(part, settings)
            text = result.text if isinstance(result, Findings) else [f"Not measured: {result}"]
            took = f"Measured in {(time.monotonic() - begun) / 60:.1f} minutes."
            print("\n\n".join([*text, took]), flush=True)
    lines, status = conclusion(found)
    print("\n" + "\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
