"""Owns what grading a submission comes to: outputs in nbformat's form, and events that a human should see."""

from dataclasses import dataclass, field

from nbformat import from_dict

MOST = 1000  # outputs of one cell
FAILED = "This instructor's cell ends with an error."
RED, PLAIN = "\x1b[0;31m", "\x1b[0m"


@dataclass
class Event:
    """Something that happened while a cell ran: kind is timeout, died, flagged, limit, refused or crashed."""

    kind: str
    index: int | None
    text: str


@dataclass
class Outcome:
    """The outputs and numbers of the cells that ran, by the parts' index; the candidate's are well-formed, not yet harmless."""

    outputs: dict = field(default_factory=dict)
    execution_counts: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    trusted: set = field(
        default_factory=set
    )  # of these cells the outputs were made where no student's code was
    seconds: float = 0.0


def error_output(name, text):
    """An error as nbformat has it."""
    return from_dict(
        {
            "output_type": "error",
            "ename": name,
            "evalue": text,
            "traceback": [f"{RED}{name}{PLAIN}: {text}"],
        }
    )


def timeout_output(seconds):
    """What nbgrader leaves in a cell that did not end in time, with the time."""
    return error_output(
        "CellTimeoutError", f"No reply from kernel before timeout ({seconds:g} seconds)"
    )


def ended_output(text):
    """What stands in a cell whose process ended while it ran."""
    return error_output("CandidateGone", text)


def formed(outputs, count):
    """Those of a candidate's outputs that have the form of outputs, with this cell's number."""
    outputs = outputs if isinstance(outputs, list) else []
    return [
        from_dict(output)
        for output in map(lambda output: one_formed(output, count), outputs[:MOST])
        if output
    ]


def one_formed(output, count):
    """An output rebuilt from its known fields, or None."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": text}
        case {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata)}:
            return {"output_type": "display_data", "data": named(data), "metadata": named(metadata)}
        case {"output_type": "execute_result", "data": dict(data), "metadata": dict(metadata)}:
            return {
                "output_type": "execute_result",
                "execution_count": count,
                "data": named(data),
                "metadata": named(metadata),
            }
        case {
            "output_type": "error",
            "ename": str(name),
            "evalue": str(text),
            "traceback": list(lines),
        }:
            return {
                "output_type": "error",
                "ename": name,
                "evalue": text,
                "traceback": [line for line in lines if isinstance(line, str)],
            }
    return None


def named(data):
    """A dictionary's entries whose names are text."""
    return {name: value for name, value in data.items() if isinstance(name, str)}
