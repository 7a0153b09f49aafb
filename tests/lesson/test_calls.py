"""Whether a function is asked in limited time, on copies, and its answers compared."""

import functools
import random
import time

import numpy as np
import pytest
import torch
from convlab import calling, checks
from convlab.diagnosis import calls
from convlab.diagnosis.calls import Asked, CallSequence, difference, frozen, same, snapshot
from samples import correlated


def test_a_question_is_asked_on_copies_and_counted():
    """What the function does to its arguments stays with it, unless it gets the very tensors."""
    asked, (image, kernel) = Asked(lambda i, k: i.zero_(), 5), checks.example(8, 8).before
    asked.answer(image, kernel)
    assert image.any() and asked.calls == 1
    asked.raw(image, kernel)
    assert not image.any() and asked.calls == 2


def test_an_error_is_an_answer_and_time_is_limited():
    """A function that does not return is stopped, and not asked again when the time is up."""

    def fail(image, kernel):
        raise SystemExit

    case = checks.example(8, 8)
    assert type(Asked(fail, 5).answer(*case.before)) is SystemExit
    asked = Asked(lambda i, k: time.sleep(60), 0.2)
    answers = [asked.answer(*case.before) for _ in range(2)]
    assert [type(answer) for answer in answers] == [calling.TimeIsUp] * 2
    assert asked.calls == 1


@pytest.mark.parametrize(
    "result",
    [
        None,
        5,
        [[1.0]],
        torch.zeros(3),
        torch.zeros(1, 3, 3),
        torch.zeros(0, 3),
        torch.zeros(3, 3, dtype=torch.complex64),
        torch.zeros(200, 200),
        torch.eye(3).to_sparse(),
    ],
)
def test_only_a_table_of_real_numbers_is_a_map(result):
    """Everything else is no map, nor is one far larger than any feature map."""
    image, kernel = checks.example(8, 8).before
    found = Asked(lambda i, k: result, 5).map(image, kernel)
    assert found is None or result is not None and result.layout is not torch.strided


def test_a_map_is_a_copy_in_double_precision():
    """What the function does to its map afterwards does not change what was taken of it."""
    kept = torch.ones(6, 6)
    found = Asked(lambda i, k: kept, 5).map(*checks.example(8, 8).before)
    kept.zero_()
    assert found.dtype == torch.float64 and found.eq(1).all()


def test_calls_in_sequence_keep_their_snapshots():
    """Answers that are one tensor in the function's memory are told apart as they were."""
    kept = torch.zeros(())
    sequence = CallSequence(Asked(lambda i, k: kept.add_(1), 5))
    case = checks.example(8, 8)
    assert [float(sequence(case)), float(sequence(case, case))] == [1, 3]
    assert [float(taken) for _, taken in sequence.answers] == [1, 2, 3]


def test_a_sequence_leaves_time_for_others_and_knows_a_right_answer():
    """Only the latest answer counts, and at most a share of the time is taken."""
    case, other = checks.example(8, 8), checks.example(8, 8)
    sequence = CallSequence(Asked(correlated, 5))
    sequence(other, case)
    assert sequence.right(case) and not sequence.right(other)
    asked = Asked(lambda i, k: time.sleep(0.3), 0.5)
    with pytest.raises(calling.TimeIsUp):
        CallSequence(asked)(case)


class Odd:
    """An object that cannot be looked at."""

    def __getattribute__(self, name):
        raise ZeroDivisionError(name)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.tensor([1.0, float("nan")]),
        lambda: torch.eye(2).to_sparse(),
        lambda: torch.tensor([1 + 2j]),
        lambda: np.arange(3),
        lambda: [1, [2.5, {"a": None}], (torch.ones(2), "b")],
        lambda: torch.Generator().manual_seed(3),
        lambda: np.random.default_rng(3),
        lambda: random.Random(3),
        lambda: functools.lru_cache(len),
        lambda: ValueError("x"),
        lambda: range(3),
        Odd,
    ],
)
def test_equal_answers_have_the_same_snapshot(make):
    """Whatever an answer is, another one of the same kind and numbers is the same."""
    assert same(snapshot(make()), snapshot(make()))


@pytest.mark.parametrize(
    "one, other",
    [
        (torch.ones(2), torch.tensor([1.0, 1.001])),
        (torch.ones(2), torch.ones(2, 1)),
        (torch.tensor([float("nan")]), torch.tensor([0.0])),
        (np.arange(3), np.arange(3.0)),
        ([1], (1,)),
        ([1], [True]),
        ([1], [1, 1]),
        ({"a": 1}, {"a": 2}),
        (random.Random(1), random.Random(2)),
        (ValueError(), TypeError()),
        (None, 0),
    ],
)
def test_different_answers_have_different_snapshots(one, other):
    """Kind, size and numbers count."""
    assert not same(snapshot(one), snapshot(other))


def test_rounding_makes_no_difference():
    """A last digit of float32 is neither a difference nor the place of one."""
    one = torch.rand(4, 4, dtype=torch.float64) + 1
    other = one.clone()
    other[0, 0] += 1e-7
    assert same(one, other)
    other[2, 3] += 1
    facts = difference(one, other)
    assert facts["place"].facts == {"cell": (2, 3)}
    assert facts["first"] != facts["second"]
    assert difference(one, other[:2])["place"].name == "its-size"


def test_lists_that_go_on_for_ever_are_cut():
    """A list in itself and a very long one are compared as far as they are looked at."""
    endless = []
    endless.append(endless)
    assert frozen(endless) == frozen(endless)
    assert len(frozen(list(range(10**5)))[2]) == calls.MANY


def test_new_numbers_are_new_and_none_of_them_is_0():
    """Two Examples of the same sizes hardly ever have a number in common."""
    case = checks.example(8, 8)
    one, two = calls.other_numbers(case), calls.other_numbers(case, (9, 7))
    assert (one.image.shape, two.image.shape, two.kernel.shape) == ((8, 8), (9, 7), (3, 3))
    assert one.image.all() and one.image.abs().max() <= 4
    assert not {*one.image.flatten().tolist()} & {*two.image.flatten().tolist()}
