"""Whether what was observed of a function spares calls later, and never passes for another's."""

import gc

import pytest
import torch
from convlab import checks, mistakes
from convlab.diagnosis import diagnose
from convlab.observed import OBSERVATIONS, Observations
from samples import padded, windows

FEW = 8  # calls: a diagnosis from nothing takes more than 20
WRONG = [
    lambda i, k: windows(i, k.flip(0, 1)).sum((2, 3)),
    lambda i, k: windows(i, k)[..., 1:, :].sum((2, 3)),
    lambda i, k: windows(i.roll((1, 1), (0, 1)), k).sum((2, 3)),
    lambda i, k: windows(i, k).abs().sum((2, 3)),
    lambda i, k: windows(i, k).sum((2, 3)).clamp(0, 1),
    lambda i, k: windows(i, k / k.sum()).sum((2, 3)),
    lambda i, k: (windows(i, torch.ones_like(k)) - k).square().sum((2, 3)),
]


@pytest.fixture(autouse=True)
def nothing_observed_before():
    """No test knows anything from another one."""
    OBSERVATIONS.known.clear()


class Counted:
    """A function that counts its calls."""

    def __init__(self, conv2d):
        self.conv2d, self.calls = conv2d, 0

    def __call__(self, image, kernel):
        self.calls += 1
        return self.conv2d(image, kernel)


def explained(conv2d, *sides):
    """The Diagnosis of what conv2d does with random numbers of this size, and the calls it took."""
    case = checks.example(*sides, seed=1)
    mistake = checks.mistake(conv2d, case)
    before = conv2d.calls
    return diagnose(conv2d, mistake, case, 30), conv2d.calls - before


@pytest.mark.parametrize("wrong", WRONG)
def test_a_cause_is_sought_once(wrong):
    """At a further size few calls are asked, and the same is told as if nothing were known."""
    conv2d = Counted(wrong)
    explained(conv2d, 8, 8)
    found, calls = explained(conv2d, 12, 10)
    OBSERVATIONS.known.clear()
    anew, all_calls = explained(conv2d, 12, 10)
    assert found == anew
    assert calls <= FEW < all_calls


@pytest.mark.parametrize("change", [lambda k: k.T, lambda k: k * k.abs()])
def test_a_cause_that_no_longer_holds_is_not_told(right, change):
    """A variable of the notebook may change between two cells; then the cause is sought anew."""
    turn = [lambda k: k.flip(0, 1)]
    conv2d = Counted(lambda i, k: right(i, turn[0](k)))
    assert explained(conv2d, 8, 8)[0].names == ("kernel-flipped",)
    turn[0] = change
    found, _ = explained(conv2d, 12, 10)
    OBSERVATIONS.known.clear()
    assert found == explained(conv2d, 12, 10)[0]


def test_a_map_of_another_wrong_size_is_explained_anew(right):
    """A function that turns the kernel and always returns 6 rows is not explained by the turn."""
    conv2d = Counted(lambda i, k: right(i, k.flip(0, 1))[:6, :6])
    assert explained(conv2d, 8, 8)[0].names == ("kernel-flipped",)
    assert "size-fixed" in explained(conv2d, 12, 10)[0].names


def test_another_kind_of_mistake_is_explained_anew(right):
    """An error is explained as one, whatever is known of the function's numbers."""

    def conv2d(image, kernel):
        if image.shape[0] > 8:
            raise ValueError("no image has more than 8 rows")
        return right(image, kernel.T)

    counted = Counted(conv2d)
    known, raised = explained(counted, 8, 8)[0], explained(counted, 12, 10)[0]
    assert known.names != raised.names


def test_a_function_is_known_by_identity():
    """A function that says it equals another is not taken for it, nor one defined anew."""

    class Equal:
        def __eq__(self, other):
            return True

        def __hash__(self):
            return 0

        def __call__(self, image, kernel):
            return padded(image)

    observations, one, two = Observations(), Equal(), Equal()
    assert observations.of(one) is observations.of(one) is not observations.of(two)


def test_what_is_known_goes_with_the_function():
    """Of a function that is no more, nothing is kept."""
    observations = Observations()
    function = lambda i, k: i  # noqa: E731
    observations.of(function)
    del function
    gc.collect()
    assert not observations.known


def test_a_callable_without_weak_references_is_observed_each_time():
    """What cannot be referred to weakly is not kept alive: nothing is known of it later."""

    class Slotted:
        __slots__ = ()

        def __call__(self, image, kernel):
            return image

    observations, function = Observations(), Slotted()
    assert observations.of(function) is not observations.of(function)
    assert not observations.known


def test_a_watched_function_is_the_one_behind_it(right):
    """What is known of a function holds where it is watched for library convolutions."""
    observed = OBSERVATIONS.of(right)
    assert OBSERVATIONS.of(checks.from_scratch(right)) is observed


def test_only_wrong_numbers_and_sizes_have_a_known_cause(right):
    """A mistake of another kind about the same case is not explained by what is known."""
    conv2d = Counted(lambda i, k: right(i, k.flip(0, 1)))
    explained(conv2d, 8, 8)
    case = checks.example(8, 8, seed=1)
    mistake = checks.mistake(conv2d, case)
    other = mistakes.SideEffect(mistake.message)
    assert diagnose(conv2d, other, case, 30) is None
