"""Whether nothing that a student is given holds a working from-scratch convolution, and the search
for one would find it.
"""

import shutil
import textwrap
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import nbformat
import pytest
import solution_search

from course import layout, notebook

RELEASED = layout.ROOT / "release" / layout.ASSIGNMENT / layout.NOTEBOOK
LOOPS = """{y} = torch.zeros({x}.shape[0] - {w}.shape[0] + 1, {x}.shape[1] - {w}.shape[1] + 1)
for row in range({y}.shape[0]):
    for column in range({y}.shape[1]):
        {y}[row, column] = ({x}[row:row + {w}.shape[0], column:column + {w}.shape[1]] * {w}).sum()
"""
SHORT = 'torch.einsum("abcd,cd->ab", {x}.unfold(0, 3, 1).unfold(1, 3, 1), {w})'
PARTIAL = """import functools

def g(n, x, w):
    return sum(x[i:i + n, j:j + n] * w[i, j] for i in (0, 1, 2) for j in (0, 1, 2))

h = functools.partial(g, 6)
"""


def loops(by=0, x="x", w="w", y="y"):
    """A solution as statements, with these names in it."""
    return textwrap.indent(LOOPS.format(x=x, w=w, y=y), " " * by)


def short(x="x", w="w"):
    """A solution as an expression."""
    return SHORT.format(x=x, w=w)


def defined(by=0, first=""):
    """A solution as a function."""
    return textwrap.indent(f"def f({first}x, w):\n{loops(4)}    return y\n", " " * by)


NAMED = loops(0, "image", "kernel", "out")
# Each is the whole of a module. A text that was searched is not searched again, so each differs.
MODULES = {
    "function": defined(),
    "partial": PARTIAL,
    "lambda_in_a_table": f"TABLE = {{'a': [lambda x, w: {short()}]}}\n",
    "nested_helper": f"def outer(scene):\n{defined(4)}    return scene\n",
    "curried": f"def outer(x):\n    def inner(w):\n        return {short()}\n    return inner\n",
    "method": f"class C:\n    def __init__(self):\n        self.n = 1\n\n{defined(4, 'self, ')}",
    "method_of_its_image": "class C:\n    def __init__(self, x, w):\n"
    "        self.x, self.w = x, w\n\n"
    f"    def f(self):\n        return {short('self.x', 'self.w')}\n",
    "method_beside_torchs": "class C:\n    def __init__(self, x, w):\n"
    "        self.y = torch.conv2d(x[None, None], w[None, None])\n\n"
    f"    def f(self, x, w):\n        return self and {short()}\n",
    "inside_a_function": "def g(self):\n    x, w = self.pair\n    print(self)\n"
    f"{loops(4)}    return None\n",
    "docstring": f'def g():\n    """Do this.\n\n{loops(8)}\n    And be happy.\n    """\n',
    "comment": "# Do this:\n" + textwrap.indent(loops(y="commented"), "# "),
    "string": f"TEXT = {defined().replace('y', 'written')!r}\n",
    "prose": f"TEXT = 'The function lambda x, w: {short()} does it.'\n",
}
CELLS = {
    "code": [
        nbformat.v4.new_code_cell(defined()),
        nbformat.v4.new_code_cell(f"a = 1\n{NAMED}print(a)"),
    ],
    "markdown": [
        nbformat.v4.new_markdown_cell(text)
        for text in (
            f"Do this:\n\n```python\n{NAMED}```\n",
            f"Do `{short('image', 'kernel')}`.",
            f"<details><pre>{loops(y='hidden')}</pre></details>",
        )
    ],
}
MESSAGE = f"""planted_message = '''
Do this:
{loops(4, "image", "kernel", "planted")}'''
planted_too = 'Write: {short("p", "k")}.'
"""


def planted(root):
    """A copy of convlab and the notebook with a solution in each kind of place: both, and the
    number of its cells so far.
    """
    shutil.copytree(
        layout.SOURCE / "convlab", root / "convlab", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name, code in MODULES.items():
        body = code if "import" in code else f"import torch\n\n\n{code}"
        (root / "convlab" / f"planted_{name}.py").write_text(
            f'"""Owns nothing."""\n\n{body}', "utf-8"
        )
    with (root / "convlab" / "messages" / "en" / "mistakes.toml").open(
        "a", encoding="utf-8"
    ) as file:
        file.write(MESSAGE)
    lesson = notebook.read(RELEASED)
    count = len(lesson.cells)
    lesson.cells += [*CELLS["code"], *CELLS["markdown"]]
    nbformat.write(lesson, root / layout.NOTEBOOK)
    return root / "convlab", root / layout.NOTEBOOK, count


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the search finds in what is released, and in the copy with solutions, besides the first
    planted cell's number.
    """
    folder, path, count = planted(tmp_path_factory.mktemp("planted"))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        released = pool.submit(solution_search.search, layout.SOURCE / "convlab", RELEASED)
        copied = pool.submit(solution_search.search, folder, path)
        return released.result(timeout=120), copied.result(timeout=120), count


def test_nothing_released_is_a_working_convolution(found):
    """Of thousands of callables made of convlab, notebook and messages, none yields a feature map
    by its own work.
    """
    released, _, _ = found
    assert sum(map(len, released.values())) > 2000
    assert released["its own"] == []


def test_torchs_convolution_is_seen_to_be_right_and_noticed(found):
    """The oracle yields right feature maps, and is told from a solution by the library it uses."""
    released, _, _ = found
    assert any(place.startswith("oracle.py") for place in released["library"])


@pytest.mark.parametrize("name", MODULES)
def test_a_solution_in_a_module_is_found(found, name):
    """A function, a method, a nested helper, a docstring, a comment: wherever one is planted, the
    search finds it.
    """
    _, copied, _ = found
    assert any(place.startswith(f"planted_{name}.py") for place in copied["its own"])


@pytest.mark.parametrize(
    "k, kind", [*enumerate(kind for kind, cells in CELLS.items() for _ in cells)]
)
def test_a_solution_in_a_cell_is_found(found, k, kind):
    """So it is in a code cell, as a function or not, and in a text cell's fence, inline code or
    folded hint.
    """
    _, copied, count = found
    assert any(place.startswith(f"{kind} {count + k}") for place in copied["its own"])


@pytest.mark.parametrize("mark", ["planted[row, column]", "p.unfold(0, 3, 1)"])
def test_a_solution_in_a_message_is_found(found, mark):
    """So it is in a message, on lines of its own or within a sentence."""
    _, copied, _ = found
    assert any(place.startswith("mistakes.toml") and mark in place for place in copied["its own"])
