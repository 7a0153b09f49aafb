"""What an answer is without its names, spaces and comments, so that answers can be compared.

Of two answers with the same digest one can be turned into the other by renaming what they define
themselves, by spaces, comments, documentation and annotations of types. Names that the answer only
uses (`torch.zeros`, an argument's `shape`) are its substance and stay.
"""

import ast
import hashlib
import re
from dataclasses import dataclass

from nbformat import NotebookNode

from proctor.assemble.misplaced import tree_of

DIGEST_BYTES = 12
DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


@dataclass(frozen=True)
class Answer:
    """An answer without its names and spaces: a digest, and how much there is of it.

    `size` counts names, numbers, texts and operations of code, or words of a text.
    """

    digest: str
    size: int


def answer_of(cell: NotebookNode) -> Answer:
    """What is compared of a cell that a student wrote; any text may be in it."""
    return of_code(cell.source) if cell.cell_type == "code" else of_words(cell.source)


def of_code(text: str) -> Answer:
    """What is compared of code; of what is no Python, the text without its spaces and comments."""
    tree = tree_of(text)
    if tree is not None:
        try:
            bare = _Renamed(_own_names(tree)).visit(tree)
            size = sum(isinstance(node, (ast.expr, ast.stmt)) for node in ast.walk(bare))
            return Answer(_digest("code", ast.dump(bare)), size)
        except (RecursionError, MemoryError):
            pass
    words = " ".join(re.sub(r"#.*", "", text).split())
    return Answer(_digest("text", words), len(words.split()))


def of_words(text: str) -> Answer:
    """What is compared of a text: its words, whatever stands between them."""
    words = re.findall(r"\w+", text.casefold())
    return Answer(_digest("words", " ".join(words)), len(words))


def _digest(kind: str, text: str) -> str:
    """A short name of a text."""
    data = f"{kind}\n{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def _own_names(tree: ast.Module) -> dict[str, str]:
    """What the code binds itself, each name with the one that stands for it: v0, v1, … in order."""
    own: dict[str, str] = {}
    for node in _in_order(tree):
        for name in _bound(node):
            own.setdefault(name, f"v{len(own)}")
    return own


def _in_order(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, each before what follows it in the text."""
    found, waiting = [], [node]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(reversed(list(ast.iter_child_nodes(found[-1]))))
    return found


def _bound(node: ast.AST) -> list[str]:
    """The names that a node itself binds."""
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.partition(".")[0]] if node.name != "*" else []
    if isinstance(node, ast.ExceptHandler):
        return [node.name] if node.name else []
    return []


class _Renamed(ast.NodeTransformer):
    """Puts the other names in, and takes documentation and annotations out."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit(self, node: ast.AST) -> ast.AST:
        """A node with its parts, in their common form."""
        if isinstance(node, DOCUMENTED):
            _take_documentation(node)
        if isinstance(node, ast.Name):
            node.id = self.names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg, node.annotation = self.names.get(node.arg, node.arg), None
        elif isinstance(node, ast.keyword) and node.arg is not None:
            node.arg = self.names.get(node.arg, node.arg)
        elif isinstance(node, ast.alias):
            node.asname = self.names.get(node.asname or node.name, node.asname)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            node.name = self.names.get(node.name, node.name)
            if not isinstance(node, ast.ClassDef):
                node.returns = None
        elif isinstance(node, ast.ExceptHandler) and node.name:
            node.name = self.names.get(node.name, node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            node.names = [self.names.get(name, name) for name in node.names]
        return self.generic_visit(node)


def _take_documentation(node: ast.AST) -> None:
    """Take out the texts that stand in a body as statements."""
    assert isinstance(node, DOCUMENTED)
    kept = [
        one
        for one in node.body
        if not (
            isinstance(one, ast.Expr)
            and isinstance(one.value, ast.Constant)
            and isinstance(one.value.value, str)
        )
    ]
    node.body = kept or [ast.Pass()]
