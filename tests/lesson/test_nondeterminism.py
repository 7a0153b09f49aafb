"""Whether random numbers and uninitialised memory are told from each other and from errors."""

import random

import numpy as np
import pytest
import torch
from convlab import checks, mistakes
from convlab.diagnosis import diagnosed
from convlab.diagnosis.between_calls import side_effects
from convlab.diagnosis.calls import Asked
from grading import found, notebook, some


@pytest.mark.parametrize(
    "source",
    [
        "def conv2d(image, kernel):\n    return torch.rand(len(image) - 2, len(image[0]) - 2)",
        "g = torch.Generator().manual_seed(3)\ndef conv2d(image, kernel):\n"
        "    return right(image, kernel) + torch.rand(1, generator=g)",
        "import numpy as np\nchance = np.random.default_rng(3)\ndef conv2d(image, kernel):\n"
        "    return right(image, kernel) * chance.uniform()",
        "import numpy as np\n"
        "def conv2d(image, kernel):\n"
        "    return right(image, kernel) + np.random.default_rng().uniform()",
        "import random\n"
        "def conv2d(image, kernel):\n"
        "    return right(image, kernel) + random.random()",
    ],
)
def test_random_maps_are_told_from_what_is_carried_over(source):
    """Random numbers of torch, numpy or Python, seeded once or never, are named as chance."""
    assert found(notebook(source)).diagnosis.name == "random"


MEMORY = [
    "torch.empty(h, w)",
    "torch.Tensor(h, w)",
    "torch.FloatTensor(h, w)",
    "image.new_empty(h, w)",
    "image.new(h, w)",
    "torch.empty_like(image[2:, 2:])",
    "torch.empty_strided((h, w), (w, 1))",
    "torch.from_numpy(np.empty((h, w), dtype='float32'))",
    "torch.from_numpy(empty((h, w)))",
    "torch.from_numpy(np.empty_like(image[2:, 2:].numpy()))",
]


def starting_from(make, rest):
    """What is said of a function that is wrong, makes its output so, and then does the rest."""
    source = (
        "import numpy as np\nfrom numpy import empty\ndef conv2d(image, kernel):\n"
        f"    h, w = len(image) - 2, len(image[0]) - 2\n    out = {make}.float()\n    {rest}\n"
        "    return out"
    )
    asked = Asked(notebook(source), 3)
    return side_effects.explain(asked, some(mistakes.WrongValue), checks.example(8, 8))


@pytest.mark.parametrize("make", MEMORY)
def test_uninitialised_memory_that_is_added_to_is_told_as_such(make):
    """The sentence names two values of one cell, which are 1 apart, and the hints are its own."""
    found_here = starting_from(make, "out += right(image, kernel)")
    (fact,) = found_here.facts
    assert (found_here.name, fact.name) == ("starts-not-at-zero", "starts-not-at-zero.memory")
    first, second = (
        float(fact.facts[name].replace("\N{MINUS SIGN}", "-")) for name in ("first", "second")
    )
    assert second - first == pytest.approx(1, abs=0.02)
    general, *_, last = found_here.hints()
    assert "torch.empty" in last
    assert general != diagnosed("starts-not-at-zero").hints()[0]


@pytest.mark.parametrize("make", MEMORY)
@pytest.mark.parametrize(
    "rest, name",
    [
        ("out[:-1] = right(image, kernel)[:-1]", "last-row-missing"),
        ("out[1:, 1:] = right(image, kernel)[1:, 1:]", "first-row-and-column-missing"),
    ],
)
def test_uninitialised_memory_that_is_left_is_told_by_its_place(make, rest, name):
    """A row or column that is never written to is named, the others being right."""
    found_here = starting_from(make, rest)
    (fact,) = found_here.facts
    assert (found_here.name, fact.name) == (name, "memory-left")
    assert fact.facts["cells"].name == f"memory-left.{name}"


@pytest.mark.parametrize(
    "rest",
    [
        "out[:] = right(image, kernel).T",
        "out[:-1] = right(image, kernel.T)[:-1]",
        "out = out[:0]",
        "out = out * right(image, kernel)",
    ],
)
def test_uninitialised_memory_is_not_blamed_for_another_mistake(rest):
    """Where it makes no difference, or not the only one, or in no way that has a name."""
    assert starting_from("torch.empty(h, w)", rest) is None


def test_numpy_and_torch_are_what_they_were():
    """Whatever fills memory for an experiment is taken away after it."""
    before = np.empty, np.empty_like
    starting_from("torch.from_numpy(empty((h, w)))", "raise ValueError")
    assert (np.empty, np.empty_like) == before


def test_random_numbers_to_come_are_what_they_would_have_been():
    """Asking a random function takes nothing from the notebook's random numbers."""

    def dice():
        return float(torch.rand(1)), float(np.random.rand()), random.random()

    before = torch.get_rng_state(), np.random.get_state(), random.getstate()
    expected = dice()
    torch.set_rng_state(before[0])
    np.random.set_state(before[1])
    random.setstate(before[2])
    side_effects.explain(
        Asked(lambda image, kernel: torch.rand(6, 6) * random.random(), 3),
        some(mistakes.WrongValue),
        checks.example(8, 8),
    )
    assert expected == dice()
