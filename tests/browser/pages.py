"""The pages under test: a notebook with every kind of player, run, exported, and graded."""

import os
import shutil
import subprocess
import sys

import nbformat
import nbformat.sign

from course import layout

SEED = 5
SETUP = f"""
import torch
from convlab import checks, figures, images, slide, xray


def faulty(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            out[i, j] = (image[i:i + kernel.shape[0], j:j + kernel.shape[1]] * kernel).sum()
    out[2, 3], out[4, 1] = out[2, 4] + 1, 0
    return out


def flipped(image, kernel):
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))


def hostile(image, kernel):
    evil = "</script><img src=nowhere onerror='taken = 1'><script>taken = 2</script><!--<script>"
    raise ValueError(evil)


digits = torch.tensor([[-1., 0, 1, 2], [3, -1, 0, 1], [2, 3, -1, 0], [1, 2, 3, -1]])
lesson = (digits, torch.tensor([[1., 2], [-1, 0]]))
drawn = checks.example(12, 10, seed={SEED}).before
square = checks.example(8, 8, seed={SEED}).before
photo = (images.photograph(8), images.kernel("vertical edge"))
single = (photo[0][30:33, 30:33].contiguous(), photo[1])
""".strip()
CELLS = {  # the players in the order in which they stand on each page
    "lesson": "slide(*lesson)",
    "drawn": "slide(*drawn)",
    "faulty": "slide(*square, faulty)",
    "photo": "slide(*photo)",
    "hostile": "slide(*lesson, hostile)",
    "xray": "xray(flipped)",
    "single": "slide(*single)",
    "pair": "figures.flip_or_not(*lesson)",
}
NAMES = list(CELLS)
COUNT = len(NAMES) + 1  # players: the last cell, "pair", has two
GRADED = "assert 1 + 1 == 2"


def given():
    """What the notebook's first cell defines, made here by the same lines: {name: value}."""
    names = {}
    exec(SETUP, names)
    return names


def notebook():
    """The notebook without outputs: the set-up, a cell for each player, and a graded cell for
    nbgrader.
    """
    new = nbformat.v4.new_code_cell
    cells = [
        new(SETUP, id="set-up"),
        *(new(source, id=name) for name, source in CELLS.items()),
        new(GRADED, id="graded"),
    ]
    cells[-1].metadata["nbgrader"] = {
        "grade": True,
        "grade_id": "graded",
        "locked": True,
        "points": 1,
        "schema_version": 3,
        "solution": False,
        "task": False,
        "cell_type": "code",
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run(*command, cwd):
    """Run a Jupyter program in `cwd` to its end; RuntimeError with its output if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=layout.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-3000:]}"
        )


def with_convlab(folder):
    """Make `folder`, with the lesson's package in it as a learner has it, and return it."""
    shutil.copytree(
        layout.SOURCE / "convlab", folder / "convlab", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def executed(folder):
    """The notebook, run in `folder`: the path of players.ipynb."""
    path = with_convlab(folder) / "players.ipynb"
    nbformat.write(notebook(), path)
    run("nbconvert", "--to", "notebook", "--execute", "--inplace", path.name, cwd=folder)
    return path


def exported(path):
    """The executed notebook as nbconvert exports it, without its link to a typesetting program:
    players.html beside it.
    """
    run("nbconvert", "--to", "html", "--template", "lab", path.name, cwd=path.parent)
    return path.with_suffix(".html")


def feedback(root):
    """The page that nbgrader writes for a student who hands the notebook in, in a course of its
    own at `root`.
    """
    source = with_convlab(root / "source" / "players")
    nbformat.write(notebook(), source / "players.ipynb")
    shutil.copy(layout.ROOT / "nbgrader_config.py", root)
    layout.run_nbgrader("generate_assignment", "players", "--create", cwd=root)
    shutil.copytree(root / "release" / "players", root / "submitted" / "ada" / "players")
    layout.run_nbgrader("autograde", "players", "--create", cwd=root)
    layout.run_nbgrader("generate_feedback", "players", cwd=root)
    return root / "feedback" / "ada" / "players" / "players.html"


def sign(path, data):
    """Trust the notebook, in the Jupyter data folder `data`."""
    data.mkdir()
    notary = nbformat.sign.NotebookNotary(data_dir=os.fspath(data))
    notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()
