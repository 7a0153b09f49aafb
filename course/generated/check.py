"""Compares what is committed in release/, solution/ and docs/ with what the source makes.

It also looks for what students must not get, and for what would make diffs noisy.
"""

import re
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from .. import layout, notebook
from . import build

SHIPPED = re.compile(r"convolution\.ipynb|README\.md|convlab/(\w+/)*\w+\.(py|js|css|toml)")
CELL_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")
MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS")


def problems(root: Path = layout.ROOT) -> list[str]:
    """What is wrong with what is committed under `root`, one sentence each; [] if all is fresh."""
    with tempfile.TemporaryDirectory() as fresh:
        build.everything(fresh)
        found = [
            *compared(root, Path(fresh), "release"),
            *compared(root, Path(fresh), "solution", by_hand={build.README}),
            *pages(root, Path(fresh)),
        ]
    return [*found, *picture(root / build.PICTURE), *leaks(root), *noise(root)]


def compared(
    root: Path, fresh: Path, part: str, by_hand: Collection[str] = frozenset()
) -> Iterator[str]:
    """What differs in the assignment's folder of `release` or `solution`."""
    yield from differences(
        root / part / layout.ASSIGNMENT, fresh / part / layout.ASSIGNMENT, root, by_hand
    )


def picture(path: Path) -> Iterator[str]:
    """A sentence if the README's picture is missing, or was drawn by other code than today's."""
    if not path.exists():
        yield f"{build.PICTURE} is missing"
    elif not build.is_fresh(path):
        yield f"{build.PICTURE} is stale: the code that draws it is another"


def pages(root: Path, fresh: Path) -> Iterator[str]:
    """A sentence for each page of messages that is not what the messages and answers make."""
    for name in build.PAGES:
        committed = root / name
        if not committed.exists() or committed.read_bytes() != (fresh / name).read_bytes():
            yield f"{name} is missing or stale: students read something else"


def files(folder: Path) -> dict[str, Path]:
    """The files under `folder`, by relative name, without what running leaves behind."""
    return {
        str(path.relative_to(folder)): path
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }


def differences(
    committed: Path, fresh: Path, root: Path, by_hand: Collection[str] = frozenset()
) -> Iterator[str]:
    """A sentence for each file that is missing, not expected, or other than its source makes it.

    `by_hand` names the files that are written by hand and must be there.
    """
    old, new = files(committed), files(fresh)
    place = committed.relative_to(root)
    expected = new.keys() | set(by_hand)
    yield from (f"{place}/{name} is missing" for name in sorted(expected - old.keys()))
    yield from (
        f"{place}/{name} is not generated from the source and must not be there"
        for name in sorted(old.keys() - expected)
    )
    for name in sorted(old.keys() & new.keys()):
        if old[name].read_bytes() != new[name].read_bytes():
            yield f"{place}/{name} is stale: its source makes something else"


def leaks(root: Path) -> Iterator[str]:
    """A sentence for each thing in the release that students must not get.

    That is a line of the solution or the hidden tests, a marker, or an unexpected file.
    """
    secret = secret_lines(notebook.read(layout.SOURCE / layout.NOTEBOOK))
    folder = root / "release" / layout.ASSIGNMENT
    for name, path in files(folder).items():
        place = f"release/{layout.ASSIGNMENT}/{name}"
        text = path.read_text(encoding="utf-8", errors="replace")
        if not SHIPPED.fullmatch(name):
            yield f"{place} is not a file that students need"
        for marker in MARKERS:
            if marker in text:
                yield f"{place} holds the marker {marker}"
        for line in secret:
            if line in text or line.replace('"', '\\"') in text:
                yield f"{place} holds a line of the solution or the hidden tests: {line}"


def secret_lines(source: notebook.NotebookNode) -> list[str]:
    """The lines of the solution and of the hidden tests, without those of a few characters."""
    found = {
        line.strip()
        for cell in source.cells
        if cell.cell_type == "code"
        for line in (
            notebook.region(cell.source, notebook.BEGIN_SOLUTION, notebook.END_SOLUTION)
            + notebook.region(cell.source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
        )
    }
    return sorted(line for line in found if len(line) > 12)


def noise(root: Path) -> Iterator[str]:
    """A sentence for each thing in a notebook that would change without anybody's intention."""
    for part in ("source", "release"):
        path = root / part / layout.ASSIGNMENT / layout.NOTEBOOK
        if not path.is_file():
            continue
        for cell in notebook.read(path).cells:
            if not CELL_ID.fullmatch(cell.id) or RANDOM_ID.fullmatch(cell.id):
                yield (
                    f"{part}: cell id {cell.id!r} is not named by hand; "
                    "give it a name of lower-case words"
                )
            if cell.get("outputs") or cell.get("execution_count"):
                yield (
                    f"{part}: cell {cell.id} holds outputs; clear them "
                    "(Edit, Clear Outputs of All Cells) and save"
                )
