"""Owns that no text of a student's is run in the examiner by a library that looks for code in text: annotations, docstrings."""

import ast
import doctest

PROMPT, LONGEST = ">>>", 1000
INERT = (
    ast.Expression,
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.Subscript,
    ast.Tuple,
    ast.List,
    ast.Constant,
    ast.BinOp,
    ast.BitOr,
    ast.Starred,
)
DOCSTRINGS = []  # of students, told in this process, with examples in them


def annotations(found):
    """Annotations as told; TypeError if a text among them does more, when `typing` evaluates it, than name a type."""
    for name, value in found.items():
        if isinstance(value, str) and not inert(value):
            raise TypeError(
                f"the annotation {value[:80]!r} of {name!r} is text that would be run here: only names of types are taken"
            )
    return found


def inert(text):
    """Whether evaluating a text only looks names up, or fails."""
    if len(text) > LONGEST:
        return False
    text = text.strip()
    try:
        tree = ast.parse(f"({text},)" if text.startswith("*") else text, mode="eval")
    except SyntaxError:
        return True
    except (ValueError, RecursionError, MemoryError):
        return False
    return all(isinstance(node, INERT) for node in ast.walk(tree))


def docstring(text):
    """A docstring as told; its examples are remembered, so that they are not run."""
    if type(text) is str and PROMPT in text:
        DOCSTRINGS.append(text)
    return text


def guard():
    """From now on, in this process, doctest refuses examples of a student's."""
    read = doctest.DocTestParser.parse

    def parse(self, string, name="<string>"):
        if any(
            string.expandtabs().strip() in one.expandtabs()
            for one in DOCSTRINGS
            if PROMPT in string
        ):
            raise TypeError(
                "examples in a student's docstring are the student's code, which does not run where the tests run; "
                'a test of them says {"proctor": {"runs": "candidate"}} in its cell\'s metadata'
            )
        return read(self, string, name)

    doctest.DocTestParser.parse = parse
