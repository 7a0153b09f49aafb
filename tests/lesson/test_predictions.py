"""Whether pictures hide their answers until there is a prediction, and answer whatever it is."""

import ast
import contextlib
import io
import re
import tomllib

import pytest
import torch
from convlab import figures, images, oracle
from convlab.figures.predictions import MINUS, MISSING, Choice, Number, Size, Unreadable, answer

from course import layout, notebook, solution

SOURCE = notebook.read(layout.SOURCE / layout.NOTEBOOK)
CELLS = [cell for cell in SOURCE.cells if cell.cell_type == "code"]
GIVEN = tomllib.loads(solution.PREDICTIONS.read_text("utf-8"))
ANSWERS = GIVEN["predictions"]
IMAGE, KERNEL = torch.arange(16.0).reshape(4, 4), torch.ones(2, 2)
OTHER = {  # for each word that is right, one that is wrong
    '"flat at 0"': '"falls faster"',
    '"without"': '"with"',
    '"vertical edge"': '"corner"',
    '"-"': '"+"',
    '"over a ring"': '"at a corner"',
    '"no"': '"yes"',
    '"the same"': '"others"',
    '"moves along"': '"stays"',
    '"square"': '"ring"',
}


SAID_AFTERWARDS = {  # how the answer to each question is said, in text or picture, after it
    "predict-flattening": "8 apart|one whole row",
    "predict-weights": "2304",
    "predict-likeness": "no structure at all|shuffled, even neighbours",
    "predict-flip": "[Dd]eep learning leaves the flip out|works without the flip|gives −4 as",
    "predict-slide": "9 positions|3×3 feature map",
    "predict-one-position": "products add up to",
    "prediction": "10×8|10×6",
    "predict-detectors": "vertical edge kernel gives|circle [0-9.]+ at",
    "predict-ripple": "values (that moved|of the feature map change)|rotated by half a turn",
    "predict-superposition": "(?i)linear operator|it is linear",
    "predict-matrix": "36×64|36 outputs|324",
    "predict-two-in-a-row": "size is 5×5|one kernel of 5×5|reads? 5×5|these read 5×5",
    "predict-learning": "same nine come back|weights found are within",
    "predict-shift": "moves in the map|equivarian|moves along",
    "predict-similarity": "Bright pixels make large dot products",
}


def run(source, names):
    """Run a cell in the namespace `names`: the value of its last line, as a notebook shows it."""
    *lines, last = ast.parse(source).body or [ast.Pass()]
    if not isinstance(last, ast.Expr):
        lines, last = [*lines, last], None
    exec(compile(ast.Module(lines, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


@pytest.fixture(scope="module")
def lesson():
    """What the cells before the exercise define and show, unsolved: (names, {cell: output})."""
    names, shown = {}, {}
    for cell in CELLS[: [cell.id for cell in CELLS].index("conv2d")]:
        shown[cell.id] = run(cell.source, names)
    return names, shown


def picture_after(name):
    """The cell that follows this one."""
    ids = [cell.id for cell in CELLS]
    return CELLS[ids.index(name) + 1]


def shown_with(lesson, name, values):
    """What the picture of a prediction cell shows once these values were entered."""
    names = dict(lesson[0])
    (cell,) = [cell for cell in CELLS if cell.id == name]
    source = cell.source
    for value in values:
        source = source.replace("None", value, 1)
    run(source, names)
    return run(picture_after(name).source, names)


def told(shown):
    """All words of a Picture or a player: its caption, its alt text, its HTML, and the titles."""
    bundle = shown._repr_mimebundle_()
    unread = r"<(style|script)\b.*?</\1>"
    html = re.sub(unread, "", bundle["text/html"], flags=re.DOTALL)
    html = re.sub(r"<[^>]*>", "", html)  # text/plain has what is in the tags
    titles = [ax.get_title() for ax in shown.figure.axes] if hasattr(shown, "figure") else []
    return "\n".join([bundle["text/plain"], html, *titles])


def as_told(value):
    """A prediction's value as a text would print it, as a pattern that finds it alone."""
    plain = ast.literal_eval(value)
    if isinstance(plain, str):
        return f'"{re.escape(plain)}"'
    text = "×".join(map(str, plain)) if isinstance(plain, tuple) else str(plain)
    return rf"(?<![\w×.]){text.replace('-', MINUS)}(?!\.?[\w×])"


def test_every_prediction_is_a_cell_between_its_question_and_its_picture():
    """A question is followed by a cell of None, and that by a cell which takes in its variable."""
    cells = SOURCE.cells
    asks = [n for n, cell in enumerate(cells) if "**Predict.**" in cell.source]
    assert [cells[n + 1].id for n in asks] == list(ANSWERS)
    for n in asks:
        lines = ast.parse(cells[n + 1].source).body
        assert ast.unparse(lines[-1]).count("None") == len(ANSWERS[cells[n + 1].id])
        assert lines[-1].targets[0].id in cells[n + 2].source


@pytest.mark.parametrize("name", ANSWERS)
def test_without_a_prediction_a_picture_asks_and_hides_its_answer(lesson, name):
    """It says what to do and names the keyword; none of the right values stands in its words."""
    words = told(lesson[1][picture_after(name).id])
    assert MISSING in words and "reveal=True" in words
    words = words.replace("8×8 → ?", "")  # an image's size, and that of another's feature map
    assert [value for value in ANSWERS[name] if re.search(as_told(value), words)] == []


@pytest.mark.parametrize("name", ANSWERS)
def test_no_text_or_picture_answers_a_question_before_it_is_asked(lesson, name):
    """Read in order with no prediction entered, what says an answer comes after its question."""
    before, after = [], [repr(shown_with(lesson, name, ANSWERS[name]))]
    said = before
    for cell in SOURCE.cells:
        shown = lesson[1].get(cell.id)
        said = after if cell.id == name else said
        if shown is not None:
            said.append(told(shown))
        elif cell.cell_type == "markdown":
            said.append(cell.source)
    pattern = SAID_AFTERWARDS[name]
    assert re.search(pattern, "\n".join(after))
    assert re.findall(pattern, "\n".join(before)) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_the_solutions_predictions_are_judged_right(lesson, name):
    """Each value of the solution notebook is right, and the picture says so of each."""
    words = repr(shown_with(lesson, name, ANSWERS[name]))
    assert words.count("and that is right.") == len(ANSWERS[name])
    assert "and it is" not in words and MISSING not in words


@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_prediction_is_told_with_what_came(lesson, name):
    """Each wrong value is repeated, with the right one after it."""
    wrong = [
        OTHER.get(value) or ("(9, 9)" if "(" in value else str(int(value) + 1))
        for value in ANSWERS[name]
    ]
    words = repr(shown_with(lesson, name, wrong))
    assert words.count("you predicted") + words.count("You predicted") == len(wrong)
    for value in ANSWERS[name]:
        assert re.search("and it is " + as_told(value), words)


@pytest.mark.parametrize("name", ["predict-slide", "predict-one-position"])
def test_with_a_prediction_the_kernel_can_be_moved(lesson, name):
    """The picture of the question becomes a player."""
    shown = shown_with(lesson, name, ANSWERS[name])
    assert 'class="convlab-player"' in shown._repr_mimebundle_()["text/html"]
    assert "convlab-player" not in told(lesson[1][picture_after(name).id])


@pytest.mark.parametrize("name", ANSWERS)
def test_a_keyword_shows_the_answer_without_a_prediction(lesson, name):
    """With reveal=True the picture is the one a prediction opens, without a verdict."""
    source = picture_after(name).source.rstrip()
    shown = run(source.removesuffix(")") + ", reveal=True)", dict(lesson[0]))
    assert MISSING not in repr(shown) and "and that is right" not in repr(shown)
    opened = shown_with(lesson, name, ANSWERS[name])
    if name == "prediction":  # here each image has a verdict of its own
        titles = [[ax.get_title().split("\n")[0] for ax in p.figure.axes] for p in (shown, opened)]
        assert titles[0] == titles[1]
    else:
        assert len(shown.caption) > 20 and opened.caption.endswith(shown.caption)


class Awkward:
    """An object that fails whatever is asked of it."""

    def __repr__(self):
        raise RuntimeError("no words")

    def __float__(self):
        raise RuntimeError("no number")

    def __iter__(self):
        raise RuntimeError("nothing inside")

    def __bool__(self):
        raise RuntimeError("neither")


TYPED = {
    "text": "no idea",
    "an empty list": [],
    "three numbers": (1, 2, 3),
    "a table": {"a": 1},
    "a set": {6, 7},
    "a type": int,
    "a function": len,
    "no number": float("nan"),
    "infinity": float("inf"),
    "a complex number": 1j,
    "a huge number": 10**400,
    "bytes": b"88",
    "an image": torch.zeros(4, 4),
    "half a pixel": (1.5, 2),
    "an awkward object": Awkward(),
    "a broken character": "\ud800",
    "markup": "<script>alert()</script>",
}
ASKED = {
    "number": lambda entry: figures.flattening(images.digit(), (3, 4), (4, 4), prediction=entry),
    "size": lambda entry: figures.sliding(IMAGE, KERNEL, prediction=entry),
    "word": lambda entry: figures.shift(images.digit(), KERNEL, prediction=entry),
    "table": lambda entry: figures.flip_at_one_position(IMAGE, KERNEL, prediction=entry),
    "in a table": lambda entry: figures.flip_at_one_position(
        IMAGE, KERNEL, prediction={"with the flip": entry, "torch": entry, "without the flip": 3}
    ),
    "sizes": lambda entry: figures.positions(dict.fromkeys([(8, 8), (12, 10)], entry)),
    "all sizes": lambda entry: figures.positions(entry),
}


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("asked", ASKED)
def test_whatever_is_typed_gets_a_sentence(asked, typed):
    """An entry that cannot be read is repeated, the form is named, the answer stays hidden."""
    picture = ASKED[asked](TYPED[typed])
    html = picture._repr_mimebundle_()["text/html"].encode("utf-8").decode()
    assert "<script>alert" not in html
    assert (
        "cannot be read as" in picture.caption
        or "should be a table" in picture.caption
        or asked in ("table", "all sizes")  # a table without a known name counts as none
        and MISSING in picture.caption
    )
    assert "that is right" not in picture.caption and "and it is" not in picture.caption
    assert "reveal=True" in picture.caption


@pytest.mark.parametrize(
    "entry",
    [
        (3, 4),
        [3, 4],
        torch.Size([3, 4]),
        torch.tensor([3, 4]),
        torch.tensor([3.0, 4.0]).numpy(),
        (3.0, 4.0),
        "3x4",
        "3×4",
        "(3, 4)",
        "3 by 4",
        "3 rows, 4 columns",
    ],
)
def test_a_size_may_be_typed_in_many_forms(entry):
    """Tuple, list, tensor, array and text: all are the same size."""
    assert answer(Size((3, 4)), entry).right is True
    assert answer(Size((4, 3)), entry).right is False


@pytest.mark.parametrize(
    "entry", [2304, 2304.0, "2304", "2,304", "2304 weights", torch.tensor(2304), [2304], "+2304."]
)
def test_a_number_may_be_typed_in_many_forms(entry):
    """Whole, with a point, as text, in a tensor: all are the same number."""
    assert answer(Number(2304), entry).right is True
    assert answer(Number(2305), entry).right is False


@pytest.mark.parametrize("entry", ["-4", "−4", -4, -4.0])
def test_a_negative_number_keeps_its_sign(entry):
    """With either minus sign."""
    assert answer(Number(-4), entry).right is True


@pytest.mark.parametrize(
    "truth, options, entry",
    [
        ("ring", ("ring", "square"), " The Ring. "),
        ("the same", ("the same", "others"), "same"),
        ("yes", ("yes", "no"), True),
        ("no", ("yes", "no"), False),
        ("-", ("+", "-"), "negative"),
        ("+", ("+", "-"), "plus"),
        ("-", ("+", "-"), "−"),
    ],
)
def test_a_word_may_be_typed_in_several_forms(truth, options, entry):
    """Capitals, articles, full stops and the names of signs make no difference."""
    assert answer(Choice(truth, options), entry).right is True


def test_a_word_that_only_holds_an_option_is_not_read():
    """What might mean the opposite is asked again."""
    with pytest.raises(Unreadable):
        Choice("ring", ("ring", "square")).read("not the ring")


@pytest.mark.parametrize("entry", [None, ..., "", "  "])
def test_nothing_entered_is_no_prediction(entry):
    """None, dots and an empty text wait for an entry."""
    assert figures.sliding(IMAGE, KERNEL, prediction=entry).caption == MISSING


def test_of_a_table_nothing_is_judged_before_all_is_entered():
    """One answer does not help with the next: what lacks is named, what is there is not judged."""
    caption = figures.flip_at_one_position(
        IMAGE, KERNEL, prediction={"with the flip": 10, "torch": "with"}
    ).caption
    assert caption.startswith("Without the flip: no prediction yet.")
    assert "right" not in caption and "10" not in caption


def test_each_size_is_shown_as_soon_as_it_has_a_prediction():
    """Part 7 answers for one image while the others still wait."""
    picture = figures.positions({(8, 8): (6, 6), (12, 10): None})
    titles = [ax.get_title() for ax in picture.figure.axes[:2]]
    assert titles == ["8×8 → 6×6\nyou: right ✓", "12×10 → ?\nno prediction yet"]


def test_the_lessons_questions_about_its_drawing_have_true_answers():
    """Only the vertical edge kernel answers at the square's sides and not at its top and bottom."""
    found = {}
    for name in ("vertical edge", "horizontal edge", "corner", "circle"):
        response = oracle.feature_map(images.drawing(), images.kernel(name))
        half = images.kernel(name).shape[0] // 2
        sides = [response[9 - half, column - half] for column in (4, 15)]  # ink's outermost pixels
        ends = [response[row - half, 9 - half] for row in (4, 15)]
        found[name] = all(abs(v) > 1e-6 for v in sides) and all(abs(v) < 1e-6 for v in ends)
    assert found == {
        "vertical edge": True,
        "horizontal edge": False,
        "corner": False,
        "circle": False,
    }


def test_the_release_holds_no_answer():
    """Students get the prediction cells with None, and no answer to "Your turn"."""
    folder = layout.ROOT / "release" / layout.ASSIGNMENT
    released = {cell.id: cell.source for cell in notebook.read(folder / layout.NOTEBOOK).cells}
    for name, values in ANSWERS.items():
        assert ast.unparse(ast.parse(released[name]).body[-1]).count("None") == len(values)
    everything = "\n".join(
        path.read_text("utf-8")
        for path in folder.rglob("*.*")
        if path.is_file() and path.suffix != ".pyc"  # another test may run something there
    )
    for turn in GIVEN["your-turn"]:
        assert turn["id"] not in released and turn["words"].strip()[:40] not in everything


def test_the_answers_to_your_turn_are_computed(lesson):
    """The kernels copy what they should, and the changed pixel makes the sum 0."""
    names = dict(lesson[0])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        shown = [run(turn["code"].strip(), names) for turn in GIVEN["your-turn"]]
    assert printed.getvalue().count("True") == 2 and "False" not in printed.getvalue()
    assert shown[-1].result.tolist() == [[0.0]]
    assert sum("**Your turn.**" in cell.source for cell in SOURCE.cells) == 2
