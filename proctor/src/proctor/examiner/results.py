"""What running a notebook comes to: outputs in nbformat's form, and events that a human should see."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode, from_dict

MOST = 1000  # outputs of one cell
RED, PLAIN = "\x1b[0;31m", "\x1b[0m"


@dataclass(frozen=True)
class Event:
    """Something that happened while a cell ran.

    `kind` is timeout, died, limit, refused, crashed or human (a human must decide).
    """

    kind: str
    index: int | None
    text: str


@dataclass
class TestRun:
    """What running one test came to: `noted` says what was no data, `rebound` which given names that
    it read the submission has changed, `ended` why it did not run to its end."""

    seconds: float = 0.0
    noted: str = ""
    rebound: list[str] = field(default_factory=list)
    ended: str = ""


@dataclass
class Outcome:
    """The outputs and numbers of the cells that ran, by the index of the plan's parts.

    Those of the candidate are well-formed, not yet harmless; of the cells in `trusted` they were made
    where no student's code was. `tests` is by grade_id; `disputed` says of tests that a human must
    decide on why, by grade_id. `seen` is what a reference's run showed. `digests` are of what the
    instructor's first cells put out where they ran in the candidate, by the index of the part.
    """

    outputs: dict[int, list[NotebookNode]] = field(default_factory=dict)
    execution_counts: dict[int, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    trusted: set[int] = field(default_factory=set)
    tests: dict[str, TestRun] = field(default_factory=dict)
    disputed: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Any] | None = None
    digests: dict[int, tuple[int, str]] = field(default_factory=dict)
    seconds: float = 0.0


def error_output(name: str, text: str) -> NotebookNode:
    """An error as nbformat has it."""
    trace = [f"{RED}{name}{PLAIN}: {text}"]
    return from_dict({"output_type": "error", "ename": name, "evalue": text, "traceback": trace})


def timeout_output(seconds: float) -> NotebookNode:
    """What nbgrader leaves in a cell that did not end in time, with the time."""
    return error_output(
        "CellTimeoutError", f"No reply from kernel before timeout ({seconds:g} seconds)"
    )


def ended_output(text: str) -> NotebookNode:
    """What stands in a cell whose process ended while it ran."""
    return error_output("CandidateGone", text)


def well_formed(outputs: Any, count: int) -> list[NotebookNode]:
    """Those of a candidate's outputs that have the form of outputs, with this cell's number."""
    found = []
    for output in outputs[:MOST] if isinstance(outputs, list) else []:
        with contextlib.suppress(RecursionError):  # one nested so deep is none
            if formed := one_formed(output, count):
                found.append(from_dict(formed))
    return found


def one_formed(output: Any, count: int) -> dict[str, Any] | None:
    """An output rebuilt from its known fields, or None."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": text}
        case {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata)}:
            shown = {"data": named(data), "metadata": named(metadata)}
            return {"output_type": "display_data", **shown}
        case {"output_type": "execute_result", "data": dict(data), "metadata": dict(metadata)}:
            shown = {"data": named(data), "metadata": named(metadata)}
            return {"output_type": "execute_result", "execution_count": count, **shown}
        case {
            "output_type": "error",
            "ename": str(name),
            "evalue": str(text),
            "traceback": list(lines),
        }:
            trace = [line for line in lines if isinstance(line, str)]
            return {"output_type": "error", "ename": name, "evalue": text, "traceback": trace}
    return None


def named(data: dict[Any, Any]) -> dict[str, Any]:
    """A dictionary's entries whose names are text."""
    return {name: value for name, value in data.items() if isinstance(name, str)}


def merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """A test's outputs with all that it printed as stdout, joined where it then touches.

    nbgrader gives no points to a test that wrote to stderr, and a warning must not cost points.
    """
    joined: list[NotebookNode] = []
    for output in outputs:
        if output["output_type"] == "stream":
            output["name"] = "stdout"
            if joined and joined[-1]["output_type"] == "stream":
                joined[-1]["text"] += output["text"]
                continue
        joined.append(output)
    return joined


def output_digest(outputs: list[NotebookNode]) -> str:
    """A digest of a cell's outputs, whatever the cell's number is."""
    unnumbered = [{**output, "execution_count": None} for output in outputs]
    text = json.dumps(unnumbered, sort_keys=True, default=repr)
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def with_own_outputs(
    notebook: NotebookNode, outcome: Outcome, own: Mapping[int, list[NotebookNode]]
) -> None:
    """Give the instructor's first cells that put out the same as without the student, to the last
    letter, the outputs `own` of the instructor, by place, which need no cleaning."""
    for index, (place, digest) in outcome.digests.items():
        if own.get(place) and output_digest(own[place]) == digest:
            notebook.cells[index].outputs = own[place]


def earned(outputs: list[NotebookNode], most: float) -> float:
    """The points that a test's outputs stand for, of `most`, whatever their parts are.

    As for nbgrader, the first output that decides does. What is no number counts as all points, and
    so does an odd number: whoever enters the points leaves those to a human.
    """
    for output in outputs:
        if output["output_type"] == "error":
            return 0.0
        if output["output_type"] == "execute_result":
            text = output["data"].get("text/plain", "")
            try:
                number = float("".join(text) if isinstance(text, list) else text)
            except (TypeError, ValueError):
                return most
            return number if 0 <= number < most else most
    return most


def passed(outputs: list[NotebookNode], points: float) -> bool:
    """Whether a test left no error and no fewer than all of its points."""
    return earned(outputs, points) >= points
