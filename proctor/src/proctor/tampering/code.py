"""A student's text as a syntax tree, and what is known of the notebook that it stands in.

A text is read, never run. Only what is written there plainly is found: a text that hides what it does
is not found out here, and wins nothing either, since the points are kept safe elsewhere.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from proctor.tampering.names import BUILTINS, Names, dotted_tail, texts
from proctor.tampering.places import PrivatePlaces

# Builtins that a notebook may want otherwise for a reason that is none of the tests'.
OFTEN_REPLACED = {"builtins.print", "builtins.input", "builtins.open", "builtins.help"}
FUNCTION_MAKERS = ("staticmethod", "property", "MagicMock", "Mock")
MOST_STEPS = 400_000  # about half a second's
FORKING = {"os.fork", "os.forkpty"}


class Finding(NamedTuple):
    """What a text does: its kind, the line, and in words, to go on after "its code"."""

    kind: str
    line: int
    words: str


@dataclass(frozen=True)
class Known:
    """What is known of a notebook before any submission is looked at.

    `names` are those that the instructor's cells give to modules; `given` the functions that they
    define; `own` the modules beside the notebook; `used` what the tests use, as dotted names; `asked`
    the functions and classes that are asked for; `equality`: the solution defines `__eq__` itself.
    `usual` gives the kinds of findings that the instructor's own text has, which are none then.
    """

    names: Names = field(default_factory=Names)
    given: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    equality: bool = False
    places: PrivatePlaces = field(default_factory=PrivatePlaces)
    usual: Callable[[], frozenset[str]] = frozenset

    def is_needed(self, name: str) -> bool:
        """Whether the tests use a function, or it is one of the instructor's own modules'."""
        if name in OFTEN_REPLACED or "." not in name:
            return False
        if name.split(".")[0] in self.own:
            return True
        return any(name == one or name.startswith(f"{one}.") for one in self.used)

    def is_needed_module(self, name: str) -> bool:
        """Whether the tests use a module, or it is one of the instructor's own."""
        own = name.split(".")[0] in self.own
        return own or any(one.startswith(f"{name}.") for one in self.used)

    def why_needed(self, name: str) -> str:
        """Why a function is needed, in words."""
        own = name.split(".")[0] in self.own
        return "which belongs to the assignment" if own else "which the tests use"


class TooLong(Exception):
    """A submission would take too long to be looked through."""


class Steps:
    """How many more nodes of a submission's syntax trees may be looked at."""

    def __init__(self, left: int = MOST_STEPS) -> None:
        self.left = left

    def walk(self, node: ast.AST) -> Iterator[ast.AST]:
        """All nodes below one, itself included; raises TooLong."""
        for one in ast.walk(node):
            self.left -= 1
            if self.left < 0:
                raise TooLong
            yield one


class StudentText:
    """A syntax tree with what its parts have in common. `names` are those of the whole notebook."""

    def __init__(self, tree: ast.Module, known: Known, names: Names, steps: Steps) -> None:
        self.known, self.names, self.walk = known, names, steps.walk
        self.nodes = list(steps.walk(tree))
        self.words = list(texts(self.nodes))
        self.functions: set[str] = set()  # that are defined in it, and classes
        self.called: set[str] = set()
        self.attributes: set[str] = set()
        for node in self.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.functions.add(node.name)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                self.functions |= {one.id for one in node.targets if isinstance(one, ast.Name)}
            elif isinstance(node, ast.Call):
                self.called.add(names.dotted(node.func) or "")
            elif isinstance(node, ast.Attribute):
                self.attributes.add(node.attr)

    @property
    def has_children(self) -> bool:
        """Whether it starts processes of its own, which it may signal and which may end at once."""
        return bool(FORKING & self.called or {"Popen", "Process", "pid"} & self.attributes)

    def is_function(self, node: ast.expr) -> bool:
        """Whether an expression is a function for certain: `np.random.seed = 42` is a slip."""
        if isinstance(node, ast.Lambda):
            return True
        if isinstance(node, ast.Name):
            return node.id in self.functions or node.id in BUILTINS
        if isinstance(node, ast.Call):
            return dotted_tail(node.func) in FUNCTION_MAKERS
        name = self.names.dotted(node) if isinstance(node, ast.Attribute) else None
        return name is not None and self.known.is_needed(name)
