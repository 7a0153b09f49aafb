"""Whose a name is where the tests run."""

from collections.abc import Callable
from typing import Any

import pytest
from forked import ForkedCandidates

from proctor.examiner.handle import NotData
from proctor.examiner.names import Import, Names, imports
from proctor.examiner.namespace import Namespace

Make = Callable[..., ForkedCandidates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import math", {"math": Import("math")}),
        ("import os.path", {"os": Import("os")}),
        ("import os.path as path", {"path": Import("os.path")}),
        ("import json, math as m", {"json": Import("json"), "m": Import("math")}),
        (
            "from math import pi, sqrt as root",
            {"pi": Import("math", "pi"), "root": Import("math", "sqrt")},
        ),
        ("%matplotlib inline\n!ls\nimport math", {"math": Import("math")}),
        ("import no_such_module_here", {}),
        ("from math import no_such_name", {}),
        ("from . import helper", {}),
        ("import math\nmath = 3", {}),
        ("import math\ndef math(): pass", {}),
        ("import math\nfor math in (): pass", {}),
        ("def f():\n    import math", {}),
        ("x = (", {}),
        ("x = " + "(" * 300 + ")" * 300, {}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_imports_of_a_cell(text: str, expected: dict[str, Import]) -> None:
    """What a cell binds by nothing but imports that this machine can follow."""
    assert imports(text) == expected


def test_names_as_data() -> None:
    """What was found out of the names is the same after it was kept as JSON."""
    names = Names().with_given(0, ["a"]).with_given(0, ["b"]).with_shared(["a"])
    names = names.with_answers(2, frozenset({"f", "pi"}), {"pi": Import("math", "pi")})
    assert names.given == {0: {"a", "b"}}
    assert Names.from_json(names.to_json()) == names


def test_an_import_that_is_bound_anew() -> None:
    """What a later cell of the solution makes of an imported name is the candidate's."""
    names = Names().with_answers(1, frozenset({"pi"}), {"pi": Import("math", "pi")})
    assert names.with_answers(2, frozenset({"pi"}), {}).imports == {}


STUDENT = """
def f(x): return 2 * x
words = ["a"]
stock = {"tea": 9}
class Own: pass
own = Own()
statistics = None
helper = None
"""
NAMES = Names(
    answers={1: frozenset({"f", "words", "Own", "own", "statistics", "gone", "helper"})},
    given={2: frozenset({"total", "kept"}), 3: frozenset({"f"})},
    shared=frozenset({"stock"}),
    imports={"statistics": Import("statistics")},
)


@pytest.fixture
def namespace(candidates: Make) -> Namespace:
    """The examiner's names after its first cell, at the beginning of a submission."""
    made = Namespace()
    exec("stock = {'tea': 1}\ndef helper(x): return x + 1\nlimit = 5", made, made)
    made.begin(candidates(STUDENT).client, NAMES)
    return made


def value(namespace: Namespace, expression: str) -> Any:
    """What an expression comes to, in a function of a test's."""
    exec(f"def test(): return {expression}\nresult = test()", namespace, namespace)
    return dict.__getitem__(namespace, "result")


@pytest.mark.parametrize(
    ("expression", "before", "after"),
    [
        ("helper(1)", 2, TypeError),
        ("limit", 5, 5),
        ("len('abc')", 3, 3),
        ("stock", {"tea": 9}, {"tea": 9}),
        ("f(2)", NameError, 4),
        ("words + [limit]", NameError, ["a", 5]),
        ("[f(n) for n in (1, 2)]", NameError, [2, 4]),
        ("statistics.mean([1, 3])", NameError, 2),
        ("gone", NameError, NameError),
        ("nothing", NameError, NameError),
        ("'words' in globals()", False, True),
        ("globals().get('words', 7)", 7, ["a"]),
    ],
)
def test_whose_a_name_is(namespace: Namespace, expression: str, before: Any, after: Any) -> None:
    """Names are the examiner's until the student's cell has run; then the answer's are asked for."""
    for expected in (before, after):
        if isinstance(expected, type):
            with pytest.raises(expected):
                value(namespace, expression)
        else:
            assert value(namespace, expression) == expected
        namespace.answered(1)


def test_a_name_that_a_test_binds(namespace: Namespace) -> None:
    """It is the test's from then on, and the next test's."""
    namespace.answered(1)
    exec("words = ['mine']", namespace, namespace)
    assert value(namespace, "words") == ["mine"]
    exec("del words", namespace, namespace)
    with pytest.raises(NameError):
        value(namespace, "words")


def test_a_name_that_a_test_deletes(namespace: Namespace) -> None:
    """After `del` there is no such name; pop() gives what it was."""
    namespace.answered(1)
    exec("del f", namespace, namespace)
    with pytest.raises(NameError):
        value(namespace, "f(1)")
    assert namespace.pop("words") == ["a"]
    assert namespace.pop("words", 3) == 3
    with pytest.raises(KeyError):
        namespace.pop("words")


def test_a_given_cell_after_an_answer(namespace: Namespace) -> None:
    """What it binds is the examiner's own, though the solution bound it before."""
    namespace.answered(1)
    namespace.given(2, lambda: exec("total = f(4)", namespace, namespace))
    namespace.given(3, lambda: exec("def f(x): return 'given'", namespace, namespace))
    assert value(namespace, "(total, f(1))") == (8, "given")


def test_a_given_cell_that_needs_an_object(namespace: Namespace) -> None:
    """Its names are tainted: reading one is NotData, until it is bound anew."""
    namespace.answered(1)

    def cell() -> None:
        with pytest.raises(NotData):
            exec("total = len(own)", namespace, namespace)

    namespace.given(2, cell)
    assert namespace.client is not None and namespace.client.notes == []
    with pytest.raises(NotData, match="total comes of a cell that could not be run here: own is"):
        value(namespace, "total")
    assert len(namespace.client.notes) == 1
    exec("total = 3", namespace, namespace)
    assert value(namespace, "total") == 3


def test_what_was_read(namespace: Namespace) -> None:
    """The names that a test reads are known, in functions, too."""
    namespace.answered(1)
    namespace.read.clear()
    value(namespace, "helper if limit else stock")
    assert namespace.read >= {"helper", "limit"} and "stock" not in namespace.read


def test_names_before_a_submission() -> None:
    """While the instructor's first cells run it is an ordinary dictionary."""
    made = Namespace()
    exec("x = 1\ndef f(): return x\ny = f()\ndel x", made, made)
    assert made["y"] == 1 and "x" not in made and made.get("x", 2) == 2
