"""There are words for all that models do, and their facts say what the model has."""

import pytest
import torch
from convlab import messages
from convlab.diagnosis.arithmetic import behaviour, model_names, models
from convlab.taps.probe import tried

WORDS = messages.table("behaviour")


@pytest.mark.parametrize(
    "table, names",
    [
        (
            "change",
            {
                change.removesuffix("-single")
                for change in {*models.EACH, *models.TABLE, *models.FIRST} - {"half", "bfloat16"}
            }
            | {"limits", "lower", "upper"},
        ),
        ("combined", set(models.COMBINED)),
        ("reduced", set(models.REDUCED)),
        ("divisor", set(models.DIVISORS)),
        ("digits", {"half", "bfloat16"}),
        (
            "digits-lost",
            {core.split("-", 1)[1] for core in models.ROUGH}
            | {"results", "pixels", "patch", "weights", "nearly"},
        ),
        (
            "alteration",
            {name for name, _, _ in behaviour.alterations(*tried((8, 8), (3, 3), 1).before)},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_has_words_for_just_what_there_is(table, names):
    """No change, way, divisor or alteration lacks its words, and none is left over."""
    assert set(WORDS[table]) == names


CHANGES = [*models.EACH, *models.TABLE, *models.FIRST, *models.LIMITS, (-3.0, torch.inf)]
MODELS = {
    "results": [
        models.Model(after=(change,))
        for change in [*models.EACH, *models.TABLE, *models.LIMITS, (-torch.inf, 5.0)]
    ],
    "image": [models.Model(image=change) for change in CHANGES],
    "kernel": [models.Model(kernel=change) for change in CHANGES],
    "patch": [models.Model(patch=change) for change in CHANGES],
    "whole numbers": [models.Model(image=change, kernel=change) for change in models.WHOLE],
    "core": [
        models.Model(core=(way, by))
        for way in models.COMBINED
        for by in models.REDUCED
        if (way, by) != ("product", "sum")
    ],
    "digits and steps": [models.Model(core=core) for core in models.ROUGH | models.STEPS],
    "divisor": [models.Model(divisor=name) for name in models.DIVISORS],
    "line": [models.Model(line=line) for line in [(-1.0, 0.0), (1 / 9, 0.0), (1.0, 0.5)]],
    "plus": [
        models.Model(plus=plus)
        for plus in [("pixel", 0, 2), ("patch",), ("weight", 1, 1), ("weights",), ("image",)]
    ],
}


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_has_a_name_and_whole_sentences(kind):
    """Whatever a model does is told with a name of the messages, in words, without a gap."""
    for model in MODELS[kind]:
        found = [*model_names.model_facts(model)]
        assert found, model
        for name, fact in found:
            assert name in messages.table("diagnoses")
            text = fact.text()
            assert text[0].isupper() and text.endswith("."), text
            assert ".." not in text and "{" not in text, text


@pytest.mark.parametrize(
    "line, name, words, fact",
    [
        ((-1.0, 0.0), "sign-reversed", "multiplied", {"factor": "−1"}),
        ((1 / 9, 0.0), "scaled", "divided", {"divisor": "9"}),
        ((3.0, 0.0), "scaled", "multiplied", {"factor": "3"}),
        ((2.0 / 3, 0.0), "scaled", "multiplied", {"factor": "0.6667"}),
    ],
)
def test_a_factor_is_told_as_a_division_where_that_is_whole(line, name, words, fact):
    """One ninth is told as divided by 9, others by their four first digits."""
    [(found, told)] = model_names.model_facts(models.Model(line=line))
    assert (found, told.name, told.facts) == (name, words, fact)


def test_rounding_is_told_last():
    """Of several changes of the results, the one that changes least is no headline."""
    model = models.Model(after=("round0", "relu"))
    assert [name for name, _ in model_names.model_facts(model)] == [
        "negatives-set-to-zero",
        "rounded",
    ]
