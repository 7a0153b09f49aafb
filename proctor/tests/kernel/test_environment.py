"""The process that a notebook's cells run in."""

import random
import sys

import numpy as np
import pytest

from proctor.kernel import environment
from proctor.kernel.environment import RandomState, load, random_states, working_folder_on_path


@pytest.fixture(autouse=True)
def same_random_numbers() -> object:
    """Leave the generators as they were."""
    own, numpys = random.getstate(), np.random.get_state()
    yield
    random.setstate(own)
    np.random.set_state(numpys)


def test_modules_that_are_not_there() -> None:
    """What cannot be imported is told in words, and keeps no other from being imported."""
    missing = load(["json", "no_such_module_here", "wave"])
    assert missing == [
        "no_such_module_here: ModuleNotFoundError: No module named 'no_such_module_here'"
    ]
    assert "wave" in sys.modules


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (["/lib", "/x/site-packages"], ["/lib", "", "/x/site-packages"]),
        (["", "/lib", "/x/dist-packages", "/y"], ["/lib", "", "/x/dist-packages", "/y"]),
        (["/lib"], ["/lib", ""]),
    ],
)
def test_where_modules_are_found(
    monkeypatch: pytest.MonkeyPatch, path: list[str], expected: list[str]
) -> None:
    """Beside the notebook: after the standard library's, before installed ones, as in IPython."""
    monkeypatch.setattr(sys, "path", path)
    working_folder_on_path()
    assert sys.path == expected


def test_random_numbers_that_go_on() -> None:
    """A generator that is not seeded anew goes on where it was; another one has new numbers."""
    random.seed(4), np.random.seed(4)
    state, before = RandomState(), random_states()
    expected = random.random()
    random.seed(99)  # as a fork of IPython's does
    state.reseed(["numpy"])
    assert random.random() == expected
    state.reseed([])
    after = random_states()
    assert after["random"] == before["random"] and after["numpy"] != before["numpy"]


def test_new_random_numbers() -> None:
    """Two forks have no numbers in common."""
    drawn = []
    for _ in range(2):
        random.seed(4), np.random.seed(4)
        RandomState().reseed()
        drawn += [random.random(), np.random.random()]
    assert len(set(drawn)) == 4


def test_modules_out_of_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is forgotten is in no list."""
    for name in ("shown", "shown.inner", "shown_too"):
        monkeypatch.setitem(sys.modules, name, type(sys)(name))
    environment.forget("shown")
    assert [name for name in sys.modules if name.startswith("shown")] == ["shown_too"]


def test_generators_that_libraries_make() -> None:
    """Those that have random numbers of their own are noted, those with a fixed seed are not."""
    with environment.noting_generators() as found:
        own, fixed = random.Random(), random.Random(4)
    after = random.Random()
    assert len(found) == 1 and found[0] is own
    assert fixed.random() == random.Random(4).random() and after not in found
