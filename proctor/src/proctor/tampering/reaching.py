"""Code that reaches for what is not its own: other processes, memory, callers, the grading's files."""

import ast
from collections.abc import Iterator

from proctor.candidate.requests import Requests
from proctor.codecs.crossing import Crossing
from proctor.codecs.frames import Channel
from proctor.tampering.code import Finding, StudentText
from proctor.tampering.names import LIBRARY, constant, dotted_tail

ENDING = {"os._exit", "posix._exit", "os.abort"}
EXECUTING = {f"os.exec{end}" for end in ("v", "ve", "vp", "vpe", "l", "le", "lp", "lpe")}
SIGNALLING = {"os.kill", "os.killpg", "signal.pidfd_send_signal"}
PARENTS = {"os.getppid", "os.getpgid", "os.getpgrp"}
SYSTEM_CALLS = {"ptrace", "process_vm_readv", "process_vm_writev", "unshare", "setns", "mount"}
DESCRIPTOR_CALLS = {
    f"os.{name}"
    for name in ("read", "pread", "write", "close", "dup", "fstat", "set_blocking", "get_blocking")
}
FRAMES = {"f_back", "currentframe", "_getframe", "stack"}
FRAME_NAMES = {"f_locals", "f_globals"}
USUAL_KEYS = {"self", "cls"}  # of callers, which log messages name; and `__name__`
ALL_OBJECTS = {"gc.get_objects", "gc.get_referrers"}
RUNNING = {"exec", "eval", "builtins.exec", "builtins.eval"}
DECODING = {"b64decode", "b32decode", "a85decode", "fromhex", "unhexlify", "decompress"}
OF_THE_GRADER = {one.__name__ for one in (Requests, Channel, Crossing)}


def reaches(text: StudentText) -> Iterator[Finding]:
    """What a text reaches for."""
    for node in text.nodes:
        if isinstance(node, ast.Call):
            yield from called(text, node)
        elif isinstance(node, ast.FunctionDef):
            yield from frames(text, node)
        elif isinstance(node, ast.For):
            yield from descriptors(text, node)
    yield from objects(text)
    for line, words in text.words:
        if place := text.known.places.named_in(words):
            yield Finding("private place", line, f"names {place}")


def called(text: StudentText, node: ast.Call) -> Iterator[Finding]:
    """Calls that end the process, signal others, or ask the system for what no answer needs."""
    line, name, tail = node.lineno, text.names.dotted(node.func) or "", dotted_tail(node.func)
    if name in ENDING and not text.has_children:
        yield Finding("ends", line, f"calls {name}, which ends its process at once")
    elif name in EXECUTING and not text.has_children:
        words = f"calls {name}, which puts another program in the place of its process"
        yield Finding("ends", line, words)
    elif name == "ctypes.string_at" and node.args and constant_number(node.args[0]) == 0:
        yield Finding("ends", line, "reads memory at the address 0, which ends its process")
    elif name in RUNNING and node.args and is_decoded(text, node.args[0]):
        yield Finding("hidden", line, f"runs a text that it decodes first ({name})")
    elif name in SIGNALLING and node.args and is_others_process(text, node.args[0]):
        yield Finding("signals", line, f"signals processes that it did not start ({name})")
    elif tail in SYSTEM_CALLS and name.startswith((LIBRARY, "libc.")):
        yield Finding("memory", line, f"asks the system for {tail} (ctypes)")
    elif name == "os.closerange":
        yield Finding("descriptors", line, "closes files that its process was started with")


def is_others_process(text: StudentText, node: ast.expr) -> bool:
    """Whether the number of a process is its parent's, a group's, or everybody's."""
    for one in text.walk(node):
        if isinstance(one, ast.Call) and text.names.dotted(one.func) in PARENTS:
            return True
        if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub):
            return True
    if isinstance(node, ast.Constant):
        return constant_number(node) in (0, 1)
    looks_for_others = PARENTS & text.called or "/proc" in {words for _, words in text.words}
    return isinstance(node, ast.Name) and bool(looks_for_others) and not text.has_children


def is_decoded(text: StudentText, node: ast.expr) -> bool:
    """Whether an expression decodes a text that is written into the code."""
    inside = list(text.walk(node))
    decodes = any(isinstance(one, ast.Call) and dotted_tail(one.func) in DECODING for one in inside)
    return decodes and any(isinstance(one, ast.Constant) for one in inside)


def constant_number(node: ast.expr) -> int | None:
    """The whole number that an expression is, None if it is none."""
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def frames(text: StudentText, node: ast.FunctionDef) -> Iterator[Finding]:
    """A function that looks for a certain variable of those who call it."""
    attributes = {one.attr for one in text.walk(node) if isinstance(one, ast.Attribute)}
    if not (attributes & FRAMES and attributes & FRAME_NAMES):
        return
    names = names_of_variables(text, node)
    for one in text.walk(node):
        if (key := looked_up(text, one, names)) is not None:
            words = f"looks for a variable {key[:40]!r} of the functions that call it"
            yield Finding("frame", getattr(one, "lineno", node.lineno), words)
            return


def looked_up(text: StudentText, node: ast.AST, names: set[str]) -> str | None:
    """The name that an expression looks up among a frame's variables, None if it does not."""
    home: ast.expr | None = None
    key: ast.expr | None = None
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=home), args=[key, *_]):
            pass
        case ast.Subscript(value=home, slice=key):
            pass
        case ast.Compare(left=key, ops=[ast.In()], comparators=[home]):
            pass
    name = constant(key)
    if name is None or home is None or not is_of_frame(text, home, names):
        return None
    return None if name in USUAL_KEYS or name.startswith("__") else name


def names_of_variables(text: StudentText, node: ast.FunctionDef) -> set[str]:
    """The names by which a function knows what holds a frame's variables."""
    found = set()
    for one in text.walk(node):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(one, (ast.For, ast.comprehension)):
            pairs = [(one.target, one.iter)]
        elif isinstance(one, ast.Assign):
            pairs = [(target, one.value) for target in one.targets]
        for target, value in pairs:
            if is_of_frame(text, value, set()):
                found |= {part.id for part in text.walk(target) if isinstance(part, ast.Name)}
    return found


def is_of_frame(text: StudentText, node: ast.expr, names: set[str]) -> bool:
    """Whether an expression is made from a frame's variables, or is one of these names."""
    return any(
        (isinstance(one, ast.Attribute) and one.attr in FRAME_NAMES)
        or (isinstance(one, ast.Name) and one.id in names)
        for one in text.walk(node)
    )


def descriptors(text: StudentText, node: ast.For) -> Iterator[Finding]:
    """A loop over the numbers of all files that the process may have open."""
    counted = isinstance(node.iter, ast.Call) and dotted_tail(node.iter.func) == "range"
    if not counted or not isinstance(node.target, ast.Name):
        return
    for one in text.walk(node):
        if not (isinstance(one, ast.Call) and text.names.dotted(one.func) in DESCRIPTOR_CALLS):
            continue
        if one.args and dotted_tail(one.args[0]) == node.target.id:
            words = "tries, number by number, the files and sockets that its process has open"
            yield Finding("descriptors", node.lineno, words)
            return


def objects(text: StudentText) -> Iterator[Finding]:
    """Code that searches all objects of its process for the grader's, or for the texts of code."""
    if not ALL_OBJECTS & text.called:
        return
    words = {one for _, one in text.words}
    for node in text.nodes:
        if not (isinstance(node, ast.Call) and text.names.dotted(node.func) in ALL_OBJECTS):
            continue
        if wanted := sorted(words & OF_THE_GRADER):
            yield Finding(
                "objects", node.lineno, f"searches its process for the grader's {wanted[0]} (gc)"
            )
        elif "co_consts" in text.attributes:
            yield Finding("objects", node.lineno, "searches the texts of all code there is (gc)")
