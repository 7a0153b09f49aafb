"""Owns what is told of an exception, as plain data; nothing of it is trusted where it is read."""

import linecache
import traceback

from proctor.wire import handles

MOST_TEXT, MOST_LINES, MOST_DOC = 20_000, 50, 2000
MOST_LINKED, DEEPEST = (
    20,
    5,
)  # errors that are told beside one: what it was raised from, what a group holds
SIMPLE = (str, int, float, bool, bytes, type(None))


def quietly(make, otherwise=""):
    """What `make()` gives, or something else if it fails: an exception's own methods may."""
    try:
        return make()
    except BaseException:
        return otherwise


def described(error, ours=(), alone=False, linked=None, depth=0):
    """(family, text, args, attributes, lines, traceback, links, itself) of an exception; frames of the files `ours` are left out.
    Itself is the object, where its class is none of a library's. `alone`: as little as can be."""
    kind, linked = type(error), [] if linked is None else linked
    linked.append(error)
    text = quietly(lambda: str.__str__(str(error))[:MOST_TEXT], "(its message cannot be shown)")
    steps = []
    trace = error.__traceback__
    while trace is not None and len(steps) < 1000:
        code = trace.tb_frame.f_code
        if code.co_filename not in ours:
            steps.append(
                (
                    trace.tb_lineno,
                    code.co_filename,
                    code.co_name,
                    trace.tb_frame.f_globals.get("__name__") == "__main__",
                )
            )
        trace = trace.tb_next
    own = [step for step in steps if step[3]] or steps
    lines = tuple(
        (number, linecache.getline(file, number).strip()[:500], name)
        for number, file, name, _ in own[-MOST_LINES:]
    )
    args = (
        error.args
        if type(error.args) is tuple and not alone and data(error.args)
        else simple(error.args)
    )
    own = (
        not handles.library(str(type.__getattribute__(kind, "__module__")))
        and kind.__module__ != "builtins"
    )
    return (
        family(kind),
        text,
        args,
        attributes(error, simply=alone),
        lines,
        shown(steps[-MOST_LINES:], kind.__name__, text),
        None if alone else links(error, ours, linked, depth),
        error if own and not alone and not depth else None,
    )


def links(error, ours, linked, depth):
    """(cause, context, whether that is not to be shown, message, parts of a group): the exceptions as `described`, or None; a context
    that is the cause: True."""

    def one(other):
        if (
            not isinstance(other, BaseException)
            or depth >= DEEPEST
            or len(linked) > MOST_LINKED
            or any(other is known for known in linked)
        ):
            return None
        return described(other, ours, linked=linked, depth=depth + 1)

    parts, message = (), None
    if isinstance(error, BaseExceptionGroup):
        parts, message = (
            tuple(filter(None, map(one, error.exceptions[:MOST_LINKED]))),
            str.__str__(error.message)[:MOST_TEXT],
        )
    same = error.__cause__ is not None and error.__context__ is error.__cause__
    return (
        one(error.__cause__),
        same or one(error.__context__),
        bool(error.__suppress_context__),
        message,
        parts,
    )


def family(kind):
    """A class and all it derives from: (module, name, where in this list its direct bases are, what it says of itself) of each."""
    classes = type.mro(kind)[:30]
    places = {base: place for place, base in enumerate(classes)}
    return tuple(
        (
            str(one.__module__),
            str(one.__name__),
            tuple(places[base] for base in one.__bases__ if base in places),
            documented(one),
        )
        for one in classes
    )


def documented(kind):
    """The text that a class which Python code made says of itself, or None."""
    text = (
        type.__getattribute__(kind, "__dict__").get("__doc__")
        if kind.__module__ != "builtins"
        else None
    )
    return text[:MOST_DOC] if type(text) is str else None


def data(value, room=None, depth=0):
    """Whether a value is a little plain data and nothing else."""
    room = [1000] if room is None else room
    room[0] -= 1
    if type(value) in SIMPLE:
        return True
    if depth > DEEPEST or room[0] < 0 or type(value) not in (tuple, list, set, frozenset, dict):
        return False
    return all(
        data(part, room, depth + 1)
        for pair in (value.items() if type(value) is dict else [value])
        for part in pair
    )


def simple(args):
    """The arguments that are simple data, if all are; else None."""
    return (
        tuple(args)
        if type(args) is tuple and len(args) < 20 and all(type(one) in SIMPLE for one in args)
        else None
    )


def attributes(error, simply=False):
    """An exception's attributes of plain data, and the name that a NameError or AttributeError misses."""
    found = dict(quietly(lambda: vars(error), {}) or {})
    for name in ("name", "path", "errno", "strerror", "filename", "value", "code"):
        if (
            name not in found
            and (value := quietly(lambda: getattr(error, name, None), None)) is not None
        ):
            found[name] = value
    return tuple(
        (name, value)
        for name, value in found.items()
        if type(name) is str and (type(value) in SIMPLE if simply else data(value))
    )[:20]


def shown(steps, kind, text):
    """A traceback as text."""
    frames = traceback.StackSummary.from_list(
        [(file, number, name, linecache.getline(file, number)) for number, file, name, _ in steps]
    )
    return ("Traceback (most recent call last):\n" + "".join(frames.format()) + f"{kind}: {text}")[
        -MOST_TEXT:
    ]
