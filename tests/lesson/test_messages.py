"""Whether the messages are whole: nothing missing or unfillable, and nothing of a solution."""

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
    r"range\(|\bfor\s+\w+(\s*,\s*\w+)*\s+in\b.*:\s*$|\bdef \w+\(|\blambda\b|[\w\]]\s*[-−]\s*[\w.]+(\[\d\])?\s*\+\s*1\b"
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


def said():
    """Every place in convlab that tells a message by name: (place, file, name, facts).

    The facts are None if not all of them stand there.
    """
    for path in sorted(CONVLAB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                facts = {keyword.arg for keyword in node.keywords} - {"sure", "hints_key"}
                if getattr(node.func, "id", "") == "failed":  # which adds the call
                    facts.add("call")
                for file, name in named(node):
                    place = f"{path.name} line {node.lineno}"
                    yield place, file, name, None if None in facts else facts


def named(call):
    """The messages that a call tells, as far as their names stand there: pairs of file and name."""
    function = getattr(call.func, "attr", getattr(call.func, "id", ""))
    first, *rest = call.args or [None]
    if function in ("say", "message"):
        return [(file, name) for file in literal(first) for name in literal(*rest[:1])]
    if function == "diagnosed":
        names, parts = literal(first), rest or [ast.Constant("say")]
        return [
            ("diagnoses", f"{name}.{part}")
            for name in names
            for each in parts
            for part in literal(each)
        ]
    if function == "failed":
        return [("mistakes", name) for name in literal(*rest[:1])]
    return []


def literal(node=None):
    """The names that an expression can be, as far as they stand there."""
    if isinstance(node, ast.IfExp):
        return literal(node.body) + literal(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and type(node.value) is str else []


def words_of(file, name):
    """The words that a message of this name can be told in: one text, or one for each number."""
    entry = messages.table(file)
    for part in name.split("."):
        entry = entry if part == "say" and isinstance(entry, str) else entry[part]
    entry = entry["say"] if isinstance(entry, dict) and "say" in entry else entry
    return [entry["one"], entry["many"]] if isinstance(entry, dict) else [entry]


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
    """Each says when a teacher would use it, and leads on in three different steps, as do hints for a part of its message."""
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
    "place, file, name, facts",
    SAID,
    ids=[f"{file}-{name}-{k}" for k, (_, file, name, _) in enumerate(SAID)],
)
def test_what_the_code_says_is_there_and_gets_its_facts(place, file, name, facts):
    """Each message that is called by name exists, is not empty, and finds its facts."""
    words = words_of(file, name)
    assert all(text.strip() for text in words)
    if facts is not None:
        assert set().union(*map(placeholders, words)) <= facts
        assert len(words) == 1 or "count" in facts


def test_no_message_on_a_mistake_is_left_over():
    """Each sentence in mistakes.toml is said somewhere."""
    assert len(SAID) > 50
    assert (
        set(messages.table("mistakes")) - {name for _, file, name, _ in SAID if file == "mistakes"}
        == set()
    )


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
