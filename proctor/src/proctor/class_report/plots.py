"""The report's plots: SVG for a page, in the page's own colours, so that they follow its theme.

Each is an element with a text alternative that has all its numbers.
"""

import io
import re
import warnings
from collections.abc import Sequence
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from proctor.class_report.known import ClassReport, percent
from proctor.submission.files import shown

WIDTH = 6.4  # inches of 72 points
MOST_TESTS = 40
MOST_FINDINGS = 15
MAX_LABEL = 34  # characters
# Drawn in these colours, which the page's style sheet then names; no other part of a plot has them.
INK, GRID = "#010203", "#020304"
COLOURS = {"full": "#030405", "part": "#040506", "none": "#050607", "waiting": "#060708"}
NAMES = {INK: "ink", GRID: "grid", **{colour: name for name, colour in COLOURS.items()}}
WORDS = {"full": "all points", "part": "some", "none": "none", "waiting": "waits for a human"}
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "proctor",
    "svg.id": None,
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "text.parse_math": False,
}


def score_plot(report: ClassReport) -> Markup | None:
    """How many have how many points."""
    bars = report.distribution
    if not bars:
        return None
    with matplotlib.rc_context(SETTINGS):
        figure, axes = _axes(2.6)
        labels, counts = [text for text, _ in bars], [count for _, count in bars]
        drawn = axes.bar(range(len(bars)), counts, width=0.85, color=COLOURS["full"])
        _label(axes, drawn, counts)
        turned: Any = {"rotation": 30, "ha": "right"} if max(map(len, labels)) > 4 else {}
        axes.set_xticks(range(len(bars)), labels, **turned)
        axes.set_xlabel("points")
        axes.set_ylabel("students")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return _plot(figure, "scores", "students by points", bars)


def plot_of_tests(report: ClassReport) -> Markup | None:
    """How the class did on each cell with points."""
    tests = report.tests[:MOST_TESTS]
    if not tests or not report.graded:
        return None
    several = len({test.notebook for test in tests}) > 1
    labels = [f"{test.notebook}: {test.name}" if several else test.name for test in tests]
    parts = [(name, [getattr(test, name) for test in tests]) for name in COLOURS]
    with matplotlib.rc_context(SETTINGS):
        figure, axes = _axes(0.9 + 0.26 * len(tests))
        left = [0] * len(tests)
        for name, counts in parts:
            if any(counts):
                drawn = axes.barh(
                    range(len(tests)),
                    counts,
                    left=left,
                    height=0.7,
                    color=COLOURS[name],
                    label=WORDS[name],
                )
                # A number stands within its part, which the page gives the colour that is read on it.
                for place, (bar, count) in enumerate(zip(drawn, counts, strict=True)):
                    if count >= 0.04 * len(report.graded):
                        middle = left[place] + bar.get_width() / 2
                        axes.text(
                            middle, place, str(count), ha="center", va="center", gid=f"on-{name}"
                        )
                left = [before + count for before, count in zip(left, counts, strict=True)]
        _rows(axes, labels)
        axes.set_xlabel("students")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0)
        rows = [
            (
                shown(label),
                ", ".join(f"{WORDS[name]} {counts[row]}" for name, counts in parts if counts[row]),
            )
            for row, label in enumerate(labels)
        ]
        return _plot(figure, "tests", "students by test and points", rows)


def finding_plot(report: ClassReport) -> Markup | None:
    """How many share what was found."""
    found = report.misunderstood[:MOST_FINDINGS]
    if not found:
        return None
    counts = [len(one.students) for one in found]
    with matplotlib.rc_context(SETTINGS):
        figure, axes = _axes(0.6 + 0.23 * len(found))
        drawn = axes.barh(range(len(found)), counts, height=0.7, color=COLOURS["full"])
        _label(axes, drawn, counts, [f"{n} ({percent(n, len(report.graded))})" for n in counts])
        _rows(axes, [one.name for one in found])
        axes.set_xlabel(f"students, of {len(report.graded)}")
        axes.set_xlim(0, max(counts) * 1.15)
        rows = [(shown(one.name), count) for one, count in zip(found, counts, strict=True)]
        return _plot(figure, "findings", "students by what was found", rows)


def _axes(height: float) -> tuple[Figure, Axes]:
    """A new figure of so many inches, and its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    figure.patch.set_visible(False)
    return figure, axes


def _label(
    axes: Axes, bars: BarContainer, counts: Sequence[int], labels: Sequence[str] | None = None
) -> None:
    """Write a number beside each bar that has one."""
    texts = labels or [str(count) for count in counts]
    shown_texts = [text if count else "" for text, count in zip(texts, counts, strict=True)]
    axes.bar_label(bars, shown_texts, padding=2)


def _rows(axes: Axes, labels: Sequence[str]) -> None:
    """Name the rows of a plot, the first one at the top; whole numbers below it."""
    short = [shown(label) for label in labels]
    short = [one if len(one) <= MAX_LABEL else one[: MAX_LABEL - 1] + "…" for one in short]
    axes.set_yticks(range(len(short)), short)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="x", color=GRID, linewidth=0.6)


def _plot(figure: Figure, name: str, what: str, rows: Sequence[tuple[str, object]]) -> Markup:
    """A figure as an SVG element with a text alternative.

    Its colours are the page's, and its ids begin with `name`.
    """
    text = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that a font lacks: the page has other fonts
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    box = re.search(r'viewBox="[\d. ]+"', svg)
    inside = svg[svg.index(">", svg.index("<svg")) + 1 :]
    # Its style would be that of the whole page, whose own style sheet says the same of plots.
    inside = re.sub(r"<(metadata|style)[^>]*>.*?</\1>", "", inside, flags=re.DOTALL)
    inside = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{name}-", inside)
    for colour, role in NAMES.items():
        inside = inside.replace(colour, f"var(--{role})")
    told = f"Bar chart, {what}: " + "; ".join(f"{label}: {value}" for label, value in rows) + "."
    xlink = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    start = Markup('<svg {} {} role="img" aria-label="{}">').format(
        Markup(box[0] if box else ""), Markup(xlink), told
    )
    return start + Markup(inside)
