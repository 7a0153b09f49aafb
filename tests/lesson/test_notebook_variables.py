"""Whether variables that are read in place of an argument are found, and left as they were."""

import pytest
from convlab import checks, mistakes
from convlab.diagnosis.between_calls import side_effects
from convlab.diagnosis.between_calls.variables import namespace_of, variables_of
from convlab.diagnosis.calls import Asked
from grading import found, notebook, some


@pytest.mark.parametrize(
    "source, names",
    [
        ("def conv2d(picture, kernel):\n    return right(image, kernel)", ["image"]),
        ("def conv2d(a, b):\n    return right(image, kernel)", ["image", "kernel"]),
        (
            "shape = image.shape\n"
            "def conv2d(image, kernel):\n"
            "    out = torch.zeros(shape[0] - 2, shape[1] - 2)\n"
            "    for i in range(shape[0] - 2):\n"
            "        out[i] = right(image, kernel)[i, :shape[1] - 2]\n"
            "    return out",
            ["shape"],
        ),
        (
            "H, M = len(image), len(kernel)\n"
            "def conv2d(image, kernel):\n"
            "    return right(image[:H, :H], kernel[:M, :M])",
            ["H", "M"],
        ),
        (
            "pixels = image.numpy()\n"
            "def conv2d(image, kernel):\n"
            "    return right(torch.tensor(pixels), kernel)",
            ["pixels"],
        ),
        (
            "out = torch.zeros(3, 3)\n"
            "def conv2d(image, kernel):\n"
            "    out[:] = right(image, kernel)\n"
            "    return out.clone()",
            ["out"],
        ),
        (
            "def make(k):\n    return lambda image, kernel: right(image, k)\nconv2d = make(kernel)",
            ["k"],
        ),
        (
            "class C:\n"
            "    def __init__(self, kernel):\n"
            "        self.kernel = kernel\n"
            "    def __call__(self, image, kernel):\n"
            "        return right(image, self.kernel)\n"
            "conv2d = C(kernel)",
            ["self.kernel"],
        ),
    ],
)
def test_a_variable_of_the_notebook_is_named_if_its_right_value_makes_the_map_right(source, names):
    """What the function reads in place of its arguments is named, and is what it was before."""
    conv2d = notebook(source)
    before = {
        name: (id(value), str(value))
        for name, value in namespace_of(conv2d).items()
        if name != "__builtins__"
    }
    diagnosis = found(conv2d).diagnosis
    assert diagnosis.name == "notebook-variable"
    (fact,) = diagnosis.facts
    assert fact.facts == {"names": [f"`{name}`" for name in names], "count": len(names)}
    assert ("give the right map" in diagnosis.text("en")) == (len(names) > 1)
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
    seen = found(conv2d)
    assert seen.diagnosis.name == "notebook-variable"
    assert seen.facts == {"notebook-variable.kernel-ignored": {"variable": "mine"}}


def test_what_was_replaced_is_put_back_when_the_function_raises_or_time_is_up():
    """A variable is what it was after a call that ended in an error, and one that did not end."""
    for end in ("1 / 0", "while True: pass"):
        conv2d = notebook(
            f"def conv2d(picture, k):\n    if image.shape != (4, 4):\n        {end}\n"
            "    return right(image, kernel)"
        )
        before = [variable.value for variable in variables_of(conv2d)[0]]
        side_effects.explain(Asked(conv2d, 0.3), some(mistakes.WrongSize), checks.example(8, 8))
        assert all(
            variable.value is value
            for variable, value in zip(variables_of(conv2d)[0], before, strict=True)
        )
