"""What an expression refers to, as a dotted name: `np.allclose` is `numpy.allclose`."""

import ast
import builtins
from collections.abc import Iterable, Iterator

BUILTINS = frozenset(dir(builtins))
SHELL, LIBRARY = "get_ipython()", "ctypes.CDLL()"
DEEPEST = 12  # parts of a dotted name
# What may be given a name of its own, as in `ip = get_ipython()`.
NAMED_VALUES = (SHELL, LIBRARY)


class Names:
    """The names that some texts give to modules, to the shell and to C libraries."""

    def __init__(self, trees: Iterable[ast.Module] = ()) -> None:
        self.known: dict[str, str] = {"__builtins__": "builtins"}
        self.modules: set[str] = {"builtins"}
        self.variables: set[str] = set()  # that hold anything else, too
        for tree in trees:
            self.learn(tree)

    def learn(self, tree: ast.Module) -> None:
        """Take in what a text imports and names."""
        followed: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    first = one.name.split(".")[0]
                    self.known[one.asname or first] = one.name if one.asname else first
                    self.modules |= {one.name, first}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.modules.add(node.module)
                for one in node.names:
                    self.known[one.asname or one.name] = f"{node.module}.{one.name}"
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = self.dotted(node.value)
                if value is not None and self.is_worth_a_name(value, node.value):
                    self.known[node.targets[0].id] = value
                    followed.add(id(node.targets[0]))
            elif isinstance(node, ast.arg):
                self.variables.add(node.arg)
            elif isinstance(node, ast.Name) and id(node) not in followed:
                # A walk comes to an assignment before it comes to its target.
                self.variables |= {node.id} if isinstance(node.ctx, ast.Store) else set()

    def with_trees(self, trees: Iterable[ast.Module]) -> "Names":
        """These names, and those that other texts give; the variables are theirs alone."""
        made = Names()
        made.known, made.modules = dict(self.known), set(self.modules)
        for tree in trees:
            made.learn(tree)
        return made

    def dotted(self, node: ast.AST | None, deepest: int = DEEPEST) -> str | None:
        """What an expression refers to, None where its text alone does not say."""
        below = deepest - 1
        if not deepest:
            return None
        if isinstance(node, ast.Name):
            return self.known.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            above = self.dotted(node.value, below)
            return None if above is None else f"{above}.{node.attr}"
        if isinstance(node, ast.Subscript) and self.dotted(node.value, below) == "sys.modules":
            return constant(node.slice)
        if isinstance(node, ast.Call):
            called = self.dotted(node.func, below)
            if called == "getattr" and len(node.args) > 1 and constant(node.args[1]):
                above = self.dotted(node.args[0], below)
                return None if above is None else f"{above}.{constant(node.args[1])}"
            if called in ("__import__", "importlib.import_module") and node.args:
                return constant(node.args[0])
            if called == "type" and len(node.args) == 1:
                return self.dotted(node.args[0], below)
            return None if called is None else f"{called}()"
        return None

    def is_worth_a_name(self, value: str, node: ast.expr) -> bool:
        """Whether a variable with this dotted name is followed: it is the shell, a library, a module,
        or a part of one of these."""
        if value in NAMED_VALUES or value.startswith(f"{SHELL}."):
            return True
        if isinstance(node, ast.Attribute):
            return value.split(".")[0] in self.modules
        return isinstance(node, (ast.Subscript, ast.Call)) and not value.endswith(")")

    def of_module(self, node: ast.expr) -> str | None:
        """The dotted name of what is a module's for certain: not if its first name may be a variable."""
        first: ast.AST = node
        while isinstance(first, ast.Attribute):
            first = first.value
        if isinstance(first, ast.Name) and (
            first.id not in self.known or first.id in self.variables
        ):
            return None
        return self.dotted(node)

    def used(self, tree: ast.Module) -> Iterator[str]:
        """The dotted names of modules' functions and of builtins that a text uses."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                name = self.dotted(node)
                if name and name.split(".")[0] in self.modules:
                    yield name
            elif isinstance(node, ast.Name) and node.id not in self.known and node.id in BUILTINS:
                yield f"builtins.{node.id}"


def constant(node: ast.AST | None, deepest: int = DEEPEST) -> str | None:
    """The text that an expression is, also put together of parts; None if it is no constant text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if deepest and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = constant(node.left, deepest - 1), constant(node.right, deepest - 1)
        return None if left is None or right is None else left + right
    return None


def texts(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """The constant texts among a tree's nodes that are no docstrings, with their lines.

    What an f-string leaves open is a `*` in it.
    """
    left_out: set[int] = set()
    for node in nodes:
        wanted = id(node) not in left_out
        if isinstance(node, ast.Expr):
            left_out.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            if wanted:
                yield node.lineno, "".join(constant(part) or "*" for part in node.values)
            left_out |= {id(part) for part in node.values}
        elif wanted and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def dotted_tail(node: ast.AST) -> str:
    """The last name of an expression: `b` of `a().b`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
