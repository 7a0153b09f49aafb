"""Owns what is told of an exception, as plain data; nothing of it is trusted where it is read."""

import linecache
import traceback

MOST_TEXT, MOST_LINES = 20_000, 50


def quietly(make, otherwise=""):
    """What `make()` gives, or something else if it fails: an exception's own methods may."""
    try:
        return make()
    except BaseException:
        return otherwise


def described(error, ours=()):
    """(family, text, args, attributes, lines, traceback) of an exception; frames of the files `ours` are left out."""
    kind = type(error)
    text = quietly(lambda: str.__str__(str(error))[:MOST_TEXT], "(its message cannot be shown)")
    steps = []
    trace = error.__traceback__
    while trace is not None and len(steps) < 1000:
        code = trace.tb_frame.f_code
        if code.co_filename not in ours:
            steps.append((trace.tb_lineno, code.co_filename, code.co_name, trace.tb_frame.f_globals.get("__name__") == "__main__"))
        trace = trace.tb_next
    own = [step for step in steps if step[3]] or steps
    lines = tuple((number, linecache.getline(file, number).strip()[:500], name) for number, file, name, _ in own[-MOST_LINES:])
    return (family(kind), text, simple(error.args), attributes(error), lines,
            shown(steps[-MOST_LINES:], kind.__name__, text))


def family(kind):
    """A class and all it derives from: (module, name, where in this list its direct bases are) of each."""
    classes = type.mro(kind)[:30]
    places = {base: place for place, base in enumerate(classes)}
    return tuple((str(one.__module__), str(one.__name__), tuple(places[base] for base in one.__bases__ if base in places))
                 for one in classes)


def simple(args):
    """The arguments that are simple data, if all are; else None."""
    kinds = (str, int, float, bool, bytes, type(None))
    return tuple(args) if type(args) is tuple and len(args) < 20 and all(type(one) in kinds for one in args) else None


def attributes(error):
    """An exception's simple attributes, and the name that a NameError or AttributeError misses."""
    found = dict(quietly(lambda: vars(error), {}) or {})
    for name in ("name", "path", "errno", "strerror", "filename", "value", "code"):
        if name not in found and (value := quietly(lambda: getattr(error, name, None), None)) is not None:
            found[name] = value
    kinds = (str, int, float, bool, type(None))
    return tuple((name, value) for name, value in found.items() if type(name) is str and type(value) in kinds)[:20]


def shown(steps, kind, text):
    """A traceback as text."""
    frames = traceback.StackSummary.from_list([(file, number, name, linecache.getline(file, number)) for number, file, name, _ in steps])
    return ("Traceback (most recent call last):\n" + "".join(frames.format()) + f"{kind}: {text}")[-MOST_TEXT:]
