"""Owns a cell's outputs: whatever came, what leaves here is valid nbformat 4.5, bounded, and inert where it is shown."""

import time
from collections.abc import Mapping

from nbformat import NotebookNode, from_dict

from proctor.sanitize import pictures
from proctor.sanitize.html import Refused, clean_html
from proctor.sanitize.limits import Limits
from proctor.sanitize.markdown import clean_markdown
from proctor.sanitize.text import bounded, legible, tame, terminal
from proctor.sanitize.vector import clean_svg

RUNS = "it could run a program in the page of whoever reads this"
ACTIVE = (
    "javascript",
    "ecmascript",
    "vnd.jupyter.widget",
    "vnd.bokehjs",
    "vnd.plotly",
    "vnd.vega",
    "vnd.holoviews",
    "x-html",
)
SECONDS = 5  # of cleaning HTML; what is left of a cell's HTML after that is not shown


def clean_outputs(outputs, limits=Limits()):
    """The outputs as they may be shown, as NotebookNodes; sentences stand in the place of what may not."""
    if not isinstance(outputs, (list, tuple)):
        return (
            []
            if outputs is None
            else [said("what came in the place of this cell's outputs was no list")]
        )
    desk = Desk(limits)
    cleaned = [one for output in outputs[: limits.outputs] for one in desk.cleaned(output)]
    if len(outputs) > limits.outputs:
        cleaned.append(
            said(
                f"{len(outputs) - limits.outputs} more outputs of this cell, after the first {limits.outputs}"
            )
        )
    return cleaned


def said(what):
    """An output that says in a sentence what is not shown."""
    return from_dict(
        {"output_type": "stream", "name": "stderr", "text": f"[proctor left out: {what}]\n"}
    )


def string(value):
    """A text of nbformat, which may be a list of lines, or None."""
    if (
        isinstance(value, (list, tuple))
        and len(value) <= 1_000_000
        and all(isinstance(line, str) for line in value)
    ):
        return "".join(value)
    return value if isinstance(value, str) else None


class Desk:
    """Cleans the outputs of one cell, one after the other, and counts what they take."""

    def __init__(self, limits):
        self.limits, self.room, self.seconds = limits, limits.total, SECONDS

    def cleaned(self, output):
        """The outputs, one or none, that stand for this one."""
        if not isinstance(output, Mapping):
            return [said("something that was no output")]
        kind = output.get("output_type")
        make = {
            "stream": self.stream,
            "error": self.error,
            "display_data": self.shown,
            "execute_result": self.shown,
        }.get(kind if isinstance(kind, str) else None)
        if not make:
            return [said("an output of a kind that notebooks do not have")]
        made = make(output)
        self.room -= weight(made)
        return (
            [from_dict(made)]
            if self.room >= 0
            else [
                said(
                    f"an output, the cell's outputs being longer than {self.limits.total} characters"
                )
            ]
        )

    def stream(self, output):
        """Printed text."""
        text = string(output.get("text"))
        if text is None:
            return said("printed text that was no text")
        name = output.get("name")
        return {
            "output_type": "stream",
            "name": name if name in ("stdout", "stderr") else "stdout",
            "text": self.printed(text),
        }

    def printed(self, text):
        """Text of a terminal, bounded before and after."""
        return bounded(terminal(bounded(text, self.limits.text)), self.limits.text)

    def error(self, output):
        """An exception, as text."""
        lines = output.get("traceback")
        lines = (
            [line for line in lines[:500] if isinstance(line, str)]
            if isinstance(lines, (list, tuple))
            else []
        )
        short = [self.printed(line) for line in lines]
        while sum(map(len, short)) > self.limits.text:
            short.pop(len(short) // 2)
        ename, evalue = (
            self.printed(bounded(value, 10_000)) if isinstance(value, str) else ""
            for value in (output.get("ename"), output.get("evalue"))
        )
        return {
            "output_type": "error",
            "ename": ename or "Error",
            "evalue": evalue,
            "traceback": short,
        }

    def shown(self, output):
        """Something displayed, in each of the forms that may be shown."""
        bundle = output.get("data")
        bundle = bundle if isinstance(bundle, Mapping) else {}
        data, notes = {}, []
        for kind, value in list(bundle.items())[:30]:
            self.form(kind, value, data, notes)
        if notes or not data:
            text = data.get("text/plain", "")
            lines = [text] if text else []
            data["text/plain"] = "\n".join(
                [
                    *lines,
                    *(
                        f"[proctor left out: {note}]"
                        for note in dict.fromkeys(notes or ["an empty output"])
                    ),
                ]
            )
        made = {
            "output_type": output["output_type"],
            "data": data,
            "metadata": sizes(output.get("metadata"), data),
        }
        if made["output_type"] == "execute_result":
            count = output.get("execution_count")
            made["execution_count"] = count if type(count) is int and 0 <= count < 10**9 else None
        return made

    def form(self, kind, value, data, notes):
        """Put one form of something displayed into `data`, or say in `notes` why not."""
        if not isinstance(kind, str):
            return notes.append("a form without a name")
        name, text = legible(kind[:100]), string(value)
        known = kind in FORMS
        if known and text is not None:
            try:
                made = getattr(self, FORMS[kind])(kind, text)
            except Refused as reason:
                return notes.append(f"{name}: {reason}")
            return (
                data.__setitem__(kind, made)
                if made is not None
                else notes.append(f"{name}: it is not what it is called, or too large")
            )
        if known:
            return notes.append(f"{name}: it was no text")
        return notes.append(
            f"{name}: {RUNS}"
            if any(part in kind for part in ACTIVE)
            else f"{name}: of all forms only pictures, text, HTML, formulas and markdown are kept"
        )

    def plain(self, kind, text):
        """Text that a terminal would print."""
        return self.printed(text)

    def html(self, kind, text):
        """HTML, as long as the time for it lasts."""
        if self.seconds <= 0:
            raise Refused("the cell's other HTML took too long")
        begin = time.monotonic()
        try:
            return clean_html(text, self.limits)
        finally:
            self.seconds -= time.monotonic() - begin

    def svg(self, kind, text):
        """A drawing."""
        return clean_svg(text, self.limits)

    def markdown(self, kind, text):
        """Markdown."""
        return clean_markdown(text)

    def formula(self, kind, text):
        """A formula."""
        return tame(legible(bounded(text, 50_000)))

    def picture(self, kind, text):
        """A picture of pixels."""
        return pictures.picture(kind, text, self.limits)


FORMS = {
    "text/plain": "plain",
    "text/html": "html",
    "text/markdown": "markdown",
    "text/latex": "formula",
    "image/svg+xml": "svg",
    **dict.fromkeys(pictures.KINDS, "picture"),
}


def sizes(metadata, data):
    """What is kept of an output's metadata: width and height of its pictures."""
    kept = {}
    for kind in data:
        given = (
            metadata.get(kind)
            if isinstance(metadata, Mapping) and kind.startswith("image/")
            else None
        )
        numbers = (
            {
                name: given[name]
                for name in ("width", "height")
                if type(given.get(name)) is int and 0 < given[name] <= 10_000
            }
            if isinstance(given, Mapping)
            else {}
        )
        if numbers:
            kept[kind] = numbers
    return kept


def weight(output):
    """How many characters an output holds."""
    parts = [
        output.get("text", ""),
        output.get("evalue", ""),
        *output.get("traceback", []),
        *output.get("data", {}).values(),
    ]
    return sum(map(len, parts))
