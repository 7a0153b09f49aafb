"""What the text of a student's code does: told where no answer needs it, and nothing told of the rest."""

import ast
import contextlib
import time
from dataclasses import replace

import pytest

from proctor.tampering.code import Known, Steps, TooLong
from proctor.tampering.names import Names
from proctor.tampering.places import PrivatePlaces
from proctor.tampering.told import found, in_commands, in_texts

GIVEN = "import math, numpy\nimport numpy as np\nimport tools\ndef near(left, right): ..."
TESTS = """
assert numpy.allclose(f([1]), [2]) and all(near(a, b) for a, b in g())
assert tools.same(f([1]), [2]) and isinstance(f([1]), list)
np.random.seed(0)
print(input, open, sum([1]))
"""


def known(solution: str = "", **more: object) -> Known:
    """What is known of a notebook with these given cells and tests, a `tools.py`, and a solution."""
    names = Names([ast.parse(GIVEN)])
    made = Known(
        names=names,
        given=frozenset({"near"}),
        own=frozenset({"tools", "model"}),
        used=frozenset(names.used(ast.parse(TESTS))),
        asked=frozenset({"f", "Card"}),
        equality="__eq__" in solution,
        places=PrivatePlaces.of(["/srv/course/submitted", "/srv/course/gradebook.db"]),
    )
    kinds = (
        {one.kind for one in found(ast.parse(solution), made, names, Steps())}
        if solution
        else set()
    )
    return replace(made, usual=lambda: frozenset(kinds))


def told(text: str, solution: str = "") -> list[str]:
    """What is told of a cell `f` with this text."""
    return list(in_texts({"f": ast.parse(text)}, known(solution)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("numpy.allclose = lambda *a: True", "replaces numpy.allclose, which the tests use"),
        ("from numpy import *\nnp.allclose = lambda *a: True", "replaces numpy.allclose"),
        ("import numpy as x\nx.allclose = print", "replaces numpy.allclose"),
        ("def yes(*a): return True\ntools.same = yes", "replaces tools.same, which belongs to the"),
        ("import tools as t, sys\nsetattr(t, 'same', lambda *a: 1)", "replaces tools.same"),
        ("for n in names: setattr(tools, n, lambda *a: 1)", "replaces functions of tools"),
        ("vars(tools).update(same=print)", "changes the names of the module tools"),
        ("import builtins\nbuiltins.all = lambda *a: True", "replaces builtins.all"),
        ("__builtins__.isinstance = lambda *a: True", "replaces builtins.isinstance"),
        ("import sys\nsys.modules['numpy'].allclose = lambda *a: True", "replaces numpy.allclose"),
        ("import sys\nsys.modules['tools'] = object()", "in the place of the module tools"),
        (
            "import sys\nsys.meta_path.insert(0, Finder())",
            "how modules are imported (sys.meta_path)",
        ),
        ("isinstance = all = lambda *a: True", "lets all, which is given, always answer True"),
        ("near = lambda left, right: True", "lets near, which is given, always answer True"),
        ("near.__code__ = (lambda *a: True).__code__", "puts other code into near"),
        ("ip = get_ipython()\nip.run_code = run", "replaces run_code of the shell"),
        ("type(get_ipython()).run_cell = run", "replaces run_cell of the shell"),
        ("get_ipython().ast_transformers.append(T())", "text of later cells (ast_transformers)"),
        ("def forgive(r):\n    r.error_in_exec = None", "changes which error a cell ended with"),
        ("s = get_ipython().kernel.session\ns.send(1)", "sends messages in the kernel's name"),
        ("import os\nos._exit(0)", "calls os._exit, which ends its process at once"),
        ("from os import _exit\n_exit(0)", "calls os._exit, which ends"),
        ("import os, sys\nos.execv(sys.executable, [])", "puts another program in the place of"),
        ("import os\ngetattr(os, '_ex' + 'it')(0)", "calls os._exit, which ends"),
        ("import os\nleave = os._exit\nleave(0)", "calls os._exit, which ends"),
        ("__import__('os')._exit(0)", "calls os._exit, which ends"),
        (
            "import base64\nexec(base64.b64decode('cHJpbnQoMSk='))",
            "runs a text that it decodes first",
        ),
        ("import ctypes\nctypes.string_at(0)", "reads memory at the address 0"),
        (
            "import os\nos.kill(os.getppid(), 9)",
            "signals processes that it did not start (os.kill)",
        ),
        ("import os\nos.kill(-1, 9)", "signals processes that it did not start"),
        ("import os\np = os.getppid()\nos.kill(p, 9)", "signals processes that it did not start"),
        ("import os\nos.killpg(0, 15)", "signals processes that it did not start (os.killpg)"),
        ("import os\nfor n in range(3, 99): os.read(n, 9)", "tries, number by number, the files"),
        (
            "import ctypes\nctypes.c_long.from_address(id(1)).value = 2",
            "writes into the memory of its process",
        ),
        ("import ctypes\nlibc = ctypes.CDLL(None)\nlibc.ptrace(1)", "asks the system for ptrace"),
        (
            "import sys\ndef f(x):\n    frame = sys._getframe(1)\n"
            "    while frame:\n        if 'expected' in frame.f_locals:\n"
            "            return frame.f_locals['expected']\n        frame = frame.f_back",
            "looks for a variable 'expected' of the functions that call it",
        ),
        (
            "import inspect\ndef f(x):\n    for info in inspect.stack():\n"
            "        for names in (info.frame.f_locals, info.frame.f_globals):\n"
            "            if names.get('want'): return names['want']",
            "looks for a variable 'want' of",
        ),
        (
            "def jump(frame, *a):\n    frame.f_lineno = 9",
            "moves a running function to another line",
        ),
        (
            "import gc\n[o for o in gc.get_objects() if type(o).__name__ == 'Requests']",
            "searches its process for the grader's Requests (gc)",
        ),
        (
            "class Same(list):\n    def __eq__(self, other): return True\n"
            "    def __ne__(self, other): return False",
            "makes objects that are equal to everything (its class Same)",
        ),
        (
            "class Same:\n    def __eq__(self, other): return True\n    __lt__ = __le__ = __eq__",
            "makes objects that are equal to everything (its class Same)",
        ),
        (
            "class Same(np.ndarray):\n    def __array_function__(self, *a): return True",
            "decides what a library's comparisons give (__array_function__ of Same)",
        ),
        (
            "class Liar:\n    @property\n    def __class__(self): return list",
            "makes objects that claim another class (its class Liar)",
        ),
        ("mock.__eq__ = lambda self, other: True", "makes an object equal to everything"),
        ("open('../../gradebook.db')", "names ../../gradebook.db, which is not a student's"),
        ("open('/srv/course/submitted/bob/x', 'w')", "where the course keeps what no student sees"),
        (
            "glob('../../source/*/*.ipynb')",
            "where notebooks of the instructor or of others may lie",
        ),
        ("open(f'/proc/{pid}/mem', 'rb')", "names /proc/*/mem, by which other processes"),
    ],
)
def test_told(text: str, words: str) -> None:
    """What is seen is told in words, with the cell and the line."""
    sentences = told(text)
    assert any(words in one for one in sentences), sentences
    assert all(one.startswith("f, line ") and ": its code " in one for one in sentences)


HONEST = {
    "a slip": "np.random.seed = 42",
    "another slip": "import matplotlib.pyplot as plt\nplt.title = 'Sums'",
    "a builtin's name": "sum = 0\nlist = [1, 2]\nall = True",
    "a module's name": "np = 3\ntools = [1]\nmath = None",
    "a given name": "near = 0.1",
    "a given function, better": "def near(left, right): return abs(left - right) < 1e-9",
    "names for older libraries": "np.float = float\nimport collections\n"
    "collections.Iterable = collections.abc.Iterable",
    "downloads on a Mac": "import ssl\n"
    "ssl._create_default_https_context = ssl._create_unverified_context",
    "answers to input": "import builtins\nbuiltins.input = lambda prompt='': '5'",
    "print at once": "import functools\nprint = functools.partial(print, flush=True)",
    "all values shown": "from IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.ast_node_interactivity = 'all'",
    "short tracebacks": "ip = get_ipython()\ndef hide(*a): print('Error')\nip.showtraceback = hide",
    "a magic by a call": "get_ipython().run_line_magic('matplotlib', 'inline')",
    "a timer": "get_ipython().events.register('post_run_cell', lambda result: print('done'))",
    "a setting of the assignment": "tools.SIZE = 5",
    "a module read anew": "import importlib, sys\nimportlib.reload(tools)\n"
    "sys.modules['tools'] = importlib.reload(tools)\nsys.modules.pop('tools')",
    "settings": "import torch\ntorch.backends.cudnn.deterministic = True\ntorch.manual_seed(0)",
    "no waiting": "import time\ntime.sleep = lambda seconds: None",
    "leaving": "import sys\nsys.exit()\nexit()\nquit()",
    "a child that ends": "import os\nif os.fork() == 0:\n    os._exit(0)\nos.wait()",
    "a child that is ended": "import subprocess, os\np = subprocess.Popen(['x'])\nos.kill(p.pid, 15)",
    "ids are shown": "import os\nprint(os.getpid(), os.getppid())",
    "files": "open('/tmp/x', 'w')\nopen('C:\\\\Users\\\\ada\\\\out.txt', 'w')\nopen('out.csv', 'w')\n"
    "open('/home/ada/Desktop/out.txt', 'w')\nplt.savefig('../figure.png')",
    "about the machine": "open('/proc/meminfo')\nopen('/proc/self/status')\nopen('/proc/cpuinfo')",
    "folders by such names": "open('source/data.csv')\nopen('data/submitted.csv')\n"
    "glob('source/*.csv')\nopen('submitted/report.txt')",
    "a database": "import sqlite3\nsqlite3.connect('grades.db')",
    "the network": "import urllib.request\nurllib.request.urlopen('https://example.org')",
    "programs": "import subprocess, os\nsubprocess.run(['ls'])\nos.system('pip install numpy')",
    "descriptors": "import os\nfd = os.open('x', os.O_RDONLY)\nfor _ in range(3): os.read(fd, 9)\n"
    "os.close(fd)",
    "numbers to a file": "for number in range(3, 9): out.write(number)",
    "a variable's name": "import inspect\ndef name_of(value):\n"
    "    names = inspect.currentframe().f_back.f_locals.items()\n"
    "    return [name for name, one in names if one is value]",
    "how deep": "import inspect\ndef f(n):\n    print(len(inspect.stack()))\n    return f(n - 1)",
    "who called": "import sys\ndef log(text, **options):\n    frame = sys._getframe(1)\n"
    "    print(frame.f_globals['__name__'], frame.f_locals.get('self'), options['level'])",
    "memory": "import gc, torch\nfor o in gc.get_objects():\n    if torch.is_tensor(o): print(o.size())",
    "memory of a class": "import gc\n"
    "[o for o in gc.get_objects() if type(o).__name__ == 'DataFrame']",
    "references": "import ctypes, sys\nctypes.c_long.from_address(id(x)).value\nsys.getrefcount(x)",
    "deep recursion": "import sys\nsys.setrecursionlimit(10 ** 6)",
    "a debugger": "import sys\ndef trace(frame, event, arg):\n    print(frame.f_lineno)\n"
    "    return trace\nsys.settrace(trace)",
    "a comparison": "class Point:\n    def __eq__(self, other): return self.x == other.x\n"
    "    def __len__(self): return 2",
    "a stub that is asked for": "class Card:\n    def __eq__(self, other): return True\n"
    "    def __lt__(self, other): return False\n    def __len__(self): return 1",
    "anything": "class Anything:\n    def __eq__(self, other): return True",
    "a mock": "from unittest import mock\nm = mock.Mock(return_value=3)\n"
    "with mock.patch('tools.same'): pass",
    "counting calls": "f.calls = 0\ndef g(): f.calls += 1\nself.action = lambda: True",
    "updates": "d.update(a=1)\nvars(self).update(k=1)\nglobals().update(x=1)",
    "output that is caught": "import sys, io\nsys.stdout = io.StringIO()\nsys.stdout = sys.__stdout__",
    "warnings": "import warnings\nwarnings.showwarning = lambda *a: None\n"
    "warnings.filterwarnings('ignore')",
    "a method of one's own": "class Net(torch.nn.Module):\n    pass\nNet.forward = lambda self, x: x",
    "text that is run": "exec('x = 1')\nexec(open('helper.py').read())\neval(input())\n"
    "exec(requests.get('https://example.org/helper.py').content.decode('utf-8'))",
    "a cipher": "import base64\nprint(base64.b64decode('cHJpbnQ=').decode())",
    "a short name": "clip = np.clip\nseed = np.random\nseed.seed(0)",
    "variables named like modules": "model = Net()\nmodel.forward = lambda x: x\n"
    "setattr(model, 'same', print)\nmodel.__dict__.update(a=1)\n"
    "def train(tools):\n    tools.same = lambda x: x",
    "a module's name for something else": "import model\nmodel = Net()\nmodel.f = lambda x: x",
    "code of one's own": "def g(): pass\ng.__code__ = h.__code__",
    "only words": "'''See gradebook.db, os._exit(0)'''\n# os.kill(os.getppid(), 9)\nprint('tools')",
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_nothing_is_told_of_honest_code(text: str) -> None:
    """What honest notebooks do, by habit or by a slip, is told of by nothing."""
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "solution"),
    [
        ("import os\nos._exit(0)", "import os\nos._exit(1)"),
        ("import os\nos.kill(os.getppid(), 10)", "import os\nos.kill(os.getppid(), 12)"),
        ("open(f'/proc/{p}/maps')", "open(f'/proc/{p}/cmdline')"),
        ("get_ipython().ast_transformers.append(A())", "get_ipython().run_code = run"),
        (
            "class S:\n    def __eq__(self, o): return True\n    def __len__(self): return 0",
            "class T:\n    def __eq__(self, o): return self.x == o.x",
        ),
    ],
)
def test_what_the_instructor_does_is_usual(text: str, solution: str) -> None:
    """Nothing is told of a kind of code that the solution has too, nor of a stub of what it defines."""
    assert told(text) != []
    assert told(text, solution) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("!cat ../../../gradebook.db", 1),
        ("%%bash\ncd x\ncat /srv/course/gradebook.db", 1),
        ("x = 1  # gradebook.db", 0),
        ("!pip install numpy\n%matplotlib inline\n!ls source/", 0),
    ],
)
def test_commands(text: str, count: int) -> None:
    """What a notebook's commands name is read too, though they are no Python."""
    assert len(in_commands("f", text, known())) == count


def test_a_flood_is_bounded() -> None:
    """A text that does everything a hundred times is told of in a few sentences, each once."""
    text = "\n".join(f"tools.f{number} = print\ntools.same = print" for number in range(100))
    assert len(told(text)) == 8


@pytest.mark.parametrize(
    "text",
    [
        "x = '\\x1b[2J gradebook.db'",
        "setattr(tools, '\\x1b[2J\\n', lambda: 1)",
        "setattr(tools, 'x' * 0 or 'y', lambda: 1)",
        "setattr(tools, '" + "x" * 10_000 + "', lambda: 1)",
        "getattr(tools, '\\x1b[2J').same = lambda: 1",
        "x = 'gradebook.db" + "x" * 10_000 + "'",
        "class "
        + "A" * 5000
        + ":\n    def __eq__(s, o): return True\n    def __len__(s): return 1",
    ],
)
def test_a_students_words_are_fit_for_a_terminal(text: str) -> None:
    """Names and texts of a student's are shortened, and hold nothing that moves a cursor."""
    sentences = told(text)
    assert len(sentences) == 1
    assert sentences[0].isprintable() and len(sentences[0]) < 300


@pytest.mark.parametrize(
    "text",
    [
        "import os\n" + "os.kill(p, 9)\n" * 10_000,
        "import sys\n"
        + "".join(f"{' ' * n}def f{n}():\n" for n in range(90))
        + f"{' ' * 90}x.f_back.f_locals\n" * 8_000,
        "x.f_back.f_locals\n" + "for a in range(9):\n for b in range(9): os.read(c)\n" * 5_000,
        ("a." * 90 + "b = c\n") * 1000,
    ],
    ids=["calls", "functions", "loops", "names"],
)
def test_a_long_text_takes_no_long_time(text: str) -> None:
    """A text made to be read slowly is read within seconds, or given up."""
    begun = time.monotonic()
    with contextlib.suppress(TooLong):
        told(text)
    assert time.monotonic() - begun < 5
