"""Attacks on the trusted side itself: what it does with values that grow, errors that point to files, texts it parses, names and folders it reads."""

import os

from .attack import Attack
from .course import FULL, MEAN_ONLY, RIGHT_DESCRIBE, RIGHT_MEAN

DESCRIBED = {"checks-describe": 3}
HONEST = dict(mean=RIGHT_MEAN, describe=RIGHT_DESCRIBE, merits=FULL)


def mean(name, goal, kind, code, **rest):
    """A hostile mean_filter; describe is right and keeps its points."""
    return Attack(
        name,
        goal,
        kind,
        rest.pop("stock", "holds"),
        mean=f"import os, sys, numpy\n{code}",
        **(dict(describe=RIGHT_DESCRIBE, merits=DESCRIBED) | rest),
    )


def grows(name, goal, value, setup=""):
    """A mean_filter that is right for lists, and for arrays gives what grows where it is looked at."""
    return mean(
        name,
        goal,
        "harm",
        f"""{setup}
{RIGHT_MEAN}
honest = mean_filter
def mean_filter(values, width):
    return {value} if isinstance(values, numpy.ndarray) else honest(values, width)""",
        merits={"checks-mean": 0, "checks-both": 5, **DESCRIBED},
        spoils=True,
    )


def reading(name, goal, error):
    """Calls raise an error that names a file, for whoever shows the line it names."""
    return mean(
        name,
        goal,
        "reading",
        f"""
def mean_filter(values, width):
    error = {error}
    error.filename, error.lineno, error.offset, error.text = "{{{{HOME}}}}/.netrc", 1, 1, "x"
    error.__dict__.update(lineno=1, offset=1, text="x", filename=error.filename)
    raise error""",
    )


def as_student(name, goal, student, **rest):
    return Attack(
        name,
        goal,
        "others",
        rest.pop("stock", "holds"),
        student=student,
        **(dict(mean=RIGHT_MEAN, merits=MEAN_ONLY) | rest),
    )


def linked_student(folder, target):
    folder.rmdir(), folder.parent.rmdir()
    os.symlink("zz-right", folder.parent)


def linked_assignment(folder, target):
    folder.rmdir()
    os.symlink("../zz-right/means", folder)


def giant_files(folder, target):
    with (folder / "giant.csv").open("wb") as file:
        file.truncate(1 << 40)
    for number in range(6000):
        (folder / f"{number}.csv").touch()


def crossing_files(folder, target):
    for name in ("tools.py", "tools", "numpy", "evil.dist-info"):
        path = folder / name
        path.mkdir() if "." not in name or name.endswith("info") else path.write_text(
            "same = lambda *more: True\nramp = range\n"
        )
    (folder / "evil.dist-info" / "entry_points.txt").write_text(
        "[torch.backends]\nx = antigravity:fly\n"
    )


BILLION = """
def billion(depth=9, width=10):
    made = [0.0] * width
    for _ in range(depth):
        made = [made] * width
    return made"""

ATTACKS = [
    reading(
        "reads-through-a-syntax-error",
        "A SyntaxError names the grader's .netrc, whose line its display then shows.",
        "SyntaxError('x')",
    ),
    reading(
        "reads-through-an-indentation-error",
        "A student's own kind of SyntaxError names the grader's .netrc.",
        "type('Mine', (IndentationError,), {})('x')",
    ),
    grows(
        "range-of-a-billion",
        "A range of a few bytes becomes gigabytes where an array is made of it.",
        "range(10 ** 9)",
    ),
    grows(
        "range-beyond-counting",
        "A range whose length is no number that a machine has.",
        "range(10 ** 300)",
    ),
    grows(
        "shared-lists-that-become-an-array",
        "A small graph of lists is a billion numbers as an array.",
        "billion()",
        BILLION,
    ),
    Attack(
        "shared-lists-in-a-message",
        "A small graph of lists is gigabytes of text in the message of a failing test.",
        "harm",
        "holds",
        mean=RIGHT_MEAN,
        spoils=True,
        describe=RIGHT_DESCRIBE.replace(
            '"count": len(values)', '"count": billion() if len(values) == 3 else len(values)'
        )
        + BILLION,
        merits={"checks-mean": 4, "checks-both": 5},
    ),
    Attack(
        "shared-tuples-in-a-message",
        "The same of tuples and dicts, which are hashed and compared too.",
        "harm",
        "holds",
        mean=RIGHT_MEAN,
        spoils=True,
        describe=RIGHT_DESCRIBE.replace(
            '"count": len(values)', '"count": billion() if len(values) == 3 else len(values)'
        )
        + """
def billion():
    made = (0.0,) * 10
    for number in range(9):
        made = (made,) * 10 if number % 2 else {1: made, 2: made, 3: made, 4: made, 5: made, 6: made, 7: made, 8: made}
    return made""",
        merits={"checks-mean": 4, "checks-both": 5},
    ),
    mean(
        "colliding-numbers",
        "A set and a dict whose keys all have one hash.",
        "harm",
        """
MADE = [number * (2 ** 61 - 1) for number in range(30_000)]
class Unhashed(int):
    __hash__ = lambda self: id(self)
def mean_filter(values, width):
    return {Unhashed(number): 1 for number in MADE}, {Unhashed(number) for number in MADE}, frozenset(Unhashed(number) for number in MADE)""",
    ),
    mean(
        "source-of-gigabytes",
        "A cell of ten megabytes of code is gigabytes once it is parsed.",
        "harm",
        "x = [" + "0," * 5_000_000 + "]",
        merits={},
        spoils=True,
    ),
    mean(
        "source-of-many-names",
        "A cell that binds forty thousand names and is full of magics.",
        "harm",
        "\n".join(f"a{number} = {number}" for number in range(40_000)) + "\n%time 1\n!true\n" * 200,
        spoils=True,
    ),
    mean(
        "imports-under-other-names",
        "Libraries go by the names of the tests' functions and modules.",
        "points",
        """
from unittest.mock import ANY as mean_filter, MagicMock as tools, ANY as expected, _Any as numpy
import antigravity as math, antigravity as unittest, antigravity as describe""",
    ),
    mean(
        "imports-that-end-the-grader",
        "The tests' function is a library's own that exits, waits for a keyboard or kills.",
        "points",
        """
from sys import exit as mean_filter""",
    ),
    mean(
        "stops-the-forkers",
        "Every process that can be seen is stopped, not killed, and so are its threads.",
        "harm",
        """
import signal
def mean_filter(values, width):
    for number in [*range(1, 400), -1, os.getppid()]:
        if number != os.getpid():
            try:
                os.kill(number, signal.SIGSTOP)
            except OSError:
                pass
    return []""",
        dangerous=True,
        fenced=True,
        spoils=True,
        stock="the rest of the class not graded; grading hangs",
    ),
    mean(
        "buries-its-folder",
        "Folders are nested until no path is long enough to remove them.",
        "harm",
        """
def mean_filter(values, width):
    for _ in range(5000):
        try:
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        except OSError:
            break
    return []""",
        dangerous=True,
        spoils=True,
    ),
    mean(
        "zombies-and-orphans",
        "Children end unwaited for, or are orphaned a thousand times.",
        "harm",
        """
def mean_filter(values, width):
    for number in range(1000):
        try:
            if os.fork() == 0:
                try:
                    if number % 2:
                        os.setsid()
                        os.fork()
                finally:
                    os._exit(0)
        except OSError:
            break
    return []""",
        dangerous=True,
        spoils=True,
    ),
    mean(
        "hostile-names",
        "Classes and functions with names, modules and docs of ten million characters, or none.",
        "wire",
        """
class Text(str):
    def __getitem__(self, at): raise SystemExit
    __len__ = __str__ = __getitem__
Huge = type("x" * 10_000_000, (), {"__module__": Text("y" * 10_000_000), "__doc__": "z" * 10_000_000, "__qualname__": "[/red]\\x1b[2J"})
def mean_filter(values, width):
    mean_filter.__name__ = "[/red]" * 1000
    return [Huge, Huge(), type("", (), {}), type("a b", (list,), {"__module__": 3})([1.0]), type("__class__", (), {"__slots__": ("__class__",)})()]""",
    ),
    mean(
        "errors-of-hostile-families",
        "Exceptions with a thousand bases, lying __bases__ and __mro__, names of ten million characters.",
        "wire",
        """
class Meta(type):
    def mro(cls):
        return [cls, *type.mro(cls)[1:]]
    __module__ = property(lambda cls: 1 / 0)
    __bases__ = property(lambda cls: (cls,) * 1000)
def mean_filter(values, width):
    kind = Exception
    for number in range(500):
        kind = type("E" * 10_000, (kind,), {})
    if width == 1:
        raise kind("x")
    raise Meta("Bad", (AssertionError, KeyError), {})("x")""",
    ),
    mean(
        "errors-of-the-tools",
        "Errors that would steer whoever runs the tests: skips, exits, usage errors, groups.",
        "points",
        """
import asyncio, bdb, concurrent.futures
from IPython.core.error import UsageError
KINDS = [UsageError, bdb.BdbQuit, asyncio.CancelledError, concurrent.futures.CancelledError, StopAsyncIteration, StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit]
def mean_filter(values, width):
    kind = KINDS.pop(0)
    KINDS.append(kind)
    raise kind(0)""",
        merits=DESCRIBED,
    ),
    mean(
        "answers-that-change",
        "A container of one's own answers differently each time it is asked.",
        "points",
        """
class Changing(list):
    asked = 0
    def __len__(self):
        type(self).asked += 1
        return type(self).asked % 12
    def __iter__(self): return iter([float(type(self).asked)] * len(self))
    def method(self): return self
class Bare:
    __len__ = Changing.__len__
    asked = 0
    def __getitem__(self, at):
        if at > 6: raise IndexError
        return self
    def __sub__(self, other): return self
    __abs__ = __rsub__ = __mul__ = __add__ = lambda self, *other: self
    def __float__(self): return 0.0
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = lambda self, other: True
def mean_filter(values, width):
    return Bare() if isinstance(values, numpy.ndarray) else Changing([1.0] * (len(values) - width + 1))""",
    ),
    Attack(
        "hostile-timestamp",
        "The moment it was handed in is no date, but markup, digits and a far future.",
        "notebook",
        "class not graded",
        files={
            "timestamp.txt": "9999999999-99-99 [/red] <script>alert('OWNED')</script> America/../../../etc/passwd\n"
        },
        **HONEST,
    ),
    Attack(
        "timestamp-before-time",
        "The moment it was handed in lies before all calendars.",
        "notebook",
        "holds",
        files={"timestamp.txt": "0001-01-01 00:00:00 +2359"},
        **HONEST,
    ),
    Attack(
        "timestamp-of-a-gigabyte",
        "The file that tells the moment is a link and a flood.",
        "notebook",
        "holds",
        files={"timestamp.txt": "2" * 5_000_000},
        **HONEST,
    ),
    as_student(
        "student-with-markup-of-tables",
        "The student's id is markup of the table's own, with line ends and escapes.",
        "nn-[red][bold]\x1b[2J\x07",
    ),
    as_student(
        "student-with-a-line-end",
        "The student's id holds a line end and a tab.",
        "nn-\n\tx",
        merits={},
    ),
    as_student("student-like-an-option", "The student's id begins like an option.", "--force"),
    as_student(
        "student-with-a-long-name", "The student's id is as long as a name can be.", "n" * 255
    ),
    as_student(
        "student-that-is-no-text",
        "The student's id is bytes that are no text.",
        os.fsdecode(b"nn-\xff\xfe"),
        merits={},
    ),
    as_student(
        "student-with-a-hidden-name",
        "The student's id begins with a point and ends with one.",
        ".nn-hidden.",
        merits={},
        spoils=True,
    ),
    Attack(
        "linked-student",
        "The student's folder is a link to a classmate's.",
        "notebook",
        "undeserved points",
        raw=lambda notebook: None,
        place=linked_student,
    ),
    Attack(
        "linked-assignment",
        "The assignment's folder is a link to a classmate's.",
        "notebook",
        "undeserved points",
        raw=lambda notebook: None,
        place=linked_assignment,
    ),
    Attack(
        "giant-files",
        "A file of a terabyte without content, and six thousand empty ones.",
        "notebook",
        "holds",
        place=giant_files,
        spoils=True,
        **HONEST,
    ),
    Attack(
        "folders-that-python-reads",
        "Folders and files beside the notebook that Python and its libraries look for.",
        "notebook",
        "holds",
        place=crossing_files,
        **HONEST,
    ),
    Attack(
        "markup-in-file-names",
        "File names carry the table's own markup.",
        "notebook",
        "holds",
        **HONEST,
        place=lambda folder, target: [
            (folder / name).write_text("{}")
            for name in ("[", "[red].ipynb", "{x}.ipynb", "%s%n.ipynb")
        ],
    ),
    mean(
        "output-that-is-no-output",
        "Outputs with names, types and sizes that no notebook has.",
        "wire",
        """
from IPython.display import display, HTML
class Own:
    def _repr_mimebundle_(self, **more):
        return {"text/plain": "x", "text/html": ["<b>", "</b>"], "image/png": 3, "application/vnd.x+json": {"a": [float("nan")]}, "x" * 1000: "y", "application/x-python": b"x",
                "text/vnd.mermaid": "x", "application/pdf": "x"}, {"text/html": {"isolated": True}, "x": object, "image/png": {"width": {"a": 1}}}
    def _ipython_display_(self): raise SystemExit
try:
    display(Own()), display(HTML("<b>x</b>"), metadata={"isolated": True, "collapsed": "x", "scrolled": []}, display_id="[/red]")
except BaseException:
    pass
def mean_filter(values, width): return []""",
    ),
]
