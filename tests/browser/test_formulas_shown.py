"""Whether the lesson's formulas are drawn without a network, on exported and on feedback pages."""

import re
import shutil

import nbformat
import pages
import pytest
from hosts import UNFOLD

from course import layout, notebook, solution

CELLS = [
    cell
    for cell in notebook.read(layout.SOURCE / layout.NOTEBOOK).cells
    if cell.cell_type == "markdown"
]
FORMULAS = sum(
    len(re.findall(r"\$\$?[^$]+\$\$?", re.sub(r"`[^`]*`", "", cell.source))) for cell in CELLS
)
# Each formula on the page: its text, and whether it is higher than nothing and within the window.
DRAWN = """() => [...document.querySelectorAll("math")].map((formula) => {
    const {left, right, width, height} = formula.getBoundingClientRect();
    return [formula.textContent, width > 4 && height > 4 && left >= 0 && right <= innerWidth];
})"""
# Where the letters below a sum are: under it, as a browser that draws MathML puts them.
BELOW = """() => [...document.querySelectorAll("munder")].map(({children: [sum, letter]}) =>
    letter.getBoundingClientRect().top > sum.getBoundingClientRect().top + 5)"""


def exported(folder):
    """The page that `make solution` writes of the lesson's text: its path."""
    path = folder / "solution.html"
    path.write_text(solution.page(nbformat.v4.new_notebook(cells=CELLS)), "utf-8")
    return path


def fed_back(folder):
    """The feedback page of a notebook with the lesson's text and one graded cell: its path."""
    root = folder / "course"
    source = root / "source" / "text"
    source.mkdir(parents=True)
    lesson = pages.notebook()
    lesson.cells = [*CELLS, lesson.cells[-1]]
    lesson.cells[-1].id = "graded-cell"
    nbformat.write(lesson, source / "text.ipynb")
    shutil.copy(layout.ROOT / "nbgrader_config.py", root)
    layout.run_nbgrader("generate_assignment", "text", "--create", cwd=root)
    shutil.copytree(root / "release" / "text", root / "submitted" / "ada" / "text")
    layout.run_nbgrader("autograde", "text", "--create", cwd=root)
    layout.run_nbgrader("generate_feedback", "text", cwd=root)
    return root / "feedback" / "ada" / "text" / "text.html"


@pytest.fixture(scope="module", params=[exported, fed_back], ids=["exported", "feedback"])
def path(request, tmp_path_factory):
    """Each kind of page in turn: its path."""
    return request.param(tmp_path_factory.mktemp("formulas"))


def test_every_formula_is_drawn_without_a_network(watch, path, photograph):
    """Offline, each formula is an element with a place of its own, and no TeX is left to read."""
    page = watch.open(path.as_uri(), offline=True)
    page.evaluate(UNFOLD)
    drawn = page.evaluate(DRAWN)
    assert FORMULAS > 20 and len(drawn) == FORMULAS
    assert [text for text, shown in drawn if not shown] == []
    assert any("∑" in text for text, _ in drawn) and any("∬" in text for text, _ in drawn)
    assert not re.search(r"\$|\\[a-z]+|&#", page.locator("body").inner_text())
    below = page.evaluate(BELOW)
    assert len(below) >= 4 and all(below)
    photograph(page.locator("math[display=block]").last, path.stem)


def test_a_page_without_formulas_in_mathml_would_be_noticed(watch, tmp_path):
    """nbconvert's own page leaves TeX to a program from the network: the test above can fail."""
    nbformat.write(nbformat.v4.new_notebook(cells=CELLS), tmp_path / "plain.ipynb")
    pages.run("nbconvert", "--to", "html", "plain.ipynb", cwd=tmp_path)
    page = watch.open((tmp_path / "plain.html").as_uri(), offline=True)
    assert page.locator("math").count() == 0
    assert r"\sum" in page.locator("body").inner_text()
