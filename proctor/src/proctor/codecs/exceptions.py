"""What is told of an exception, and the exception made of it on the other side, where nothing of that is trusted.

An exception crosses as the nearest class of its family that both sides have. It is made without running any code of
its class, and its text is the same.
"""

import linecache
import os
import sys
import traceback
import types
from collections.abc import Callable, Container
from typing import Any

from proctor.codecs.frames import FrameError

MOST_TEXT = 20_000
MOST_LINES = 50
MOST_STEPS = 1000
MOST_BASES = 30
MOST_ATTRIBUTES = 20
MOST_PARTS = 200  # of a tuple
MOST_BITS = 4096
DEEPEST = 3
KEPT = (
    "name",
    "path",
    "errno",
    "strerror",
    "filename",
    "filename2",
    "code",
    "msg",
    "lineno",
    "offset",
    "text",
)
NEVER = {
    "unittest",
    "pytest",
    "_pytest",
    "doctest",
    "nose",
    "bdb",
    "pdb",
    "IPython",
    "ipykernel",
    "nbgrader",
    "nbclient",
    "nbconvert",
    "proctor",
    "traitlets",
    "msgpack",
    "__main__",
}  # whose exceptions steer whoever runs the test
LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)
UNICODE = (UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError)
ENDS = (StopIteration, StopAsyncIteration)
Told = tuple[Any, ...]


class Text(str):
    """A text that an exception shows as it is, also where it shows its arguments by repr()."""

    __repr__ = str.__str__


def quietly(make: Callable[[], Any], otherwise: Any) -> Any:
    """What `make()` gives, or something else if it fails: an exception's own methods may."""
    try:
        return make()
    except BaseException:
        return otherwise


def describe(error: BaseException, own_files: Container[str] = (), *, trace: bool = True) -> Told:
    """What is told of an exception, as tuples of plain data.

    They are its family, text, arguments, attributes, lines and traceback. Frames of `own_files` are left out;
    without `trace`, as for one that is a value, there are no lines.
    """
    text = quietly(lambda: str.__str__(str(error))[:MOST_TEXT], "(its message cannot be shown)")
    steps = walked(error, own_files) if trace else []
    name = type.__dict__["__name__"].__get__(type(error))
    args = error.args if type(error.args) is tuple and plain(error.args) else None
    return (
        family(type(error)),
        text,
        args,
        attributes(error),
        tuple(
            (number, linecache.getline(file, number).strip()[:500], function)
            for number, file, function, _ in [step for step in steps if step[3]] or steps
        ),
        shown(steps, f"{name}: {text}") if trace else "",
    )


def walked(error: BaseException, own_files: Container[str]) -> list[tuple[int, str, str, bool]]:
    """The last frames that an exception came through: line, file, function, whether it is the notebook's."""
    steps = []
    trace = error.__traceback__
    for _ in range(MOST_STEPS):
        if trace is None:
            break
        code = trace.tb_frame.f_code
        if code.co_filename not in own_files:
            notebook = trace.tb_frame.f_globals.get("__name__") == "__main__"
            steps.append((trace.tb_lineno, code.co_filename, code.co_name, notebook))
        trace = trace.tb_next
    return steps[-MOST_LINES:]


def shown(steps: list[tuple[int, str, str, bool]], last: str) -> str:
    """A traceback as text."""
    frames = traceback.StackSummary.from_list(
        [(file, number, name, linecache.getline(file, number)) for number, file, name, _ in steps]
    )
    text = "Traceback (most recent call last):\n" + "".join(frames.format()) + last
    return text[-MOST_TEXT:]


def family(kind: type) -> tuple[tuple[str, str], ...]:
    """(module, name) of a class and of what it derives from, the nearest first."""
    return tuple(
        (str(one.__module__), type.__dict__["__name__"].__get__(one))
        for one in type.mro(kind)[:MOST_BASES]
    )


def plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is a little plain data."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value) <= MOST_TEXT
    if kind is int:
        return value.bit_length() <= MOST_BITS
    if kind not in (tuple, list, set, frozenset, dict):
        return value is None or kind is bool or kind is float
    if depth == DEEPEST or len(value) > MOST_PARTS:
        return False
    parts = [*value, *value.values()] if kind is dict else value
    return all(plain(part, depth + 1) for part in parts)


def attributes(error: BaseException) -> tuple[tuple[str, Any], ...]:
    """An exception's attributes of plain data."""
    found = dict(quietly(lambda: object.__getattribute__(error, "__dict__"), {}))
    for name in KEPT:
        if name not in found:
            found[name] = quietly(lambda: getattr(error, name, None), None)  # noqa: B023
    return tuple(
        (name, value)
        for name, value in found.items()
        if type(name) is str and name[:2] != "__" and plain(value)
        if value is not None or name not in KEPT
    )[:MOST_ATTRIBUTES]


def build(told: Any) -> BaseException:
    """The exception for what `describe` tells, which may lie; FrameError if it is not told as one.

    One that was raised has `candidate_type` (its class's name there), `candidate_lines` (lists of a line's number,
    the line and its function), `candidate_traceback`, and a note with that.
    """
    match told:
        case (
            tuple(classes),
            str(text),
            tuple() | None as args,
            tuple(given),
            tuple(lines),
            str(trace),
        ) if 0 < len(classes) <= MOST_BASES and (args is None or plain(args)):
            text, trace = text[:MOST_TEXT], trace[-MOST_TEXT:]
        case _:
            raise FrameError("an exception came that is not told as one")
    error = None
    for pair in classes:
        if not (type(pair) is tuple and [type(part) for part in pair] == [str, str]):
            raise FrameError("an exception came whose class is not told")
        kind = known(*pair) if error is None else None
        if kind is not None:
            error = made(kind, text, args, given) or made(kind, text, None, ())
    error = error or Exception(text)
    if trace:
        remember(error, classes[0][1][:MOST_PARTS], lines[-MOST_LINES:], trace)
    return error


def known(module: str, name: str) -> type[BaseException] | None:
    """The exception class of this name that is loaded here; None if there is none, or it would steer whoever runs the test."""
    home = sys.modules.get(module)
    found = vars(home).get(name) if isinstance(home, types.ModuleType) else None
    if not isinstance(found, type) or issubclass(found, ENDS):
        return None
    if {module.partition(".")[0], str(found.__module__).partition(".")[0]} & NEVER:
        return None
    return found if issubclass(found, Exception) or found in LEAVING else None


def made(
    kind: type[BaseException], text: str, args: tuple[Any, ...] | None, given: tuple[Any, ...]
) -> BaseException | None:
    """An exception of a class with this text, made without its __init__; None if that cannot be."""
    native: Any = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    args = (Text(text),) if args is None else args
    try:
        error: BaseException = native.__new__(kind, *args)
        if type(error) is not kind:
            return None
        if issubclass(native, UNICODE):
            fill_unicode(error, native, *args)
        else:
            for pair in given:
                set_attribute(error, *pair)
        if str(error) != text:
            vars(BaseException)["args"].__set__(error, (Text(text),))
        return error if str(error) == text else None
    except Exception:  # a class whose instances are more than their arguments and attributes
        return None


def fill_unicode(error: BaseException, native: Any, *args: Any) -> None:
    """Let a UnicodeError know what it is of; ValueError where Python would read beyond that."""
    *_, text, start, end, _ = args
    if not (type(start) is type(end) is int and 0 <= start < end <= len(text)):
        raise ValueError("an error in no text")
    native.__init__(error, *args)


def set_attribute(error: BaseException, name: Any, value: Any) -> None:
    """Set an attribute that hides no method and runs no code."""
    if type(name) is not str or not name.isidentifier() or name[:2] == "__" or not plain(value):
        return
    kind = type(error)
    of_class = next((vars(one)[name] for one in kind.__mro__ if name in vars(one)), None)
    if isinstance(of_class, (types.MemberDescriptorType, types.GetSetDescriptorType)):
        if name in KEPT:
            if name == "filename" and isinstance(error, SyntaxError):
                value = no_file(value)
            object.__setattr__(error, name, value)
    elif not callable(of_class) and not hasattr(of_class, "__set__"):
        vars(error)[name] = value


def no_file(name: Any) -> str:
    """A file's name as an error shows it, but not where one is that whoever shows it would read."""
    if name[:1] == "<" and name[-1:] == ">":
        return str(name)
    return "<>/" + os.path.basename(name)


def remember(error: BaseException, name: str, lines: tuple[Any, ...], trace: str) -> None:
    """Let an exception know where it was raised."""
    vars(error)["candidate_type"] = name
    vars(error)["candidate_lines"] = [
        list(line)
        for line in lines
        if type(line) is tuple and [type(part) for part in line] == [int, str, str]
    ]
    vars(error)["candidate_traceback"] = trace
    vars(error)["__notes__"] = ["In the student's code:\n" + trace]
