"""Code that changes what tests are made of: functions, modules, the shell, what is equal to what."""

import ast
from collections.abc import Iterator

from proctor.tampering.code import Finding, StudentText
from proctor.tampering.names import SHELL, constant, dotted_tail

# What runs later cells and makes their outputs. Not here: ast_node_interactivity and showtraceback,
# which many set for reasons of their own.
SHELL_PARTS = {
    "run_code",
    "run_cell",
    "run_cell_async",
    "run_ast_nodes",
    "user_ns",
    "user_global_ns",
    "cell",
    "recorder",
    "transform_cell",
    "ast_parse",
    "displayhook",
    "display_pub",
    "finished",
    "format",
    "send",
    "__call__",
}
SHELL_LISTS = ("ast_transformers", "input_transformers_cleanup", "input_transformers_post")
SHELL_CLASSES = ("InteractiveShell", "ZMQInteractiveShell", "ExecutionResult")
ERRORS = ("error_in_exec", "error_before_exec")  # of a cell's result
ADDING = ("append", "insert", "extend")
IMPORTING = ("sys.meta_path", "sys.path_hooks")
RELOADING = ("reload", "import_module")
ANSWERING = {
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__"),
    *("__len__", "__bool__", "__float__", "__abs__", "__sub__", "__rsub__"),
}
LIBRARY_HOOKS = {"__array_function__", "__array_ufunc__", "__torch_function__"}
COMPARING = {"eq", "__eq__", "ne", "__ne__", "equal", "allclose", "isclose", "array_equal"}
# Methods that agree with everything before a class is told of. A stub of an answer may have two.
FEWEST, FEWEST_IF_ASKED = 2, 3


def patches(text: StudentText) -> Iterator[Finding]:
    """What a text replaces."""
    for node in text.nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                    yield from assigned(text, one, node)
        elif isinstance(node, ast.Call):
            yield from called(text, node)
        elif isinstance(node, ast.ClassDef) and node.name not in text.known.asked:
            yield from agreeing_class(text, node)


def assigned(text: StudentText, target: ast.expr, node: ast.Assign) -> Iterator[Finding]:
    """What one target of an assignment replaces."""
    line, value = node.lineno, node.value
    if isinstance(target, ast.Subscript):
        name = constant(target.slice)
        reloaded = isinstance(value, ast.Call) and dotted_tail(value.func) in RELOADING
        is_module = text.names.dotted(target.value) == "sys.modules" and not reloaded
        if is_module and name and text.known.is_needed_module(name):
            yield Finding("module", line, f"puts something else in the place of the module {name}")
    elif isinstance(target, ast.Name):
        known = f"builtins.{target.id}" in text.known.used or target.id in text.known.given
        if known and is_always_true(value):
            yield Finding("replaced", line, f"lets {target.id}, which is given, always answer True")
    elif isinstance(target, ast.Attribute):
        yield from assigned_attribute(text, target, value, line)


def assigned_attribute(
    text: StudentText, target: ast.Attribute, value: ast.expr, line: int
) -> Iterator[Finding]:
    """What an assignment to an attribute replaces."""
    name = text.names.dotted(target)
    home = target.value.func if isinstance(target.value, ast.Call) else target.value
    if target.attr in ERRORS:
        yield Finding("shell", line, f"changes which error a cell ended with ({target.attr})")
    elif target.attr == "f_lineno":
        yield Finding("frame", line, "moves a running function to another line (f_lineno)")
    elif target.attr == "__code__" and is_given(text, target.value):
        yield Finding("replaced", line, f"puts other code into {ast.unparse(target.value)[:60]}")
    elif target.attr == "value" and dotted_tail(home) == "from_address":
        yield Finding("memory", line, "writes into the memory of its process (ctypes)")
    elif target.attr == "__eq__" and is_always_true(value):
        yield Finding("equal", line, "makes an object equal to everything")
    elif name and is_shell(name) and target.attr in SHELL_PARTS:
        if not isinstance(value, ast.Constant):
            words = f"replaces {target.attr} of the shell that runs the cells"
            yield Finding("shell", line, words)
    elif is_given(text, target) and text.is_function(value):
        yield Finding("replaced", line, f"replaces {name}, {text.known.why_needed(name or '')}")


def is_given(text: StudentText, node: ast.expr) -> bool:
    """Whether an expression is a function of the instructor's, or one that the tests use."""
    part = text.names.of_module(node)
    return (isinstance(node, ast.Name) and node.id in text.known.given) or bool(
        part and text.known.is_needed(part)
    )


def is_shell(name: str) -> bool:
    """Whether a dotted name is a part of IPython's shell."""
    parts = name.split(".")
    return parts[0] == SHELL or any(part in SHELL_CLASSES for part in parts)


def called(text: StudentText, node: ast.Call) -> Iterator[Finding]:
    """What a call replaces."""
    line, name, function = node.lineno, text.names.dotted(node.func), node.func
    if name == "setattr" and len(node.args) == 3 and text.is_function(node.args[2]):
        home, attribute = text.names.of_module(node.args[0]), constant(node.args[1])
        if home and attribute and text.known.is_needed(f"{home}.{attribute}"):
            why = text.known.why_needed(home)
            yield Finding("replaced", line, f"replaces {home}.{attribute}, {why}")
        elif home and home.split(".")[0] in text.known.own:
            yield Finding("replaced", line, f"replaces functions of {home} (setattr)")
    elif name == f"{SHELL}.kernel.session.send":
        yield Finding("shell", line, "sends messages in the kernel's name")
    elif isinstance(function, ast.Attribute) and function.attr in ADDING:
        home = text.names.dotted(function.value)
        if dotted_tail(function.value) in SHELL_LISTS:
            words = f"changes the text of later cells ({dotted_tail(function.value)})"
            yield Finding("shell", line, words)
        elif home in IMPORTING:
            yield Finding("module", line, f"changes how modules are imported ({home})")
    elif isinstance(function, ast.Attribute) and function.attr == "update":
        home = module_of_namespace(text, function.value)
        if home and text.known.is_needed_module(home):
            yield Finding("replaced", line, f"changes the names of the module {home}")


def module_of_namespace(text: StudentText, node: ast.expr) -> str | None:
    """The module whose names an expression holds: of `vars(m)` or `m.__dict__`."""
    if isinstance(node, ast.Call) and text.names.dotted(node.func) == "vars" and node.args:
        return text.names.of_module(node.args[0])
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return text.names.of_module(node.value)
    return None


def agreeing_class(text: StudentText, node: ast.ClassDef) -> Iterator[Finding]:
    """A class that nobody asked for, whose objects are equal to everything or claim to be another's."""
    agreeing: set[str] = set()
    about = f"(its class {node.name[:40]})"
    for part in node.body:
        if isinstance(part, ast.Assign):
            again = isinstance(part.value, ast.Name) and part.value.id in agreeing
            if again or is_always_true(part.value):
                agreeing |= {one.id for one in part.targets if isinstance(one, ast.Name)}
        if not isinstance(part, ast.FunctionDef):
            continue
        if part.name in ANSWERING and gives_constant(part):
            agreeing.add(part.name)
        elif part.name == "__class__":
            yield Finding("equal", part.lineno, f"makes objects that claim another class {about}")
        elif part.name in LIBRARY_HOOKS:
            inside = {one.attr for one in text.walk(part) if isinstance(one, ast.Attribute)}
            if gives_constant(part) or inside & COMPARING:
                words = (
                    f"decides what a library's comparisons give ({part.name} of {node.name[:40]})"
                )
                yield Finding("equal", part.lineno, words)
    fewest = FEWEST_IF_ASKED if text.known.equality else FEWEST
    if "__eq__" in agreeing and len(agreeing & ANSWERING) >= fewest:
        yield Finding("equal", node.lineno, f"makes objects that are equal to everything {about}")


def is_always_true(node: ast.expr) -> bool:
    """Whether an expression is a function that answers True whatever it is asked."""
    return isinstance(node, ast.Lambda) and is_true(node.body)


def is_true(node: ast.AST | None) -> bool:
    """Whether an expression is True."""
    return isinstance(node, ast.Constant) and node.value is True


def gives_constant(node: ast.FunctionDef) -> bool:
    """Whether a method gives the same constant whatever it is asked; of `__eq__`, whether that is True."""
    body = [part for part in node.body if not isinstance(part, ast.Expr)]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return False
    return is_true(body[0].value) or (
        node.name != "__eq__" and isinstance(body[0].value, ast.Constant)
    )
