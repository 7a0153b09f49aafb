"""Tests whose text or nbgrader metadata a student's notebook has otherwise than it was released."""

import ast
from collections.abc import Iterator

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import compute_checksum

from proctor.assemble.misplaced import tree_of
from proctor.assemble.source import AssignmentCell, AssignmentNotebook
from proctor.submission.notebook import SubmittedCell, SubmittedNotebook

FLAGS = ("grade", "solution", "locked")
SKIPPING_TAGS = ("skip-execution", "raises-exception")
STANDS = "The instructor's was graded."
TEXT_INNOCENT = "That may be innocent: not every editor keeps a locked cell from being tried out or mistyped in."


def changed_tests(notebook: AssignmentNotebook, submitted: SubmittedNotebook) -> Iterator[str]:
    """A sentence for each test of which something else came back than was released.

    What an earlier release of the same test would have brought is left out: its checksum, which
    nbgrader wrote, fits its own text, and not the present one.
    """
    claims: dict[str, list[SubmittedCell]] = {}
    for cell in submitted.cells:
        if cell.name is not None:
            claims.setdefault(cell.name, []).append(cell)
    for own in notebook.cells:
        cells = claims.get(own.name or "", [])
        if own.side != "test" or own.open or not cells:
            continue
        if any(is_of_another_release(own, cell) for cell in cells):
            continue
        if not any(keeps_statements(own, cell.text) for cell in cells):
            yield f"changed the text of the locked test {own.name}. {STANDS} {TEXT_INNOCENT}"
        if told := sorted({one for cell in cells for one in changed_metadata(own, cell)}):
            yield f"the test {own.name} says {', '.join(told)} in its metadata. {STANDS}"


def is_of_another_release(own: AssignmentCell, cell: SubmittedCell) -> bool:
    """Whether a cell is as nbgrader released it, only not this time."""
    checksum = cell.claims.get("checksum")
    return checksum == checksum_of(cell.kind, cell.text, cell.claims) != released_checksum(own)


def released_checksum(own: AssignmentCell) -> str | None:
    """The checksum of a test as it is released at present."""
    return checksum_of(own.cell.cell_type, own.released, own.cell.metadata.nbgrader)


def checksum_of(kind: str, text: str, claims: dict[str, object]) -> str | None:
    """nbgrader's checksum of a cell, None where the metadata allow none."""
    made = new_code_cell(text) if kind == "code" else new_markdown_cell(text)
    made.metadata["nbgrader"] = dict(claims)
    try:
        return compute_checksum(made)
    except Exception:  # whatever a student's metadata are
        return None


def keeps_statements(own: AssignmentCell, text: str) -> bool:
    """Whether a text has each statement of the released test, or has it commented out; one that is
    empty, or no Python, was changed by a slip. What was added counts for nothing, nor what is graded."""
    released, tree = tree_of(own.released), tree_of(text)
    if not text.strip() or tree is None or released is None:
        return True
    there = {ast.dump(statement) for statement in tree.body}
    lines = {line.strip().lstrip("# ") for line in text.splitlines()}
    return all(
        ast.dump(statement) in there or commented_out(own.released, statement, lines)
        for statement in released.body
    )


def commented_out(text: str, statement: ast.stmt, lines: set[str]) -> bool:
    """Whether the lines of a statement stand among these, without their signs of comments."""
    own = (ast.get_source_segment(text, statement) or "").splitlines()
    return all(line.strip().lstrip("# ") in lines for line in own)


def changed_metadata(own: AssignmentCell, cell: SubmittedCell) -> Iterator[str]:
    """What a test's metadata say otherwise than the released ones, in words."""
    released = own.cell.metadata.nbgrader
    for name in FLAGS:
        said = cell.claims.get(name)
        if isinstance(said, bool) and said != bool(released.get(name)):
            yield f"{name}={said}"
    points = cell.claims.get("points")
    is_number = isinstance(points, (int, float)) and not isinstance(points, bool)
    if is_number and points != released.get("points"):
        yield f"points={points:g} instead of {released.get('points'):g}"
    for tag in SKIPPING_TAGS:
        if tag in cell.tags and tag not in own.cell.metadata.get("tags", []):
            yield f"the tag {tag}"
