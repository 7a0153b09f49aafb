"""What the text of a student's code does that no answer needs: found in its syntax tree, never run.

Only what is written there plainly is found. A text that hides what it does is found out by nothing
here, and wins nothing either: the points are kept safe elsewhere.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from proctor.tampering.names import (
    BUILTINS,
    LIBRARY,
    SHELL,
    Names,
    constant,
    dotted_tail,
    texts,
)
from proctor.tampering.places import PrivatePlaces

MOST = 8  # of one text
Found = tuple[str, int, str]  # kind, line, sentence

# Builtins that a notebook may want otherwise, for a reason that is none of the tests'.
OFTEN_REPLACED = {"builtins.print", "builtins.input", "builtins.open", "builtins.help"}
# What the shell runs later cells by; ast_node_interactivity and showtraceback are often set.
SHELL_PARTS = {
    "run_code",
    "run_cell",
    "run_cell_async",
    "run_ast_nodes",
    "user_ns",
    "user_global_ns",
    "cell",
    "recorder",
    "transform_cell",
    "ast_parse",
    "displayhook",
    "display_pub",
    "finished",
    "format",
    "send",
    "__call__",
}
ERRORS = ("error_in_exec", "error_before_exec")  # of a cell's result
SHELL_LISTS = ("ast_transformers", "input_transformers_cleanup", "input_transformers_post")
SHELL_CLASSES = ("InteractiveShell", "ZMQInteractiveShell", "ExecutionResult")
ADDING = ("append", "insert", "extend")
COMPARISONS = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__"}
ANSWERS = COMPARISONS | {"__len__", "__bool__", "__float__", "__abs__", "__sub__", "__rsub__"}
LIBRARY_HOOKS = {"__array_function__", "__array_ufunc__", "__torch_function__"}
COMPARING = {"eq", "__eq__", "ne", "__ne__", "equal", "allclose", "isclose", "array_equal"}
FRAMES = {"f_back", "currentframe", "_getframe", "stack"}
FRAME_NAMES = {"f_locals", "f_globals"}
ALL_OBJECTS = {"gc.get_objects", "gc.get_referrers", "gc.get_referents"}
SYSTEM_CALLS = {"ptrace", "process_vm_readv", "process_vm_writev", "unshare", "setns", "mount"}
ENDING = {"os._exit", "posix._exit", "os.abort"}
EXECUTING = {f"os.exec{end}" for end in ("v", "ve", "vp", "vpe", "l", "le", "lp", "lpe")}
SIGNALLING = {"os.kill", "os.killpg", "signal.pidfd_send_signal"}
PARENTS = {"os.getppid()", "os.getpgid()", "os.getpgrp()"}
DESCRIPTOR_CALLS = {
    f"os.{name}"
    for name in ("read", "pread", "write", "close", "dup", "fstat", "set_blocking", "get_blocking")
}
FROM_THREE = {"os.closerange"}


@dataclass(frozen=True)
class Known:
    """What is known of a notebook before any submission is looked at.

    `names` are those that the instructor's cells give to modules; `given` the functions that they
    define; `own` the modules beside the
    notebook; `used` what the tests use, as dotted names; `asked` the functions and classes that are
    asked for; `usual` the kinds of findings that the instructor's own text would give, which are none.
    """

    names: Names = field(default_factory=Names)
    given: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    places: PrivatePlaces = field(default_factory=PrivatePlaces)
    usual: frozenset[str] = frozenset()

    def with_usual(self, kinds: Iterable[str]) -> "Known":
        """The same, with kinds of findings that are none."""
        return replace(self, usual=frozenset(kinds))


def found(tree: ast.Module, known: Known, names: Names) -> list[Found]:
    """What a text does, each finding once, by line. `names` are those that the student's texts and the
    instructor's give."""
    first: dict[str, Found] = {}
    for one in Reader(tree, known, names).found():
        kind, line, sentence = one
        if kind not in known.usual and (sentence not in first or line < first[sentence][1]):
            first[sentence] = one
    return sorted(first.values(), key=lambda one: one[1])[:MOST]


class Reader:
    """Reads one syntax tree."""

    def __init__(self, tree: ast.Module, known: Known, names: Names) -> None:
        self.tree, self.known, self.names = tree, known, names
        self.nodes = list(ast.walk(tree))
        self.attributes = {node.attr for node in self.nodes if isinstance(node, ast.Attribute)}
        self.words = {node.id for node in self.nodes if isinstance(node, ast.Name)}
        self.functions = {
            node.name
            for node in self.nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        } | {
            target.id
            for node in self.nodes
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.called = {
            name
            for node in self.nodes
            if isinstance(node, ast.Call) and (name := names.dotted(node.func))
        }

    def found(self) -> Iterator[Found]:
        """All that is found, in no order."""
        readers: dict[type[ast.AST], Callable[..., Iterator[Found]]] = {
            ast.Assign: self.assignment,
            ast.Call: self.call,
            ast.ClassDef: self.class_,
            ast.FunctionDef: self.function,
            ast.For: self.loop,
        }
        for node in self.nodes:
            if (reader := readers.get(type(node))) is not None:
                yield from reader(node)
        yield from self.objects()
        for line, text in texts(self.tree):
            if place := self.known.places.named_in(text):
                yield "private place", line, f"names {place}"

    # What is replaced

    def assignment(self, node: ast.Assign) -> Iterator[Found]:
        """Functions of modules, of the shell and of Python that are replaced by others."""
        for target in node.targets:
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                yield from self.replaced(one, node)

    def replaced(self, target: ast.expr, node: ast.Assign) -> Iterator[Found]:
        """What one target of an assignment replaces."""
        line = node.lineno
        if isinstance(target, ast.Subscript):
            if self.names.dotted(target.value) == "sys.modules":
                name = constant(target.slice)
                if name and self.is_needed_module(name):
                    yield "module", line, f"puts something else in the place of the module {name}"
            return
        if isinstance(target, ast.Name) and is_always_true(node.value):
            if f"builtins.{target.id}" in self.known.used or target.id in self.known.given:
                yield "replaced", line, f"lets {target.id}, which is given, always answer True"
        if not isinstance(target, ast.Attribute):
            return
        name = self.names.dotted(target)
        if target.attr in ERRORS:
            yield "shell", line, f"changes which error a cell ended with ({target.attr})"
        elif target.attr == "f_lineno":
            yield "frame", line, "moves a running frame to another line (f_lineno)"
        elif target.attr == "__code__":
            yield "code", line, f"puts other code into {self.written(target.value)}"
        elif target.attr == "value" and dotted_tail(self.callee(target.value)) == "from_address":
            yield "memory", line, "writes into the memory of its process (ctypes)"
        elif target.attr == "__eq__" and is_always_true(node.value):
            yield "equal", line, "makes an object equal to everything"
        elif name and self.is_shell(name) and target.attr in SHELL_PARTS:
            if not isinstance(node.value, ast.Constant):
                yield "shell", line, f"replaces {target.attr} of the shell that runs the cells"
        elif name and self.is_needed(name) and self.is_function(node.value):
            yield "replaced", line, f"replaces {name}, which {self.needed_by(name)}"

    def is_shell(self, name: str) -> bool:
        """Whether a dotted name is a part of IPython's shell."""
        parts = name.split(".")
        return parts[0] == SHELL or any(part in SHELL_CLASSES for part in parts)

    def is_needed(self, name: str) -> bool:
        """Whether the tests use a function, or it is one of the instructor's own modules'."""
        if name in OFTEN_REPLACED or "." not in name:
            return False
        first = name.split(".")[0]
        if first in self.known.own:
            return True
        return any(name == one or name.startswith(f"{one}.") for one in self.known.used)

    def is_needed_module(self, name: str) -> bool:
        """Whether the tests use a module, or it is one of the instructor's own."""
        first = name.split(".")[0]
        return first in self.known.own or any(one.startswith(f"{name}.") for one in self.known.used)

    def needed_by(self, name: str) -> str:
        """Why a function is needed, in words."""
        own = name.split(".")[0] in self.known.own
        return "belongs to the assignment" if own else "the tests use"

    def is_function(self, node: ast.expr) -> bool:
        """Whether an expression is a function for certain: `np.random.seed = 42` is a slip."""
        if isinstance(node, ast.Lambda):
            return True
        if isinstance(node, ast.Name):
            return node.id in self.functions or node.id in BUILTINS
        if isinstance(node, ast.Call):
            return dotted_tail(node.func) in ("staticmethod", "property", "MagicMock", "Mock")
        return isinstance(node, ast.Attribute) and self.is_needed(self.names.dotted(node) or "")

    def written(self, node: ast.expr) -> str:
        """An expression as it is written, short."""
        return ast.unparse(node)[:60]

    def callee(self, node: ast.expr) -> ast.expr:
        """What an expression calls, itself if it is no call."""
        return node.func if isinstance(node, ast.Call) else node

    # What is called

    def call(self, node: ast.Call) -> Iterator[Found]:
        """Calls that end the process, signal others, change the shell, read memory."""
        line, name = node.lineno, self.names.dotted(node.func)
        tail = dotted_tail(node.func)
        forks = bool({"os.fork", "os.forkpty"} & self.called)
        if name in ENDING and not forks:
            yield "ends", line, f"calls {name}, which ends its process at once"
        elif name in EXECUTING and not forks:
            yield "ends", line, f"calls {name}, which puts another program in its process's place"
        elif name in SIGNALLING and node.args and self.is_others_process(node.args[0]):
            yield "signals", line, f"sends a signal to a process that is not its own ({name})"
        elif name == "setattr" and node.args:
            yield from self.attribute_set(node)
        elif tail in ADDING and isinstance(node.func, ast.Attribute):
            yield from self.added(node.func, line)
        elif tail == "update" and isinstance(node.func, ast.Attribute):
            home = self.namespace_of(node.func.value)
            if home and self.is_needed_module(home):
                yield "replaced", line, f"changes the names of the module {home}"
        elif tail in SYSTEM_CALLS and name and name.startswith((LIBRARY, "libc.")):
            yield "memory", line, f"asks the system for {tail}, by ctypes"
        elif name == f"{SHELL}.kernel.session.send":
            yield "shell", line, "sends messages in the name of the kernel"
        elif name == "ctypes.string_at" and is_zero(node.args[0] if node.args else None):
            yield "ends", line, "reads the memory at address 0, which ends its process"
        elif name in FROM_THREE:
            yield "descriptors", line, "closes files that its process was started with"

    def namespace_of(self, node: ast.expr) -> str | None:
        """The module whose names an expression holds: of `vars(m)` or `m.__dict__`."""
        if isinstance(node, ast.Call) and self.names.dotted(node.func) == "vars" and node.args:
            return self.names.dotted(node.args[0])
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return self.names.dotted(node.value)
        return None

    def attribute_set(self, node: ast.Call) -> Iterator[Found]:
        """What a call of setattr replaces."""
        home = self.names.dotted(node.args[0])
        attribute = constant(node.args[1]) if len(node.args) == 3 else None
        if home is None or len(node.args) != 3 or not self.is_function(node.args[2]):
            return
        if home in self.names.modules and home.split(".")[0] in self.known.own:
            yield "replaced", node.lineno, f"replaces functions of {home}, by setattr"
        elif attribute and self.is_needed(f"{home}.{attribute}"):
            yield "replaced", node.lineno, f"replaces {home}.{attribute}, which the tests use"

    def added(self, function: ast.Attribute, line: int) -> Iterator[Found]:
        """What is added to the shell's lists, or to Python's ways of importing."""
        home = function.value
        if dotted_tail(home) in SHELL_LISTS:
            yield "shell", line, f"changes the text of later cells ({dotted_tail(home)})"
        elif self.names.dotted(home) in ("sys.meta_path", "sys.path_hooks"):
            yield "module", line, f"changes how modules are imported ({self.names.dotted(home)})"

    def is_others_process(self, node: ast.expr) -> bool:
        """Whether the number of a process is its parent's, a group's, or everybody's."""
        inside = list(ast.walk(node))
        if any(self.names.dotted(one) in PARENTS for one in inside):
            return True
        if any(isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub) for one in inside):
            return True
        if isinstance(node, ast.Constant):
            return node.value in (0, 1)
        looks = PARENTS & {f"{name}()" for name in self.called}
        return isinstance(node, ast.Name) and bool(looks or "/proc" in self.words_of_texts())

    def words_of_texts(self) -> set[str]:
        """The constant texts."""
        return {text for _, text in texts(self.tree)}

    # What is defined

    def class_(self, node: ast.ClassDef) -> Iterator[Found]:
        """Classes that nobody asked for whose objects are equal to everything."""
        if node.name in self.known.asked:
            return
        agreeing = set()
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name in ANSWERS and is_answer(part):
                agreeing.add(part.name)
            elif isinstance(part, ast.Assign):
                of_class = {one.id for one in part.targets if isinstance(one, ast.Name)}
                known = isinstance(part.value, ast.Name) and part.value.id in agreeing
                if known or is_always_true(part.value):
                    agreeing |= of_class & ANSWERS
            if isinstance(part, ast.FunctionDef) and part.name == "__class__":
                yield (
                    "equal",
                    part.lineno,
                    (
                        f"makes objects that claim to be of another class (its class {node.name[:40]})"
                    ),
                )
            if isinstance(part, ast.FunctionDef) and part.name in LIBRARY_HOOKS:
                inside = {one.attr for one in ast.walk(part) if isinstance(one, ast.Attribute)}
                if is_answer(part) or inside & COMPARING:
                    yield (
                        "equal",
                        part.lineno,
                        (
                            f"decides itself what a library's comparison gives ({part.name} of its "
                            f"class {node.name[:40]})"
                        ),
                    )
        if "__eq__" in agreeing and len(agreeing) > 1:
            yield (
                "equal",
                node.lineno,
                (f"makes objects that are equal to everything (its class {node.name[:40]})"),
            )

    def function(self, node: ast.FunctionDef) -> Iterator[Found]:
        """Functions that look up a name among the variables of those who call them."""
        attributes = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
        if not (attributes & FRAMES and attributes & FRAME_NAMES):
            return
        for one in ast.walk(node):
            name = self.looked_up(one)
            if isinstance(one, ast.Call) and dotted_tail(one.func) == "update":
                yield "frame", node.lineno, "changes variables of the functions that call it"
            if name:
                yield (
                    "frame",
                    node.lineno,
                    (f"looks for a variable {name[:40]!r} in the functions that call it"),
                )
                return

    def looked_up(self, node: ast.AST) -> str | None:
        """The name that an expression looks up by a constant text."""
        if isinstance(node, ast.Call) and dotted_tail(node.func) == "get" and node.args:
            return constant(node.args[0])
        if isinstance(node, ast.Subscript):
            return constant(node.slice)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            return constant(node.left)
        return None

    def loop(self, node: ast.For) -> Iterator[Found]:
        """Loops over the numbers of all files that the process may have open."""
        if not isinstance(node.target, ast.Name) or not isinstance(node.iter, ast.Call):
            return
        if dotted_tail(node.iter.func) != "range":
            return
        for one in ast.walk(node):
            if isinstance(one, ast.Call) and self.names.dotted(one.func) in DESCRIPTOR_CALLS:
                if one.args and dotted_tail(one.args[0]) == node.target.id:
                    yield (
                        "descriptors",
                        node.lineno,
                        (
                            "tries one by one the files and sockets that its process was started with"
                        ),
                    )
                    return

    def objects(self) -> Iterator[Found]:
        """Code that searches all objects of its process."""
        if not ALL_OBJECTS & self.called:
            return
        for node in self.nodes:
            if not isinstance(node, ast.Call) or self.names.dotted(node.func) not in ALL_OBJECTS:
                continue
            compared = [
                constant(one.comparators[0])
                for one in self.nodes
                if isinstance(one, ast.Compare) and dotted_tail(one.left) == "__name__"
            ]
            searched = [name for name in compared if name and name not in self.functions]
            texts_too = any(
                isinstance(one, ast.Call)
                and dotted_tail(one.func) == "isinstance"
                and {"str", "bytes"} & {dotted_tail(part) for part in ast.walk(one)}
                for one in self.nodes
            )
            if searched:
                yield (
                    "objects",
                    node.lineno,
                    (
                        "searches all objects of its process for one of the class "
                        f"{searched[0][:40]!r} (gc)"
                    ),
                )
            elif texts_too:
                yield "objects", node.lineno, "searches all texts that its process holds (gc)"


def is_always_true(node: ast.expr) -> bool:
    """Whether an expression is a function that answers True whatever it is asked."""
    return isinstance(node, ast.Lambda) and is_true(node.body)


def is_true(node: ast.AST | None) -> bool:
    """Whether an expression is True."""
    return isinstance(node, ast.Constant) and node.value is True


def is_answer(node: ast.FunctionDef) -> bool:
    """Whether a method gives the same constant whatever it is asked; for `__eq__`, True."""
    body = [part for part in node.body if not isinstance(part, ast.Expr)]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return False
    if node.name == "__eq__" or node.name in LIBRARY_HOOKS:
        return is_true(body[0].value) or (node.name in LIBRARY_HOOKS and is_zero(body[0].value))
    return isinstance(body[0].value, ast.Constant)


def is_zero(node: ast.AST | None) -> bool:
    """Whether an expression is the number 0."""
    return isinstance(node, ast.Constant) and node.value == 0
