"""Whether what an answer keeps, changes, shares or reads elsewhere is found, truly told, and left as it was."""

import contextlib
import functools
import io
import random
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from convlab import calling, checks, mistakes
from convlab.diagnosis import state
from convlab.diagnosis.calls import Asked
from convlab.diagnosis.variables import namespace_of, variables_of
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


def graded(conv2d, height, width):
    """The first Mistake that a graded cell of this size would find, and the Example it is about."""
    case = checks.example(height, width)
    others = checks.example(height, width), checks.example(height, width, few_values=True)
    try:
        results = [judged(conv2d, about) for about in (case, *others)]
        checks.kept(results[0], case)
        with decoys(namespace_of(conv2d)):
            results.append(
                checks.right_again(conv2d, case, "the notebook's variables held something else")
            )
        for part in ("kernel", "image"):
            case.refill(part)
            results.append(
                checks.right_again(conv2d, case, f"the same {part} tensor held new numbers")
            )
        checks.are_new(results)
    except mistakes.Mistake as mistake:
        return mistake, checks.latest[1]
    return None, case


def judged(conv2d, case):
    """One call's result; a Mistake if it is not right or the call changed its arguments."""
    result = checks.call(conv2d, case)
    checks.is_feature_map(result, case)
    checks.left_alone(case)
    return result


@contextlib.contextmanager
def decoys(names):
    """Let `image` and `kernel` of the notebook be others during the block."""
    decoy, before = (
        checks.example(5, 4),
        {name: names[name] for name in ("image", "kernel") if name in names},
    )
    names.update({name: getattr(decoy, name) for name in before})
    try:
        yield
    finally:
        names.update(before)


def found(conv2d, height=8, width=8, warm=False):
    """What memory.explain says of `conv2d` after a graded cell; `warm` if other sizes were tried before that."""
    with contextlib.redirect_stdout(io.StringIO()):
        for size in [(4, 4), (9, 8)] if warm else []:
            checks.mistake(conv2d, checks.example(*size))
        mistake, case = graded(conv2d, height, width)
    asked = Asked(conv2d, 3)
    return SimpleNamespace(
        diagnosis=state.explain(asked, mistake, case), mistake=mistake, calls=asked.calls
    )


def notebook(source):
    """The function that a notebook's cell defines, after the lesson's own variables; `right` is a right conv2d there."""
    return written(SimpleNamespace(source=f"from samples import correlated as right\n{source}"))


@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # coroutines
@pytest.mark.parametrize("size, warm", [((8, 8), False), ((12, 10), True)], ids=["first", "later"])
@pytest.mark.parametrize(
    "name", [name for name, answer in ANSWERS.items() if answer.file != "wrong_library.py"]
)
def test_sample_answers_are_named_as_their_heads_say_or_not_at_all(name, size, warm, monkeypatch):
    """A diagnosis is among those in the answer's head, and every answer that is a matter of memory has one."""
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
        assert not any(OWN & set(names) for names in answer.diagnoses)
        assert seen.calls <= QUICK


@pytest.mark.parametrize(
    "kind", [mistakes.SideEffect, mistakes.WrongValue, mistakes.WrongSize, mistakes.Raised]
)
def test_right_answers_have_no_diagnosis_whatever_is_asked(kind):
    """A right answer that is blamed by mistake is not explained."""
    for answer in filter(lambda answer: answer.right, ANSWERS.values()):
        conv2d = written(answer)
        assert (
            state.explain(Asked(conv2d, 3), kind("somebody's error"), checks.example(8, 8)) is None
        ), answer.name


@pytest.mark.parametrize(
    "change, names, words",
    [
        ("image[1, 2] = 7", "argument-changed", "pixel (1, 2) was "),
        ("kernel.mul_(2)", "argument-changed", "every weight of the kernel is 2 times what it was"),
        ("kernel.zero_()", "argument-changed", "every weight of the kernel is 0"),
        (
            "image.unsqueeze_(-1)",
            "argument-changed",
            "The image was of size 8×8 before the call and is of size 8×8×1 after it.",
        ),
        ("image.requires_grad_()", "argument-changed", "`requires_grad`"),
        (
            "kernel.data = kernel.data.half()",
            "argument-changed",
            "of the kernel were float32 before the call and are float16",
        ),
        ("image.neg_(); kernel.neg_()", "argument-changed", "the image and the kernel it is given"),
    ],
)
def test_a_changed_argument_is_told_with_what_has_become_of_it(change, names, words):
    """Each way to change an argument has its words, though the map be right."""
    seen = found(
        notebook(
            f"def conv2d(image, kernel):\n    out = right(image, kernel)\n    {change}\n    return out"
        )
    )
    assert (mistakes.SideEffect, names) == (type(seen.mistake), seen.diagnosis.name)
    assert words in seen.diagnosis.sentence and "right one" not in seen.diagnosis.sentence


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
    assert "the right one for what they have become" in seen.diagnosis.sentence


def test_changed_numbers_are_no_reason_for_an_error():
    """A function that writes into the image and then runs past its edge is left to those who explain errors."""
    seen = found(
        notebook(
            "def conv2d(image, kernel):\n    image[0, 0] = 5\n    return right(image, kernel)[9]"
        )
    )
    assert (mistakes.Raised, None) == (type(seen.mistake), seen.diagnosis)


KEEP_KERNEL = {
    "global": "k = None\ndef conv2d(image, kernel):\n    global k\n    k = kernel.clone() if k is None else k\n"
    "    return right(image, k)",
    "no name at first": "def conv2d(image, kernel):\n    global k\n    if 'k' not in globals():\n        k = kernel.clone()\n"
    "    return right(image, k)",
    "closure": "def make():\n    k = None\n    def conv2d(image, kernel):\n        nonlocal k\n"
    "        k = kernel.clone() if k is None else k\n        return right(image, k)\n    return conv2d\nconv2d = make()",
    "object": "class C:\n    k = None\n    def __call__(self, image, kernel):\n        self.k = kernel.clone() if self.k is None "
    "else self.k\n        return right(image, self.k)\nconv2d = C()",
    "method": "class C:\n    k = None\n    def run(self, image, kernel):\n        self.k = kernel.clone() if self.k is None "
    "else self.k\n        return right(image, self.k)\nconv2d = C().run",
    "attribute": "def conv2d(image, kernel):\n    if not hasattr(conv2d, 'k'):\n        conv2d.k = kernel.clone()\n"
    "    return right(image, conv2d.k)",
    "default": "def conv2d(image, kernel, k=[]):\n    k.append(kernel.clone())\n    return right(image, k[0])",
    "keyword default": "def conv2d(image, kernel, *, k={}):\n    return right(image, k.setdefault(0, kernel.clone()))",
    "helper": "k = []\ndef first(kernel):\n    k.append(kernel.clone())\n    return k[0]\n"
    "def conv2d(image, kernel):\n    return right(image, first(kernel))",
    "lru_cache": "import functools\n@functools.lru_cache\ndef first():\n    return now\n"
    "def conv2d(image, kernel):\n    global now\n    now = kernel.clone()\n    return right(image, first())",
    "partial": "import functools\ndef work(image, kernel, k):\n    return right(image, k.setdefault(0, kernel.clone()))\n"
    "conv2d = functools.partial(work, k={})",
    "wrong besides": "k = None\ndef conv2d(image, kernel):\n    global k\n    k = kernel.flip(0) if k is None else k\n"
    "    return right(image, k)",
}


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("style", KEEP_KERNEL)
def test_the_first_kernel_for_ever_is_found_wherever_it_is_kept(style, warm):
    """The kernel of an earlier call is told as such, and two kernels in turn do give one map."""
    conv2d = notebook(KEEP_KERNEL[style])
    diagnosis = found(conv2d, warm=warm).diagnosis
    assert (diagnosis.name, "the weights of an earlier call" in diagnosis.sentence) == (
        "remembers-earlier-call",
        True,
    )
    image, kernels = torch.rand(8, 8), torch.rand(2, 3, 3)
    assert torch.equal(*(conv2d(image, kernel) for kernel in kernels))


@pytest.mark.parametrize(
    "source, words",
    [
        (
            "m = {}\ndef conv2d(image, kernel):\n    if image.shape not in m:\n        m[image.shape] = right(image, kernel)\n"
            "    return m[image.shape]",
            "the map that belongs to those of an earlier call. It keeps them in `m`.",
        ),
        (
            "p = None\ndef conv2d(image, kernel):\n    global p\n    p = image.clone() if p is None else p\n    return right(p, kernel)",
            "the pixels of an earlier call",
        ),
        (
            "p = None\ndef conv2d(image, kernel):\n    global p\n    use, p = p if p is not None else image, image.clone()\n"
            "    return right(use, kernel)",
            "the pixels of an earlier call",
        ),
        (
            "m = {}\ndef conv2d(image, kernel):\n    key = str(kernel.tolist())\n    m[key] = m.get(key, right(image, kernel))\n"
            "    return m[key].clone()",
            "For the same kernel and another image",
        ),
        (
            "m = {}\ndef conv2d(image, kernel):\n    key = str(image.tolist())\n    m[key] = m.get(key, right(image, kernel))\n"
            "    return m[key].clone()",
            "For the same image and another kernel",
        ),
        (
            "m = {}\ndef conv2d(image, kernel):\n    m.setdefault((image, kernel), right(image, kernel))\n"
            "    return m[image, kernel].clone()",
            "When the same kernel tensor held new numbers",
        ),
    ],
)
def test_what_is_remembered_is_told(source, words):
    """The map, the image, or a map looked up by one argument: each has its words."""
    diagnosis = found(notebook(source)).diagnosis
    assert diagnosis.name == "remembers-earlier-call"
    assert words in diagnosis.sentence


@pytest.mark.parametrize(
    "source",
    [
        "a = torch.zeros(64, 64)\ndef conv2d(image, kernel):\n    out = right(image, kernel)\n    part = a[:len(out), :len(out[0])]\n"
        "    part += out\n    return part.clone()",
        "a = torch.zeros(64, 64)\ndef conv2d(image, kernel):\n    out = right(image, kernel.flip(0, 1))\n"
        "    part = a[:len(out), :len(out[0])]\n    part += out\n    return part.clone()",
        "a = None\ndef conv2d(image, kernel):\n    global a\n    out = right(image, kernel)\n"
        "    a = out if a is None or a.shape != out.shape else (a + out) / 2\n    return a.clone()",
        "a = torch.full((64, 64), -1e9)\ndef conv2d(image, kernel):\n    out = right(image, kernel)\n"
        "    part = a[:len(out), :len(out[0])]\n    part[:] = part.maximum(out)\n    return part.clone()",
        "def conv2d(image, kernel, rows=[]):\n    rows.extend(right(image, kernel))\n    return torch.stack(rows)",
        "class C(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.register_buffer('a', torch.zeros(99, 99))\n"
        "    def forward(self, image, kernel):\n        out = right(image, kernel)\n        part = self.a[:len(out), :len(out[0])]\n"
        "        part += out\n        return part.clone()\nconv2d = C()",
    ],
    ids=["sum", "flipped sum", "average", "largest", "rows", "module"],
)
def test_numbers_carried_over_are_found_and_do_depend_on_the_calls_before(source):
    """Maps that hold numbers of earlier calls are told as such, and one call's answer is another after another call."""
    assert found(notebook(source)).diagnosis.name == "carried-over"
    conv2d, case, other = notebook(source), checks.example(8, 8), checks.example(8, 8)
    first = conv2d(*case.before).clone()
    conv2d(*other.before)
    again = conv2d(*case.before)
    assert first.shape != again.shape or not torch.allclose(first, again)


@pytest.mark.parametrize(
    "source, words",
    [
        (
            "done = False\ndef conv2d(image, kernel):\n    global done\n    out = right(image, kernel) * (not done)\n    done = True\n"
            "    return out",
            "another map than the calls after it",
        ),
        (
            "cells = zip([0, 0, 1], [0, 1, 1])\ndef conv2d(image, kernel):\n    out = torch.zeros(len(image) - 2, len(image[0]) - 2)\n"
            "    for m, n in cells:\n        out += image[m, n]\n    return out",
            "`cells`, which gives each of them only once",
        ),
        (
            "def conv2d(image, kernel, cells=(m for m in (0, 1))):\n    out = torch.zeros(len(image) - 2, len(image[0]) - 2)\n"
            "    for m in cells:\n        out += image[m, m]\n    return out",
            "`cells`, which gives each of them only once",
        ),
        (
            "cells = [(0, 0), (1, 1)]\ndef conv2d(image, kernel):\n    out = torch.zeros(len(image) - 2, len(image[0]) - 2)\n"
            "    while cells:\n        out += image[cells.pop()]\n    return out",
            "out of `cells`, which is empty by now",
        ),
    ],
)
def test_what_is_used_up_by_the_first_call_is_found(source, words):
    """A flag, an iterator or a list that only the first call finds as it was."""
    conv2d = notebook(source)
    conv2d(*checks.example(8, 8).before)
    diagnosis = found(conv2d).diagnosis
    assert diagnosis.name == "first-call-only"
    assert words in diagnosis.sentence


@pytest.mark.parametrize(
    "source",
    [
        "def conv2d(image, kernel):\n    return torch.rand(len(image) - 2, len(image[0]) - 2)",
        "g = torch.Generator().manual_seed(3)\ndef conv2d(image, kernel):\n"
        "    return right(image, kernel) + torch.rand(1, generator=g)",
        "import numpy as np\nchance = np.random.default_rng(3)\ndef conv2d(image, kernel):\n"
        "    return right(image, kernel) * chance.uniform()",
        "import numpy as np\ndef conv2d(image, kernel):\n    return right(image, kernel) + np.random.default_rng().uniform()",
        "import random\ndef conv2d(image, kernel):\n    return right(image, kernel) + random.random()",
    ],
)
def test_random_maps_are_told_from_what_is_carried_over(source):
    """Random numbers of torch, numpy or Python, seeded once or never, are named as chance."""
    assert found(notebook(source)).diagnosis.name == "random"


@pytest.mark.parametrize(
    "source",
    [
        "b = torch.zeros(64, 64)\ndef conv2d(image, kernel):\n    out = right(image, kernel)\n    part = b[:len(out), :len(out[0])]\n"
        "    part[:] = out\n    return part",
        "b, n = [torch.zeros(64, 64) for _ in range(3)], [0]\ndef conv2d(image, kernel):\n    n[0] += 1\n"
        "    out = right(image, kernel)\n"
        "    part = b[n[0] % 3][:len(out), :len(out[0])]\n    part[:] = out\n    return part",
        "def conv2d(image, kernel):\n    out = right(image, kernel)\n    image.out = getattr(image, 'out', torch.zeros_like(out))\n"
        "    image.out[:] = out\n    return image.out",
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
    "source, variable",
    [
        ("def conv2d(picture, kernel):\n    return right(image, kernel)", "`image`"),
        ("def conv2d(a, b):\n    return right(image, kernel)", "`image` and `kernel`"),
        (
            "shape = image.shape\ndef conv2d(image, kernel):\n    out = torch.zeros(shape[0] - 2, shape[1] - 2)\n"
            "    for i in range(shape[0] - 2):\n        out[i] = right(image, kernel)[i, :shape[1] - 2]\n    return out",
            "`shape`",
        ),
        (
            "H, M = len(image), len(kernel)\ndef conv2d(image, kernel):\n    return right(image[:H, :H], kernel[:M, :M])",
            "`H` and `M`",
        ),
        (
            "pixels = image.numpy()\ndef conv2d(image, kernel):\n    return right(torch.tensor(pixels), kernel)",
            "`pixels`",
        ),
        (
            "out = torch.zeros(3, 3)\ndef conv2d(image, kernel):\n    out[:] = right(image, kernel)\n    return out.clone()",
            "`out`",
        ),
        (
            "def make(k):\n    return lambda image, kernel: right(image, k)\nconv2d = make(kernel)",
            "`k`",
        ),
        (
            "class C:\n    def __init__(self, kernel):\n        self.kernel = kernel\n    def __call__(self, image, kernel):\n"
            "        return right(image, self.kernel)\nconv2d = C(kernel)",
            "`self.kernel`",
        ),
    ],
)
def test_a_variable_of_the_notebook_is_named_if_its_right_value_makes_the_map_right(
    source, variable
):
    """What the function reads in place of its arguments is named, and is what it was before."""
    conv2d = notebook(source)
    before = {
        name: (id(value), str(value))
        for name, value in namespace_of(conv2d).items()
        if name != "__builtins__"
    }
    diagnosis = found(conv2d).diagnosis
    assert diagnosis.name == "notebook-variable"
    assert f"Your function reads {variable}, made outside it." in diagnosis.sentence
    after = {
        name: (id(value), str(value))
        for name, value in namespace_of(conv2d).items()
        if name != "__builtins__"
    }
    assert before.keys() == after.keys() and all(
        before[name][0] == after[name][0] for name in before
    )


def test_weights_typed_in_are_named_though_no_value_makes_the_map_right():
    """A function that flips what it reads from outside follows that variable and not its kernel."""
    conv2d = notebook(
        "mine = torch.rand(3, 3)\ndef conv2d(image, kernel):\n    return right(image, mine.flip(0))"
    )
    diagnosis = found(conv2d).diagnosis
    assert (diagnosis.name, "stays the same with another kernel" in diagnosis.sentence) == (
        "notebook-variable",
        True,
    )


@pytest.mark.parametrize(
    "source",
    [
        "K = 3\ndef conv2d(image, kernel):\n    return right(image, kernel.flip(0))[:len(image) - K + 1]",
        "offsets = [(m, n) for m in range(3) for n in range(3)]\ndef conv2d(image, kernel):\n"
        "    return sum(right(image, kernel[m, n].reshape(1, 1)) for m, n in offsets)[:-2, :-2]",
        "bias = torch.ones(8, 8)\ndef conv2d(image, kernel):\n    return right(image, kernel) + bias[0, 0]",
        "scale = 0.5\ndef conv2d(image, kernel):\n    return right(image, kernel) * scale",
        "ninth = torch.full((3, 3), 1 / 9)\ndef conv2d(image, kernel):\n    return right(image, kernel * ninth)",
        "stride = 2\ndef conv2d(image, kernel):\n    return right(image, kernel)[::stride, ::stride]",
        "side = 6\ndef conv2d(image, kernel):\n    return right(image, kernel)[:side, :side].T",
        "log, n = [], 0\ndef conv2d(image, kernel):\n    global n\n    n += 1\n    log.append(image.shape)\n"
        "    return right(image, kernel.T)",
        "b = torch.zeros(64, 64)\ndef conv2d(image, kernel):\n    out = right(image, kernel.T)\n    b[:len(out), :len(out[0])] = out\n"
        "    return b[:len(out), :len(out[0])]",
        "def conv2d(image, kernel):\n    image *= 1\n    return right(image, kernel.T)",
        "def conv2d(image, kernel):\n    out = torch.empty(len(image) - 2, len(image[0]) - 2)\n    out[:] = right(image, kernel.T)\n"
        "    return out",
        "def conv2d(image, kernel):\n    raise ValueError(image.sum())",
    ],
)
def test_what_is_outside_is_not_blamed_for_another_mistake(source):
    """Constants, counters, logs and buffers of a function that is wrong for another reason have no diagnosis here."""
    seen = found(notebook(source), 12, 10, warm=True)
    assert seen.mistake
    assert seen.diagnosis is None


@pytest.mark.parametrize(
    "make",
    [
        "torch.empty(h, w)",
        "torch.Tensor(h, w)",
        "image.new_empty(h, w)",
        "torch.from_numpy(np.empty((h, w)))",
    ],
)
def test_memory_that_nobody_wrote_to_is_not_taken_for_chance(make):
    """An output that starts from anything and is added to is told by its start, and a row left as it was by its place."""
    head = (
        "import numpy as np\ndef conv2d(image, kernel):\n    h, w = len(image) - 2, len(image[0]) - 2\n"
        f"    out = {make}.float()\n"
    )
    case = checks.example(8, 8)

    def name(end):
        return state.explain(
            Asked(notebook(head + end + "\n    return out"), 3), mistakes.WrongValue(), case
        ).name

    assert name("    out += right(image, kernel)") == "starts-not-at-zero"
    assert name("    out[:-1] = right(image, kernel)[:-1]") == "last-row-missing"


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
    assert state.explain(Asked(conv2d, 3), mistakes.WrongValue(), checks.example(8, 8)) is None


def test_random_numbers_to_come_are_what_they_would_have_been():
    """Asking a random function takes nothing from the notebook's random numbers."""

    def dice():
        return float(torch.rand(1)), float(np.random.rand()), random.random()

    before = torch.get_rng_state(), np.random.get_state(), random.getstate()
    expected = dice()
    torch.set_rng_state(before[0])
    np.random.set_state(before[1])
    random.setstate(before[2])
    state.explain(
        Asked(lambda image, kernel: torch.rand(6, 6) * random.random(), 3),
        mistakes.WrongValue(),
        checks.example(8, 8),
    )
    assert expected == dice()


def test_what_was_replaced_is_put_back_when_the_function_raises_or_time_is_up():
    """A notebook's variable is what it was after a call that ended in an error, and after one that did not end."""
    for end in ("1 / 0", "while True: pass"):
        conv2d = notebook(
            f"def conv2d(picture, k):\n    if image.shape != (4, 4):\n        {end}\n    return right(image, kernel)"
        )
        before = [variable.value for variable in variables_of(conv2d)[0]]
        state.explain(Asked(conv2d, 0.3), mistakes.WrongSize(), checks.example(8, 8))
        assert all(
            variable.value is value
            for variable, value in zip(variables_of(conv2d)[0], before, strict=True)
        )


def test_a_slow_function_leaves_time_for_others():
    """At most about half of the time is taken when every call takes long."""

    def conv2d(image, kernel):
        time.sleep(0.05)
        return correlated(image, kernel.T)

    asked = Asked(conv2d, 0.4)
    assert state.explain(asked, mistakes.WrongValue(), checks.example(8, 8)) is None
    assert asked.left > 0.1
