"""Owns telling whether the committed release and solution are fresh, hold nothing they must not, and diff quietly."""

import base64
import io
import re
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageSequence

from . import build, layout, notebook

SHIPPED = re.compile(r"convolution\.ipynb|convlab/(\w+/)*\w+\.(py|js|css|toml)")
CELL_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")


def problems(root=layout.ROOT):
    """What is wrong with the committed release/ and solution/ under `root`, one sentence each; [] if they are fresh."""
    with tempfile.TemporaryDirectory() as fresh:
        build.everything(fresh)
        stale = [
            problem
            for part in ("release", "solution")
            for problem in differences(
                root / part / layout.ASSIGNMENT, Path(fresh) / part / layout.ASSIGNMENT, root
            )
        ]
        stale += picture(root / build.PICTURE, Path(fresh) / build.PICTURE)
        stale += page(root / build.PAGE, Path(fresh) / build.PAGE)
    return stale + list(leaks(root)) + list(noise(root))


def picture(committed, fresh):
    """A sentence if the README's picture is missing or not what the solution draws."""
    if not committed.exists():
        yield f"{build.PICTURE} is missing"
    elif committed.read_bytes() != fresh.read_bytes() and not alike(
        committed.read_bytes(), fresh.read_bytes()
    ):
        yield f"{build.PICTURE} is stale: the lesson draws something else"


def page(committed, fresh):
    """A sentence if the page of messages is missing or not what the messages and the sample answers make."""
    if not committed.exists() or committed.read_text("utf-8") != fresh.read_text("utf-8"):
        yield f"{build.PAGE} is missing or stale: students read something else"


def files(folder):
    """The files under `folder`, relative, without what running leaves behind."""
    return {
        str(path.relative_to(folder)): path
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }


def differences(committed, fresh, root):
    """A sentence for each file that is missing, not expected, or other than its source makes it."""
    old, new = files(committed), files(fresh)
    place = committed.relative_to(root)
    yield from (f"{place}/{name} is missing" for name in sorted(new.keys() - old.keys()))
    yield from (
        f"{place}/{name} is not generated from the source and must not be there"
        for name in sorted(old.keys() - new.keys())
    )
    for name in sorted(old.keys() & new.keys()):
        if not same(old[name].read_bytes(), new[name].read_bytes()):
            yield f"{place}/{name} is stale: its source makes something else"


def same(old, new):
    """Whether two files are equal, up to a PNG encoder's or a font's last shade, which differs between machines."""
    if old == new:
        return True
    old, new = old.decode("utf-8", "replace"), new.decode("utf-8", "replace")
    if build.PNG.sub("", old) != build.PNG.sub("", new):
        return False
    return all(
        a == b or alike(base64.b64decode(a), base64.b64decode(b))
        for a, b in zip(build.PNG.findall(old), build.PNG.findall(new))
    )


def alike(a, b):
    """Whether two pictures show the same: as many frames, of one size, at most one shade in fifty apart on average."""
    first, second = (
        [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]
        for data in (a, b)
    )
    return len(first) == len(second) and all(map(close, first, second))


def close(first, second):
    """Whether two frames are of one size and at most one shade in fifty apart on average."""
    if first.size != second.size:
        return False
    histogram = ImageChops.difference(first, second).convert("L").histogram()
    return sum(shade * count for shade, count in enumerate(histogram)) / sum(histogram) < 2


def leaks(root):
    """A sentence for each piece of the solution, hidden test, marker or unexpected file that students would get."""
    source = notebook.read(layout.SOURCE / layout.NOTEBOOK)
    secret = {
        line.strip()
        for cell in source.cells
        if cell.cell_type == "code"
        for line in (
            notebook.region(cell.source, notebook.BEGIN_SOLUTION, notebook.END_SOLUTION)
            + notebook.region(cell.source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
        )
        if len(line.strip()) > 12
    }
    folder = root / "release" / layout.ASSIGNMENT
    for name, path in files(folder).items():
        text = path.read_text(encoding="utf-8", errors="replace")
        if not SHIPPED.fullmatch(name):
            yield f"release/{layout.ASSIGNMENT}/{name} is not a file that students need"
        for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS"):
            if marker in text:
                yield f"release/{layout.ASSIGNMENT}/{name} holds the marker {marker}"
        for line in sorted(secret):
            if line in text or line.replace('"', '\\"') in text:
                yield f"release/{layout.ASSIGNMENT}/{name} holds a line of the solution or the hidden tests: {line}"


def noise(root):
    """A sentence for each thing in the source notebook that would change without anybody's intention."""
    for part in ("source", "release"):
        path = root / part / layout.ASSIGNMENT / layout.NOTEBOOK
        if not path.is_file():
            continue
        for cell in notebook.read(path).cells:
            if not CELL_ID.fullmatch(cell.id) or RANDOM_ID.fullmatch(cell.id):
                yield f"{part}: cell id {cell.id!r} is not named by hand; give it a name of lower-case words"
            if cell.get("outputs") or cell.get("execution_count"):
                yield f"{part}: cell {cell.id} holds outputs; clear them (Edit, Clear Outputs of All Cells) and save"
