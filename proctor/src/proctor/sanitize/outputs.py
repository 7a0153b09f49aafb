"""A cell's outputs: whatever came, what leaves is valid nbformat 4.5, bounded and harmless."""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict

from proctor.sanitize.findings import KIND, clean_findings
from proctor.sanitize.html import Refused, clean_html
from proctor.sanitize.images import RASTER_TYPES, clean_raster, clean_svg
from proctor.sanitize.markdown import clean_markdown
from proctor.sanitize.text import printable, shortened, terminal_text, without_active_tex

_ACTIVE_TYPES = (
    "javascript",
    "ecmascript",
    "vnd.jupyter.widget",
    "vnd.bokehjs",
    "vnd.plotly",
    "vnd.vega",
    "vnd.holoviews",
    "x-html",
)
_HTML_SECONDS = 5  # of cleaning; what is left of a cell's HTML after that is not shown
_MAX_TYPES = 30
_MAX_LINES = 1_000_000
_MAX_TRACEBACK = 500
_MAX_MESSAGE = 10_000
_MAX_FORMULA = 50_000
_MAX_PIXELS_OF_A_SIDE = 10_000


@dataclass(frozen=True)
class Limits:
    """How much of one cell's outputs is kept; lengths in characters."""

    outputs: int = 200
    text: int = 1_000_000
    total: int = 16_000_000


_DEFAULT_LIMITS = Limits()


def clean_outputs(outputs: object, limits: Limits = _DEFAULT_LIMITS) -> list[NotebookNode]:
    """The outputs as they may be shown; sentences stand in the place of what may not.

    Any data may come; nothing is raised.
    """
    if outputs is None:
        return []
    if not isinstance(outputs, (list, tuple)):
        return [_left_out("what came in the place of this cell's outputs was no list")]
    cleaner = _OutputCleaner(limits)
    cleaned = [cleaner.clean(output) for output in outputs[: limits.outputs]]
    more = len(outputs) - limits.outputs
    if more > 0:
        cleaned.append(
            _left_out(f"{more} more outputs of this cell, after the first {limits.outputs}")
        )
    return cleaned


def _left_out(what: str) -> NotebookNode:
    """An output that says in a sentence what is not shown."""
    text = f"[proctor left out: {what}]\n"
    return from_dict({"output_type": "stream", "name": "stderr", "text": text})


def _text_of(value: object) -> str | None:
    """A text of nbformat, which may be a list of lines, or None."""
    if isinstance(value, (list, tuple)) and len(value) <= _MAX_LINES:
        return "".join(value) if all(isinstance(line, str) for line in value) else None
    return value if isinstance(value, str) else None


class _OutputCleaner:
    """Cleans the outputs of one cell, one after the other, and counts what they take."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._characters_left = limits.total
        self._html_seconds_left: float = _HTML_SECONDS

    def clean(self, output: object) -> NotebookNode:
        """The output that stands for this one."""
        if not isinstance(output, Mapping):
            return _left_out("something that was no output")
        made: dict[str, Any] | None
        match output.get("output_type"):
            case "stream":
                made = self._stream(output)
            case "error":
                made = self._error(output)
            case "display_data" | "execute_result":
                made = self._display(output)
            case _:
                return _left_out("an output of a kind that notebooks do not have")
        if made is None:
            return _left_out("printed text that was no text")
        self._characters_left -= _length(made)
        if self._characters_left < 0:
            return _left_out(
                f"an output, the cell's outputs being longer than {self._limits.total} characters"
            )
        return from_dict(made)

    def _stream(self, output: Mapping[Any, Any]) -> dict[str, Any] | None:
        text = _text_of(output.get("text"))
        if text is None:
            return None
        name = output.get("name")
        return {
            "output_type": "stream",
            "name": name if name in ("stdout", "stderr") else "stdout",
            "text": self._printed(text),
        }

    def _printed(self, text: str) -> str:
        """Text of a terminal, shortened before and after."""
        length = self._limits.text
        return shortened(terminal_text(shortened(text, length)), length)

    def _error(self, output: Mapping[Any, Any]) -> dict[str, Any]:
        lines = output.get("traceback")
        lines = lines[:_MAX_TRACEBACK] if isinstance(lines, (list, tuple)) else []
        traceback = [self._printed(line) for line in lines if isinstance(line, str)]
        while sum(map(len, traceback)) > self._limits.text:
            traceback.pop(len(traceback) // 2)
        return {
            "output_type": "error",
            "ename": self._message(output.get("ename")) or "Error",
            "evalue": self._message(output.get("evalue")),
            "traceback": traceback,
        }

    def _message(self, value: object) -> str:
        return self._printed(shortened(value, _MAX_MESSAGE)) if isinstance(value, str) else ""

    def _display(self, output: Mapping[Any, Any]) -> dict[str, Any]:
        """Something displayed, in each of the MIME types that may be shown."""
        bundle = output.get("data")
        data: dict[str, Any] = {}
        notes: list[str] = []
        for kind, value in list(bundle.items())[:_MAX_TYPES] if isinstance(bundle, Mapping) else ():
            try:
                data[kind] = clean_findings(value) if kind == KIND else self._of_type(kind, value)
            except Refused as reason:
                name = printable(kind[:100]) + ": " if isinstance(kind, str) else ""
                notes.append(f"{name}{reason}")
        if notes or not data:
            lines = [data["text/plain"]] if data.get("text/plain") else []
            lines += [
                f"[proctor left out: {note}]"
                for note in dict.fromkeys(notes or ["an empty output"])
            ]
            data["text/plain"] = "\n".join(lines)
        made = {
            "output_type": output["output_type"],
            "data": data,
            "metadata": _picture_sizes(output.get("metadata"), data),
        }
        if made["output_type"] == "execute_result":
            count = output.get("execution_count")
            is_count = type(count) is int and 0 <= count < 10**9
            made["execution_count"] = count if is_count else None
        return made

    def _of_type(self, kind: object, value: object) -> str:
        """What is displayed in one MIME type, cleaned. Raises Refused with the reason."""
        if not isinstance(kind, str):
            raise Refused("a form without a name")
        clean = self._cleaners().get(kind)
        if clean is None:
            if any(part in kind for part in _ACTIVE_TYPES):
                raise Refused("it could run a program in the page of whoever reads this")
            raise Refused("of all forms only pictures, text, HTML, formulas and markdown are kept")
        text = _text_of(value)
        if text is None:
            raise Refused("it was no text")
        cleaned = clean(text)
        if cleaned is None:
            raise Refused("it is not what it is called, or too large")
        return cleaned

    def _cleaners(self) -> dict[str, Callable[[str], str | None]]:
        return {
            "text/plain": self._printed,
            "text/html": self._html,
            "text/markdown": clean_markdown,
            "text/latex": _clean_formula,
            "image/svg+xml": clean_svg,
            **{kind: functools.partial(clean_raster, kind) for kind in RASTER_TYPES},
        }

    def _html(self, text: str) -> str:
        if self._html_seconds_left <= 0:
            raise Refused("the cell's other HTML took too long")
        begin = time.monotonic()
        try:
            return clean_html(text)
        finally:
            self._html_seconds_left -= time.monotonic() - begin


def _clean_formula(text: str) -> str:
    return without_active_tex(printable(shortened(text, _MAX_FORMULA)))


def _picture_sizes(metadata: object, data: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """What is kept of an output's metadata: width and height of its pictures, in pixels."""
    kept: dict[str, dict[str, int]] = {}
    if not isinstance(metadata, Mapping):
        return kept
    for kind in data:
        given = metadata.get(kind) if kind.startswith("image/") else None
        if not isinstance(given, Mapping):
            continue
        sizes = {name: given.get(name) for name in ("width", "height")}
        good = {
            name: size
            for name, size in sizes.items()
            if type(size) is int and 0 < size <= _MAX_PIXELS_OF_A_SIDE
        }
        if good:
            kept[kind] = good
    return kept


def _length(output: Mapping[str, Any]) -> int:
    """How many characters an output holds."""
    parts = [
        output.get("text", ""),
        output.get("evalue", ""),
        *output.get("traceback", []),
        *(
            "".join("".join(one.values()) for one in value) if kind == KIND else value
            for kind, value in output.get("data", {}).items()
        ),
    ]
    return sum(map(len, parts))
