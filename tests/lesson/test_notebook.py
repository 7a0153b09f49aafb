"""Whether the notebook has the form the lesson promises, and runs unsolved from top to bottom."""

import ast
import builtins
import re
import time

import nbclient
import numpy as np
import pytest
import torch
from convlab.figures.predictions import MISSING

from course import layout, notebook

SOURCE = notebook.read(layout.SOURCE / layout.NOTEBOOK)
RELEASE = layout.ROOT / "release" / layout.ASSIGNMENT
CODE = [cell for cell in SOURCE.cells if cell.cell_type == "code"]
TEXT = "\n".join(cell.source for cell in SOURCE.cells if cell.cell_type == "markdown")
SECONDS_AFTER_IMPORTS = 60  # the figure to reach is 10; a busy machine must not turn a test red
GRADED = [
    "feature_map_8x8",
    "feature_map_12x10",
    "feature_map_10x10",
    "feature_map_12x8",
    "from_scratch",
]


@pytest.fixture(scope="module")
def unsolved():
    """The released notebook after Run All: (notebook, seconds of each code cell)."""
    released, seconds = notebook.read(RELEASE / layout.NOTEBOOK), {}
    begun = {}
    client = nbclient.NotebookClient(
        released,
        timeout=120,
        resources={"metadata": {"path": str(RELEASE)}},
        on_cell_execute=lambda cell, cell_index: begun.update({cell.id: time.monotonic()}),
        on_cell_executed=lambda cell, cell_index, execute_reply: seconds.update(
            {cell.id: time.monotonic() - begun[cell.id]}
        ),
    )
    client.execute()  # raises at the first error that is not in a cell tagged raises-exception
    return released, seconds


def outputs(run, kind):
    """The outputs of one kind, by cell: {cell id: [output]}."""
    found = {
        cell.id: [o for o in cell.outputs if o.output_type == kind]
        for cell in run.cells
        if cell.cell_type == "code"
    }
    return {name: some for name, some in found.items() if some}


def test_the_eleven_parts_come_in_order():
    """The lesson has parts 1 to 11, each once."""
    assert [int(n) for n in re.findall(r"^## (\d+)\. ", TEXT, re.MULTILINE)] == list(range(1, 12))


@pytest.mark.parametrize(
    "name, answer",
    [
        ("kernel", "no structure"),
        ("linear-text", "linear"),
        ("shift-text", "same nine|moves in the map"),
        ("similarity-note", r"\bsquare\b|\bring\b"),
    ],
)
def test_the_text_around_a_picture_leaves_its_answer_to_the_picture(name, answer):
    """What a prediction asks for stands in no heading above it, nor in the words below it."""
    (text,) = [cell.source for cell in SOURCE.cells if cell.id == name]
    beside = re.sub(r"\n## 9\. .*", "", text.split("**Predict.**")[0].split("### Any number")[0])
    assert re.search(answer, beside) is None


def test_the_exercise_has_its_five_parts_in_order():
    """Idea, specification, stub, picture, check, then the graded cells."""
    headings = re.findall(r"^### (.+)$", TEXT[TEXT.index("## 10. ") :], re.MULTILINE)
    assert headings[:6] == ["Idea", "Specification", "Stub", "Picture", "Check", "Graded cells"]


def test_every_part_has_something_to_run():
    """Between two part headings, except in the outlook, there is at least one cell that draws."""
    parts, current = {}, None
    for cell in SOURCE.cells:
        for number in (
            re.findall(r"^## (\d+)\. ", cell.source, re.MULTILINE)
            if cell.cell_type == "markdown"
            else []
        ):
            current = int(number)
        if cell.cell_type == "code" and current:
            parts.setdefault(current, []).append(cell.id)
    assert sorted(parts) == list(range(1, 11))


@pytest.mark.parametrize("word, part", [("kernel", 3), ("feature map", 5)])
def test_no_word_is_used_before_the_part_that_defines_it(word, part, unsolved):
    """Neither text nor picture says "kernel" before part 3, or "feature map" before part 5."""
    defined = [c for c in SOURCE.cells if f"**{word}**" in c.source]
    assert re.search(rf"^## {part}\. ", defined[0].source, re.MULTILINE)
    shown = outputs(unsolved[0], "execute_result")
    for cell in SOURCE.cells[: SOURCE.cells.index(defined[0])]:
        said = [output.data["text/plain"] for output in shown.get(cell.id, [])]
        texts = [cell.source] if cell.cell_type == "markdown" else said
        assert not [text for text in texts if re.search(rf"\b{word}", text)], cell.id


def test_the_story_claims_no_more_than_is_true():
    """Sentences that said too much are gone: p < S, three additions, kernels "just like these"."""
    assert "p < S" not in TEXT and r"p \le S" in TEXT
    assert not re.search(r"three (small )?additions|just like these", TEXT, re.IGNORECASE)
    outlook = TEXT[TEXT.index("## 11. ") :]
    for addition in ("Padding", "Stride", "Channels", "groups", "Dilation", "pooling"):
        assert re.search(rf"\*\*{addition}\*\*", outlook, re.IGNORECASE), addition


def test_what_the_lesson_names_is_shown_beside():
    """Translation equivariance, the transpose and the nonlinearity each have a cell that draws."""
    for said, name in (
        ("**translation equivariance**", "shift"),
        ("**transpose**", "way-back"),
        ("ReLU", "two-in-a-row"),
    ):
        cells = [cell.id for cell in SOURCE.cells]
        (where, *_) = [cell.id for cell in SOURCE.cells if said in cell.source]
        assert abs(cells.index(where) - cells.index(name)) == 1


def test_cells_are_short():
    """A cell that students read shows an idea: at most 12 lines, no plotting."""
    for cell in CODE:
        shown = notebook.without(cell.source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
        shown = notebook.without(shown, notebook.BEGIN_SOLUTION, notebook.END_SOLUTION)
        assert len(shown.split("\n")) <= 12, cell.id
        assert not re.search(r"import matplotlib|plt\.", shown), cell.id


def test_the_graded_cells_are_the_five_of_the_contract():
    """Five graded cells of 2 points each, as the notebook's own table says."""
    points = notebook.points(SOURCE)
    assert list(points) == GRADED
    assert set(points.values()) == {2}
    for name, worth in points.items():
        assert re.search(rf"\| `{name}` \|.*\| {worth} \|", TEXT)
    assert "| **10** |" in TEXT


@pytest.mark.parametrize("name", GRADED[:4])
def test_each_size_cell_has_a_visible_and_a_hidden_part(name):
    """The visible call asks for type and size; the hidden ones for values and repeated calls."""
    source = notebook.graded(SOURCE)[name].source
    visible = notebook.without(source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
    hidden = notebook.region(source, notebook.BEGIN_HIDDEN, notebook.END_HIDDEN)
    height, width = re.search(r"(\d+)x(\d+)", name).groups()
    assert f"compared = checks.feature_map(conv2d, height={height}, width={width})" in visible
    assert visible.rstrip().split("\n")[-1].strip().startswith("print(compared)")
    assert [line.split("  #")[0].strip() for line in hidden] == [
        "compared.values()",
        "image, kernel = checks.other_variables()",
        "compared.repeated()",
    ]


@pytest.mark.parametrize("name", GRADED)
def test_a_graded_cell_ends_in_a_statement(name):
    """The last line is no expression with a value, which nbgrader reads as partial credit."""
    last = ast.parse(notebook.graded(SOURCE)[name].source).body[-1]
    call_without_value = (
        isinstance(last, ast.Expr)
        and isinstance(last.value, ast.Call)
        and ast.unparse(last.value.func) == "checks.are_new"
    )
    assert not isinstance(last, ast.Expr) or call_without_value


@pytest.mark.parametrize("name", GRADED)
def test_a_graded_cell_uses_no_function_that_a_star_import_hides(name):
    """After `from torch import *` or `from numpy import *`, a right answer keeps its points."""
    tree = ast.parse(notebook.graded(SOURCE)[name].source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for library in (torch, np):
        hidden = {one for one in library.__all__ if hasattr(builtins, one)}
        assert hidden and not used & hidden


def binds_nothing(cell):
    """Whether a cell is of use only for what it shows: no name or module comes from it."""
    makers = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Delete, ast.For)
    makers += (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.With)
    return not any(isinstance(node, makers) for node in ast.walk(ast.parse(cell.source)))


def test_what_is_only_drawn_costs_no_time_or_trust_when_graded():
    """While proctor grades, pictures before the answer are drawn once for all students, the last
    ones are left out; X-ray and check run beside the answer once, the picture for its names.
    """
    marked = {
        cell.id: cell.metadata.proctor.runs for cell in SOURCE.cells if "proctor" in cell.metadata
    }
    here = [cell.id for cell in CODE].index(notebook.STUB)
    shown = [cell.id for cell in CODE[:here] if binds_nothing(cell)] + ["xray", "check"]
    yours = [cell.id for cell in CODE if cell.id.startswith("your-")]
    assert marked == {"picture": "candidate"} | dict.fromkeys(yours, "never") | dict.fromkeys(
        shown, "shown"
    )
    by_id = {cell.id: cell for cell in CODE}
    assert binds_nothing(by_id["xray"]) and binds_nothing(by_id["check"])
    assert not {cell.id for cell in notebook.graded(SOURCE).values()} & set(marked)


def test_the_stub_is_one_cell_and_stays_a_stub():
    """One cell is the student's; released, it holds a docstring and a NotImplementedError."""
    stub = notebook.stub(notebook.read(RELEASE / layout.NOTEBOOK)).source
    (function,) = ast.parse(stub).body
    assert function.name == "conv2d" and [a.arg for a in function.args.args] == ["image", "kernel"]
    assert [type(part) for part in function.body] == [ast.Expr, ast.Raise]
    assert "replace this line by your own code" in stub


def test_unsolved_the_notebook_runs_and_every_visual_draws(unsolved):
    """Run All on the release: no error outside the graded cells, a picture where one belongs."""
    run, _ = unsolved
    assert set(outputs(run, "error")) == {cell.id for cell in notebook.graded(run).values()}
    drawing = {
        cell.id
        for cell in run.cells
        if cell.cell_type == "code"
        and re.search(r"^(figures\.\w+|slide|xray)\(", cell.source, re.MULTILINE)
    }
    html = {
        name: some[0].data["text/html"] for name, some in outputs(run, "execute_result").items()
    }
    assert drawing == {
        name for name in html if "<figure" in html[name] or "convlab-player" in html[name]
    }
    assert len(drawing) >= 36


def test_every_place_where_the_kernel_slides_is_alive(unsolved):
    """Players need no prediction, but for the three whose picture asks for one and waits."""
    html = {
        name: some[0].data["text/html"]
        for name, some in outputs(unsolved[0], "execute_result").items()
    }
    alive = {
        "slide": 0,
        "slide-yourself": 0,
        "flip-both": 2,
        "one-position": 0,
        "detectors-slide": 1,
        "photograph-slide": 1,
        "picture": 1,
        "xray": 1,
        "your-flip": 2,
    }
    assert {name: html[name].count('<div class="convlab-player"') for name in alive} == alive


def test_no_player_of_part_5_counts_the_positions_before_they_are_predicted(unsolved):
    """Below the picture that hides the answer, the learner's own player hides it too."""
    (shown,) = outputs(unsolved[0], "execute_result")["slide-yourself"]
    assert "9 positions" not in shown.data["text/html"]
    assert MISSING in shown.data["text/plain"] and "9 positions" not in shown.data["text/plain"]


def test_unsolved_every_graded_cell_says_not_implemented_yet(unsolved):
    """Each graded cell ends in the sentence that invites to begin, not in a riddle."""
    for some in outputs(unsolved[0], "error").values():
        assert some[0].ename == "NotImplementedYet"
        assert "put your own code in the place of" in some[0].evalue
        assert "Diagnosis [stub-still-there]: " in some[0].evalue
        assert (
            len("\n".join(some[0].traceback).split("\n")) <= 6
        )  # the sentences, not the checks' own lines


def test_unsolved_nothing_is_written_to_stderr(unsolved):
    """No cell warns."""
    assert [
        o.text
        for some in outputs(unsolved[0], "stream").values()
        for o in some
        if o.name == "stderr"
    ] == []


def test_unsolved_the_pictures_of_the_last_section_are_the_lessons(unsolved):
    """Before the exercise is solved, the learner's pictures show the target and say so."""
    results = outputs(unsolved[0], "execute_result")
    yours = [name for name in results if name.startswith("your-") or name == "picture"]
    assert len(yours) == 11
    assert (
        "Nothing to X-ray: conv2d is not implemented yet" in results["xray"][0].data["text/plain"]
    )
    assert all(
        "Drawn by the lesson: conv2d is still the stub" in results[name][0].data["text/plain"]
        for name in yours
    )


def test_the_unsolved_notebook_does_not_take_for_ever(unsolved):
    """A coarse bound on the time of Run All after the imports; benchmarks measure it."""
    _, seconds = unsolved
    assert sum(seconds.values()) - seconds["setup"] < SECONDS_AFTER_IMPORTS


def test_the_only_numbers_typed_into_the_story_are_sizes_and_questions():
    """Outside formulas the prose names sizes and choices, never a number that a cell computes."""
    story = re.sub(r"\$[^$]*\$|`[^`]*`", "", TEXT[: TEXT.index("## 10. ")])
    numbers = set(re.findall(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?![\w.])", story))
    assert numbers <= {str(n) for n in range(12)} | {"27", "28", "40", "60", "64", "90", "10"}
