"""Owns what a graded cell adds to a question that failed: what was misunderstood, in its message and as a picture."""

import contextlib

from IPython.core.getipython import get_ipython
from IPython.display import display

from . import calling, checks, ladder, messages, remote
from .diagnosis import diagnose, diagnosed, diagnose_isolated
from .mistakes import Mistake, NotDefined, NotImplementedYet

SECONDS = 1.5  # for the diagnosis of one graded cell; with 0 there is none


@contextlib.contextmanager
def explained():
    """Let a Mistake in this block carry its diagnosis: a last line "Diagnosis [name]: sentence" and, in a notebook, a picture.

    The name in brackets is what the instructor's table counts. A missing `conv2d` becomes the Mistake NotDefined.
    """
    __tracebackhide__ = True
    try:
        yield
    except NameError as error:
        if error.name != "conv2d":
            raise
        raise carrying(
            NotDefined(messages.say("mistakes", "not-defined")), diagnosed("no-conv2d")
        ) from None
    except Mistake as mistake:
        conv2d, case = mistake.about or checks.latest or (None, None)
        if not SECONDS or conv2d is None:
            raise
        conv2d = calling.unwrapped(conv2d)[0]
        found = (diagnose_isolated if remote.elsewhere(conv2d) else diagnose)(
            conv2d, mistake, case, SECONDS
        )
        if get_ipython() and not isinstance(mistake, NotImplementedYet):
            display(ladder.told(conv2d, mistake, case, found))
            mistake.shown = found.name if found else ""
        raise carrying(mistake, found) if found else mistake


def carrying(mistake, found):
    """The mistake, its message with the diagnosis in a line of its own."""
    sure = "" if found.sure else messages.say("rungs", "looks-like") + " "
    mistake.args = (f"{mistake}\nDiagnosis [{found.name}]: {sure}{found.sentence}",)
    return mistake
