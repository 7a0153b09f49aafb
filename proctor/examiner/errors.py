"""Owns the exceptions a test meets: what the student's code raised, as a class the test can name, made without running anything."""

import builtins
import sys
import types

from proctor.wire.frames import WireError

NEVER = {"unittest", "pytest", "_pytest", "doctest", "nose", "bdb", "pdb", "IPython", "ipykernel", "nbgrader", "nbclient", "nbconvert",
         "proctor", "traitlets", "msgpack"}  # whose exceptions steer whoever runs the test
MOST_TEXT = 20_000
ENDS = (StopIteration, StopAsyncIteration)


class CandidateError(Exception):
    """What the student's code raised, where there is no such class here."""


class CandidateGone(Exception):
    """There is no answer: the student's process has ended, or was ended."""


class CandidateTimeout(CandidateGone):
    """The student's code did not answer in time."""


class Classes:
    """The classes for a student's exceptions, each made once; `here(name)` gives a class of the notebook's own, or None."""

    def __init__(self, here=lambda name: None):
        self.here, self.made, self.numbers = here, {}, {}

    def find(self, family, iterating=False):
        """The class here for a class there, told by raising.family; it may lie."""
        if type(family) is not tuple or not 0 < len(family) <= 30:
            raise WireError("an exception came whose class is not told")
        built = [None] * len(family)
        for place in reversed(range(len(family))):
            module, name, bases = family[place]
            if not (type(module) is type(name) is str and type(bases) is tuple
                    and all(type(n) is int and place < n < len(family) for n in bases)):
                raise WireError("an exception came whose class is not told")
            built[place] = self.known(module, name, iterating and place == 0) or self.own(module, name, [built[n] for n in bases])
        return built[0]

    def known(self, module, name, iterating):
        """A builtin, library or notebook exception of this name; None if there is none, or it would steer whoever runs the test."""
        if module.split(".")[0] in NEVER:
            return None
        if module == "__main__":
            found = self.here(name)
        else:
            found = vars(sys.modules[module]).get(name) if isinstance(sys.modules.get(module), types.ModuleType) else None
        if not isinstance(found, type) or not issubclass(found, Exception) or issubclass(found, ENDS) and not iterating:
            return None
        return found

    def own(self, module, name, bases):
        """A class made for a student's own; object and the like have none."""
        if module == "builtins" and not (isinstance(getattr(builtins, name, None), type) and issubclass(getattr(builtins, name), BaseException)):
            return None
        bases = [base for base in dict.fromkeys(bases) if base] or [CandidateError]
        if module == "builtins":
            return CandidateError
        bases = tuple(base for base in bases if not any(other is not base and issubclass(other, base) for other in bases))
        key = module, name, bases
        if key not in self.made:
            if len(self.made) > 300 or not name.isidentifier() or len(name) > 200:
                return CandidateError
            try:
                self.made[key] = type(name, bases, {"__module__": module, "__doc__": None, "__qualname__": name})
            except TypeError:  # bases that do not go together
                self.made[key] = type(name, (CandidateError,), {"__module__": module})
        return self.made[key]


def made(classes, told, iterating=False):
    """The exception for what raising.described tells."""
    match told:
        case (tuple(family), str(text), tuple() | None as args, tuple(attributes), tuple(lines), str(trace)):
            text, trace, lines = text[:MOST_TEXT], trace[-MOST_TEXT:], lines[-100:]
        case _:
            raise WireError("an exception came that is not told as one")
    kind = classes.find(family, iterating)
    error = filled(kind, args, text, attributes) or CandidateError(text)
    if type(error) is CandidateError:
        name = family[0][1]
        error.args = (f"{name}: {text}" if name != "CandidateError" else text,)
    error.candidate_type = family[0][1]
    error.candidate_lines = [list(line) for line in lines if type(line) is tuple and [type(part) for part in line] == [int, str, str]]
    error.candidate_traceback = trace
    error.add_note("In the student's code:\n" + trace)
    return error


def filled(kind, args, text, attributes):
    """An exception of a class, made without its __init__; None if that cannot be."""
    plain = (str, int, float, bool, bytes, type(None))
    args = args if args is not None and all(type(one) in plain for one in args) else (text,)
    try:
        error = kind.__new__(kind, *args)
    except Exception:
        return None
    if type(error) is not kind:
        return None
    for name, value in (pair for pair in attributes if type(pair) is tuple and len(pair) == 2):
        if name == "filename" and issubclass(kind, SyntaxError) and type(value) is str and not (value[:1] == "<" and value[-1:] == ">"):
            value = f"<{value}>"  # whoever shows the error would read the line from the file of that name
        if (type(name) is str and name.isidentifier() and not name.startswith("_") and type(value) in plain
                and not callable(getattr(kind, name, None))):
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
