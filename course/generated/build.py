"""Builds what is generated from the source: release/, solution/, docs/slide.gif, docs/messages.*.

What it writes has the same bytes on every machine; docs/decisions/0006-same-bytes.md says how.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from .. import layout, notebook, solution

PICTURE = "docs/slide.gif"
PAGES = "docs/messages.md", "docs/messages.de.md"
README = "README.md"  # of the solution's folder; written by hand
# The code that draws the README's picture, below convlab/.
DRAWS = ("player", "figures/colours.py", "figures/picture.py", "printing.py", "oracle.py")
COMMENT = b"\x21\xfe"  # begins a comment in a GIF file
TRAILER = b"\x3b"  # ends a GIF file


def everything(target: str | Path) -> None:
    """Write release/, solution/ and the pages of messages under the folder `target`."""
    target = Path(target)
    layout.run_nbgrader(
        "generate_assignment",
        layout.ASSIGNMENT,
        "--force",
        "--no-db",
        f"--CourseDirectory.release_directory={target / 'release'}",
    )
    build_solution(target / "solution" / layout.ASSIGNMENT)
    subprocess.run(
        [sys.executable, "-m", "course.generated.message_pages", str((target / "docs").resolve())],
        cwd=layout.ROOT,
        env=layout.environment(),
        check=True,
    )


def build_solution(folder: Path) -> None:
    """Write the solution notebook, without outputs, into `folder`; only its README.md stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != README:
            path.unlink()
    solved = solution.solution(notebook.read(layout.SOURCE / layout.NOTEBOOK))
    notebook.write(solved, folder / layout.NOTEBOOK)


def build_picture(path: Path) -> None:
    """Write the README's picture: the lesson's first sliding kernel as a film.

    A picture that the present code drew, on this machine or another, is left as it is.
    """
    if is_fresh(path):
        return
    path.parent.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, "-c", picture_code(), str(path.resolve())],
        cwd=layout.SOURCE,
        env=layout.environment(),
        check=True,
    )
    drawn = path.read_bytes()
    mark = picture_mark(drawn)
    path.write_bytes(drawn[:-1] + COMMENT + bytes([len(mark)]) + mark + b"\x00" + TRAILER)


def picture_code() -> str:
    """The program that draws the README's picture into the file it is told of."""
    cells = {cell.id: cell.source for cell in notebook.read(layout.SOURCE / layout.NOTEBOOK).cells}
    lines = [
        cells["setup"],
        cells["flip-or-not"],
        "import sys",
        "slide(image, kernel).save_animation(sys.argv[1], seconds=0.8)",
    ]
    return "\n".join(lines)


def picture_mark(drawn: bytes) -> bytes:
    """What a drawn picture's file says of itself: a digest of the code that drew it, and its own.

    Another processor may round a shade otherwise, so that pixels cannot be compared.
    """
    code = hashlib.sha256(picture_code().encode())
    package = layout.SOURCE / "convlab"
    for part in DRAWS:
        place = package / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            code.update(path.read_bytes())
    own = hashlib.sha256(drawn)
    return f"drawn by {code.hexdigest()[:16]}, pixels {own.hexdigest()[:16]}".encode()


def is_fresh(path: Path) -> bool:
    """Whether the picture at `path` was drawn by the present code and not changed since."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    begin = content.rfind(COMMENT)
    drawn = content[:begin] + TRAILER
    return begin > 0 and content[begin + 3 : -2] == picture_mark(drawn)
