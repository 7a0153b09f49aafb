"""Whether what an answer changes, shares or depends on is found, truly told, and left as it was."""

import functools
import time

import pytest
import torch
from convlab import calling, checks, mistakes
from convlab.diagnosis.between_calls import side_effects
from convlab.diagnosis.calls import Asked
from grading import found, notebook, some
from samples import correlated, windows, written

from course import answers

OWN = {
    "argument-changed",
    "output-shared",
    "carried-over",
    "remembers-earlier-call",
    "first-call-only",
    "notebook-variable",
    "random",
}
ANSWERS = {answer.name: answer for answer in answers.load()}
QUICK = 12


@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # coroutines
@pytest.mark.parametrize("size, warm", [((8, 8), False), ((12, 10), True)], ids=["first", "later"])
@pytest.mark.parametrize(
    "name", [name for name, answer in ANSWERS.items() if answer.file != "wrong_library.py"]
)
def test_sample_answers_are_named_as_their_heads_say_or_not_at_all(name, size, warm, monkeypatch):
    """A diagnosis is one of the answer's head; every answer that depends on other calls has one."""
    monkeypatch.setattr(calling, "SECONDS", 0.5)
    answer = ANSWERS[name]
    try:
        conv2d = written(answer)
    except BaseException:  # no conv2d, or none that could be made
        return
    if not callable(conv2d):
        return
    seen = found(conv2d, *size, warm)
    if seen.diagnosis:
        assert seen.diagnosis.names in answer.diagnoses
    elif seen.mistake and not isinstance(seen.mistake, mistakes.TooSlow):
        if any(OWN & set(names) for names in answer.diagnoses):  # asked where nothing else is found
            last = side_effects.changed_arguments(Asked(conv2d, 3), checks.example(*size))
            assert last and last.names in answer.diagnoses
        assert seen.calls <= QUICK


@pytest.mark.parametrize(
    "kind", [mistakes.SideEffect, mistakes.WrongValue, mistakes.WrongSize, mistakes.Raised]
)
def test_right_answers_have_no_diagnosis_whatever_is_asked(kind):
    """A right answer that is blamed by mistake is not explained."""
    for answer in filter(lambda answer: answer.right, ANSWERS.values()):
        conv2d = written(answer)
        assert side_effects.explain(Asked(conv2d, 3), some(kind), checks.example(8, 8)) is None, (
            answer.name
        )


def changing(change):
    """A right function that does this to its arguments after its work."""
    source = "def conv2d(image, kernel):\n    out = right(image, kernel)\n    {}\n    return out"
    return notebook(source.format(change))


@pytest.mark.parametrize(
    "change, name, facts",
    [
        ("kernel.mul_(2)", "changed-scaled.kernel", {"factor": "2"}),
        ("image.mul_(0.5)", "changed-scaled.image", {"factor": "0.5"}),
        ("kernel.zero_()", "changed-zero.kernel", {}),
        ("image.unsqueeze_(-1)", "changed-size.image", {"before": "8×8", "now": "8×8×1"}),
        ("image.requires_grad_()", "changed-gradient.image", {}),
        (
            "kernel.data = kernel.data.half()",
            "changed-dtype.kernel",
            {"before": "float32", "now": "float16"},
        ),
    ],
)
def test_a_changed_argument_is_told_with_what_has_become_of_it(change, name, facts):
    """Each way to change an argument has its words, though the map be right."""
    seen = found(changing(change))
    part = name.split(".")[1]
    assert (mistakes.SideEffect, "argument-changed") == (type(seen.mistake), seen.diagnosis.name)
    assert seen.facts == {f"argument-changed.{part}": {}, name: facts}
    assert seen.diagnosis.text("en").startswith(f"Your function changes the {part} it is given. ")


def test_both_arguments_changed_are_told_one_after_the_other():
    """Where image and kernel change, each has a sentence, and each its own factor."""
    assert found(changing("image.neg_(); kernel.mul_(3)")).facts == {
        "argument-changed.both": {},
        "changed-scaled.image": {"factor": "−1"},
        "changed-scaled.kernel": {"factor": "3"},
    }


@pytest.mark.parametrize(
    "change, part, count",
    [
        ("image[1, 2] += 7", "image", 1),
        ("image[1:3] += 7", "image", 16),
        ("kernel.add_(1)", "kernel", 9),
        ("image.mul_(image.abs().sum().round())", "image", 64),
        ("kernel.div_(kernel.abs().max() / 4)", "kernel", 9),
        ("kernel.mul_(0 if kernel is first else 2)", "kernel", 9),
    ],
)
def test_numbers_that_change_differently_from_call_to_call_are_told_of_one_call(
    change, part, count
):
    """A factor that is another one for other numbers is not told as if it were always the same."""
    conv2d = changing(f"first = globals().setdefault('first', kernel); {change}")
    case = checks.example(8, 8)
    found_here = side_effects.explain(Asked(conv2d, 3), some(mistakes.SideEffect), case)
    _, fact = found_here.facts
    assert (fact.name, fact.facts["count"]) == (f"changed-numbers.{part}", count)
    assert fact.facts["place"] == ((1, 2) if count == 1 else (1, 0) if count == 16 else (0, 0))
    assert "In one call, " in found_here.text("en")


def test_a_change_that_only_some_numbers_bring_about_is_told_of_one_call():
    """A kernel whose weights add up to 0 is doubled, others are left as they are."""
    conv2d = changing("kernel.mul_(1 if kernel.sum() else 2)")
    case = checks.example(8, 8, few_values=True)
    found_here = side_effects.explain(Asked(conv2d, 3), some(mistakes.SideEffect), case)
    assert [fact.name for fact in found_here.facts] == [
        "argument-changed.kernel",
        "changed-numbers.kernel",
    ]


def test_a_slow_function_is_told_of_one_call():
    """Without time for further calls, nothing is said of every call."""

    def conv2d(image, kernel):
        time.sleep(0.3)
        return correlated(image, kernel.mul_(2))

    found_here = side_effects.explain(
        Asked(conv2d, 1), some(mistakes.WrongValue), checks.example(8, 8)
    )
    assert [fact.name for fact in found_here.facts][:2] == [
        "argument-changed.kernel",
        "changed-numbers.kernel",
    ]


@pytest.mark.parametrize(
    "change, name",
    [
        ("image.clamp_(min=0)", "argument-changed+image-changed-first"),
        ("kernel /= kernel.abs().sum()", "argument-changed+kernel-changed-first"),
        ("kernel.copy_(kernel.flip(0, 1))", "argument-changed+kernel-flipped"),
        ("kernel.copy_(kernel.clone().T)", "argument-changed+kernel-transposed"),
    ],
)
def test_a_map_of_changed_arguments_is_told_as_such(change, name):
    """Where the map is the right one for the changed image or kernel, the change is named too."""
    seen = found(
        notebook(f"def conv2d(image, kernel):\n    {change}\n    return right(image, kernel)")
    )
    assert name == seen.diagnosis.name
    assert f"changed-and-read.{change.split('.')[0].split()[0]}" in seen.facts


def test_changed_numbers_are_no_reason_for_an_error():
    """Who writes into the image and then runs past its edge is left to those who explain errors."""
    seen = found(
        notebook(
            "def conv2d(image, kernel):\n    image[0, 0] = 5\n    return right(image, kernel)[9]"
        )
    )
    assert (mistakes.Raised, None) == (type(seen.mistake), seen.diagnosis)


@pytest.mark.parametrize(
    "source",
    [
        "b = torch.zeros(64, 64)\n"
        "def conv2d(image, kernel):\n"
        "    out = right(image, kernel)\n"
        "    part = b[:len(out), :len(out[0])]\n"
        "    part[:] = out\n"
        "    return part",
        "b, n = [torch.zeros(64, 64) for _ in range(3)], [0]\n"
        "def conv2d(image, kernel):\n"
        "    n[0] += 1\n"
        "    out = right(image, kernel)\n"
        "    part = b[n[0] % 3][:len(out), :len(out[0])]\n"
        "    part[:] = out\n"
        "    return part",
        "def conv2d(image, kernel):\n"
        "    out = right(image, kernel)\n"
        "    image.out = getattr(image, 'out', torch.zeros_like(out))\n"
        "    image.out[:] = out\n"
        "    return image.out",
        "m = {}\ndef conv2d(image, kernel):\n    key = str((image.tolist(), kernel.tolist()))\n"
        "    return m.setdefault(key, right(image, kernel))",
    ],
    ids=["one", "three in turn", "on the image", "by numbers"],
)
def test_shared_outputs_are_found(source):
    """Right maps in one memory are told, whichever calls share it."""
    seen = found(notebook(source))
    assert (mistakes.SideEffect, "output-shared") == (type(seen.mistake), seen.diagnosis.name)


@pytest.mark.parametrize(
    "source",
    [
        "K = 3\n"
        "def conv2d(image, kernel):\n"
        "    return right(image, kernel.flip(0))[:len(image) - K + 1]",
        "offsets = [(m, n) for m in range(3) for n in range(3)]\ndef conv2d(image, kernel):\n"
        "    return sum(right(image, kernel[m, n].reshape(1, 1)) for m, n in offsets)[:-2, :-2]",
        "bias = torch.ones(8, 8)\n"
        "def conv2d(image, kernel):\n"
        "    return right(image, kernel) + bias[0, 0]",
        "scale = 0.5\ndef conv2d(image, kernel):\n    return right(image, kernel) * scale",
        "ninth = torch.full((3, 3), 1 / 9)\n"
        "def conv2d(image, kernel):\n"
        "    return right(image, kernel * ninth)",
        "stride = 2\n"
        "def conv2d(image, kernel):\n"
        "    return right(image, kernel)[::stride, ::stride]",
        "side = 6\ndef conv2d(image, kernel):\n    return right(image, kernel)[:side, :side].T",
        "log, n = [], 0\n"
        "def conv2d(image, kernel):\n"
        "    global n\n"
        "    n += 1\n"
        "    log.append(image.shape)\n"
        "    return right(image, kernel.T)",
        "b = torch.zeros(64, 64)\n"
        "def conv2d(image, kernel):\n"
        "    out = right(image, kernel.T)\n"
        "    b[:len(out), :len(out[0])] = out\n"
        "    return b[:len(out), :len(out[0])]",
        "def conv2d(image, kernel):\n    image *= 1\n    return right(image, kernel.T)",
        "def conv2d(image, kernel):\n"
        "    out = torch.empty(len(image) - 2, len(image[0]) - 2)\n"
        "    out[:] = right(image, kernel.T)\n"
        "    return out",
        "def conv2d(image, kernel):\n    raise ValueError(image.sum())",
    ],
)
def test_what_is_outside_is_not_blamed_for_another_mistake(source):
    """Constants, counters, logs and buffers are not what makes another mistake."""
    seen = found(notebook(source), 12, 10, warm=True)
    assert seen.mistake
    assert seen.diagnosis is None


class Resists:
    """An object that is wrong and will not be looked at."""

    def __getattribute__(self, name):
        if name == "__class__":
            return Resists
        raise RuntimeError(name)

    def __call__(self, image, kernel):
        return correlated(image, kernel.T)


@pytest.mark.parametrize(
    "conv2d",
    [
        max,
        torch.matmul,
        Resists(),
        functools.partial(correlated),
        functools.lru_cache(lambda image, kernel: windows(image, kernel)),
        torch.nn.Flatten(),
        dict,
        type("C", (), {"__init__": lambda self, image, kernel: None}),
        correlated,
    ],
    ids=["builtin", "torch", "resists", "partial", "cached", "module", "kind", "class", "right"],
)
def test_whatever_can_be_called_can_be_asked(conv2d):
    """Functions without code, classes, modules and objects that resist do no harm."""
    assert (
        side_effects.explain(Asked(conv2d, 3), some(mistakes.WrongValue), checks.example(8, 8))
        is None
    )


def test_a_slow_function_leaves_time_for_others():
    """At most about half of the time is taken when every call takes long."""

    def conv2d(image, kernel):
        time.sleep(0.05)
        return correlated(image, kernel.T)

    asked = Asked(conv2d, 0.4)
    assert side_effects.explain(asked, some(mistakes.WrongValue), checks.example(8, 8)) is None
    assert asked.left > 0.1
