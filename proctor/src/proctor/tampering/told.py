"""The sentences that an instructor is told: what was seen, where, and what may be innocent."""

import ast
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from proctor.assemble.misplaced import MAX_CHARACTERS, WRITTEN_SIDES, definitions, tree_of
from proctor.assemble.plan import Plan
from proctor.assemble.source import AssignmentNotebook
from proctor.submission.notebook import SubmittedNotebook
from proctor.tampering.changed_tests import changed_tests
from proctor.tampering.code import Finding, Known, Steps, StudentText, TooLong
from proctor.tampering.files import own_modules
from proctor.tampering.names import Names
from proctor.tampering.patches import patches
from proctor.tampering.places import PrivatePlaces, shown
from proctor.tampering.reaching import reaches

MOST_OF_A_TEXT = 8  # findings
LONGEST = 200  # characters of what code does
MOST_CHARACTERS = 400_000  # of a notebook, or of all modules
MOST_STEPS_OF_INSTRUCTOR = 10_000_000
MOST_FILES, MOST_FILE_BYTES = 50, MAX_CHARACTERS
INNOCENT = {
    "ends": "That may be innocent: some restart a notebook's kernel so.",
    "frame": "That may be innocent: helpers for finding errors do so.",
    "module": "That may be innocent: so a module that is missing is stood in for.",
    "descriptors": "That may be innocent: programs that go on in the background begin so.",
    "private place": "That may be innocent: a path or an example that was copied.",
}


def known_of(
    notebook: AssignmentNotebook, support: Collection[str], places: PrivatePlaces
) -> Known:
    """What is known of a notebook, its support files' names and the course's private places."""
    parsed = functools.cache(tree_of)
    own = [(one, parsed(one.cell.source)) for one in notebook.cells if one.side != "text"]
    solved = [
        (cell.name, parsed(cell.text))
        for cell in (notebook.solved.cells if notebook.solved else [])
        if cell.kind == "code"
    ]
    trees = {id(tree): tree for _, tree in (*own, *solved) if tree is not None}
    names = Names(trees.values())
    answers = {one.name for one in notebook.cells if one.answer}
    known = Known(
        names=names,
        given=names_defined(tree for one, tree in own if one.side == "given"),
        own=own_modules(support),
        used=frozenset(
            name for one, tree in own if one.side == "test" and tree for name in names.used(tree)
        ),
        asked=names_defined(tree for name, tree in solved if name in answers),
        equality=any("__eq__" in definitions_inside(tree) for tree in trees.values()),
        places=places,
    )

    @functools.cache
    def usual() -> frozenset[str]:
        steps = Steps(MOST_STEPS_OF_INSTRUCTOR)
        every = (found(tree, known, names, steps) for tree in trees.values())
        return frozenset(one.kind for findings in every for one in findings)

    return replace(known, usual=usual)


def names_defined(trees: Iterable[ast.Module | None]) -> frozenset[str]:
    """The functions and classes that some cells define."""
    return frozenset(name for tree in trees if tree for name in definitions(tree))


def definitions_inside(tree: ast.Module) -> set[str]:
    """The names of all functions of a cell, of those inside classes too."""
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def found(tree: ast.Module, known: Known, names: Names, steps: Steps) -> list[Finding]:
    """What a text does that no answer needs, each finding once, by line. `names` are those that the
    student's texts and the instructor's give."""
    text = StudentText(tree, known, names, steps)
    first: dict[str, Finding] = {}
    for one in [*patches(text), *reaches(text)]:
        earlier = first.get(one.words)
        if earlier is None or one.line < earlier.line:
            first[one.words] = one
    return sorted(first.values(), key=lambda one: one.line)


def in_notebook(
    notebook: AssignmentNotebook, submitted: SubmittedNotebook, plan: Plan, known: Known
) -> Iterator[str]:
    """What a student's notebook holds that looks like tampering, in sentences; raises TooLong."""
    yield from changed_tests(notebook, submitted)
    written, left = {}, MOST_CHARACTERS
    for part in plan.parts:
        text = part.cell.source
        if part.side not in WRITTEN_SIDES or len(text) > MAX_CHARACTERS:
            continue
        left -= len(text)
        if left < 0:
            raise TooLong
        place = part.name or f"cell {part.index + 1}"
        yield from in_commands(place, text, known)
        if (tree := tree_of(text)) is not None:
            written[place] = tree
    yield from in_texts(written, known)


def in_commands(place: str, text: str, known: Known) -> list[str]:
    """What the lines of a cell that are the shell's, and no Python, name of private places."""
    lines = text.splitlines()
    whole = text.lstrip().startswith("%%")
    told = [
        f"{place}, line {number}: its code names {named}. {INNOCENT['private place']}"
        for number, line in enumerate(lines, 1)
        if (whole or line.lstrip()[:1] in ("!", "%")) and (named := known.places.named_in(line))
    ]
    return [] if told and "private place" in known.usual() else told[:MOST_OF_A_TEXT]


def in_texts(written: Mapping[str, ast.Module], known: Known) -> Iterator[str]:
    """What a student's texts, by the names of their places, do: in sentences."""
    names, steps = known.names.with_trees(written.values()), Steps()
    for place, tree in written.items():
        findings = found(tree, known, names, steps)
        usual = known.usual() if findings else frozenset()
        for kind, line, words in [one for one in findings if one.kind not in usual][
            :MOST_OF_A_TEXT
        ]:
            seen = f"{place}, line {line}: its code {shown(words, LONGEST)}."
            yield f"{seen} {INNOCENT.get(kind, '')}".rstrip()


def modules_of(files: Mapping[str, str]) -> dict[str, ast.Module]:
    """A student's own modules, {name: path of a copy}, parsed, by names that can be shown; raises
    TooLong."""
    written, left = {}, MOST_CHARACTERS
    for name in [name for name in sorted(files) if name.endswith(".py")][:MOST_FILES]:
        try:
            with open(files[name], "rb") as file:
                data = file.read(MOST_FILE_BYTES + 1)
        except OSError:
            continue
        left -= len(data)
        if left < 0:
            raise TooLong
        if len(data) <= MOST_FILE_BYTES and (tree := tree_of(data.decode(errors="replace"))):
            written[shown(name)] = tree
    return written
