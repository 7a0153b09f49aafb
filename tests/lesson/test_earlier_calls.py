"""Whether what is left of earlier calls in a later one is found, and told as it is."""

import pytest
import torch
from convlab import checks
from grading import found, notebook

KEEP_KERNEL = {
    "global": (
        "k = None\n"
        "def conv2d(image, kernel):\n"
        "    global k\n"
        "    k = kernel.clone() if k is None else k\n"
        "    return right(image, k)"
    ),
    "no name at first": (
        "def conv2d(image, kernel):\n"
        "    global k\n"
        "    if 'k' not in globals():\n"
        "        k = kernel.clone()\n"
        "    return right(image, k)"
    ),
    "closure": (
        "def make():\n"
        "    k = None\n"
        "    def conv2d(image, kernel):\n"
        "        nonlocal k\n"
        "        k = kernel.clone() if k is None else k\n"
        "        return right(image, k)\n"
        "    return conv2d\n"
        "conv2d = make()"
    ),
    "object": (
        "class C:\n"
        "    k = None\n"
        "    def __call__(self, image, kernel):\n"
        "        self.k = kernel.clone() if self.k is None else self.k\n"
        "        return right(image, self.k)\n"
        "conv2d = C()"
    ),
    "method": (
        "class C:\n"
        "    k = None\n"
        "    def run(self, image, kernel):\n"
        "        self.k = kernel.clone() if self.k is None else self.k\n"
        "        return right(image, self.k)\n"
        "conv2d = C().run"
    ),
    "attribute": (
        "def conv2d(image, kernel):\n"
        "    if not hasattr(conv2d, 'k'):\n"
        "        conv2d.k = kernel.clone()\n"
        "    return right(image, conv2d.k)"
    ),
    "default": (
        "def conv2d(image, kernel, k=[]):\n"
        "    k.append(kernel.clone())\n"
        "    return right(image, k[0])"
    ),
    "keyword default": (
        "def conv2d(image, kernel, *, k={}):\n"
        "    return right(image, k.setdefault(0, kernel.clone()))"
    ),
    "helper": "k = []\ndef first(kernel):\n    k.append(kernel.clone())\n    return k[0]\n"
    "def conv2d(image, kernel):\n    return right(image, first(kernel))",
    "lru_cache": (
        "import functools\n"
        "@functools.lru_cache\n"
        "def first():\n"
        "    return now\n"
        "def conv2d(image, kernel):\n"
        "    global now\n"
        "    now = kernel.clone()\n"
        "    return right(image, first())"
    ),
    "partial": (
        "import functools\n"
        "def work(image, kernel, k):\n"
        "    return right(image, k.setdefault(0, kernel.clone()))\n"
        "conv2d = functools.partial(work, k={})"
    ),
    "wrong besides": (
        "k = None\n"
        "def conv2d(image, kernel):\n"
        "    global k\n"
        "    k = kernel.flip(0) if k is None else k\n"
        "    return right(image, k)"
    ),
}


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("style", KEEP_KERNEL)
def test_the_first_kernel_for_ever_is_found_wherever_it_is_kept(style, warm):
    """The kernel of an earlier call is told as such, and two kernels in turn do give one map."""
    conv2d = notebook(KEEP_KERNEL[style])
    seen = found(conv2d, warm=warm)
    assert seen.diagnosis.name == "remembers-earlier-call"
    assert "remembered-kernel" in seen.facts
    image, kernels = torch.rand(8, 8), torch.rand(2, 3, 3)
    assert torch.equal(*(conv2d(image, kernel) for kernel in kernels))


@pytest.mark.parametrize(
    "source, facts",
    [
        (
            "m = {}\n"
            "def conv2d(image, kernel):\n"
            "    if image.shape not in m:\n"
            "        m[image.shape] = right(image, kernel)\n"
            "    return m[image.shape]",
            {"remembered-map": {}, "remembered-in": {"variable": "m"}},
        ),
        (
            "p = None\n"
            "def conv2d(image, kernel):\n"
            "    global p\n"
            "    p = image.clone() if p is None else p\n"
            "    return right(p, kernel)",
            {"remembered-image": {}, "remembered-in": {"variable": "p"}},
        ),
        (
            "p = None\n"
            "def conv2d(image, kernel):\n"
            "    global p\n"
            "    use, p = p if p is not None else image, image.clone()\n"
            "    return right(use, kernel)",
            {"remembered-image": {}},
        ),
        (
            "m = {}\n"
            "def conv2d(image, kernel):\n"
            "    key = str(kernel.tolist())\n"
            "    m[key] = m.get(key, right(image, kernel))\n"
            "    return m[key].clone()",
            {"remembered-same-kernel": {}},
        ),
        (
            "m = {}\n"
            "def conv2d(image, kernel):\n"
            "    key = str(image.tolist())\n"
            "    m[key] = m.get(key, right(image, kernel))\n"
            "    return m[key].clone()",
            {"remembered-same-image": {}},
        ),
        (
            "m = {}\n"
            "def conv2d(image, kernel):\n"
            "    m.setdefault((image, kernel), right(image, kernel))\n"
            "    return m[image, kernel].clone()",
            {"remembered-refilled-kernel": {}},
        ),
    ],
)
def test_what_is_remembered_is_told(source, facts):
    """The map, the image, or a map looked up by one argument: each has its words."""
    seen = found(notebook(source))
    assert seen.diagnosis.name == "remembers-earlier-call"
    assert seen.facts == {"remembers-earlier-call": {}, **facts}
    assert seen.diagnosis.text("en").startswith("Your function still uses something")


@pytest.mark.parametrize(
    "source",
    [
        "a = torch.zeros(64, 64)\n"
        "def conv2d(image, kernel):\n"
        "    out = right(image, kernel)\n"
        "    part = a[:len(out), :len(out[0])]\n"
        "    part += out\n"
        "    return part.clone()",
        "a = torch.zeros(64, 64)\n"
        "def conv2d(image, kernel):\n"
        "    out = right(image, kernel.flip(0, 1))\n"
        "    part = a[:len(out), :len(out[0])]\n"
        "    part += out\n"
        "    return part.clone()",
        "a = None\ndef conv2d(image, kernel):\n    global a\n    out = right(image, kernel)\n"
        "    a = out if a is None or a.shape != out.shape else (a + out) / 2\n    return a.clone()",
        "a = torch.full((64, 64), -1e9)\n"
        "def conv2d(image, kernel):\n"
        "    out = right(image, kernel)\n"
        "    part = a[:len(out), :len(out[0])]\n"
        "    part[:] = part.maximum(out)\n"
        "    return part.clone()",
        "def conv2d(image, kernel, rows=[]):\n"
        "    rows.extend(right(image, kernel))\n"
        "    return torch.stack(rows)",
        "class C(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.register_buffer('a', torch.zeros(99, 99))\n"
        "    def forward(self, image, kernel):\n"
        "        out = right(image, kernel)\n"
        "        part = self.a[:len(out), :len(out[0])]\n"
        "        part += out\n"
        "        return part.clone()\n"
        "conv2d = C()",
    ],
    ids=["sum", "flipped sum", "average", "largest", "rows", "module"],
)
def test_numbers_carried_over_are_found_and_do_depend_on_the_calls_before(source):
    """Such maps are told as such, and one call's answer is another one after another call."""
    assert found(notebook(source)).diagnosis.name == "carried-over"
    conv2d, case, other = notebook(source), checks.example(8, 8), checks.example(8, 8)
    first = conv2d(*case.before).clone()
    conv2d(*other.before)
    again = conv2d(*case.before)
    assert first.shape != again.shape or not torch.allclose(first, again)


@pytest.mark.parametrize(
    "source, fact",
    [
        (
            "done = False\n"
            "def conv2d(image, kernel):\n"
            "    global done\n"
            "    out = right(image, kernel) * (not done)\n"
            "    done = True\n"
            "    return out",
            "first-only",
        ),
        (
            "cells = zip([0, 0, 1], [0, 1, 1])\n"
            "def conv2d(image, kernel):\n"
            "    out = torch.zeros(len(image) - 2, len(image[0]) - 2)\n"
            "    for m, n in cells:\n"
            "        out += image[m, n]\n"
            "    return out",
            "used-up",
        ),
        (
            "def conv2d(image, kernel, cells=(m for m in (0, 1))):\n"
            "    out = torch.zeros(len(image) - 2, len(image[0]) - 2)\n"
            "    for m in cells:\n"
            "        out += image[m, m]\n"
            "    return out",
            "used-up",
        ),
        (
            "cells = [(0, 0), (1, 1)]\n"
            "def conv2d(image, kernel):\n"
            "    out = torch.zeros(len(image) - 2, len(image[0]) - 2)\n"
            "    while cells:\n"
            "        out += image[cells.pop()]\n"
            "    return out",
            "emptied",
        ),
    ],
)
def test_what_is_used_up_by_the_first_call_is_found(source, fact):
    """A flag, an iterator or a list that only the first call finds as it was."""
    conv2d = notebook(source)
    conv2d(*checks.example(8, 8).before)
    seen = found(conv2d)
    assert seen.diagnosis.name == "first-call-only"
    ((name, facts),) = seen.facts.items()
    assert name == f"first-call-only.{fact}"
    assert facts["place" if fact == "first-only" else "variable"]
