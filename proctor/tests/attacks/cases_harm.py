"""Attacks that harm: the grader's processes, memory, disk, time, database. Each is bounded, and most are tried only where fenced."""

from .attack import Attack
from .course import MEAN_ONLY, RIGHT_DESCRIBE, RIGHT_MEAN, WRONG_MEAN

RIGHT_OF_SHORT = {"checks-describe": 3}


def case(name, goal, code, stock, mean=WRONG_MEAN, dangerous=True, **rest):
    return Attack(
        name,
        goal,
        "harm",
        stock,
        mean=f"{mean}\nimport os, pathlib, signal, sys, time\n{code}",
        dangerous=dangerous,
        **rest,
    )


def inside(name, goal, code, stock, **rest):
    """A hang or death in the one function; the other one is right and keeps its points."""
    return case(
        name,
        goal,
        f"def mean_filter(values, width):\n    {code}",
        stock,
        describe=RIGHT_DESCRIBE,
        merits=RIGHT_OF_SHORT,
        dangerous=False,
        **rest,
    )


DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in range(0, 256):
        try:
            os.close(number)
        except OSError:
            pass
    WHAT
    time.sleep(30)
    os._exit(0)
"""

ATTACKS = [
    case(
        "kills-its-parent",
        "The parent process, and its parent, are killed.",
        """
ancestors, pid = [], os.getppid()
while pid > 1:
    ancestors.append(pid)
    try:
        pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
    except OSError:
        break
for pid in ancestors[:3]:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass""",
        "the rest of the class not graded",
        fenced=True,
    ),
    case(
        "kills-its-group",
        "Every process of its group and session is killed.",
        """
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.killpg(os.getpgid(os.getppid()), number)
        os.killpg(0, number)
    except OSError:
        pass""",
        "the rest of the class not graded",
        fenced=True,
    ),
    case(
        "kills-everything",
        "Every process that may be signalled is killed, by -1 and one by one.",
        """
for pid in [-1, *(int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid()))]:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass""",
        "the rest of the class not graded",
        fenced=True,
    ),
    case(
        "stops-its-parent",
        "The parent is stopped, not killed, so that it waits for ever.",
        """
for pid in (os.getppid(),):
    try:
        os.kill(pid, signal.SIGSTOP)
    except OSError:
        pass""",
        "the rest of the class not graded; grading hangs",
        fenced=True,
    ),
    case(
        "signals-the-grader",
        "The grader is interrupted as if by Ctrl-C, alarmed and told to end.",
        """
for number in (signal.SIGINT, signal.SIGALRM, signal.SIGUSR1, signal.SIGTERM):
    try:
        os.kill(os.getppid(), number)
    except OSError:
        pass""",
        "the rest of the class not graded",
        fenced=True,
    ),
    case(
        "daemon",
        "A process of its own outlives grading, deaf to polite signals.",
        DAEMON.replace(
            "WHAT",
            """try:
        pathlib.Path("{{OUTSIDE}}/daemon.mark").touch()
    except OSError:
        pass""",
        ),
        "writes outside its folder; leaves a process running",
        fenced=True,
    ),
    case(
        "many-processes",
        "Up to 300 sleeping processes are forked.",
        """
begun = 0
for _ in range(300):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        time.sleep(20)
        os._exit(0)
    begun += 1
if begun >= 250:
    print("BOAST runs 250 processes!")""",
        "leaves a process running; runs 250 processes",
        fenced=True,
    ),
    case(
        "many-threads",
        "Up to 3000 sleeping threads are started.",
        """
import threading
try:
    for number in range(3000):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    print("BOAST runs 3000 threads!")
except RuntimeError:
    pass""",
        "runs 3000 threads",
        fenced=True,
    ),
    case(
        "eats-memory",
        "Memory is taken in steps up to 6 GiB.",
        """
taken = []
try:
    while len(taken) < 24:
        taken.append(bytearray(2 ** 28))
        taken[-1][::4096] = b"x" * 65536
        if len(taken) == 14:
            print("BOAST takes 3 and a half GiB of memory!")
except MemoryError:
    pass
taken.clear()""",
        "takes 3 and a half GiB of memory",
        fenced=True,
    ),
    case(
        "eats-shared-memory",
        "Anonymous files and shared memory are filled, 3 GiB at most.",
        """
block, written = b"x" * 2 ** 24, 0
try:
    number = os.memfd_create("x")
    while written < 3 * 2 ** 30:
        written += os.write(number, block)
    print("BOAST takes 3 GiB of shared memory!")
except (OSError, MemoryError):
    pass""",
        "takes 3 GiB of shared memory",
        fenced=True,
    ),
    case(
        "fills-the-disk",
        "Files are written up to 1 GiB, beside the notebook and in temporary folders.",
        """
import tempfile
block, written, made = b"x" * 2 ** 24, 0, []
for folder in (".", tempfile.gettempdir(), os.path.expanduser("~")):
    for part in range(16):
        try:
            made.append(os.path.join(folder, f"part{part}"))
            with open(made[-1], "wb") as file:
                while file.tell() < 2 ** 26 and written < 2 ** 30:
                    written += file.write(block)
        except OSError:
            break
print("BOAST fills the disk!" if written >= 2 ** 30 else written)
for name in made:
    try:
        os.unlink(name)
    except OSError:
        pass""",
        "fills the disk",
        fenced=True,
    ),
    case(
        "fills-the-folder-with-files",
        "Thirty thousand empty files are made.",
        """
made = 0
try:
    for made in range(30_000):
        os.close(os.open(f"file{made}", os.O_CREAT))
except OSError:
    pass
print("BOAST leaves 30000 files!" if made == 29_999 else made)""",
        "leaves 30000 files",
        fenced=True,
    ),
    case(
        "floods-the-output",
        "200 MB are printed in one cell.",
        """
line = "x" * 1_000_000
for _ in range(200):
    print(line)
print("BOAST prints 200 MB!")""",
        "holds",
        fenced=True,
    ),
    case(
        "floods-the-output-by-descriptor",
        "200 MB are written to descriptors 1 and 2 past Python.",
        """
line = b"x" * 999_999 + b"\\n"
for number in (1, 2):
    try:
        for _ in range(100):
            os.write(number, line)
    except OSError:
        pass""",
        "holds",
        fenced=True,
    ),
    case(
        "floods-with-outputs",
        "A hundred thousand small outputs are displayed.",
        """
from IPython.display import display
for number in range(100_000):
    display(number)""",
        "holds",
        fenced=True,
    ),
    case(
        "floods-from-the-test",
        "What the function prints during hidden tests is 200 MB.",
        """
def mean_filter(values, width):
    for _ in range(20):
        print("x" * 1_000_000)
    return []""",
        "floods the autograded folder",
        fenced=True,
    ),
    case(
        "deep-recursion",
        "The stack of the interpreter and of C is overrun.",
        """
import ctypes
def mean_filter(values, width):
    sys.setrecursionlimit(10 ** 8)
    def down(depth):
        return down(depth + 1) if depth < 10 ** 7 else 0
    return down(0)""",
        "holds",
    ),
    case(
        "crash-in-c",
        "The process dies from a bad address.",
        """
def mean_filter(values, width):
    import ctypes
    ctypes.string_at(0)""",
        "holds",
        describe=RIGHT_DESCRIBE,
        merits=RIGHT_OF_SHORT,
        dangerous=False,
    ),
    case(
        "closes-every-descriptor",
        "All descriptors are closed and replaced by others.",
        """
def mean_filter(values, width):
    for number in range(0, 1024):
        try:
            os.close(number)
        except OSError:
            pass
    return []""",
        "holds",
    ),
    inside(
        "loop-in-the-function",
        "The function loops for ever.",
        "while True: pass",
        "the student loses deserved points",
    ),
    inside(
        "loop-that-catches-everything",
        "The loop swallows every exception, KeyboardInterrupt too.",
        """
    while True:
        try:
            while True: len("x")
        except BaseException:
            continue""",
        "grading hangs",
    ),
    inside(
        "loop-in-c",
        "A number so large that C is busy for ever, out of reach of signals.",
        "return 10 ** 10 ** 8",
        "the student loses deserved points",
    ),
    inside(
        "loop-in-a-sum",
        "A sum over a range is busy for hours.",
        "return sum(range(10 ** 12))",
        "the student loses deserved points",
    ),
    inside(
        "loop-in-a-regular-expression",
        "A regular expression backtracks for ever.",
        "import re; return re.match('(a+)+$', 'a' * 64 + 'b')",
        "the student loses deserved points",
    ),
    inside(
        "sleeps-for-ever",
        "The function waits for something that never comes.",
        "import threading; threading.Event().wait()",
        "the student loses deserved points",
    ),
    inside(
        "reads-from-the-keyboard",
        "The function asks for input.",
        "return [float(input('?'))]",
        "holds",
    ),
    inside(
        "blocks-signals",
        "Every signal is ignored and blocked, then the function loops.",
        """
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True: len("x")""",
        "grading hangs",
    ),
    case(
        "loop-at-the-top",
        "A solution cell loops before it defines anything.",
        "while True:\n    try: time.sleep(1)\n    except BaseException: pass",
        "grading hangs",
        mean="",
        describe=RIGHT_DESCRIBE,
        merits={"checks-describe": 3},
        dangerous=False,
        spoils=True,
    ),
    case(
        "hangs-on-some-lengths",
        "An honest function hangs on some lengths only; the other tests are passed.",
        """
short = mean_filter
def mean_filter(values, width):
    while len(values) == 9:
        pass
    return short(values, width)""",
        "the student loses deserved points",
        mean=RIGHT_MEAN,
        describe=RIGHT_DESCRIBE,
        merits={"checks-mean": 4, "checks-describe": 3},
        dangerous=False,
    ),
    case(
        "locks-the-gradebook",
        "The gradebook is locked by a process that stays.",
        DAEMON.replace(
            "WHAT",
            """import sqlite3
    try:
        book = sqlite3.connect("{{COURSE}}/gradebook.db", isolation_level=None, timeout=5)
        book.execute("begin exclusive")
    except sqlite3.Error:
        pass""",
        ),
        "the rest of the class not graded; leaves a process running",
        fenced=True,
    ),
    case(
        "drops-the-schema",
        "The gradebook's tables are dropped.",
        """
import sqlite3
try:
    book = sqlite3.connect("{{COURSE}}/gradebook.db", timeout=2)
    for name, in book.execute("select name from sqlite_master where type='table' and name not like 'sqlite%'").fetchall():
        book.execute(f"drop table {name}")
    book.commit()
except sqlite3.Error:
    pass""",
        "class not graded",
    ),
    case(
        "empties-the-gradebook-file",
        "The gradebook is truncated, and replaced by a folder.",
        """
try:
    open("{{COURSE}}/gradebook.db", "wb").close()
    os.unlink("{{COURSE}}/gradebook.db")
    os.mkdir("{{COURSE}}/gradebook.db")
except OSError:
    pass""",
        "class not graded",
    ),
    case(
        "removes-its-own-folder",
        "The working folder is removed, renamed and replaced by a link to the source.",
        """
here = os.getcwd()
try:
    os.rename(here, here + ".gone")
    os.symlink("{{COURSE}}/source/means", here)
except OSError:
    pass""",
        "holds",
        spoils=True,
    ),
    case(
        "takes-rights-away",
        "The rights of its folder and of all above it are taken away.",
        """
for folder in (".", "..", "../..", "{{COURSE}}/autograded", "{{COURSE}}/submitted"):
    try:
        os.chmod(folder, 0)
    except OSError:
        pass""",
        "holds",
        spoils=True,
    ),
    case(
        "uses-up-locks-and-limits",
        "Limits are raised, priorities changed, locks, keys and queues used up.",
        """
import ctypes, resource
for name in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
    try:
        resource.setrlimit(name, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass
libc = ctypes.CDLL(None)
kept = sum(libc.semget(0, 1, 0o1600) >= 0 for _ in range(500))
print("BOAST keeps 500 semaphores!" if kept == 500 else kept)""",
        "keeps 500 semaphores",
        fenced=True,
    ),
    Attack(
        "honest-but-talkative",
        "An honest answer warns on stderr and prints; stock takes the points for that.",
        "harm",
        "the student loses deserved points",
        mean=RIGHT_MEAN
        + """
import sys, warnings
real = mean_filter
def mean_filter(values, width):
    warnings.warn("this is slow")
    print("computing", file=sys.stderr)
    return real(values, width)""",
        describe=RIGHT_DESCRIBE,
        merits=MEAN_ONLY | {"checks-describe": 3, "checks-both": 5},
    ),
]
