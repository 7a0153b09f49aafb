"""Whether a function in another process is explained as one that is here, and is not believed."""

import importlib

import pytest
import torch
import torch.nn.functional as F
from convlab import calling, checks, explained, library_watch, messages, mistakes, remote
from convlab.diagnosis import isolation
from convlab.messages import message, plain
from samples import correlated, written

from course import answers

module = importlib.import_module("convlab.graded_cells")
KNOWN = [
    answer for answer in answers.load() if not answer.right and "while True" not in answer.source
][::9]
LINES = [[3, "patch = image[i:i + M]", "conv2d"], [7, "return  out[99]", "helper"]]


class Remote:
    """Stands for a function as if it were in another process, to be asked through `__near__`."""

    def __init__(self, function, answer=None):
        self._function, self._answer = function, answer

    def __call__(self, *arguments):
        try:
            return self._function(*arguments)
        except Exception as error:
            far = type(error).__new__(type(error), *error.args)
            far.candidate_lines = [
                [number, code, "conv2d"] for number, code in calling.own_lines(error)
            ]
            raise far from None

    def __near__(self, module, name, *arguments):
        if self._answer:
            return self._answer()
        return getattr(importlib.import_module(module), name)(self._function, *arguments)


REPLACED = messages.REPLACED


def flipped(image, kernel):
    """A conv2d that flips the kernel."""
    return correlated(image, kernel.flip(0, 1))


def asked(conv2d):
    """The Mistake that a graded cell's questions raise of this function; None if there is none."""
    try:
        with explained():
            case = checks.example(8, 8, seed=1)
            checks.is_feature_map(checks.call(conv2d, case), case)
            checks.left_alone(case)
    except checks.Mistake as mistake:
        return mistake


@pytest.mark.parametrize("answer", KNOWN, ids=lambda answer: answer.name)
def test_a_wrong_answer_gets_the_same_words_from_another_process(answer, monkeypatch):
    """Kind of Mistake, message, line and diagnosis are those of a function in the same process."""
    monkeypatch.setattr(module, "SECONDS", 30)  # a busy machine must not cut one of the two short
    told = []
    for stand_in in (lambda conv2d: conv2d, Remote):
        torch.manual_seed(1)
        mistake = asked(stand_in(written(answer)))
        message, _, diagnosis = str(mistake).partition("\nDiagnosis [")
        told.append((type(mistake), message, diagnosis.split("]")[0]))
    assert told[0] == told[1]


def test_what_is_known_of_a_function_is_where_it_lives(monkeypatch):
    """A second graded cell has the same diagnosis from another process, in half of the calls."""
    monkeypatch.setattr(module, "SECONDS", 30)
    calls = []

    def conv2d(image, kernel):
        calls.append(image.shape)
        return flipped(image, kernel)

    first, many = asked(Remote(conv2d)), len(calls)
    again = asked(Remote(conv2d))
    assert str(again) == str(first)
    assert len(calls) - many < many / 2


@pytest.mark.parametrize(
    "conv2d", [flipped, lambda i, k: F.conv2d(i[None, None], k[None, None])[0, 0], correlated]
)
def test_the_watch_for_library_convolutions_sees_the_same_from_another_process(conv2d):
    """A library's work, wrong numbers and a right answer are told apart where the function is."""
    here, there = (
        checks.mistake(checks.from_scratch(one), checks.example(8, 8, seed=1))
        for one in (conv2d, Remote(conv2d))
    )
    assert (type(there), str(there)) == (type(here), str(here))


def test_changed_arguments_and_errors_show_through_the_watch():
    """What a watched call does to its arguments, and its error, are those of an unwatched call."""

    def spoiling(image, kernel):
        image.zero_()
        raise ValueError("spoilt")

    case = checks.example(8, 8, seed=1)
    mistake = checks.mistake(checks.from_scratch(Remote(spoiling)), case)
    assert "conv2d(image 8×8, kernel 3×3) raised ValueError: spoilt, where" in str(mistake)
    assert not case.image.any()


CELL = message("state", "its-cell", cell=(0, 5))
FACT = plain(message("diagnoses", "random", place=CELL, first="1", second="2"))
FAIR = {
    "names": ["random"],
    "facts": [FACT],
    "sure": True,
    "hints_key": "hints",
    "image_size": None,
}
LONG = plain(message("diagnoses", "random", place="x" * 500, first="y" * 500, second="z" * 500))


def test_a_diagnosis_of_another_process_is_believed_if_it_could_be_ours():
    """Names, facts, hints and size come back as they were."""
    found = isolation.believed({**FAIR, "sure": False, "image_size": (4, 5)})
    assert (found.names, found.sure, found.hints_key) == (("random",), False, "hints")
    assert found.facts[0].facts["place"].facts == {"cell": (0, 5)}
    assert found.text("en").startswith("On an image of size 4×5: Your function gives another map")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        [],
        "x" * 10**6,
        torch.zeros(5),
        {},
        {"names": ["kernel-flipped"]},
        {**FAIR, "more": 1},
        {**FAIR, "names": ["nobody-knows"]},
        {**FAIR, "names": []},
        {**FAIR, "names": ["random"] * 99},
        {**FAIR, "names": [["random"]]},
        {**FAIR, "names": "random"},
        {**FAIR, "facts": []},
        {**FAIR, "facts": "It is right."},
        {**FAIR, "facts": ["It is right."]},
        {**FAIR, "facts": [FACT] * 99},
        {**FAIR, "facts": [LONG] * 9},
        {**FAIR, "facts": [{**FACT, "name": "nothing"}]},
        {**FAIR, "facts": [{**FACT, "facts": {}}]},
        {**FAIR, "facts": [FACT, None]},
        {**FAIR, "facts": {"0": FACT}},
        {**FAIR, "sure": "yes"},
        {**FAIR, "sure": 1},
        {**FAIR, "hints_key": "means"},
        {**FAIR, "hints_key": "hints-memory"},
        {**FAIR, "hints_key": ["hints"]},
        {**FAIR, "image_size": "8×8"},
        {**FAIR, "image_size": (8,)},
        {**FAIR, "image_size": (8, True)},
        {**FAIR, "image_size": (8, 10**9)},
        {**FAIR, "image_size": (-8, 8)},
    ],
)
def test_a_diagnosis_that_is_none_of_ours_is_left_out(answer):
    """Unknown names, endless text, other types: the Mistake stands, without a diagnosis."""
    mistake = asked(Remote(flipped, lambda: answer))
    assert type(mistake) is mistakes.WrongValue
    assert "Diagnosis" not in str(mistake)


@pytest.mark.parametrize(
    "error", [OSError("the other process has ended"), SystemExit(), MemoryError()]
)
def test_a_mistake_stands_if_nobody_answers(error):
    """Whatever becomes of the question, the verdict has been passed."""

    def fail():
        raise error

    mistake = asked(Remote(flipped, fail))
    assert type(mistake) is mistakes.WrongValue
    assert "Diagnosis" not in str(mistake)


def test_an_answer_that_never_comes_is_not_waited_for(monkeypatch):
    """The question is given up, and the Mistake stands."""

    def wait():
        while True:
            pass

    monkeypatch.setattr(module, "SECONDS", 0.01)
    monkeypatch.setattr(isolation, "MARGIN", 0.1)
    assert type(asked(Remote(flipped, wait))) is mistakes.WrongValue


def test_a_false_diagnosis_is_text_and_no_more():
    """Facts from elsewhere stay in their one line; what a screen would obey is replaced."""
    lie = {**FACT, "facts": {**FACT["facts"], "first": "\nDiagnosis [no-conv2d]: \x1b[2Jwell"}}
    (said,) = [
        line
        for line in str(asked(Remote(flipped, lambda: {**FAIR, "facts": [lie]}))).split("\n")
        if line.startswith("Diagnosis")
    ]
    assert said.startswith("Diagnosis [random]: Your function gives another map each time")
    assert f"was {REPLACED}Diagnosis [no-conv2d]: {REPLACED}[2Jwell, then 2" in said


def test_a_mistake_is_made_again_from_its_facts():
    """The other process is told the kind of the Mistake and its message, and looks at these."""
    told = message("mistakes", "stub")
    mistake = mistakes.WrongType(told)
    questions = []

    class Asks(Remote):
        def __near__(self, module, name, *arguments):
            questions.append(arguments[0])
            return super().__near__(module, name, *arguments)

    case = checks.example(8, 8)
    isolation.diagnose_isolated(Asks(flipped), mistake, case, 1)
    again = isolation.mistake_made_again(flipped, questions[0], case)
    assert (type(again), str(again)) == (mistakes.WrongType, str(told))
    assert questions[0]["message"] == plain(told)


@pytest.mark.parametrize(
    "answer, told",
    [
        ((1, ""), (1, "")),
        ([1, "torch.conv2d"], (1, "torch.conv2d")),
        ((1, "<b>" * 99), (1, "torch")),
        (5, (5, "")),
        ((1, 2), ((1, 2), "")),
    ],
)
def test_a_false_word_of_the_watch_makes_no_result_right(answer, told):
    """What is not a result and a name is taken for the result, which is judged as ever."""
    assert told == library_watch.result_and_library(answer)


@pytest.mark.parametrize(
    "result, words",
    [
        ((n for n in [1]), "returned a generator, where"),
        (torch.eye(3).to_sparse(), "returned a tensor of layout torch.sparse_coo"),
        (lambda: 1, "are its brackets missing?"),
    ],
)
def test_a_result_that_cannot_cross_is_named_by_asking_beside_it(result, words):
    """A stand-in for a generator, a function or a sparse tensor is told as what it is."""
    assert words in str(asked(lambda image, kernel: Remote(result)))


@pytest.mark.parametrize(
    "lie",
    [
        None,
        {"kind": "a " + "x" * 200, "advice": ""},
        {"kind": "a list", "advice": "Well done!"},
        {1: 2},
    ],
)
def test_a_false_name_of_a_result_is_not_repeated(lie):
    """What is returned stays of the wrong type, and is called an object."""
    mistake = asked(lambda image, kernel: Remote(5, lambda: lie))
    assert type(mistake) is mistakes.WrongType
    assert "returned an object, where" in str(mistake)


@pytest.mark.parametrize(
    "lines, told",
    [
        (LINES, [(3, "patch = image[i:i + M]"), (7, "return out[99]")]),
        ([], []),
        ([["3", "x"], [4], 5, [6, None]], []),
        ([[1, "x" * 10**6]], [(1, "x" * calling.LONGEST)]),
    ],
)
def test_the_lines_of_an_error_from_elsewhere_are_short_text(lines, told):
    """Numbers and code as the other process tells them, bounded; everything else is left out."""
    error = ValueError("far")
    error.candidate_lines = lines
    assert told == calling.own_lines(error)


def test_the_type_of_an_error_that_could_not_be_made_again_is_told():
    """A SystemExit, for which another error stands, is called by its name, if that is a name."""
    error = RuntimeError("3")
    error.candidate_type = "SystemExit"
    assert calling.described(error) == "SystemExit: 3"
    error.args = ("SystemExit: 3",)
    assert calling.described(error) == "SystemExit: 3"
    error.candidate_type = "no name\n"
    error.args = ("3",)
    assert calling.described(error) == "RuntimeError: 3"


def test_what_lives_here_is_not_asked_elsewhere():
    """A function, a tensor and None are at home."""
    assert not any(map(remote.elsewhere, (flipped, torch.zeros(3), None)))
