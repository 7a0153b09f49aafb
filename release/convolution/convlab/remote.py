"""Asking about a thing where it lives: a learner's function is graded in a process of its own.

Whatever comes back may be made up, so everybody who asks has to doubt it.
"""

import contextlib
import io
from typing import Any

from . import calling

SECONDS = 2


def elsewhere(thing: Any) -> bool:
    """Whether `thing` only stands for one in another process: a grader then has `__near__`."""
    try:
        return callable(getattr(thing, "__near__", None))
    except Exception:  # a learner's own object may do anything when it is asked
        return False


def asked(thing: Any, module: str, name: str, *arguments: Any, seconds: float = SECONDS) -> Any:
    """What `module.name(thing, *arguments)` returns in the process in which the thing lives.

    It may be anything at all, and is None if nothing comes in time. `module` is one of convlab's,
    `arguments` are plain data: numbers, text, lists, dictionaries, tensors.
    """
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            calling.warnings_to_stdout(),
            calling.at_most(seconds),
        ):
            return thing.__near__(module, name, *arguments)
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever became of the other process
        return None
