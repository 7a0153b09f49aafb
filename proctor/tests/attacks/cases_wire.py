"""Attacks on what carries results to the examiner: hostile values, lying frames, garbage on inherited sockets."""

from .attack import Attack
from .course import MEAN_ONLY, RIGHT_DESCRIBE, RIGHT_MEAN, WRONG_MEAN

DESCRIBED = {"checks-describe": 3}


def case(name, goal, code, stock="holds", mean=WRONG_MEAN, **rest):
    """A wrong (or absent) mean_filter with a hostile result; describe is right and keeps its points."""
    return Attack(
        name,
        goal,
        "wire",
        stock,
        mean=f"{mean}\nimport os, socket, stat, sys, numpy\n{code}",
        **(dict(describe=RIGHT_DESCRIBE, merits=DESCRIBED) | rest),
    )


def returning(name, goal, value, setup="", stock="holds", **rest):
    return case(
        name, goal, f"{setup}\ndef mean_filter(values, width):\n    return {value}", stock, **rest
    )


SOCKETS = """
def sockets():
    found = []
    for number in range(0, 1024):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode) or stat.S_ISFIFO(os.fstat(number).st_mode):
                found.append(number)
        except OSError:
            pass
    return found
def shout(data):
    for number in sockets():
        try:
            os.set_blocking(number, False)
            os.write(number, data)
        except OSError:
            pass
"""
PROCTOR = """
def modules():
    import gc
    found = [module for module in list(sys.modules.values()) if "wire" in getattr(module, "__name__", "")]
    channels = [thing for thing in gc.get_objects() if type(thing).__name__ == "Channel"]
    return found, channels
"""

ATTACKS = [
    returning(
        "giant-virtual-array",
        "An array of eight terabytes that takes eight bytes.",
        "numpy.lib.stride_tricks.as_strided(numpy.zeros(1), shape=(10 ** 12,), strides=(0,))",
    ),
    returning(
        "many-dimensions",
        "Arrays with sixty dimensions, negative strides and none at all.",
        "[numpy.zeros((1,) * 60), numpy.zeros((0, 10 ** 9)), numpy.arange(9)[::-3], numpy.float64(1).reshape(())]",
    ),
    returning(
        "hostile-dtypes",
        "Arrays of objects, records, voids, dates and one-gigabyte strings.",
        "[numpy.array([print]), numpy.zeros(1, 'V1000000'), numpy.zeros(2, [('a', 'O'), ('b', 'f8', (3,))]), numpy.zeros(1, 'M8[s]'), numpy.empty(0, 'U100000000')]",
    ),
    returning("enormous-list", "A list of fifty million items.", "[0.0] * 50_000_000"),
    returning("enormous-text", "A text of 300 million characters.", "'x' * 300_000_000"),
    returning("enormous-number", "A number of ten million digits.", "1 << 33_000_000"),
    returning(
        "deeply-nested",
        "Lists nested a hundred thousand deep.",
        "deep()",
        """
def deep():
    made = []
    for _ in range(100_000):
        made = [made]
    return made""",
    ),
    returning(
        "cyclic",
        "Lists and dicts that contain themselves.",
        "cyclic()",
        """
def cyclic():
    made, other = [1.0], {}
    made += [made, other]
    other["self"] = made
    return made""",
    ),
    returning(
        "exponential",
        "A small graph of shared lists that is a billion items when written out.",
        "billion()",
        """
def billion():
    made = [0.0] * 10
    for _ in range(9):
        made = [made] * 10
    return made""",
    ),
    returning(
        "endless-generator",
        "A generator, and an iterator with a length, that never end.",
        "Endless()",
        """
class Endless:
    def __len__(self): return 3
    def __iter__(self):
        while True: yield 1.0
    def __getitem__(self, at): return 1.0""",
    ),
    returning(
        "endless-attributes",
        "An object that has every attribute, each another such object.",
        "Everything()",
        """
class Everything:
    def __getattr__(self, name): return Everything()
    def __call__(self, *more, **named): return Everything()
    def __getitem__(self, at): return Everything()
    def __len__(self): return 2 ** 62
    def __index__(self): return 2 ** 62""",
    ),
    returning(
        "reduces-to-a-command",
        "Values whose pickling would run a command.",
        "[Command(), CommandList([1.0])]",
        """
class Command:
    def __reduce__(self): return os.system, ("touch {{OUTSIDE}}/reduces-to-a-command.mark",)
    __reduce_ex__ = lambda self, protocol: self.__reduce__()
class CommandList(list):
    __reduce_ex__ = Command.__reduce_ex__
    __reduce__ = Command.__reduce__""",
    ),
    returning(
        "lies-about-its-class",
        "Instances that claim to be int, list, ndarray and exception.",
        "[Liar(int), Liar(list), Liar(numpy.ndarray), Liar(ValueError)]",
        """
class Liar:
    def __init__(self, kind): object.__setattr__(self, "kind", kind)
    @property
    def __class__(self): return object.__getattribute__(self, "kind")
    def __int__(self): raise SystemExit
    def __len__(self): return -1
    def __repr__(self): return 3
    shape = property(lambda self: (-1,))
    dtype = "O" """,
    ),
    returning(
        "reads-and-hashes-that-hang",
        "Subclasses of plain types whose own methods loop or raise.",
        "[Slow([1.0]), Slower({1: 2}), Text('x'), Number(3)]",
        """
def hang(*more):
    while True: pass
class Slow(list): __iter__ = __len__ = __getitem__ = __repr__ = __eq__ = hang
class Slower(dict): items = keys = values = __iter__ = __len__ = __getitem__ = hang
class Text(str): encode = __str__ = __repr__ = __len__ = hang
class Number(int): to_bytes = bit_length = __index__ = __int__ = __repr__ = hang""",
    ),
    returning(
        "changes-while-it-is-read",
        "A list that a thread changes while it is sent.",
        "racing()",
        """
import threading, time
def racing():
    made = [[0.0] * 1000 for _ in range(1000)]
    def race():
        for _ in range(2000):
            made.append([0.0]); made.pop(0); made[0].clear()
    threading.Thread(target=race, daemon=True).start()
    return made""",
    ),
    case(
        "hostile-exception",
        "An exception whose text, arguments, cause and class are hostile.",
        """
class Worse(Exception):
    def __str__(self): raise self
    __repr__ = __str__
    @property
    def args(self): return [self] * 10 ** 6
    @property
    def __traceback__(self): raise self
    @property
    def __cause__(self): return self
class Base(BaseException):
    def __str__(self): return "x" * 10 ** 8
def mean_filter(values, width):
    raise (Worse if width % 2 else Base)("x")""",
    ),
    case(
        "exception-named-like-success",
        "Exceptions that go by the names of others, in chains and groups.",
        """
class ValueError(BaseException): pass
ValueError.__module__ = "builtins"
def mean_filter(values, width):
    try:
        raise ValueError
    except BaseException as error:
        error.__context__ = error.__cause__ = None
        raise ExceptionGroup("x", [ExceptionGroup("y", [Exception("z")])] * 100) from error""",
        describe="""
def describe(values):
    raise ValueError("no values")""",
        merits={},
    ),
    case(
        "guesses-handles",
        "Objects that pretend to be the examiner's or candidate's handles, with guessed ids.",
        """
import types
class Proxy:
    def __init__(self, number): self.id = self._id = self.handle = self.__handle__ = number
class Handle(Proxy): pass
def mean_filter(values, width):
    return [Proxy(0), Handle(1), {"__handle__": 1}, {"$": "handle", "id": 2}, ("handle", 3), b"\\xc7\\x01\\x05\\x00"]""",
    ),
    case(
        "garbage-on-sockets",
        "Random bytes are written to every socket and pipe inherited.",
        SOCKETS
        + """
shout(os.urandom(4096))
def mean_filter(values, width):
    shout(b"\\xff" * 64)
    return []""",
        spoils=True,
    ),
    case(
        "oversized-frames-on-sockets",
        "Frame heads that promise gigabytes are written to every socket.",
        SOCKETS
        + """
def mean_filter(values, width):
    for head in (b"\\xff\\xff\\xff\\xff", b"\\x7f" + b"\\xff" * 7, b"\\xff" * 16, b"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"):
        shout(head)
    return []""",
    ),
    case(
        "truncated-frames-on-sockets",
        "Half a frame, then the sockets are shut.",
        SOCKETS
        + """
def mean_filter(values, width):
    shout(b"\\x00\\x00\\x10")
    for number in sockets():
        try:
            with socket.socket(fileno=os.dup(number)) as end:
                end.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    return []""",
    ),
    case(
        "descriptors-on-sockets",
        "Descriptors are passed along to whoever reads the sockets.",
        SOCKETS
        + """
import array
def mean_filter(values, width):
    for number in sockets():
        try:
            with socket.socket(fileno=os.dup(number)) as end:
                end.setblocking(False)
                socket.send_fds(end, [b"x"], [0] * 50)
        except OSError:
            pass
    return []""",
    ),
    case(
        "drains-the-sockets",
        "A thread and a child read what was meant for the one who serves.",
        SOCKETS
        + """
import threading
def drain():
    for _ in range(200):
        for number in sockets():
            try:
                os.read(number, 65536) if not os.get_blocking(number) else socket.socket(fileno=os.dup(number)).recv(65536, socket.MSG_DONTWAIT)
            except OSError:
                pass
threading.Thread(target=drain, daemon=True).start()""",
        spoils=True,
    ),
    case(
        "holds-the-socket-in-a-child",
        "A child keeps the socket open and answers after its parent is dead.",
        SOCKETS
        + """
import time
def mean_filter(values, width):
    if os.fork() == 0:
        for _ in range(50):
            time.sleep(0.1)
            shout(b"\\x00" * 64)
        os._exit(0)
    os._exit(1)""",
        dangerous=True,
    ),
    case(
        "replays-frames",
        "What came over the sockets once is sent again, as answer and as request.",
        SOCKETS
        + """
real = os.write
def mean_filter(values, width):
    for number in sockets():
        try:
            with socket.socket(fileno=os.dup(number)) as end:
                data = end.recv(65536, socket.MSG_DONTWAIT | socket.MSG_PEEK)
                end.send(data or b"again", socket.MSG_DONTWAIT)
        except OSError:
            pass
    return []""",
        spoils=True,
    ),
    case(
        "speaks-the-protocol",
        "The candidate's own channel is found by gc and made to send lies: results of other requests, forged cells, callbacks.",
        PROCTOR
        + """
def lie():
    _, channels = modules()
    for channel in channels:
        for kind, body in (("value", {"value": [1.0, 2.0, 3.0], "changed": {}, "stdout": "", "stderr": ""}), ("ran", {"ok": True, "outputs": [
                {"output_type": "execute_result", "data": {"text/plain": "5"}, "metadata": {}, "execution_count": 1}]}),
                ("callback", {"id": 0, "args": [], "kwargs": {}}), ("call", {}), ("x" * 1000, None)):
            try:
                channel.send(kind, body)
            except BaseException:
                pass
def mean_filter(values, width):
    lie()
    return []""",
        spoils=True,
    ),
    case(
        "encoder-replaced",
        "The candidate's encoder is patched to send impossible arrays, ids and kinds.",
        PROCTOR
        + """
import struct
def spoil(function):
    def spoiled(*more, **named):
        data = function(*more, **named)
        if isinstance(data, bytes):
            return data.replace(b"<f8", b"|O8").replace(b"\\x93", b"\\x9f").replace(b"\\xcb", b"\\xd3")
        return data
    return spoiled
def mean_filter(values, width):
    found, channels = modules()
    for module in found:
        for name, value in list(vars(module).items()):
            if callable(value) and ("pack" in name or "encode" in name or "dump" in name):
                try:
                    setattr(module, name, spoil(value))
                except Exception:
                    pass
    return numpy.arange(3.0)""",
        spoils=True,
    ),
    case(
        "stack-of-the-server",
        "The serving frames below the call are changed: locals, trace functions, queued replies.",
        """
import ctypes
def mean_filter(values, width):
    frame = sys._getframe(1)
    while frame:
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, dict) and value is not frame.f_globals and len(value) < 50:
                value.update(ok=True, value=[1.0, 2.0, 3.0], result=[1.0, 2.0, 3.0])
        frame = frame.f_back
    return []""",
        spoils=True,
        stock="holds",
    ),
    case(
        "forged-outputs",
        "A cell's outputs are no notebook outputs: wrong types, keys and sizes.",
        """
ip = get_ipython()
try:
    publish = ip.display_pub.publish
    for data in ({"text/plain": 3}, {"text/plain": ["x"] * 100_000}, {"application/json": float("nan")}, {3: 4}, {"": None}, {"text/html": b"x"}, {"x/y" * 10_000: "x"}):
        try:
            publish(data=data, metadata={"x": object()})
        except Exception:
            pass
    from IPython.display import clear_output, update_display
    update_display(3, display_id="nobody")
    clear_output(wait=True)
except Exception:
    pass
print("\\x00\\x1b[31m\\ud800 \\u202e" if False else "\\x00\\x1b[31m\\u202e")""",
        mean=RIGHT_MEAN,
        describe=WRONG_MEAN.replace("mean_filter(values, width)", "describe(values)"),
        merits=MEAN_ONLY,
        spoils=True,
    ),
    Attack(
        "nothing-wrong",
        "An honest, right submission, to see that the judge is fair.",
        "wire",
        "holds",
        mean=RIGHT_MEAN,
        describe=RIGHT_DESCRIBE,
        merits={"checks-mean": 4, "checks-describe": 3, "checks-both": 5},
    ),
]
