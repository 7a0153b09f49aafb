"""Answers that stand where the student was not asked to write: what a human should know of them.

No points depend on what is found here.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from proctor.assemble.plan import Part, Plan
from proctor.assemble.source import AssignmentCell, AssignmentNotebook

MAX_CHARACTERS = 200_000  # of one cell that is parsed
WRITTEN_SIDES = ("student", "edited")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class AskedNames:
    """What the instructor's solution binds in an answer cell, at its top level.

    `definitions` are the functions and classes among `names`.
    """

    names: frozenset[str]
    definitions: frozenset[str]


def asked_names(notebook: AssignmentNotebook) -> dict[str, AskedNames]:
    """By answer cell, what its solution binds and no other answer cell's does."""
    cells = notebook.solved.cells if notebook.solved else []
    answers = {own.name for own in notebook.cells if own.answer and own.side == "student"}
    trees = {cell.name: tree_of(cell.text) for cell in cells if cell.name in answers}
    bound = {name: set(bindings(tree)) for name, tree in trees.items() if name and tree}
    count = Counter(name for names in bound.values() for name in names)
    asked = {}
    for cell, names in bound.items():
        own = frozenset(name for name in names if count[name] == 1)
        tree = trees[cell]
        assert tree is not None
        asked[cell] = AskedNames(own, own & set(definitions(tree)))
    return asked


def is_untouched(notebook: AssignmentNotebook, plan: Plan) -> bool:
    """Whether every cell that the student was asked to write in is as released, and none is added."""
    answers = [
        part for part in plan.parts if part.place is not None and notebook.cells[part.place].answer
    ]
    added = any(part.place is None and part.side == "student" for part in plan.parts)
    return bool(answers) and not added and all(_is_released(notebook, part) for part in answers)


def misplaced(notebook: AssignmentNotebook, plan: Plan, asked: dict[str, AskedNames]) -> list[str]:
    """A sentence for each answer cell whose answer is deleted, elsewhere, or defined a second time."""
    trees = {
        part.index: tree
        for part in plan.parts
        if part.side in WRITTEN_SIDES
        and (part.place is None or not _is_released(notebook, part))
        and (tree := tree_of(part.cell.source)) is not None
    }
    found: list[str] = []
    for home in plan.parts:
        own = None if home.place is None else notebook.cells[home.place]
        if own is None or not own.answer:
            continue
        names = asked.get(own.name or "", AskedNames(frozenset(), frozenset()))
        if _is_released(notebook, home):
            found += _elsewhere(plan, home, own, trees, names)
        else:
            found += _defined_again(plan, home, trees, names)
    return found


def _elsewhere(
    plan: Plan,
    home: Part,
    own: AssignmentCell,
    trees: dict[int, ast.Module],
    names: AskedNames,
) -> Iterator[str]:
    """What to tell of an answer cell in which nothing was written."""
    state = "was deleted" if home.missing else "is as released"
    for index, tree in trees.items():
        written = sorted(names.names & set(bindings(tree)))
        if not written:
            continue
        without, _ = _tests_around(plan, home, index)
        if without:
            yield (
                f"The cell {own.name} {state}, and {_list(written)} is written in "
                f"{_cell(plan, index)}, below {_list(without)}: graded without it. If it is to "
                f"count, move it into the cell {own.name} of the notebook in submitted/, and grade "
                "again."
            )
            return
        if not home.missing:
            return  # an answer in a further cell above its tests counts
        yield (
            f"The cell {own.name} was deleted; {_list(written)} is written in "
            f"{_cell(plan, index)}, above its tests, and was graded: nothing to do."
        )
        return
    if home.missing:
        yield (
            f"The cell {own.name} was deleted, and no other cell holds its answer: graded as "
            "if nothing had been written. Ask the student if that is not what you expect."
        )


def _defined_again(
    plan: Plan, home: Part, trees: dict[int, ast.Module], names: AskedNames
) -> Iterator[str]:
    """What to tell of an answer that a further cell defines in another way."""
    tree = trees.get(home.index)
    first = definitions(tree) if tree else {}
    for index, other in trees.items():
        if index <= home.index:
            continue
        second = definitions(other)
        changed = sorted(
            name
            for name in names.definitions & set(first) & set(second)
            if ast.dump(first[name]) != ast.dump(second[name])
        )
        if not changed:
            continue
        before, after = _tests_around(plan, home, index)
        meaning = [f"{_list(before)} saw the first one"] * bool(before)
        meaning += [f"{_list(after)} the later one"] * bool(after)
        yield (
            f"{_list(changed)} is defined in {home.name} and once more, differently, in "
            f"{_cell(plan, index)}"
            + (f": {', '.join(meaning)}. " if meaning else ". ")
            + "If the other one is meant (an older copy pasted below?), delete the wrong one from "
            "the notebook in submitted/, and grade again."
        )
        return


def _tests_around(plan: Plan, home: Part, index: int) -> tuple[list[str], list[str]]:
    """The tests between an answer cell and another cell, and those below both."""
    before: list[str] = []
    after: list[str] = []
    for part in plan.parts[home.index + 1 :]:
        if part.side == "test" and part.name:
            (before if part.index < index else after).append(part.name)
    return before, after


def _is_released(notebook: AssignmentNotebook, part: Part) -> bool:
    """Whether an instructor's cell holds the text that students were given, or less: nothing."""
    assert part.place is not None
    released, text = notebook.cells[part.place].released.split(), part.cell.source.split()
    return part.missing or not text or text == released


def _cell(plan: Plan, index: int) -> str:
    """A cell that the student wrote in, in words."""
    name = plan.parts[index].name
    return f"the cell {name}" if name else f"cell {index + 1}, which the student added"


def _list(names: list[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def tree_of(text: str) -> ast.Module | None:
    """The syntax tree of a code cell without its magics; None if it is no Python."""
    lines = ["" if line.lstrip()[:1] in ("%", "!") else line for line in text.splitlines()]
    try:
        return ast.parse("\n".join(lines)) if len(text) <= MAX_CHARACTERS else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def definitions(tree: ast.Module) -> dict[str, Definition]:
    """The functions and classes of a cell by name, of several with one name the last."""
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }


def bindings(tree: ast.Module) -> Iterator[str]:
    """The names that a cell's top level binds by definitions and assignments."""
    yield from definitions(tree)
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets if isinstance(node, (ast.Assign, ast.AnnAssign)) else []:
            for part in ast.walk(target) if target is not None else ():
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id
