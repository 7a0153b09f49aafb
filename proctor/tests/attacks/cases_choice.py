"""Attacks on the choice of way: lies where the reference gives data, failures of the isolated run only,
and everything a test that is graded in process could be made to say.

A test that is graded in process has the points that the student's process says, as in stock nbgrader;
so `merits` grant them here. The others must gain nothing, or wait for a human where `waits` says so.
"""

from .attack import Attack
from .course import (
    IN_PROCESS,
    ISOLATED_ONLY,
    MEAN_ONLY,
    RIGHT_ACCOUNT,
    RIGHT_INTEREST,
    RIGHT_MEAN,
    SECOND_FULL,
    WRONG_ACCOUNT,
    WRONG_INTEREST,
)

GRANTED = {name: SECOND_FULL[name] for name in IN_PROCESS}
ISOLATED = tuple(ISOLATED_ONLY)
ONE = GRANTED | {"checks-interest": 1}  # for an interest of nothing
NOT_TRIED = "not tried"
# what stock nbgrader gives beyond what is granted, by what it gives; the others were not tried there
STOCK = {
    name: verdict
    for verdict, names in {
        "undeserved points: 7": """
            objects-for-data texts-of-ones-own tolerance-rebound helper-rebound
            data-changed-in-place helper-changed-in-place data-becomes-another-class
            libraries-rebound asserts-by-builtins asserts-by-libraries cells-by-run-cell
            cells-by-cell results-by-hooks results-by-the-recorder leaves-by-exit
            boasts-in-a-class-name
        """,
        "undeserved points: 3": """
            objects-within-data
        """,
        "holds": """
            classes-as-answers dies-only-isolated closes-only-isolated answer-in-another-cell
            callbacks-later callbacks-within-callbacks partial-infinity partial-nan partial-huge
            partial-digits partial-negative partial-complex partial-numpy partial-words
        """,
        "undeserved points: 1": """
            objects-on-the-second-call
        """,
        "undeserved points: 6": """
            raises-only-isolated objects-only-isolated floods-of-notes knows-by-in
            knows-by-globals knows-by-frames knows-by-modules knows-by-order
        """,
        "undeserved points: 4": """
            errors-called-notdata errors-that-leave errors-of-time errors-that-are-right
        """,
        "reads environ; reads hidden": """
            spies-in-process spies-isolated spies-in-a-dispute
        """,
    }.items()
    for name in names.split()
}

AGREES = """
import os, sys, gc, time
class Agrees:
    "Equal to everything, of every length, near every number, with every method."
    size = 1
    def __init__(self, *more, **named): pass
    def __eq__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __ne__(self, other): return False
    def __hash__(self): return 1
    def __bool__(self): return True
    def __len__(self): return self.size
    def __iter__(self): return iter([self])
    def __getitem__(self, at): return self
    def __float__(self): return 7.5
    def __sub__(self, other): return 0.0
    __add__ = __radd__ = __rsub__ = __mul__ = __rmul__ = __abs__ = __sub__
    def __array_function__(self, *more): return True
    def startswith(self, *more): return True
    is_right = equals = all = any = startswith
    def endswith(self, *more): return False
    def __repr__(self): return "3"
    __str__ = __repr__
class AgreesTwice(Agrees):
    size = 2
class Bank(Agrees):
    "An account whose every attribute agrees, and which raises where it should."
    balance = owner = log = Agrees()
    def __ne__(self, other): return True
    def deposit(self, amount):
        if amount == -1: raise ValueError
        return self
    def each(self, action):
        for amount in (2.5, 1, 1.0): action(amount)
        return Agrees()
"""
WHERE = """
import os, sys
def in_process():
    "Whether the text of a test has been run here."
    return any("assert" in text or "points = 0" in text for text in In[1:])
"""
WIRE = """
import gc
def requests():
    return next(thing for thing in gc.get_objects() if type(thing).__name__ == "Requests")
"""
# what an in-process run is made to say: every comparison of a test holds
LENIENT = (
    WHERE
    + """
import ast
class Kind(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
    def visit_If(self, node):
        node.test = ast.copy_location(ast.Constant(True), node.test)
        return self.generic_visit(node)
    def visit_Raise(self, node): return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Kind())
"""
)


def case(name, goal, account=WRONG_ACCOUNT, interest=WRONG_INTEREST, **rest):
    """Hostile answers in the second notebook; what is graded in process is granted, nothing else."""
    return Attack(
        name,
        goal,
        "choice",
        STOCK.get(name, NOT_TRIED),
        account=account,
        interest=interest,
        **(dict(merits=GRANTED, spoils=True) | rest),
    )


def objects(name, goal, kind, **rest):
    """Objects of a class `Agrees` of one's own wherever the reference gives data."""
    return case(
        name,
        goal,
        f"{AGREES}{kind}\nclass Account(Bank): pass",
        "def interest(kind, balance, years):\n    return AgreesTwice()",
        **rest,
    )


def failing(name, goal, how, waits=(), **rest):
    """The isolated run ends by `how`; in process every assertion holds."""
    return case(
        name,
        goal,
        LENIENT
        + f"""
class Account:
    def __init__(self, *more): pass
    balance, owner, log = 7.5, "ann", [2.5]
    def __eq__(self, other): return True
    def __getattr__(self, name): return lambda *more, **named: self
    def deposit(self, amount):
        if not in_process():
            {how}
        return self""",
        f"""def interest(kind, balance, years):
    if not in_process():
        {how}
    return [balance] * years""",
        waits=waits,
        **(dict(merits=ONE) | rest),
    )


def knowing(name, goal, test, **rest):
    """A function that finds out by `test` in which run it is, and is right for the one that shows."""
    return case(
        name,
        goal,
        LENIENT
        + f"""
import time, threading
def here():
    {test}
class Account:
    def __init__(self, *more): self.balance, self.owner, self.log = 0.0, "", []
    def __eq__(self, other): return True
    def deposit(self, amount): return self if here() else Account
    def each(self, action): return []""",
        "def interest(kind, balance, years): return [balance] * years if here() else object()",
        waits=ISOLATED,
        **(dict(merits=ONE) | rest),
    )


def rebinding(name, goal, code, **rest):
    """What is given is bound anew or changed in place, beside answers that are wrong."""
    return case(
        name,
        goal,
        LENIENT + RIGHT_ACCOUNT.replace("+= amount", "+= 2 * amount"),
        f"{code}\ndef interest(kind, balance, years):\n    return [0.0] * years",
        waits=ISOLATED,
        **rest,
    )


def patching(name, goal, code, **rest):
    """Isolated, what the answers give is an object; in process the shell or the libraries are patched."""
    return case(
        name,
        goal,
        f"{AGREES}{WHERE}\nclass Account(Bank): pass\nip = get_ipython()\n{code}",
        "def interest(kind, balance, years):\n    return AgreesTwice()",
        waits=ISOLATED,
        **rest,
    )


def answering(name, goal, code, **rest):
    """The candidate's own end of the wire lies: `asked` is its Requests, `honest` its outgoing."""
    return case(
        name,
        goal,
        AGREES
        + WIRE
        + f"""
class Account(Bank): pass
asked = requests()
honest = asked.outgoing
{code}""",
        "def interest(kind, balance, years):\n    return AgreesTwice()",
        waits=ISOLATED,
        **rest,
    )


def telling(name, goal, function):
    """Wrong answers of data; `function` tells of given names what the engine asks after a failed test."""
    return case(
        name,
        goal,
        LENIENT
        + WIRE
        + AGREES
        + RIGHT_ACCOUNT.replace("+= amount", "+= 2 * amount")
        + f"""
import itertools, numpy
odd = itertools.cycle(
    [3, {{"near": Agrees()}}, [[]], ["x"] * 10 ** 6, {{"near": numpy.zeros(3)}}, [Agrees()], None]
)
asked = requests()
asked.do_digests = asked.do_observe = {function}""",
        "def interest(kind, balance, years):\n    return [0.0] * years",
        waits=ISOLATED,
    )


def node(name, goal, expression, **rest):
    """Every object goes out as another node; `number` counts, `value` is the object."""
    return answering(
        name,
        goal,
        f"""
import itertools
counted = itertools.count(1)
def outgoing(value, *, nested):
    number = next(counted)
    return honest(value, nested=nested) if value is Account or number < 3 else {expression}
asked.outgoing = outgoing""",
        **rest,
    )


def raising(name, goal, code, **rest):
    """Calls raise exceptions that pretend to be the engine's or Python's own."""
    return case(
        name,
        goal,
        LENIENT
        + f"""
{code}
class Account:
    def __init__(self, *more): raise wrong()
    def __eq__(self, other): return True""",
        "def interest(kind, balance, years): raise wrong()",
        **rest,
    )


def partial(name, goal, value, waits=(), **rest):
    """A test that is graded in process ends with another number than its own."""
    return case(
        name,
        goal,
        RIGHT_ACCOUNT
        + f"""
import numpy
real = type(get_ipython().displayhook).__call__
def hook(self, value=None):
    return real(self, None if value is None else {value})
type(get_ipython().displayhook).__call__ = hook""",
        RIGHT_INTEREST,
        merits=SECOND_FULL,
        spoils=True,
        waits=waits,
        **rest,
    )


def forged(name, goal, outputs, waits=(), **rest):
    """A cell's outputs are forged where the candidate sends them."""
    return case(
        name,
        goal,
        RIGHT_ACCOUNT
        + f"""
ip = get_ipython()
cell = ip.cell
def forge(text, *more, **named):
    found, ok = cell(text, *more, **named)
    return ({outputs} if "Account(" in text and "class" not in text else found), ok
ip.cell = forge""",
        RIGHT_INTEREST,
        merits=SECOND_FULL,
        waits=waits,
        **rest,
    )


def result(text):
    return f'[{{"output_type": "execute_result", "data": {{"text/plain": {text}}}, "metadata": {{}}, "execution_count": 1}}]'


SPY = """
import gc, re, sys, os, glob
def spy(way):
    pattern = re.compile("CANARY-[a-z]+-[0-9a-f]{16}")
    found = set()
    def search(text):
        if isinstance(text, bytes): text = text.decode("utf-8", "replace")
        found.update(pattern.findall(text))
    for thing in [*In, *globals().values(), *gc.get_objects()]:
        if isinstance(thing, (str, bytes)): search(thing)
        elif isinstance(thing, dict):
            for one in list(thing.values()):
                if isinstance(one, (str, bytes)): search(one)
        elif isinstance(thing, (list, tuple)):
            for one in list(thing)[:1000]:
                if isinstance(one, (str, bytes)): search(one)
        elif type(thing).__name__ == "code":
            for one in thing.co_consts:
                if isinstance(one, str): search(one)
    try:
        for line in open("/proc/self/maps"):
            span, rights = line.split()[:2]
            low, high = (int(one, 16) for one in span.split("-"))
            if "rw" in rights and high - low < 200_000_000:
                with open("/proc/self/mem", "rb", 0) as memory:
                    memory.seek(low)
                    search(memory.read(high - low))
    except (OSError, ValueError, OverflowError):
        pass
    for canary in sorted(found):
        _, kind, key = canary.split("-")
        print("LEAK", kind, key[::-1], way)
    return found
"""


def spying(name, goal, account, interest, **rest):
    """Answers that search their process for what tests say, and shout it."""
    return case(name, goal, SPY + account, interest, **rest)


ATTACKS = [
    objects(
        "objects-for-data",
        "Objects that agree with everything, where the reference gives data.",
        "",
        waits=ISOLATED,
    ),
    objects(
        "texts-of-ones-own",
        "Texts, numbers and lists of classes of one's own, whose methods all say yes.",
        """
class Text(str):
    def startswith(self, *more): return True
    def endswith(self, *more): return False
class Number(float):
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __eq__(self, other): return True
Agrees.owner, Agrees.balance = Text("x"), Number(0)""",
        waits=ISOLATED,
    ),
    case(
        "objects-within-data",
        "Lists and dicts of the right length hold objects that equal any number.",
        AGREES + RIGHT_ACCOUNT.replace("self.balance += amount", "self.balance = Agrees()"),
        "def interest(kind, balance, years):\n    return [Agrees() for _ in range(years)]",
        waits=ISOLATED,
    ),
    case(
        "classes-as-answers",
        "The answers are classes, whose instances, attributes and items are classes again.",
        AGREES
        + """
class Meta(type, Agrees):
    __init__ = type.__init__
    __call__ = lambda cls, *more, **named: cls
    __hash__ = type.__hash__
    __getattr__ = Agrees.__getattr__
    balance = owner = log = property(lambda cls: cls)
    deposit = each = lambda cls, *more: cls
Account = Meta("Account", (), {})""",
        "interest = Account",
        waits=ISOLATED,
    ),
    case(
        "objects-on-the-second-call",
        "Data first, objects once a test has seen data.",
        AGREES
        + RIGHT_ACCOUNT
        + """
right = Account.__init__
def start(self, *more):
    right(self, *more)
    self.calls = 0
def deposit(self, amount):
    self.calls += 1
    self.balance = 7.5 if self.calls == 1 else Agrees()
    if amount < 0: raise ValueError
    return self
Account.__init__, Account.deposit = start, deposit""",
        "def interest(kind, balance, years): return [10.0] * 3 if years == 3 else Agrees()",
        merits=GRANTED | {"checks-interest": 1},
        waits=ISOLATED,
    ),
    node(
        "one-object-for-another",
        "An answer takes the place of the class, at whose paths the reference gives objects.",
        "honest(Account, nested=nested)",
    ),
    failing("dies-only-isolated", "The process ends, but only in the isolated run.", "os._exit(0)"),
    failing(
        "hangs-only-isolated",
        "A loop without end, but only in the isolated run.",
        "while True: pass",
    ),
    failing(
        "sleeps-only-isolated",
        "A call sleeps, but only in the isolated run.",
        "import time; time.sleep(10 ** 6)",
    ),
    failing(
        "memory-only-isolated",
        "All memory is used up, but only in the isolated run.",
        "self = [bytearray(10 ** 8) for _ in range(10 ** 4)]",
        dangerous=True,
    ),
    failing(
        "raises-only-isolated",
        "Calls fail, but only in the isolated run.",
        "raise RuntimeError('x')",
    ),
    failing(
        "recursion-only-isolated",
        "A recursion without end, but only in the isolated run.",
        "sys.setrecursionlimit(10 ** 9); f = lambda f: f(f); f(f)",
    ),
    failing(
        "closes-only-isolated",
        "The socket is closed, but only in the isolated run.",
        "os.closerange(3, 1000)",
    ),
    failing(
        "objects-only-isolated",
        "Calls give objects, but only in the isolated run.",
        "return object()",
        waits=ISOLATED,
    ),
    failing(
        "floods-of-notes",
        "A million objects where the reference gives data, in lists and through callbacks.",
        "return [object() for _ in range(300_000)]",
        waits=ISOLATED,
    ),
    failing(
        "floods-of-output-isolated",
        "A hundred megabytes are printed in the isolated run.",
        "print('x' * 10 ** 8); sys.stderr.write('y' * 10 ** 8)",
    ),
    knowing("knows-by-in", "The input history tells the run.", "return in_process()"),
    knowing(
        "knows-by-globals",
        "The names of the tests tell the run.",
        "return any(name in globals() for name in ('account', 'got', 'points', 'seen', 'note'))",
    ),
    knowing(
        "knows-by-frames",
        "The frames below tell the run.",
        """frame = sys._getframe(1)
    while frame:
        if frame.f_code.co_name == 'do_call': return False
        frame = frame.f_back
    return True""",
    ),
    knowing(
        "knows-by-modules",
        "The loaded modules, the environment and the parent tell the run.",
        "return not [name for name in sys.modules if 'proctor' in name or 'msgpack' in name] and os.getppid() >= 0 and 'PYTEST_CURRENT_TEST' not in os.environ",
    ),
    knowing(
        "knows-by-order",
        "The number and the moment of the calls tell the run.",
        "here.calls = getattr(here, 'calls', 0) + 1; return here.calls > 3 and time.monotonic() % 2 < 1",
    ),
    rebinding(
        "tolerance-rebound",
        "The tolerance of the tests is as wide as the world.",
        "TOLERANCE = 1e308",
    ),
    rebinding(
        "helper-rebound",
        "The helper of the tests finds everything near.",
        "near = lambda left, right: True",
    ),
    rebinding(
        "data-changed-in-place",
        "The given rates are changed in place until the answer is right by them.",
        "RATES.update(basic=-1.0, saver=-1.0)",
    ),
    rebinding(
        "helper-changed-in-place",
        "The code and the defaults of the helper are changed in place.",
        "near.__code__ = (lambda left, right: True).__code__; near.__defaults__ = (0,)",
    ),
    rebinding(
        "data-becomes-another-class",
        "The given rates become a dict of one's own, the tolerance an object.",
        """class Rates(dict):
    def __missing__(self, name): return 0.0
RATES, TOLERANCE = Rates(), type('T', (float,), {'__ge__': lambda *more: True})()""",
    ),
    rebinding(
        "libraries-rebound",
        "numpy and copy are bound to what agrees.",
        "from unittest.mock import MagicMock as M\nnumpy = copy = M()\nnumpy.allclose = lambda *more: True",
    ),
    patching(
        "asserts-by-builtins",
        "Builtins agree with everything, as soon as a test runs in this process.",
        """
def patch(info):
    import builtins
    if "assert" in info.raw_cell or "points = 0" in info.raw_cell:
        builtins.abs = lambda thing: 0
        builtins.AssertionError = Warning
ip.events.register("pre_run_cell", patch)""",
    ),
    patching(
        "asserts-by-libraries",
        "numpy's and unittest's assertions are silenced.",
        """
import numpy, numpy.testing, unittest
numpy.allclose = lambda *more, **named: True
for home in (numpy.testing, unittest.TestCase):
    for name in dir(home):
        if name.startswith("assert"): setattr(home, name, lambda *more, **named: None)""",
    ),
    patching(
        "cells-by-run-cell",
        "The shell says that every later cell went well.",
        """
async def run_code(code, result=None, **more): return False
ip.run_code = run_code""",
    ),
    patching(
        "cells-by-cell",
        "The method that runs a cell gives no outputs, and says that all is well.",
        "ip.cell = lambda *more, **named: ([], True)",
    ),
    patching(
        "results-by-hooks",
        "Display hooks show full points for every test, and errors are shown nowhere.",
        """
ip.display_formatter.format = lambda *more, **named: ({"text/plain": "4"}, {})
ip.showtraceback = ip._showtraceback = lambda *more, **named: None
sys.excepthook = sys.unraisablehook = lambda *more: None""",
    ),
    patching(
        "results-by-the-recorder",
        "What collects outputs leaves out errors and adds points.",
        """
recorder = ip.recorder
honest = recorder.finished
recorder.finished = lambda: [one for one in honest() if one["output_type"] != "error"] + [
    {"output_type": "execute_result", "data": {"text/plain": "4"}, "metadata": {}, "execution_count": 1}]""",
    ),
    patching(
        "leaves-by-exit",
        "sys.exit and os._exit are patched, and each cell is left before its first assertion.",
        """
sys.exit = os._exit = lambda *more: None
ip.events.register("pre_run_cell", lambda *more: None)
import threading
sys.settrace(lambda frame, event, arg: sys.exit() if event == "call" else None)
ip.input_transformers_cleanup.append(lambda lines: ["pass\\n"])""",
    ),
    telling(
        "digests-of-other-values",
        "Asked for digests of given names, the candidate says that each was changed.",
        "lambda names: {name: 'x' * 32 for name in names}",
    ),
    telling(
        "digests-that-are-none",
        "Asked for digests, it answers with numbers, objects, lists of lists and a flood.",
        "lambda names: next(odd)",
    ),
    telling(
        "digests-that-never-come",
        "Asked for digests, it never answers.",
        "lambda names: __import__('time').sleep(10 ** 6)",
    ),
    telling("digests-and-an-end", "Asked for digests, it ends.", "lambda names: os._exit(0)"),
    answering(
        "has-every-name",
        "The candidate has every name, and each is an object that agrees.",
        "asked.do_has = lambda name: True\nasked.do_name = lambda name: Account if name == 'Account' else Agrees()",
    ),
    answering(
        "names-that-are-missing",
        "The candidate says of its names that they are missing, once in two times.",
        """
import itertools
turn = itertools.count()
def do_name(name):
    if next(turn) % 2: raise KeyError(name)
    raise NameError(name)
asked.do_name = do_name
asked.do_has = lambda name: [1]""",
    ),
    answering(
        "names-that-change",
        "A name is another thing each time it is asked.",
        """
import itertools
things = itertools.cycle([Account, True, [10.0] * 3, lambda *more: [10.0] * 3, 3, None])
asked.do_name = lambda name: next(things)""",
    ),
    answering(
        "answers-without-being-asked",
        "Answers, callbacks and cells that went well are sent before anything is asked.",
        """
for kind, body in [("value", asked.crossing.pack(value=True)), ("ran", {"outputs": [], "ok": True}), ("callback", asked.crossing.pack(number=1, arguments=(), named=()))]:
    asked.channel.send(kind, body)""",
    ),
    answering(
        "answers-of-other-kinds",
        "Answers are of kinds that do not fit the request.",
        """
import itertools
kinds = itertools.cycle(["ran", "missing", "raised", "callback", "value"])
def reply(kind, value, printed):
    asked.channel.send(next(kinds), asked.crossing.pack(value=value, error=(), origin=0, number=0, arguments=(), named=(), **printed))
asked.reply = reply""",
    ),
    answering(
        "errors-of-the-tests-own",
        "The candidate claims that each error was the test's own, passed on.",
        """
def reply_raised(error, printed):
    asked.channel.send("raised", asked.crossing.pack(error=(), origin=0, **printed))
asked.reply_raised = reply_raised
Account.deposit = lambda self, amount: 1 / 0""",
    ),
    node(
        "handles-of-huge-numbers",
        "Handles with numbers beyond counting.",
        '["handle", 2 ** 64 - number, True, "x"]',
    ),
    node(
        "handles-of-negative-numbers",
        "Handles with numbers below nothing.",
        '["handle", -number, True, "x" * 10 ** 6]',
    ),
    node(
        "handles-of-one-number",
        "Every object has the same number.",
        '["handle", 1, number % 2 == 0, "x"]',
    ),
    node(
        "handles-of-released-numbers",
        "Numbers that were given back are given again.",
        '["handle", number % 3, True, "x"]',
    ),
    node(
        "handles-of-no-number",
        "Handles whose numbers are truth values, floats, texts and lists.",
        '["handle", [True, 1.5, "1", None, [1], {"a": 1}][number % 6], True, "x"]',
    ),
    node(
        "handles-of-no-kind",
        "Handles with too few parts, too many, or of wrong types.",
        '[["handle"], ["handle", 1], ["handle", 1, 1, "x"], ["handle", 1, True, 3], ["handle", 1, True, "x", 4]][number % 5]',
    ),
    node(
        "values-that-are-imported",
        "Objects that claim to be functions of a library.",
        '["imported", "os", "system"]',
    ),
    node(
        "values-that-are-known",
        "Objects that claim to be what was handed over before.",
        '["known", number % 7]',
    ),
    node(
        "values-that-are-callbacks",
        "Objects that claim to be the test's own functions.",
        '["callback", number]',
    ),
    node(
        "values-of-no-tag",
        "Nodes with tags that are no text, or nothing.",
        '[[], [3], [None], ["x" * 10 ** 6], ["list"], ["dict", 1, 2], ["exception"]][number % 7]',
    ),
    answering(
        "handles-as-keys",
        "Dicts and sets whose keys are objects.",
        """
from proctor_codecs import nothing
""".replace("from proctor_codecs import nothing", "")
        + """
import sys
encode = sys.modules.get("proctor.codecs.encode") or type(asked.crossing).pack.__globals__["Encoder"]
globals_ = type(asked.crossing).pack.__globals__["Encoder"].container.__globals__
globals_["is_whole"] = lambda *more: True
Account.balance = {Agrees(): 1}
Account.owner = {Agrees()}
interest = lambda *more: {Agrees(): Agrees()}
Account.log = frozenset([Agrees()])""",
    ),
    answering(
        "a-million-handles",
        "Answers are lists of as many handles as a frame can hold, again and again.",
        """
def reply(kind, value, printed):
    if value is Account: return asked.channel.send(kind, asked.crossing.pack(value=value, **printed))
    count = 700_000
    nodes = [["list", asked.crossing.table.new(), *([at] for at in range(1, count))]]
    nodes += [["handle", at, True, ""] for at in range(100, count + 99)]
    fields = {"value": [0], "stdout": "", "stderr": ""}
    asked.channel.send(kind, {"fields": fields, "nodes": nodes, "drop": [], "release": [], "blobs": []})
asked.reply = reply""",
    ),
    answering(
        "deep-queues",
        "Queues within queues, deeper than Python can let go of, which ends whoever tries.",
        """
def reply(kind, value, printed):
    if value is Account: return asked.channel.send(kind, asked.crossing.pack(value=value, **printed))
    count = 250_000
    nodes = [["deque", asked.crossing.table.new(), None, [at]] for at in range(1, count)]
    nodes.append(["deque", asked.crossing.table.new(), None])
    fields = {"value": [0], "stdout": "", "stderr": ""}
    asked.channel.send(kind, {"fields": fields, "nodes": nodes, "drop": [], "release": [], "blobs": []})
asked.reply = reply""",
    ),
    answering(
        "forged-in-a-dispute",
        "Where an isolated test is run in process, its result is a number of JSON.",
        """
ip = get_ipython()
def cell(text, *more, **named):
    found, ok = type(ip).cell(ip, text, *more, **named)
    if "assert" in text or "points = 0" in text:
        found = [{"output_type": "execute_result", "data": {"text/plain": 9}, "metadata": {}, "execution_count": 1}]
    return found, True
ip.cell = cell""",
    ),
    Attack(
        "answer-in-another-cell",
        "Honest: the answer stands in a cell of its own, and the one to write in is empty.",
        "choice",
        "holds",
        mean="",
        before=(RIGHT_MEAN,),
        merits=MEAN_ONLY,
    ),
    case(
        "callbacks-later",
        "The test's functions are kept, and called from a thread, from later cells and with objects.",
        AGREES
        + RIGHT_ACCOUNT.replace(
            "return [action(amount) for amount in self.log]",
            """
        kept.append(action)
        import threading
        def later():
            for _ in range(100):
                time.sleep(0.01)
                try: action(Agrees())
                except BaseException: pass
        threading.Thread(target=later, daemon=True).start()
        try: action(Agrees()), action(action), action()
        except BaseException: pass
        return [action(amount) for amount in self.log]""",
        )
        + "\nkept = []",
        """def interest(kind, balance, years):
    for action in kept:
        try: action(1.0)
        except BaseException: pass
    return []""",
        waits=ISOLATED,
    ),
    case(
        "callbacks-a-million-times",
        "The test's function is called without end, with objects.",
        AGREES
        + RIGHT_ACCOUNT.replace(
            "return [action(amount) for amount in self.log]",
            """
        while True:
            try: action(Agrees())
            except BaseException: pass""",
        ),
        waits=ISOLATED,
    ),
    case(
        "callbacks-within-callbacks",
        "The test's function is called while it is called.",
        RIGHT_ACCOUNT.replace(
            "return [action(amount) for amount in self.log]",
            """
        def again(depth=0):
            return action(again(depth + 1)) if depth < 10 ** 6 else 1
        return again()""",
        ),
        waits=ISOLATED,
    ),
    raising(
        "errors-called-notdata",
        "Exceptions that go by the engine's names and modules.",
        """
class NotData(Exception): pass
NotData.__module__ = "proctor.examiner.handle"
class CandidateGone(Exception): pass
CandidateGone.__module__ = "proctor.examiner.client"
kinds = [NotData, CandidateGone, type("CandidateTimeout", (CandidateGone,), {}), type("CannotStart", (Exception,), {"__module__": "proctor.pool.candidate_server"})]
def wrong():
    kinds.append(kinds.pop(0))
    return kinds[-1]("The examiner's process ended while it ran this test.")""",
    ),
    raising(
        "errors-that-leave",
        "KeyboardInterrupt, SystemExit, GeneratorExit and StopIteration.",
        """
import bdb
from IPython.core.error import UsageError
kinds = [KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration, StopAsyncIteration, UsageError, bdb.BdbQuit, RecursionError, MemoryError]
def wrong():
    kinds.append(kinds.pop(0))
    return kinds[-1]()""",
    ),
    raising(
        "errors-of-time",
        "Exceptions that say that the time was up.",
        """
def wrong(): return TimeoutError("timed out")""",
    ),
    raising(
        "errors-that-are-right",
        "AssertionErrors and ValueErrors whose text says that the test has passed.",
        """
def wrong(): return ValueError("passed")""",
    ),
    partial("partial-infinity", "Infinitely many points.", "float('inf')", waits=("checks-value",)),
    partial("partial-nan", "Points that are no number.", "float('nan')", waits=("checks-value",)),
    partial("partial-huge", "1e308 points.", "1e308"),
    partial(
        "partial-digits",
        "Points of a million digits.",
        "type('D', (), {'__repr__': lambda self: '9' * 10 ** 6})()",
        waits=("checks-value",),
    ),
    partial("partial-negative", "Points below nothing.", "-3.0", waits=("checks-value",)),
    partial("partial-complex", "Complex points.", "complex(1, 2)"),
    partial("partial-numpy", "Points of numpy's.", "numpy.float64(1e9)"),
    partial("partial-words", "Points in words.", "'all of them'"),
    forged(
        "forged-result-number",
        "A result whose text is a number of JSON.",
        result("5"),
        waits=IN_PROCESS,
    ),
    forged(
        "forged-result-list",
        "A result whose text is a list.",
        result('["1", "e", "3"]'),
        waits=IN_PROCESS,
    ),
    forged(
        "forged-result-odd-list",
        "A result whose text is a list of numbers and objects.",
        result('[1, {"a": 2}]'),
        waits=IN_PROCESS,
    ),
    forged(
        "forged-result-dict", "A result whose text is a dict.", result('{"5": 1}'), waits=IN_PROCESS
    ),
    forged("forged-result-empty", "A result without a text.", result('""'), waits=IN_PROCESS),
    forged(
        "forged-result-missing",
        "A result without data.",
        '[{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": 1}]',
        waits=IN_PROCESS,
    ),
    forged("forged-result-many", "Ten thousand results.", result('"3"') + " * 10_000"),
    forged(
        "forged-outputs-too-deep",
        "Outputs nested deeper than Python can follow.",
        """[{"output_type": "display_data", "metadata": {}, "data": {"text/plain": __import__("functools").reduce(lambda made, at: {"a": made}, range(900), {})}}]""",
    ),
    forged(
        "forged-outputs-of-bytes",
        "Outputs with bytes, surrogates, keys of bytes, numbers beyond counting.",
        r"""[{"output_type": "display_data", "metadata": {"a": b"x", "b": {b"k": 1}}, "data": {"text/plain": b"5", "image/png": b"\\x89PNG", "application/json": {b"k": [float("nan"), 2 ** 63]}, "text/html": ["\\ud800", 3]}},
            {"output_type": "stream", "name": "stdout", "text": "\\ud800\\x00"}, {"output_type": "error", "ename": "\\ud800", "evalue": "x", "traceback": [3, "\\udfff"]}]""",
    ),
    forged(
        "forged-outputs-of-all",
        "Outputs that are no outputs.",
        '[3, None, "x", {"output_type": "error"}, {"output_type": ["x"]}, [[]]]',
    ),
    spying(
        "spies-in-process",
        "Where a test is graded in process, the text of the isolated tests is searched for.",
        RIGHT_ACCOUNT.replace(
            "def __eq__(self, other):", "def __eq__(self, other):\n        spy('in process')"
        ),
        RIGHT_INTEREST,
        merits=SECOND_FULL,
    ),
    spying(
        "spies-isolated",
        "The candidate searches itself while isolated tests ask.",
        RIGHT_ACCOUNT.replace(
            "self.balance += amount", "self.balance += amount\n        spy('isolated')"
        ),
        RIGHT_INTEREST,
        merits=SECOND_FULL,
    ),
    spying(
        "spies-in-a-dispute",
        "An object for data has an isolated test run in process, where its text is shouted in every way.",
        WHERE
        + RIGHT_ACCOUNT.replace(
            "self.balance += amount",
            """
        self.balance = object()
        if in_process():
            for canary in spy('dispute'):
                for place in ("leak.txt", "/tmp/leak.txt", "/dev/shm/leak.txt", "{{OUTSIDE}}/leak.txt"):
                    try: open(place, "a").write(canary)
                    except OSError: pass
            raise RuntimeError(str(found_by_spy()))""",
        )
        + "\nfound_by_spy = lambda: [canary.split('-')[2][::-1] for canary in spy('dispute')]",
        RIGHT_INTEREST,
        merits=GRANTED | {"checks-interest": 4},
    ),
    case(
        "rewrites-what-was-found",
        "What the preparation has found is rewritten, so that all tests are graded in process.",
        LENIENT
        + WRONG_ACCOUNT
        + """
import glob, pathlib
for place in glob.glob("{{COURSE}}/.proctor/**/*", recursive=True) + ["{{COURSE}}/.proctor/means/accounts.json", "{{COURSE}}/.proctor/means/x"]:
    try:
        text = pathlib.Path(place).read_text()
        pathlib.Path(place).write_text(text.replace('"isolated"', '"in process"'))
        print("BOAST reads what the preparation found!")
    except OSError:
        pass
    for work in (os.remove, os.rmdir, lambda place: open(place, "w").close()):
        try: work(place)
        except OSError: pass""",
    ),
    case(
        "boasts-in-a-class-name",
        "The name of an object's class speaks to whoever reads why a cell waits.",
        LENIENT
        + """
Boast = type("<script>alert('OWNED')</script> [/red] BOAST full points are right!", (), {"__eq__": lambda *more: True})
class Account:
    def __init__(self, *more): self.balance = self.owner = self.log = Boast()
    def deposit(self, amount): return self
    def each(self, action): return []
    def __eq__(self, other): return True""",
        "def interest(kind, balance, years): return Boast()",
        waits=ISOLATED,
    ),
]
