"""Whether the messages are whole: nothing missing, unused, unfillable or badly set, and nothing
that only a solution has.
"""

import ast
import re
import string

import pytest
from convlab import messages

from course import layout

CONVLAB = layout.SOURCE / "convlab"
FILES = [path.stem for path in sorted((CONVLAB / "messages" / "en").glob("*.toml"))]
DIAGNOSES = messages.table("diagnoses")
NAMES = list(DIAGNOSES)
OF_XRAY = NAMES[NAMES.index("sides-mixed-up") : NAMES.index("other-products") + 1]
GIVES_AWAY = re.compile(  # what only code of a solution has
    r"range\(|\bfor\s+\w+(\s*,\s*\w+)*\s+in\b.*:\s*$|\bdef \w+\(|\blambda\b"
    r"|[\w\]]\s*[-−]\s*[\w.]+(\[\d\])?\s*\+\s*1\b"
    r"|\w:\s*\w+\s*\+|```|^(    |\t)\s*\S",
    re.MULTILINE,
)


def strings(entry, name=""):
    """All texts of a file of messages, or of a part of it: (name, text)."""
    if isinstance(entry, str):
        return [(name, entry)]
    parts = entry.items() if isinstance(entry, dict) else enumerate(entry)
    return [found for key, part in parts for found in strings(part, f"{name}.{key}".strip("."))]


def placeholders(text):
    """The names in braces."""
    return {
        re.split(r"[.\[]", name)[0]
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None
    }


def texts(file, name):
    """The texts of a message, one for each form: a name without a part has those of "say"."""
    entry = messages.table(file)
    for part in name.split("."):
        entry = entry[part]
    entry = entry.get("say", entry) if isinstance(entry, dict) else entry
    return [entry] if isinstance(entry, str) else [entry["one"], entry["many"]]


def said():
    """Every place in convlab that says messages by name: (place, file, names, facts).

    The facts are None if not all are seen; a name with a star stands for parts that are not seen.
    """
    for path in sorted(CONVLAB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            function = isinstance(node, ast.Call) and getattr(
                node.func, "attr", getattr(node.func, "id", "")
            )
            if function not in ("say", "message", "diagnosed", "failed") or not node.args:
                continue
            facts = {keyword.arg for keyword in node.keywords} - {"sure", "hints_key"}
            place, known = f"{path.name} line {node.lineno}", None if None in facts else facts
            if function == "diagnosed":
                parts = [literal(part) or ["*"] for part in node.args[1:]] or [["say"]]
                for name in literal(node.args[0]):
                    names = [f"{name}.{part}" for several in parts for part in several]
                    yield place, "diagnoses", names, known
            elif function == "failed" and len(node.args) == 3:  # the call's name is added there
                for name in literal(node.args[1]):
                    names = [name, f"{name}.look"]
                    call = {"call"} & placeholders("".join(texts("mistakes", name)))
                    yield place, "mistakes", names, None if known is None else known | call
            elif len(node.args) > 1 and isinstance(node.args[0], ast.Constant):
                for name in literal(node.args[1]):
                    yield place, node.args[0].value, [name], known


def literal(node):
    """The names that an expression can be, as far as they stand there; none if some do not."""
    if isinstance(node, ast.IfExp):
        one, other = literal(node.body), literal(node.orelse)
        return one + other if one and other else []
    return [node.value] if isinstance(node, ast.Constant) else []


SAID = list(said())
TEXTS = [(file, name, text) for file in FILES for name, text in strings(messages.table(file))]
HINTS = [(name, text) for _, name, text in TEXTS if re.search(r"\.hints(-\w+)?\.", name)]
WHOLE = [
    (name, text)
    for file, name, text in TEXTS
    if name.endswith((".say", ".why")) or file == "mistakes" and "\n" in text
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_its_meaning_and_three_hints(name):
    """Each says when a teacher would use it, and leads on in three different steps, as do hints for
    a part of its message.
    """
    entry = DIAGNOSES[name]
    assert entry["means"].strip()
    assert "hints" in entry
    for key in [key for key in entry if key.startswith("hints")]:
        assert key.removeprefix("hints-") in ("hints", *entry)
        assert len({hint.strip() for hint in entry[key] if hint.strip()}) == len(entry[key]) == 3


@pytest.mark.parametrize("name", OF_XRAY)
def test_every_name_that_an_xray_finds_has_a_general_sentence(name):
    """It follows the X-ray's sentence on the function at hand, and is itself true for everybody."""
    assert DIAGNOSES[name]["why"].strip()
    assert placeholders(DIAGNOSES[name]["why"]) == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_XRAY])
def test_every_other_name_has_a_sentence(name):
    """Besides means, why and hints there are words on the function at hand."""
    assert any(
        text.strip()
        for key, text in strings(DIAGNOSES[name])
        if key.split(".")[0] not in ("means", "why") and not key.startswith("hints")
    )


@pytest.mark.parametrize("file", FILES)
def test_no_message_has_what_only_a_solution_has(file):
    """No loop, no bound, no formula of the size, no slice of the patch, no line of code."""
    assert [
        (name, text) for of, name, text in TEXTS if of == file and GIVES_AWAY.search(text)
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(3):",
        "Write for row, column in places:",
        "It has H - M + 1 rows.",
        "image.shape[0] - kernel.shape[0] + 1",
        "8−3+1 positions",
        "Cut out image[i:i + M].",
        "Do this:\n    out = 0",
        "def conv2d(image, kernel)",
        "a lambda does it",
    ],
)
def test_what_gives_the_solution_away_is_recognised(text):
    """Loops, bounds, slices and lines of code are seen for what they are."""
    assert GIVES_AWAY.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Is (1 + 2) · (3 + 4) the same?",
        "`torch.zeros(rows, columns)`",
        "the patch image[0:3, 0:3]",
        "Look for `.T`: is it there?",
    ],
)
def test_what_gives_nothing_away_may_be_said(text):
    """Numbers of the case at hand and names of functions are no code of a solution."""
    assert not GIVES_AWAY.search(text)


@pytest.mark.parametrize(
    "place, file, names, facts",
    SAID,
    ids=[f"{file}-{'-'.join(names)}-{k}" for k, (_, file, names, _) in enumerate(SAID)],
)
def test_what_the_code_says_is_there_and_gets_just_its_facts(place, file, names, facts):
    """Each message that is called by name exists, and its placeholders are the facts it is given.

    Of several parts each takes some of the facts; where not all parts are seen, there may be more.
    """
    seen = [text for name in names if "*" not in name for text in texts(file, name)]
    assert all(text.strip() for text in seen)
    wanted = set().union(*map(placeholders, seen))
    if any(len(texts(file, name)) > 1 for name in names if "*" not in name):
        wanted.add("count")  # which chooses the form
    if any("*" in name for name in names):
        entry = messages.table(file)[names[0].split(".")[0]]
        possible = set().union(*(placeholders(text) for _, text in strings(entry)))
        assert facts is None or wanted <= facts <= possible
    else:
        assert facts in (None, wanted)


def test_no_message_on_a_mistake_or_around_the_ladder_is_left_over():
    """Each is named somewhere in convlab, or is a rung of the ladder."""
    named = {
        node.value
        for path in CONVLAB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    parts = {text.split(".")[0] for text in named}
    made = {f"{part}-{when}" for part in ("image", "kernel") for when in ("before", "after")}
    for file in ("mistakes", "rungs"):
        assert set(messages.table(file)) - named - parts - made == set()


@pytest.mark.parametrize("file", FILES)
def test_no_message_has_spaces_too_many(file):
    """Neither doubled ones, nor any at the end of a line."""
    assert [
        (name, text)
        for of, name, text in TEXTS
        if of == file and re.search(r"  | $", text, re.MULTILINE)
    ] == []


@pytest.mark.parametrize("name, text", HINTS, ids=[name for name, _ in HINTS])
def test_a_hint_is_one_or_two_short_sentences(name, text):
    """It begins and ends as a sentence does, and can be read at a glance."""
    assert re.fullmatch(r"(?:[^a-z\s]|torch\.).*[.?!]", text)
    assert len(text) <= 220
    assert len(re.findall(r"[.?!](?= [A-Z`])", text)) <= 1


@pytest.mark.parametrize("name, text", WHOLE, ids=[name for name, _ in WHOLE])
def test_a_sentence_ends_as_one(name, text):
    """With a full stop, a question or exclamation mark, or the words that are put there."""
    assert not text.strip() or text.strip()[-1] in ".?!})"
