"""Measure how soon a page with all the lesson's players is ready, on a slowed processor."""

import argparse
import statistics
import sys
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from browser_trace import Trace, chromium, traced, window
from playwright.sync_api import Browser, Page

from course import solution

AIM = 1000  # milliseconds until every player answers
SLOWED = 4  # times
LONG = 50  # milliseconds, from which on a task is a long one
QUIET = 500  # milliseconds after the last player has come to life, in which long tasks count
WATCH = """() => {
    const alive = document.getElementsByClassName("convlab-player live");
    const clock = setInterval(() => {
        const players = document.getElementsByClassName("convlab-player");
        if (document.readyState === "loading" || alive.length < players.length) return;
        clearInterval(clock);
        performance.mark("MarkAlive");
        console.debug("MarkAlive");
    }, 20);
}"""
STEP = """(root) => {
    const control = (name) => root.querySelector(`[name=${name}]`);
    const [next, position] = [control("next"), control("position")];
    const before = position.value;
    if (!next.checkVisibility()) return 0;
    if (position.value === position.max) control("first").click();
    else next.click();
    if (position.value === before) return Infinity;
    return 1;
}"""


@dataclass(frozen=True)
class Load:
    """How a page became ready, in milliseconds since the navigation began; `blocked` is the sum of
    what tasks took longer than 50, `cpu` the main thread's processor time until `interactive`.
    """

    content: float
    load: float
    alive: float
    interactive: float
    blocked: float
    longest: float
    cpu: float


def loaded(trace: Trace) -> Load:
    """The figures of one load: it is interactive when all players live and no long task follows."""
    marks = {name: at - trace.begun for name, at in trace.marks.items()}
    last = trace.begun + marks["MarkAlive"] + QUIET
    tasks = [task for task in trace.tasks if trace.begun <= task.begun <= last]
    long = [task for task in tasks if task.wall > LONG]
    interactive = max(
        marks["MarkDOMContent"], marks["MarkAlive"], *(task.ended - trace.begun for task in long)
    )
    until = [task for task in tasks if task.begun < trace.begun + interactive]
    return Load(
        marks["MarkDOMContent"],
        marks["MarkLoad"],
        marks["MarkAlive"],
        interactive,
        sum(task.wall - LONG for task in long),
        max(task.wall for task in tasks),
        sum(task.cpu for task in until),
    )


def measured(browser: Browser, file: Path, slowed: float) -> Load:
    """One load of a page in a fresh window, with the processor slowed down.

    RuntimeError if a player then makes no step.
    """
    with window(browser) as (page, line):
        # so that the page's process runs, slowed, before the page is asked for
        page.goto(file.with_name("empty.html").as_uri())
        line.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        page.add_init_script(f"({WATCH})()")
        trace, _ = traced(browser, page, lambda: opened(page, file))
        line.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        answers = page.locator(".convlab-player").evaluate_all(f"(all) => all.map({STEP})")
        if not answers or float("inf") in answers:
            raise RuntimeError(f"Players that make no step: {answers} in {file}.")
    return loaded(trace)


def opened(page: Page, file: Path) -> None:
    """Open a page and wait until all its players live and it has been quiet for a while.

    The page tells when, since one that is asked at each frame draws frames for that alone.
    """
    with page.expect_console_message(lambda said: said.text == "MarkAlive"):
        page.goto(file.as_uri())
    page.wait_for_timeout(QUIET)


def main() -> int:
    """Print how soon the solution's page is ready; fail if the median is more than a second.

    The clock and the main thread's processor time are both told: the clock of a busy machine also
    tells of other programs.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--slowed", type=float, default=SLOWED, help="times")
    parser.add_argument("--page", type=Path, help="the solution's page, if it is written")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "solution.html"
        written = arguments.page.read_text("utf-8") if arguments.page else ""
        file.write_text(written or solution.page(solution.executed()), "utf-8")
        file.with_name("empty.html").write_text("<!doctype html><title>Empty</title>", "utf-8")
        loads = [measured(browser, file, arguments.slowed) for _ in range(arguments.runs)]
    print(f"| ms, processor slowed {arguments.slowed:g} times | median | least | most |")
    print("|---|--:|--:|--:|")
    for field, *values in zip(fields(Load), *map(astuple, loads), strict=True):
        print(
            f"| {field.name} | {statistics.median(values):.0f} | {min(values):.0f} | "
            f"{max(values):.0f} |"
        )
    median = statistics.median(load.interactive for load in loads)
    if median > AIM:
        print(f"\nMissed: every player is to answer within {AIM} ms, but it takes {median:.0f} ms.")
    return int(median > AIM)


if __name__ == "__main__":
    sys.exit(main())
