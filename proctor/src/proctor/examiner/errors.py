"""Owns the exceptions a test meets: what the student's code raised, as a class the test can name, made without running anything."""

import builtins
import sys
import types

from proctor.codecs.frames import WireError
from proctor.codecs.exceptions import MOST_LINKED, data

from proctor.examiner import own_errors

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
}  # whose exceptions steer whoever runs the test
LEAVING = (
    SystemExit,
    KeyboardInterrupt,
    GeneratorExit,
    BaseExceptionGroup,
)  # a test that does not catch them fails by them
MOST_TEXT = 20_000
ENDS = (StopIteration, StopAsyncIteration)


class CandidateError(Exception):
    """What the student's code raised, where there is no such class here."""


class CandidateGone(Exception):
    """There is no answer: the student's process has ended, or was ended."""


class CandidateTimeout(CandidateGone):
    """The student's code did not answer in time."""


class Classes:
    """The classes for a student's exceptions, each made once; `here(name)` gives a class of the notebook's own, or None;
    `construct(class, args, kwargs)` one like the student's code makes, or None."""

    def __init__(self, here=lambda name: None, construct=lambda *more: None):
        self.here, self.construct, self.made, self.numbers = here, construct, {}, {}

    def find(self, family, iterating=False):
        """The class here for a class there, told by raising.family; it may lie."""
        if type(family) is not tuple or not 0 < len(family) <= 30:
            raise WireError("an exception came whose class is not told")
        built = [None] * len(family)
        for place in reversed(range(len(family))):
            module, name, bases, text = family[place]
            if not (
                type(module) is type(name) is str
                and type(bases) is tuple
                and type(text) in (str, type(None))
                and all(type(n) is int and place < n < len(family) for n in bases)
            ):
                raise WireError("an exception came whose class is not told")
            built[place] = self.known(module, name, iterating and place == 0) or self.own(
                module, name, [built[n] for n in bases], text
            )
        return built[0]

    def known(self, module, name, iterating):
        """A builtin, library or notebook exception of this name; None if there is none, or it would steer whoever runs the test."""
        if module.split(".")[0] in NEVER:
            return None
        if module == "__main__":
            found = self.here(name)
        else:
            found = (
                vars(sys.modules[module]).get(name)
                if isinstance(sys.modules.get(module), types.ModuleType)
                else None
            )
        if not isinstance(found, type) or issubclass(found, ENDS) and not iterating:
            return None
        return found if issubclass(found, Exception) or found in LEAVING else None

    def own(self, module, name, bases, text):
        """A class made for a student's own; object and the like have none."""
        if module == "builtins" and not (
            isinstance(getattr(builtins, name, None), type)
            and issubclass(getattr(builtins, name), BaseException)
        ):
            return None
        bases = [base for base in dict.fromkeys(bases) if base] or [CandidateError]
        if module == "builtins":
            return CandidateError
        bases = tuple(
            base
            for base in bases
            if not any(other is not base and issubclass(other, base) for other in bases)
        )
        key = module, name, bases
        if key not in self.made:
            if len(self.made) > 300 or not name.isidentifier() or len(name) > 200:
                return CandidateError
            space = {
                "__module__": module,
                "__doc__": text and text[:MOST_TEXT],
                "__qualname__": name,
            }
            try:
                self.made[key] = own_errors.kind(name, bases, space, self)
            except TypeError:  # bases that do not go together
                self.made[key] = type(name, (CandidateError,), {"__module__": module})
        return self.made[key]


def made(classes, told, iterating=False, room=None):
    """The exception for what raising.described tells."""
    first, room = room is None, room or [MOST_LINKED + 5]
    room[0] -= 1
    family, text, args, attributes, lines, trace, links, there = parts(told)
    kind, nested = classes.find(family, iterating), linked(classes, links, room)
    error = grouped(kind, nested) or filled(kind, args, text, attributes, there)
    if error is None or type(error) is CandidateError:
        name = family[0][1]
        error = CandidateError(f"{name}: {text}" if name != "CandidateError" else text)
    own_errors.remember(error, text, there)
    chain(error, nested)
    error.candidate_type = family[0][1]
    error.candidate_lines = [
        list(line)
        for line in lines
        if type(line) is tuple and [type(part) for part in line] == [int, str, str]
    ]
    error.candidate_traceback = trace
    if first:
        error.add_note("In the student's code:\n" + trace)
    return error


def parts(told):
    """What is told of an exception, bounded; WireError if it is not told as one."""
    match told:
        case (
            tuple(family),
            str(text),
            tuple() | None as args,
            tuple(attributes),
            tuple(lines),
            str(trace),
            tuple() | None as links,
            there,
        ):
            return (
                family,
                text[:MOST_TEXT],
                args,
                attributes,
                lines[-100:],
                trace[-MOST_TEXT:],
                links,
                there,
            )
    raise WireError("an exception came that is not told as one")


def linked(classes, links, room):
    """The (cause, context, whether that is not shown, message, parts of a group) that are told, made."""
    match links:
        case None:
            return None, None, False, None, []
        case (
            tuple() | None as cause,
            tuple() | None | True as context,
            bool(hidden),
            str() | None as message,
            tuple(group),
        ) if len(group) <= MOST_LINKED:
            each = [
                made(classes, one, room=room) if type(one) is tuple and room[0] > 0 else None
                for one in (cause, context, *group)
            ]
            return (
                each[0],
                each[context is not True],
                hidden,
                message,
                [one for one in each[2:] if one is not None],
            )
    raise WireError("an exception came that is not told as one")


def chain(error, nested):
    """Let an exception know what it was raised from."""
    cause, context, hidden, _, _ = nested
    error.__cause__, error.__context__, error.__suppress_context__ = cause, context, hidden


def grouped(kind, nested):
    """A group of exceptions, where it is one and holds some; else None."""
    _, _, _, message, group = nested
    if not issubclass(kind, BaseExceptionGroup) or message is None or not group:
        return None
    try:
        return kind.__new__(kind, message, group)
    except Exception:  # what it holds does not go with it
        return None


def filled(kind, args, text, attributes, there=None):
    """An exception of a class, made without its __init__; None if that cannot be."""
    args = args if args is not None and data(args) else (text,)
    try:
        error = kind.__new__(kind, *args)
    except Exception:
        return None
    if type(error) is not kind:
        return None
    if own_errors.is_own(kind):
        error.args = args
    if isinstance(error, StopIteration):
        error.value = None  # without __init__ there is none, by which `yield from` ends the process
    own_errors.remember(error, text, there)
    for name, value in (pair for pair in attributes if type(pair) is tuple and len(pair) == 2):
        if (
            name == "filename"
            and issubclass(kind, SyntaxError)
            and type(value) is str
            and not (value[:1] == "<" and value[-1:] == ">")
        ):
            value = f"<{value}>"  # whoever shows the error would read the line from the file of that name
        if (
            type(name) is str
            and name.isidentifier()
            and not name.startswith("_")
            and data(value)
            and not callable(getattr(kind, name, None))
        ):
            try:
                setattr(error, name, value)
            except Exception:  # one of the attributes that are kept otherwise
                pass
    try:
        said = str(error)
    except Exception:
        said = None
    if said != text:
        error.args = (text,)
    return error
