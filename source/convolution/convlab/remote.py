"""Owns asking beside a thing that lives in another process, as a learner's function does while it is graded: every answer is doubted."""

import contextlib
import io

from . import calling

SECONDS = 2


def elsewhere(thing):
    """Whether `thing` only stands for one in another process: a grader then offers `thing.__near__`."""
    try:
        return callable(getattr(thing, "__near__", None))
    except Exception:  # a learner's own object may do anything when it is asked
        return False


def asked(thing, module, name, *arguments, seconds=SECONDS):
    """What `module.name(thing, *arguments)` answers where the thing lives: anything at all; None too if no answer comes.

    `module` is one of convlab's, `arguments` are plain data: numbers, text, lists, dictionaries, tensors.
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
