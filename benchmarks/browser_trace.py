"""What a browser's main thread did, from the browser's own trace: tasks, frames, their parts."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CATEGORIES = [
    "-*",
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
]
PARTS = {
    "script": ("EventDispatch", "TimerFire", "FunctionCall", "EvaluateScript", "v8.compile",
               "FireIdleCallback", "FireAnimationFrame", "RunMicrotasks"),
    "style": ("UpdateLayoutTree",),
    "layout": ("Layout",),
    "paint": ("PrePaint", "Paint", "Layerize", "Commit"),
}  # fmt: skip
WINDOW: ViewportSize = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Span:
    """Something the main thread did: when it began and ended, in milliseconds of the trace, and
    the processor time that it took, in milliseconds too.
    """

    name: str
    begun: float
    ended: float
    cpu: float
    kind: str = ""  # of an event that was dispatched: "keydown"

    @property
    def wall(self) -> float:
        """How long it took by the clock."""
        return self.ended - self.begun


@dataclass(frozen=True)
class Trace:
    """The main thread of one page: its spans, the longer first where two begin at once.

    `begun` is when the navigation began and `marks` are what the browser notes of it, in
    milliseconds of the trace.
    """

    spans: list[Span]
    begun: float
    marks: dict[str, float]

    @property
    def tasks(self) -> list[Span]:
        """What the main thread's queue ran, one after the other: all other spans lie in these."""
        return [span for span in self.spans if span.name == "RunTask"]

    def between(self, begun: float, ended: float) -> "Work":
        """The work of all tasks that overlap a time."""
        tasks = [task for task in self.tasks if task.ended > begun and task.begun < ended]
        wall = sum(min(task.ended, ended) - max(task.begun, begun) for task in tasks)
        first = min((task.begun for task in tasks), default=begun)
        own = own_times([span for span in self.spans if first <= span.begun < ended])
        parts = {part: sum(own.get(name, 0) for name in names) for part, names in PARTS.items()}
        return Work(ended - begun, wall, sum(task.cpu for task in tasks), parts)


@dataclass(frozen=True)
class Work:
    """What lay between two moments, in milliseconds: `latency` by the clock, `wall` the share of it
    in which the main thread was at work, `cpu` its processor time, and that in `parts`.
    """

    latency: float
    wall: float
    cpu: float
    parts: dict[str, float]


def own_times(spans: list[Span]) -> dict[str, float]:
    """The processor time of spans by name, each without what lies in it."""
    own: dict[str, float] = {}
    open_spans: list[Span] = []
    for span in spans:
        while open_spans and open_spans[-1].ended <= span.begun:
            open_spans.pop()
        if open_spans:
            own[open_spans[-1].name] -= span.cpu
        own[span.name] = own.get(span.name, 0) + span.cpu
        open_spans.append(span)
    return own


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window. RuntimeError says what to install if there is none."""
    program = shutil.which("chromium")
    if not program:
        raise RuntimeError("This needs Chromium, which is not on the path: install it first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser) -> Iterator[tuple[Page, CDPSession]]:
    """A page without a network in a context of its own, and its line to the browser."""
    context = browser.new_context(offline=True, viewport=WINDOW)
    page = context.new_page()
    yield page, context.new_cdp_session(page)
    context.close()


def traced(browser: Browser, page: Page, act: Callable[[], Any]) -> tuple[Trace, Any]:
    """What the main thread of `page` did while `act` ran, and what `act` returned."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        result = act()
    finally:
        recorded = browser.stop_tracing()
    return read(json.loads(recorded)["traceEvents"]), result


def read(events: list[dict[str, Any]]) -> Trace:
    """The events of a trace as those of the main thread that did most."""
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    navigations = [
        event
        for event in events
        if event["name"] == "navigationStart"
        and event["args"].get("data", {}).get("documentLoaderURL", "").startswith(("file:", "http"))
    ]
    if navigations:
        threads = {(navigations[-1]["pid"], navigations[-1]["tid"])}
    own = [event for event in events if (event["pid"], event["tid"]) in threads]
    spans = [
        Span(
            event["name"],
            event["ts"] / 1000,
            (event["ts"] + event["dur"]) / 1000,
            event.get("tdur", 0) / 1000,
            event["args"].get("data", {}).get("type", "")
            if event["name"] == "EventDispatch"
            else "",
        )
        for event in own
        if event["ph"] == "X"
    ]
    return Trace(
        sorted(spans, key=lambda span: (span.begun, -span.ended)),
        navigations[-1]["ts"] / 1000 if navigations else 0,
        {event["name"]: event["ts"] / 1000 for event in own if event["name"].startswith("Mark")},
    )


def kind_of(event: dict[str, Any]) -> str:
    """What kind of event an event of a trace dispatched, such as "keydown", or nothing."""
    if event["name"] != "EventDispatch":
        return ""
    return str(event["args"].get("data", {}).get("type", ""))
