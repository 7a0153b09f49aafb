"""Whether `check` climbs rung by rung, stops where it should, and comes to an end with whatever
function it is given.
"""

import sys
import time
import warnings

import pytest
import torch
from convlab import calling, check, checks, mistakes
from convlab.ladder import checking, rungs
from convlab.ladder.rungs import RUNGS, climb
from samples import correlated, only, padded, written

from course import answers

NAMES = list(RUNGS)
RIGHT = [answer for answer in answers.load() if answer.right]


def scalar_loops(image, kernel):
    """A right conv2d of four plain loops, the slowest ordinary style."""
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            for m in range(kernel.shape[0]):
                for n in range(kernel.shape[1]):
                    out[i, j] += image[i + m, j + n] * kernel[m, n]
    return out


def kept_output(made):
    """A conv2d that is right and always returns the same tensor for one size."""

    def conv2d(image, kernel):
        result = correlated(image, kernel)
        out = made.setdefault(result.shape, torch.zeros(result.shape))
        return out.copy_(result)

    return conv2d


def first_kernel_only():
    """A conv2d that remembers, for each image tensor, the map of the first call."""
    known = {}

    def conv2d(image, kernel):
        return known.setdefault(
            (image.data_ptr(), kernel.data_ptr(), image.shape), correlated(image, kernel)
        ).clone()

    return conv2d


def in_place(image, kernel):
    """A conv2d that is right and clears the image it was given."""
    result = correlated(image, kernel)
    image.zero_()
    return result


def endless(image, kernel):
    """A conv2d that never returns."""
    while True:
        pass


def endless_for_rectangles(image, kernel):
    """A conv2d that never returns where the sides differ."""
    while image.shape[0] != image.shape[1]:
        pass
    return correlated(image, kernel)


def one_side_for_both(image, kernel):
    """A conv2d that is right for square kernels with odd sides, and takes M for N elsewhere."""
    reach = kernel.shape[0] // 2
    out = torch.zeros(image.shape[0] - 2 * reach, image.shape[1] - 2 * reach)
    for i in range(reach, image.shape[0] - reach):
        for j in range(reach, image.shape[1] - reach):
            patch = image[i - reach : i + reach + 1, j - reach : j + reach + 1]
            out[i - reach, j - reach] = (patch * kernel).sum()
    return out


FALLS = {  # at which rung, with which Mistake
    "stub": (
        lambda i, k: (_ for _ in ()).throw(NotImplementedError()),
        "called",
        mistakes.NotImplementedYet,
    ),
    "one argument": (lambda i: i, "called", mistakes.Raised),
    "leaves Python": (lambda i, k: sys.exit(), "called", mistakes.Raised),
    "None": (lambda i, k: None, "tensor", mistakes.WrongType),
    "numpy": (lambda i, k: correlated(i, k).numpy(), "tensor", mistakes.WrongType),
    "double": (lambda i, k: correlated(i, k).double(), "float32", mistakes.WrongDtype),
    "same size": (lambda i, k: correlated(padded(i, 1, 1, 1, 1), k), "size", mistakes.WrongSize),
    "six rows": (lambda i, k: correlated(i, k)[:6], "size", mistakes.WrongSize),
    "refuses rectangles": (
        lambda i, k: (
            correlated(i, k) / (i.shape[0] == i.shape[1]) if i.shape[0] == i.shape[1] else 1 // 0
        ),
        "size",
        mistakes.Raised,
    ),
    "wide cut off": (lambda i, k: correlated(i, k)[:, : i.shape[0]], "size", mistakes.WrongSize),
    "flipped": (lambda i, k: correlated(i, k.flip(0, 1)), "window", mistakes.WrongValue),
    "mean": (lambda i, k: correlated(i, k) / 9, "window", mistakes.WrongValue),
    "first patch everywhere": (
        lambda i, k: torch.zeros_like(correlated(i, k)) + correlated(i, k)[0, 0],
        "impulse",
        mistakes.WrongValue,
    ),
    "last row 0": (
        lambda i, k: only(correlated(i, k), slice(0, -1)),
        "impulse",
        mistakes.WrongValue,
    ),
    "row doubled": (
        lambda i, k: (
            correlated(i, k) * (1 + (torch.arange(len(i) - 2) == len(i) - 3).float())[:, None]
        ),
        "weights",
        mistakes.WrongValue,
    ),
    "rounded": (lambda i, k: correlated(i, k).round(), "signed", mistakes.WrongValue),
    "clears the image": (in_place, "arguments", mistakes.SideEffect),
    "one output for all calls": (kept_output({}), "memory", mistakes.SideEffect),
    "remembers": (first_kernel_only(), "memory", mistakes.SideEffect),
    "torch's": (
        lambda i, k: torch.nn.functional.conv2d(i[None, None], k[None, None])[0, 0],
        "from-scratch",
        mistakes.LibraryConvolution,
    ),
    "height of the kernel for both sides": (one_side_for_both, "any-kernel", mistakes.Raised),
    "3×3 kernels only": (
        lambda i, k: (i.unfold(0, 3, 1).unfold(1, 3, 1) * k).sum((2, 3)),
        "any-kernel",
        mistakes.Raised,
    ),
    "endless": (endless, "called", mistakes.TooSlow),
    "endless for rectangles": (endless_for_rectangles, "size", mistakes.TooSlow),
}


@pytest.fixture
def impatient(monkeypatch):
    """Calls that do not return are ended soon."""
    monkeypatch.setattr(calling, "SECONDS", 0.2)


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.name)
def test_a_right_answer_in_any_style_climbs_all_rungs(answer):
    """No right answer gets a complaint, whatever it prints or warns of.

    Where 3×3 is typed in, the last rung is left as the next step, and is said to cost no points.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check(written(answer))
    assert report.failed in (None, rungs.FURTHER)
    assert report.passed == (NAMES[:-1] if report.failed else NAMES)
    assert "✗" not in repr(report)
    assert ("costs no points" in repr(report)) == (report.failed == rungs.FURTHER)


@pytest.mark.parametrize("name", FALLS)
def test_it_falls_at_the_rung_of_its_fault(name, impatient):
    """Each kind of fault ends the climb at its own rung, with its own Mistake, and all rungs before
    it hold.
    """
    conv2d, rung, kind = FALLS[name]
    ascent = climb(conv2d)
    assert (rung, kind) == (ascent.fell.rung, type(ascent.fell.mistake))
    assert NAMES[: NAMES.index(rung)] == ascent.passed


@pytest.mark.parametrize("name", FALLS)
def test_check_reports_every_fault_and_says_no_more_than_once_what_failed(name, impatient):
    """check never raises because of the function, and exactly one rung is marked as failing or as
    the one to begin with.
    """
    report = check(FALLS[name][0])
    assert FALLS[name][1] == report.failed
    assert sum(mark in "✗→" for mark, _, _ in report.lines) == 1


def test_plain_loops_take_less_than_the_time_that_was_promised():
    """Four nested loops climb the ladder in some 150 ms; the bound is coarse, a busy machine must
    not turn it red.
    """
    began = time.perf_counter()
    assert climb(scalar_loops).fell is None
    assert time.perf_counter() - began < 2


def test_few_calls_are_made(right):
    """The maps are used for several rungs: some twenty calls outside the watch, of which none is an
    image larger than 12×10.
    """
    seen = []

    def conv2d(image, kernel):
        seen.append(tuple(image.shape))
        return right(image, kernel)

    assert climb(conv2d).fell is None
    assert len(seen) <= 26
    assert set(seen) <= {*checks.SIZES, rungs.WIDE, *rungs.SMALL}


def test_only_the_graded_sizes_have_to_be_answered(right):
    """A function that refuses any other image size gets no complaint."""

    def conv2d(image, kernel):
        if tuple(image.shape) not in checks.SIZES:
            raise ValueError("not graded")
        return right(image, kernel)

    assert check(conv2d).failed is None


def test_the_graded_cells_do_not_learn_that_a_call_was_too_slow_for_check():
    """A call that takes longer than check waits may be in time for grading: it leaves no note."""

    def conv2d(image, kernel):
        time.sleep(0.3)

    assert isinstance(climb(conv2d, 0.1).fell.mistake, mistakes.TooSlow)
    assert calling.patience(conv2d) == calling.SECONDS


def test_slow_calls_end_the_climb_without_a_complaint(monkeypatch, right):
    """When all calls together take too long, what was climbed stays, nothing is marked as wrong,
    and the report says so.
    """
    monkeypatch.setattr(rungs, "ALL_SECONDS", 0.2)

    def conv2d(image, kernel):
        time.sleep(0.05)
        return right(image, kernel)

    report = check(conv2d)
    assert (
        report.failed is None and NAMES[:3] == report.passed[:3] and len(report.passed) < len(NAMES)
    )
    assert "not asked" in repr(report) and "✗" not in repr(report)


def test_the_notebooks_variables_are_exchanged_and_put_back(right):
    """A function that reads the notebook's kernel is found out, and the notebook has its kernel
    afterwards.
    """
    space = {"right": right, "torch": torch, "kernel": torch.zeros(3, 3)}
    exec("def conv2d(image, weights):\n return right(image, weights) + kernel.sum()", space)
    before = space["kernel"]
    ascent = climb(space["conv2d"])
    assert ("memory", mistakes.SideEffect) == (ascent.fell.rung, type(ascent.fell.mistake))
    assert space["kernel"] is before and torch.equal(torch.zeros(3, 3), before)


def test_a_tensor_of_the_learners_own_may_be_read(right):
    """A constant made beside the function is part of the answer."""
    space = {"right": right, "torch": torch, "NOTHING": torch.zeros(1)}
    exec("def conv2d(image, kernel):\n return right(image, kernel) + NOTHING", space)
    assert check(space["conv2d"]).failed is None


def right_at_first(right, good):
    """A conv2d whose first calls, so many, are right, and which returns nothing afterwards."""
    count = iter(range(1000))
    return lambda image, kernel: right(image, kernel) if next(count) < good else None


def test_a_function_that_changes_from_call_to_call_breaks_nothing(right):
    """A conv2d whose first calls are right and whose later ones are not gets a report, at whatever
    rung that shows.
    """
    for good in range(0, 18, 3):
        report = check(right_at_first(right, good))
        assert report.failed in NAMES and repr(report)


class Odd(torch.Tensor):
    """A tensor that cannot be compared, summed or printed."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise RuntimeError("leave me alone")


def test_a_tensor_that_cannot_be_read_is_told_as_an_error(right):
    """A result that fails when it is looked at ends the climb like an error in the call."""
    report = check(lambda image, kernel: right(image, kernel).as_subclass(Odd))
    assert report.failed in NAMES and repr(report) and report._repr_mimebundle_()["text/html"]


def test_an_interrupt_is_let_through():
    """Whoever presses stop gets the notebook back."""

    def conv2d(image, kernel):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(conv2d)


def test_what_the_function_prints_is_not_shown(right, capsys):
    """Some twenty calls that print would bury the report."""

    def conv2d(image, kernel):
        print("here", file=sys.stderr)
        print("there")
        return right(image, kernel)

    assert check(conv2d).failed is None
    assert tuple(capsys.readouterr()) == ("", "")


def test_a_diagnosis_that_breaks_down_costs_only_itself(monkeypatch, flipped):
    """If looking for the diagnosis fails, the rung's own hints take its place."""
    monkeypatch.setattr(checking, "diagnose", lambda *_: 1 // 0)
    report = check(flipped)
    assert report.failed == "window"
    assert report.finding.diagnosis is None and report.finding.told


@pytest.mark.parametrize(
    "conv2d, name",
    [
        (one_side_for_both, "kernel-sides-mixed-up"),
        (FALLS["3×3 kernels only"][0], "kernel-size-fixed"),
        (lambda i, k: correlated(i, k) / (k.shape[0] % 2 & k.shape[1] % 2), "even-kernels-wrong"),
        (
            lambda i, k: (i.unfold(0, len(k), 1).unfold(1, len(k), 1) * k).sum((2, 3)),
            "kernel-sides-mixed-up",
        ),
        (lambda i, k: correlated(i, k) + (k.shape == (2, 3)), "even-kernels-wrong"),
    ],
)
def test_what_is_wrong_with_other_kernels_is_named(conv2d, name):
    """Which kernels it is right for, and which not, are facts, and true of the function."""
    report = check(conv2d)
    assert report.failed == "any-kernel"
    found = report.finding.diagnosis
    assert found.name == name
    for fact in found.facts:
        for told, expected in (("right", True), ("wrong", False)):
            sizes = fact.facts[told] if isinstance(fact.facts[told], list) else [fact.facts[told]]
            for rows, columns in (map(int, each.split("×")) for each in sizes):
                case = checks.Example(torch.randn(9, 8), torch.randn(rows, columns))
                assert (checks.mistake(conv2d, case) is None) == expected


@pytest.mark.parametrize("value", [torch.zeros(6, 6), "conv2d", 5])
def test_what_is_no_function_gets_a_sentence_and_no_ladder(value):
    """`check(conv2d(image, kernel))` is told as what it is, not as a name for a tensor."""
    report = check(value, hint=2)
    assert (report.passed, report.lines, report.finding.diagnosis.name) == (
        [],
        [],
        "not-a-function",
    )
    for told in (repr(report), report._repr_mimebundle_()["text/html"]):
        assert "was given" in told and "rungs" not in told and "name conv2d stands" not in told
        assert "Hint 2 of 3" in told and "Hint 3 of 3" not in told


def test_a_notebook_whose_conv2d_is_no_function_gets_the_ladder(monkeypatch):
    """There the name itself stands for something else, which is the first rung's business."""
    value = torch.zeros(6, 6)
    monkeypatch.setattr(sys.modules["__main__"], "conv2d", value, raising=False)
    report = check(value)
    assert report.failed == "called" and len(report.lines) == len(NAMES)


@pytest.mark.parametrize("hint", [4, -1, True, "2", 1.0, None])
def test_a_hint_that_does_not_exist_is_refused_kindly(hint, right):
    """Only 0 to 3 are hints, and the error names them."""
    with pytest.raises(ValueError, match="0 \\(none\\), 1, 2 or 3"):
        check(right, hint=hint)
