"""Tests whose text or nbgrader metadata a student's notebook has otherwise than it was released."""

import ast
from collections.abc import Iterator

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import compute_checksum

from proctor.assemble.misplaced import tree_of
from proctor.assemble.source import AssignmentCell, AssignmentNotebook
from proctor.submission.notebook import SubmittedCell, SubmittedNotebook

MOST_NAMED, MOST_COPIES = 6, 8
SKIPPING_TAG = "skip-execution"
STANDS = "What the instructor released was graded."
TEXT_INNOCENT = (
    "That may be innocent: not every editor keeps a locked cell from being written in, "
    "and an earlier release may have had another."
)


def changed_tests(notebook: AssignmentNotebook, submitted: SubmittedNotebook) -> Iterator[str]:
    """Sentences on the tests of which something else came back than was released.

    What an earlier release of the same test would have brought is left out: its checksum, which
    nbgrader wrote, fits its own text, and not the present one.
    """
    claims: dict[str, list[SubmittedCell]] = {}
    for cell in submitted.cells:
        if cell.name is not None:
            claims.setdefault(cell.name, []).append(cell)
    claims = {name: cells[:MOST_COPIES] for name, cells in claims.items()}
    texts: list[str] = []
    sayings: dict[str, list[str]] = {}
    for own in notebook.cells:
        if own.side != "test" or own.open or own.name is None:
            continue
        changed = [cell for cell in claims.get(own.name, []) if is_changed(own, cell)]
        if not changed or any(is_of_another_release(own, cell) for cell in changed):
            continue
        unchanged = len(changed) < len(claims[own.name])
        if not unchanged and not any(keeps_statements(own, cell.text) for cell in changed):
            texts.append(own.name)
        for told in {one for cell in changed for one in changed_metadata(own, cell)}:
            sayings.setdefault(told, []).append(own.name)
    if texts:
        yield f"The text of the locked {tests(texts)} was changed. {STANDS} {TEXT_INNOCENT}"
    for told, names in sorted(sayings.items()):
        yield f"The metadata of the {tests(names)} say {told}. {STANDS}"


def tests(names: list[str]) -> str:
    """Tests in a sentence."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"test{'s' * (len(names) > 1)} {', '.join(names[:MOST_NAMED])}{more}"


def is_changed(own: AssignmentCell, cell: SubmittedCell) -> bool:
    """Whether a test's text or metadata are other than the released ones."""
    return cell.text != own.released or any(changed_metadata(own, cell))


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
    # nbgrader takes a test for locked whatever `locked` says.
    for name in ("grade", "solution"):
        said = cell.claims.get(name)
        if isinstance(said, bool) and said != bool(released.get(name)):
            yield f"{name}={said}"
    points, full = cell.claims.get("points"), own.recorded and own.recorded.points
    is_number = isinstance(points, (int, float)) and not isinstance(points, bool)
    if is_number and full is not None and points != full:
        yield f"points={points:g} instead of {full:g}"
    if SKIPPING_TAG in cell.tags and SKIPPING_TAG not in own.cell.metadata.get("tags", []):
        yield f"the tag {SKIPPING_TAG}"
