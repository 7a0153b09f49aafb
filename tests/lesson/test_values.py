"""Whether a result that is no ordinary tensor gets its facts, and another process is doubted."""

import collections
import sys

import pytest
import torch
from convlab import messages, values
from convlab.messages import message
from convlab.printing import number

KINDS = [
    ([1], "list", "a list"),
    (3, "int", "an int"),
    (torch.zeros(1), "torch.Tensor", "a torch.Tensor"),
    (torch.zeros(1).numpy(), "numpy.ndarray", "a numpy.ndarray"),
    (collections.OrderedDict(), "collections.OrderedDict", "a collections.OrderedDict"),
    (ValueError(), "ValueError", "a ValueError"),
    (IndexError(), "IndexError", "an IndexError"),
]
GOOD = {"kind": messages.plain(values.kind([1])), "advice": messages.plain(values.VALUE)}


class There:
    """Stands for a value of another process, which tells these facts of it."""

    def __init__(self, facts):
        self.facts = facts

    def __near__(self, module, name, *arguments):
        assert getattr(sys.modules[module], name) is values.plain_facts_of
        return self.facts


@pytest.mark.parametrize("value, type_name, words", KINDS)
def test_a_value_is_called_by_its_type(value, type_name, words):
    """With its library's name, unless it is Python's own, and the article that fits."""
    assert (values.kind(value).facts["type"], values.kind(value).text("en")) == (type_name, words)


@pytest.mark.parametrize(
    "value, advice",
    [
        ([1], values.VALUE),
        (number, values.FUNCTION),
        ((k for k in [1]), values.GENERATOR),
        (len, values.FUNCTION),
    ],
)
def test_what_to_look_at_follows_from_the_kind(value, advice):
    """Generators, functions and other values each have their own advice."""
    assert values.facts_of(value) == {"kind": values.kind(value), "advice": advice}


def test_a_sparse_tensor_is_told_by_its_layout_and_device():
    """A tensor that is not ordinary is still a tensor."""
    told = {"layout": "torch.sparse_coo", "device": "cpu"}
    assert values.facts_of(torch.eye(3).to_sparse()) == told
    assert not values.ordinary(torch.eye(3).to_sparse()) and values.ordinary(torch.eye(3))


@pytest.mark.parametrize(
    "facts, told",
    [
        (GOOD, {"kind": values.kind([1]), "advice": values.VALUE}),
        ({"layout": "torch.jagged", "device": "cpu"}, {"layout": "torch.jagged", "device": "cpu"}),
    ],
)
def test_another_process_tells_of_its_value(facts, told):
    """What is told there is what would be told here."""
    assert values.facts_of(There(facts)) == told


@pytest.mark.parametrize(
    "lie",
    [
        None,
        {},
        {1: 2},
        {"layout": "<b>", "device": "cpu"},
        {"layout": 3, "device": "cpu"},
        {**GOOD, "advice": "Well done!"},
        {**GOOD, "advice": messages.plain(message("mistakes", "not-defined"))},
        {**GOOD, "kind": messages.plain(values.kind_named("x" * 200))},
        {**GOOD, "kind": messages.plain(values.kind_named("list of lies"))},
        {**GOOD, "kind": messages.plain(message("words", "and"))},
        {**GOOD, "kind": messages.plain(message("words", "kind.an", type="list"))},
    ],
)
def test_what_another_process_should_not_say_is_not_repeated(lie):
    """Other sentences than our own, and names that are none, become an object of any type."""
    told = {"kind": values.kind_named("object"), "advice": values.VALUE}
    assert values.facts_of(There(lie)) == told
