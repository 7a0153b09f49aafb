"""Makes the solution notebook from the source notebook, runs it, and writes it as one web page."""

import argparse
import os
import sys
import tempfile
import tomllib
from pathlib import Path

import nbclient
import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from . import layout, notebook

PREDICTIONS = Path(__file__).with_name("predictions.toml")
PAGE = layout.ROOT / "work" / "solution.html"
# a browser lays out the cells near the window only: the page is soon ready, and a step in it fast
NEAR = "<style>.jp-Cell{content-visibility:auto;contain-intrinsic-height:auto 300px}</style>"


def solution(source: NotebookNode) -> NotebookNode:
    """The source notebook as a reader's, not run, with all that it asks answered.

    It has no hidden tests and no markers; the comment that opens a solution is a cell of text;
    predictions and the answers to "Your turn" come from predictions.toml.
    """
    given = tomllib.loads(PREDICTIONS.read_text("utf-8"))
    cells = []
    for cell in source.cells:
        cell = cell.copy()
        if cell.cell_type == "code":
            for value in given["predictions"].get(cell.id, []):
                cell.source = cell.source.replace("None", value, 1)
            visible = notebook.without(cell.source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
            words, cell.source = words_and_code(visible)
            if words:
                cells.append(nbformat.v4.new_markdown_cell(words, id=f"{cell.id}-in-words"))
        cell.metadata = {}
        cells.append(cell)
    for turn in given["your-turn"]:
        place = [cell.id for cell in cells].index(turn["after"]) + 1
        words = nbformat.v4.new_markdown_cell(turn["words"].strip(), id=f"{turn['id']}-in-words")
        code = nbformat.v4.new_code_cell(turn["code"].strip(), id=turn["id"])
        cells[place:place] = [words, code]
    metadata = {
        "kernelspec": source.metadata.kernelspec,
        "language_info": {"name": "python"},
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def words_and_code(source: str) -> tuple[str, str]:
    """A solution cell in two: the comment that opens its solution, and the code without markers."""
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


def executed() -> NotebookNode:
    """The solution notebook, run in an empty folder with the source's convlab: with its outputs.

    nbclient.exceptions.CellExecutionError names the cell if one fails.
    """
    solved = solution(notebook.read(layout.SOURCE / layout.NOTEBOOK))
    environment = layout.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(layout.SOURCE), environment["PYTHONPATH"]])
    with tempfile.TemporaryDirectory() as folder:
        client = nbclient.NotebookClient(
            solved, timeout=120, resources={"metadata": {"path": folder}}
        )
        client.execute(env=environment)
    return solved


def page(solved: NotebookNode) -> str:
    """An executed notebook as one HTML page that needs no network: formulas are MathML."""
    config = Config()
    config.HTMLExporter.filters = {"markdown2html": "course.formulas.MarkdownFilter"}
    exporter = HTMLExporter(config=config, template_name="lab", mathjax_url="", require_js_url="")
    html, _ = exporter.from_notebook_node(
        solved, resources={"metadata": {"name": "The principles of the convolution: solution"}}
    )
    return html.replace("</head>", f"{NEAR}</head>", 1)


def main(arguments: list[str] | None = None) -> int:
    """Run the solution notebook and write it as one page with all pictures, to read offline."""
    parser = argparse.ArgumentParser(prog="course.solution", description=main.__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=PAGE, help="default: %(default)s")
    path = parser.parse_args(arguments).path
    print("Running the solution notebook (about 20 seconds) ...", flush=True)
    html = page(executed())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    print(f"Wrote {path}: open it in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
