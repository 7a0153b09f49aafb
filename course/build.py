"""Owns what is generated from the source: release/ by nbgrader, solution/ and the README's picture by us."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbclient
import nbformat

from . import layout, notebook

PREDICTIONS = Path(__file__).with_name("predictions.toml")
PICTURE, PAGE = "docs/slide.gif", "docs/messages.md"
PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


def everything(target):
    """Write release/convolution and solution/convolution under the folder `target`."""
    target = Path(target)
    layout.run_nbgrader(
        "generate_assignment",
        layout.ASSIGNMENT,
        "--force",
        "--no-db",
        f"--CourseDirectory.release_directory={target / 'release'}",
    )
    build_solution(target / "solution" / layout.ASSIGNMENT)
    build_picture(target / PICTURE)
    subprocess.run(
        [sys.executable, "-m", "course.catalogue", str((target / PAGE).resolve())],
        cwd=layout.ROOT,
        env=layout.environment(),
        check=True,
    )


def build_picture(path):
    """Write the README's picture: the lesson's first sliding kernel as a film, its numbers taken from the notebook."""
    cells = {cell.id: cell.source for cell in notebook.read(layout.SOURCE / layout.NOTEBOOK).cells}
    path.parent.mkdir(exist_ok=True)
    code = "\n".join(
        [
            cells["setup"],
            cells["flip-or-not"],
            "import sys",
            "slide(image, kernel).save_animation(sys.argv[1], seconds=0.8)",
        ]
    )
    subprocess.run(
        [sys.executable, "-c", code, str(Path(path).resolve())],
        cwd=layout.SOURCE,
        env=layout.environment(),
        check=True,
    )


def build_solution(folder):
    """Write the executed solution notebook, and the convlab it imports, into `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(
        layout.SOURCE / "convlab", folder / "convlab", ignore=shutil.ignore_patterns("__pycache__")
    )
    solved = solution(notebook.read(layout.SOURCE / layout.NOTEBOOK))
    nbclient.NotebookClient(
        solved, timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    for cell in solved.cells:
        cell.metadata.pop("execution", None)
    solved.metadata = {
        "kernelspec": solved.metadata.kernelspec,
        "language_info": {"name": "python"},
    }
    notebook.write(solved, folder / layout.NOTEBOOK)


def solution(source):
    """The source notebook as a reader's: no hidden tests or markers, and all that it asks answered.

    The solution's words stand in a cell of their own; predictions and the answers to "Your turn"
    come from predictions.toml.
    """
    given = tomllib.loads(PREDICTIONS.read_text("utf-8"))
    cells = []
    for cell in source.cells:
        cell = cell.copy()
        if cell.cell_type == "code":
            for value in given["predictions"].get(cell.id, []):
                cell.source = cell.source.replace("None", value, 1)
            visible = notebook.without(cell.source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
            words, cell.source = explained(visible)
            if words:
                cells.append(nbformat.v4.new_markdown_cell(words, id=f"{cell.id}-in-words"))
        cell.metadata = {}
        cells.append(cell)
    for turn in given["your-turn"]:
        place = [cell.id for cell in cells].index(turn["after"]) + 1
        words = nbformat.v4.new_markdown_cell(turn["words"].strip(), id=f"{turn['id']}-in-words")
        code = nbformat.v4.new_code_cell(turn["code"].strip(), id=turn["id"])
        cells[place:place] = [words, code]
    return nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)


def explained(source):
    """A solution cell in two: the comment that opens its solution region, as text, and the code without markers."""
    words, code, opening = [], [], False
    for line in source.split("\n"):
        text = line.strip()
        if text in (notebook.BEGIN_SOLUTION, notebook.END_SOLUTION):
            opening = text == notebook.BEGIN_SOLUTION
        elif opening and text.startswith("#"):
            words.append(text.removeprefix("#").strip())
        else:
            opening = False
            code.append(line)
    return "\n".join(words), "\n".join(code)
