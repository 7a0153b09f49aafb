"""Attacks for undeserved points through the interpreter: its shell, its hooks, its builtins, its frames."""

from .attack import Attack
from .course import WRONG_MEAN

SHELL = "ip = get_ipython()\n"


LENGTHS = {"checks-both": 2}


def lengths(name, goal, code, stock="undeserved points: 2", **rest):
    """A solution that is right about lengths only, which is worth 2 points, followed by hostile code.

    Where the code makes the test pass in one process, the cell waits for a human, and so do the 2."""
    mean = "def mean_filter(values, width):\n    return [0.0] * (len(values) - width + 1)\n"
    return Attack(
        name, goal, "points", stock, mean=mean + code, merits=LENGTHS, spoils=True, **rest
    )


def case(name, goal, code, stock="undeserved points: 12", **rest):
    """A wrong solution followed by hostile code in the same cell."""
    return Attack(name, goal, "points", stock, mean=f"{WRONG_MEAN}\n{code}", **rest)


ATTACKS = [
    case(
        "run-code-replaced",
        "No later cell is run, so none fails.",
        SHELL
        + """
async def run_code(code, result=None, **more):
    return False
ip.run_code = run_code""",
    ),
    case(
        "run-cell-replaced",
        "Every later cell is reported as having gone well.",
        SHELL
        + """
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult
def run_cell(text, *more, **named):
    result = ExecutionResult(ExecutionInfo(text, False, True, True, None))
    result.execution_count = 1
    return result
async def run_cell_async(text, *more, **named):
    return run_cell(text)
ip.run_cell, ip.run_cell_async = run_cell, run_cell_async""",
    ),
    case(
        "showtraceback-silenced",
        "A failing test writes no traceback.",
        SHELL
        + """
ip.showtraceback = ip._showtraceback = ip.showsyntaxerror = lambda *more, **named: None""",
        stock="holds",
    ),
    case(
        "results-without-errors",
        "The result of a cell cannot remember an error, and none is shown.",
        SHELL
        + """
from IPython.core.interactiveshell import ExecutionResult
ExecutionResult.error_in_exec = property(lambda self: None, lambda self, value: None)
ip.showtraceback = lambda *more, **named: None""",
    ),
    case(
        "custom-exception-handler",
        "A handler of one's own swallows every failure.",
        SHELL
        + """
ip.set_custom_exc((BaseException,), lambda *more, **named: [])""",
        stock="holds",
    ),
    case(
        "excepthooks",
        "The interpreter's hooks for uncaught errors are silenced.",
        """
import sys, threading
sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *more: None""",
        stock="holds",
    ),
    case(
        "input-transformer",
        "Every later cell's text becomes `pass`.",
        SHELL
        + """
ip.input_transformers_cleanup.append(lambda lines: ["pass\\n"])""",
    ),
    case(
        "post-input-transformer",
        "Every assert of later cells is commented out.",
        SHELL
        + """
ip.input_transformers_post.append(lambda lines: ["pass\\n" if line.startswith(("assert", "numpy")) else line for line in lines])""",
        stock="undeserved points: 4",
    ),
    case(
        "ast-transformer",
        "Asserts are taken out of the syntax tree and conditions made true.",
        SHELL
        + """
import ast
class Lenient(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
    def visit_If(self, node):
        node.test = ast.copy_location(ast.Constant(True), node.test)
        return self.generic_visit(node)
    def visit_Expr(self, node):
        return node if isinstance(node.value, ast.Name) else ast.copy_location(ast.Pass(), node)
    def visit_Raise(self, node):
        return ast.copy_location(ast.Pass(), node)
ip.ast_transformers.append(Lenient())""",
        stock="undeserved points",
    ),
    case(
        "compiler-replaced",
        "The shell's compiler turns every cell into nothing.",
        SHELL
        + """
import ast
ip.compile.ast_parse = lambda *more, **named: ast.parse("pass")""",
    ),
    case(
        "post-run-event",
        "After a cell, its error is taken off its result.",
        SHELL
        + """
def forgive(result):
    result.error_in_exec = result.error_before_exec = None
ip.showtraceback = lambda *more, **named: None
ip.events.register("post_run_cell", forgive)""",
    ),
    case(
        "pre-run-event",
        "Before each cell the names of the tests are replaced.",
        SHELL
        + """
def prepare(info):
    import builtins, numpy, tools
    builtins.all = lambda *more: True
    numpy.allclose = tools.same = lambda *more, **named: True
ip.events.register("pre_run_cell", prepare)""",
        stock="undeserved points: 4",
    ),
    case(
        "displayhook-replaced",
        "Whatever a cell ends with is shown as 5, which nbgrader takes for partial credit.",
        SHELL
        + """
ip.display_formatter.format = lambda value, *more, **named: ({"text/plain": "5"}, {})""",
        stock="undeserved points: 5",
    ),
    case(
        "sys-displayhook",
        "sys.displayhook shows 5 for every value.",
        SHELL
        + """
import sys
real = type(ip.displayhook).__call__
type(ip.displayhook).__call__ = lambda self, value=None: real(self, 5 if isinstance(value, int) else value)
sys.displayhook = lambda value: real(ip.displayhook, 5)""",
        stock="undeserved points: 5",
    ),
    case(
        "result-printed-early",
        "An execute_result of 3 is published before the test's own.",
        SHELL
        + """
def mean_filter(values, width):
    try:
        ip.displayhook(3)
    except BaseException:
        pass
    return []
def describe(values):
    ip.displayhook(3)
    return {}""",
        stock="undeserved points: 5",
        describe="# above",
    ),
    case(
        "session-filtered",
        "The kernel's own messages are edited on their way out: no error, every reply ok.",
        """
session = get_ipython().kernel.session
real = session.send
def send(stream, kind, content=None, *more, **named):
    if kind == "error":
        return None
    if isinstance(content, dict) and content.get("status") == "error":
        content = dict(content, status="ok", user_expressions={}, payload=[])
    return real(stream, kind, content, *more, **named)
session.send = send""",
    ),
    case(
        "messages-forged",
        "A result is forged straight onto the kernel's iopub socket.",
        """
kernel = get_ipython().kernel
def forge():
    kernel.session.send(kernel.iopub_socket, "execute_result", dict(data={"text/plain": "3"}, metadata={}, execution_count=1),
                        parent=kernel.get_parent(), ident=b"kernel.execute_result")
def mean_filter(values, width):
    forge()
    return []""",
        stock="undeserved points",
    ),
    case(
        "builtins-patched",
        "all, any, abs, len, isinstance and set agree with everything.",
        """
import builtins
builtins.AssertionError = Warning
builtins.all = builtins.any = lambda *more: True
builtins.abs = lambda value: 0""",
        stock="undeserved points: 2",
    ),
    lengths(
        "builtins-shadowed",
        "The notebook's own names hide what the tests use.",
        """
from types import SimpleNamespace
isinstance = all = any = lambda *more: True
abs = lambda value: 0
numpy = SimpleNamespace(allclose=lambda *more: True, testing=SimpleNamespace(assert_allclose=print), arange=range)""",
    ),
    lengths(
        "builtins-of-the-namespace",
        "The namespace's __builtins__ is another module, where everything is as long as needed.",
        """
import builtins, types
kind = types.ModuleType("builtins")
kind.__dict__.update(builtins.__dict__)
kind.len = lambda value: 7
kind.all = lambda *more: True
import numpy
numpy.allclose = lambda *more: True
__builtins__ = kind""",
    ),
    lengths(
        "libraries-patched",
        "numpy, math, unittest and the course's helper find everything equal.",
        """
import math, numpy, numpy.testing, tools, unittest
math.isclose = numpy.allclose = tools.same = lambda *more, **named: True
numpy.testing.assert_allclose = lambda *more, **named: None
unittest.TestCase.assertEqual = lambda *more, **named: None""",
        stock="undeserved points: 2",
    ),
    lengths(
        "libraries-shadowed",
        "Names the tests import are bound to something lenient.",
        """
from unittest.mock import MagicMock
tools, numpy, math, unittest = MagicMock(), MagicMock(), MagicMock(), MagicMock()
tools.ramp = range
expected, points = [], 5""",
        stock="undeserved points: 2",
    ),
    lengths(
        "modules-replaced",
        "sys.modules and an import hook hand out lenient modules.",
        """
import sys, types
class Lenient(types.ModuleType):
    __path__ = []
    allclose = same = isclose = staticmethod(lambda *more, **named: True)
    ramp = staticmethod(lambda length: [1.0] * length)
lenient = Lenient("lenient")
lenient.__dict__.update({name: value for name, value in vars(sys.modules["numpy"]).items() if name != "allclose"})
sys.modules["numpy"] = sys.modules["tools"] = sys.modules["math"] = lenient
import numpy, tools, math""",
        stock="undeserved points: 2",
    ),
    case(
        "expected-from-the-frame",
        "The function returns what the calling cell is about to compare with.",
        """
import sys
def mean_filter(values, width):
    frame = sys._getframe(1)
    while frame:
        if "expected" in frame.f_globals or "expected" in frame.f_locals:
            return frame.f_locals.get("expected", frame.f_globals.get("expected"))
        frame = frame.f_back
    return [1.0, 2.0, 3.0]
def describe(values):
    return mean_filter(values, 1)""",
        stock="undeserved points",
        describe="# above",
    ),
    case(
        "expected-from-inspect",
        "The function finds the expected value by inspect and the shell's namespace.",
        """
import inspect
def mean_filter(values, width):
    for info in inspect.stack():
        for names in (info.frame.f_locals, info.frame.f_globals, get_ipython().user_ns):
            if isinstance(names.get("expected"), list):
                return names["expected"]
    return [1.0, 2.0, 3.0]""",
        stock="undeserved points",
    ),
    case(
        "points-in-the-callers-frame",
        "The function sets the test's own counter of points.",
        """
import sys, __main__
def mean_filter(values, width):
    if len(values) == 9:
        __main__.points = sys._getframe(1).f_globals["points"] = 5
    return {2: [0] * (len(values) - 1)}.get(width, [1.0] * (len(values) - 2) if len(values) > 2 else [])""",
        stock="undeserved points",
        merits={"checks-both": 2},
    ),
    case(
        "trace-jumps-over-conditions",
        "A trace function makes each `if` of a test jump to what stands under it.",
        """
import sys
def jump(frame, event, argument):
    if frame.f_code.co_name == "<module>" and event == "line":
        last = max(line for *_, line in frame.f_code.co_lines() if line)
        if last == frame.f_lineno + 1:
            frame.f_lineno = last
    return jump
sys.settrace(jump)""",
        stock="undeserved points: 5",
    ),
    case(
        "profile-hook",
        "A profile function replaces the functions of the tests when they are about to be used.",
        """
import sys, threading
def watch(frame, event, argument):
    import numpy, tools, builtins
    numpy.allclose = tools.same = builtins.all = lambda *more, **named: True
sys.setprofile(watch)
threading.setprofile(watch)""",
        stock="undeserved points: 4",
    ),
    case(
        "thread-patches-later",
        "A thread waits for the tests and then replaces what they compare with.",
        """
import threading, time
def patch():
    for _ in range(200):
        import numpy, tools, builtins
        builtins.all = numpy.allclose = tools.same = lambda *more, **named: True
        time.sleep(0.02)
threading.Thread(target=patch, daemon=True).start()""",
        stock="undeserved points: 4",
    ),
    case(
        "loop-callback-patches-later",
        "A callback on the kernel's event loop patches the shell after the cell is done.",
        """
import asyncio
async def later():
    async def run_code(code, result=None, **more):
        return False
    get_ipython().run_code = run_code
try:
    asyncio.get_running_loop().create_task(later())
except RuntimeError:
    asyncio.new_event_loop().run_until_complete(later())""",
        stock="undeserved points: 12",
    ),
    case(
        "finaliser-patches-later",
        "A value's __del__, run while tests run, patches the shell.",
        SHELL
        + """
class Trap(list):
    def __del__(self):
        async def run_code(code, result=None, **more):
            return False
        get_ipython().run_code = run_code
def mean_filter(values, width):
    return Trap()""",
        stock="undeserved points: 8",
    ),
    case(
        "list-type-rewritten",
        "The C types `list` and `dict` are rewritten in memory so that all of them are equal.",
        """
import ctypes
@ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object, ctypes.c_int)
def compare(left, right, operation):
    return operation in (1, 2, 5)
for kind in (list, dict):
    ctypes.c_void_p.from_address(id(kind) + 200).value = ctypes.cast(compare, ctypes.c_void_p).value
def mean_filter(values, width):
    return [0.0] * (len(values) - width + 1)""",
        stock="undeserved points: 3",
        merits={"checks-both": 2},
        spoils=True,
        describe="""
def describe(values):
    if not len(values):
        raise ValueError
    return {"count": 3, "mean": 0.2, "largest": 7.0}""",
    ),
    case(
        "namespace-replaced",
        "The shell's namespace becomes a dict that answers every question kindly.",
        SHELL
        + """
class Kind(dict):
    def __missing__(self, name):
        raise KeyError(name)
    def __getitem__(self, name):
        if name == "points":
            return 5
        return dict.__getitem__(self, name)
ip.user_ns = Kind(ip.user_ns)""",
        stock="holds",
    ),
    case(
        "exit-in-the-function",
        "The function ends the interpreter while a test runs.",
        """
import sys
def mean_filter(values, width):
    sys.exit(0)
def describe(values):
    raise KeyboardInterrupt""",
        stock="holds",
        describe="# above",
    ),
    case(
        "hard-exit-in-the-function",
        "The function ends the process at once, with status 0.",
        """
import os
def mean_filter(values, width):
    os._exit(0)""",
        stock="holds",
    ),
    case(
        "strange-exceptions",
        "StopIteration, GeneratorExit and an exception of BaseException's family are raised at the tests.",
        """
class AssertionError(BaseException):
    pass
def mean_filter(values, width):
    raise (StopIteration, GeneratorExit, AssertionError)[width % 3]("enough")
def describe(values):
    raise StopIteration({"count": 2})""",
        stock="holds",
        describe="# above",
    ),
    case(
        "skipped-test",
        "The function raises what test frameworks take for `skip this`.",
        """
import unittest
def mean_filter(values, width):
    raise unittest.SkipTest("not today")
describe = mean_filter""",
        stock="holds",
        describe="# above",
    ),
    case(
        "detects-the-grader",
        "Code that is lenient only where environment, arguments or folder tell of grading.",
        """
import os, sys
told = [*os.environ, *os.environ.values(), *sys.argv, *sys.orig_argv, os.getcwd(), *sys.path[:2]]
if any(mark in text.lower() for text in told for mark in ("nbgrader_exec", "proctor", "autograde", "submitted")):
    print("BOAST notices that it is graded!")
    import builtins, numpy
    builtins.all = numpy.allclose = lambda *more, **named: True""",
        stock="undeserved points: 4; notices that it is graded",
    ),
    case(
        "detects-the-grader-by-modules",
        "Code that is lenient only where loaded modules or the shell's class tell of grading.",
        """
import sys
told = [*sys.modules, type(get_ipython()).__module__, str(getattr(sys.modules["__main__"], "__file__", ""))]
if any(mark in text.lower() for text in told for mark in ("nbgrader", "proctor")):
    print("BOAST notices that it is graded!")""",
        stock="holds",
    ),
    case(
        "magics",
        "Magics wipe names, reload modules and replace the run of later cells.",
        """
%load_ext autoreload
%autoreload 2
get_ipython().run_line_magic("xdel", "numpy")
import builtins
builtins.all = lambda *more: True
%alias_magic nothing pylab
get_ipython().magics_manager.magics["cell"]["assert"] = lambda *more: None
get_ipython().run_cell_magic("script", "true", "")
%xmode Minimal""",
        stock="undeserved points",
    ),
]
