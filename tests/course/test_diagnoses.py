"""Whether wrong answers are diagnosed as a teacher would, and right ones are left in peace."""

import importlib
from collections import Counter
from dataclasses import replace

import pytest

from course import answers, diagnoses, gate

KNOWN = answers.load()
RIGHT = [answer for answer in KNOWN if answer.right]
WRONG = [answer for answer in KNOWN if not answer.right]
TOLERATED = {}  # answer: its verdict where it should be "right", while nobody knows better


@pytest.fixture(scope="module")
def pool():
    """Worker processes that diagnose while the tests wait for their turn."""
    with gate.workers() as workers:
        yield workers


@pytest.fixture(scope="module")
def told(pool):
    """Every sample answer, being diagnosed: {(way, name): a future Finding}."""
    return {
        (way, answer.name): pool.submit(diagnoses.find, answer.source, way)
        for way in diagnoses.WAYS
        for answer in KNOWN
    }


@pytest.fixture(scope="module")
def judgements(told):
    """What the graded cells say of the wrong answers: {name: (verdict, Finding)}."""
    return {
        answer.name: diagnoses.judged(answer, [told["cells", answer.name].result()])
        for answer in WRONG
    }


@pytest.mark.parametrize("answer", WRONG, ids=lambda answer: answer.name)
def test_a_wrong_answer_is_named_as_its_head_says(answer, told):
    """A graded cell names what is wrong, in the order of importance, but for those tolerated."""
    opinion, found = diagnoses.judged(answer, [told["cells", answer.name].result()])
    assert opinion == TOLERATED.get(answer.name, "right"), diagnoses.complaint(
        answer, opinion, found
    )


@pytest.mark.parametrize("answer", WRONG, ids=lambda answer: answer.name)
def test_the_ladder_names_nothing_that_is_not_so(answer, told):
    """`check` may say nothing or not all, but never something else than the head says."""
    opinion, found = diagnoses.judged(answer, [told["ladder", answer.name].result()])
    assert opinion != "wrong", diagnoses.complaint(answer, opinion, found)


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.name)
@pytest.mark.parametrize("way", diagnoses.WAYS)
def test_a_right_answer_is_left_in_peace(way, answer, told):
    """No graded cell objects to a right answer, and it climbs all of the ladder that is graded."""
    finding = told[way, answer.name].result()
    assert finding is None or (way, finding.mistake) == ("ladder", "any-kernel")


def test_enough_answers_are_named_right_and_none_wrong(judgements):
    """At least 95 % are named right, none is named wrong, and no wrong name is tolerated."""
    assert diagnoses.enough(Counter(opinion for opinion, _ in judgements.values()))
    assert "wrong" not in TOLERATED.values()


def test_names_dealt_to_other_answers_are_seen_to_be_wrong(judgements):
    """Held against the heads of answers from another part of the list, hardly a name is right."""
    others = WRONG[len(WRONG) // 3 :] + WRONG[: len(WRONG) // 3]
    opinions = Counter(
        diagnoses.verdict(judgements[answer.name][1].names, other.diagnoses)
        for answer, other in zip(WRONG, others, strict=True)
    )
    assert opinions["right"] < 0.05 * len(WRONG)
    assert opinions["wrong"] > 0.8 * len(WRONG)


def test_a_wrong_label_makes_a_right_name_wrong(told):
    """The same finding is right under its own head, and wrong under one that says otherwise."""
    (flipped,) = [answer for answer in WRONG if answer.name == "flipped_both_axes"]
    finding = told["cells", flipped.name].result()
    assert finding.names == ("kernel-flipped",)
    assert diagnoses.judged(flipped, [finding])[0] == "right"
    assert (
        diagnoses.judged(replace(flipped, diagnoses=(("map-transposed",),)), [finding])[0]
        == "wrong"
    )


def test_an_answer_that_stands_in_no_file_is_named_by_what_it_does(pool):
    """A flipped kernel under other names, in another style, without a head, is found to be one."""
    source = """
def conv2d(bild, gewichte):
    h, b = bild.shape[0] - 2, bild.shape[1] - 2
    return sum(gewichte[2 - m, 2 - n] * bild[m:m + h, n:n + b] for m in range(3) for n in range(3))
"""
    assert pool.submit(diagnoses.find, source).result().names == ("kernel-flipped",)


HEAD = (("map-transposed", "kernel-flipped"), ("axes-swapped",))


@pytest.mark.parametrize(
    "names, expected",
    [
        (("map-transposed", "kernel-flipped"), "right"),
        (("axes-swapped",), "right"),
        ((), "none"),
        (("map-transposed",), "incomplete"),
        (("kernel-flipped",), "incomplete"),
        (("kernel-flipped", "map-transposed"), "incomplete"),  # true, but the less important first
        (("kernel-rotated",), "wrong"),
        (("map-transposed", "kernel-rotated"), "wrong"),
        (("axes-swapped", "rounded"), "wrong"),
    ],
)
def test_names_are_right_only_if_all_and_no_others_are_given(names, expected):
    """A part of the truth is incomplete; one name too many that is not so makes it wrong."""
    assert diagnoses.verdict(names, HEAD) == expected


def test_the_worst_of_several_runs_counts():
    """A name that is wrong in one run is wrong; none counts as less bad."""
    right, nothing, wrong = (
        diagnoses.Finding("WrongValue", names, "", 0.1)
        for names in (("axes-swapped",), (), ("rounded",))
    )
    answer = answers.Answer("x", "X.", "", frozenset("a"), "x.py", HEAD)
    assert diagnoses.judged(answer, [right, right]) == ("right", right)
    assert diagnoses.judged(answer, [right, nothing]) == ("none", nothing)
    assert diagnoses.judged(answer, [wrong, right, nothing]) == ("wrong", wrong)
    assert diagnoses.judged(answer, [None])[0] == "none"


@pytest.mark.parametrize(
    "counts, expected",
    [
        ({"right": 95, "none": 5}, True),
        ({"right": 96, "incomplete": 4}, True),
        ({"right": 94, "none": 6}, False),
        ({"right": 99, "wrong": 1}, False),
    ],
)
def test_one_wrong_name_is_one_too_many(counts, expected):
    """The measure demands 95 % and forgives no wrong name."""
    assert diagnoses.enough(Counter(counts)) is expected


def test_a_diagnosis_that_breaks_down_is_counted_as_wrong(monkeypatch):
    """An error inside the diagnosis of a graded cell is not passed over."""
    explained = importlib.import_module("convlab.graded_cells")

    def broken(*arguments):
        raise ZeroDivisionError("in a model")

    monkeypatch.setattr(explained, "diagnose", broken)
    finding = diagnoses.find("def conv2d(image, kernel):\n    return None\n")
    assert (finding.names, finding.sentence) == (("broke down",), "ZeroDivisionError: in a model")
    assert diagnoses.verdict(finding.names, HEAD) == "wrong"


def test_where_the_diagnosis_says_nothing_nothing_is_named(monkeypatch):
    """Names come from the diagnosis alone: without it, there is none."""
    monkeypatch.setattr(
        importlib.import_module("convlab.graded_cells"), "diagnose", lambda *arguments: None
    )
    assert diagnoses.find("def conv2d(image, kernel):\n    return None\n").names == ()


def test_the_report_tells_what_was_expected_and_what_was_said():
    """A complaint holds the verdict, the place, both names, the mistake and the sentence."""
    answer = answers.Answer("x", "X.", "", frozenset("a"), "x.py", HEAD)
    finding = diagnoses.Finding("WrongValue", ("rounded",), "It rounds.", 0.1)
    assert diagnoses.complaint(answer, "wrong", finding).split("\n") == [
        "wrong: x.py: x",
        "    expected map-transposed+kernel-flipped | axes-swapped",
        "    got rounded (WrongValue)",
        "    It rounds.",
    ]
