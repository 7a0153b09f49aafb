"""Owns the code of a student's function as the examiner knows it: from the text that was handed in, not from the student's process."""

import linecache
import types

from IPython.core.inputtransformer2 import TransformerManager

from proctor.examiner.binding import LONG


def code_of(name, texts):
    """The code object that the last function of this name in these cells' texts has, with its text for inspect; never run."""
    for place, text in reversed(list(enumerate(texts, 1))):
        if len(text) > LONG:
            continue
        file = f"<student's cell {place}>"
        try:
            text = TransformerManager().transform_cell(text)
            left, found = [compile(text, file, "exec", dont_inherit=True)], None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        while left:
            code = left.pop(0)
            found = code if code.co_name == name else found
            left += [one for one in code.co_consts if isinstance(one, types.CodeType)]
        if found is not None:
            linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
            return found
    raise AttributeError(
        "__code__ of this student's function cannot be told: no cell's text defines it"
    )
