"""What a graded cell adds to a question that failed: the reason, in words and as a picture."""

import contextlib
from collections.abc import Iterator

from IPython.core.getipython import get_ipython
from IPython.display import display

from . import calling, ladder, notebook_state, remote
from .diagnosis import Diagnosis, diagnose, diagnose_isolated, diagnosed
from .findings import Unshown
from .messages import message
from .mistakes import Mistake, NotDefined, NotImplementedYet

SECONDS = 1.5  # for the diagnosis of one graded cell; with 0 there is none


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Let a Mistake that is raised in this block carry its diagnosis, and show it in a notebook.

    Its text then ends in a line "Diagnosis [name]: …", and the names stand beside what is
    shown, where a grader counts them. A missing `conv2d` becomes the Mistake NotDefined, which says
    where its cell stopped. If the notebook's `conv2d` is not the one written last, that is printed
    first.
    """
    __tracebackhide__ = True
    outdated = notebook_state.outdated()
    if outdated:
        print(outdated)
    try:
        yield
    except NameError as error:
        if error.name != "conv2d":
            raise
        mistake = not_defined()
        mistake.diagnosis = diagnosed("no-conv2d")
        record(mistake.diagnosis)
        raise mistake from None
    except Mistake as mistake:
        if not SECONDS or mistake.about is None:
            raise
        conv2d, case = calling.unwrapped(mistake.about[0])[0], mistake.about[1]
        find = diagnose_isolated if remote.elsewhere(conv2d) else diagnose
        mistake.diagnosis = find(conv2d, mistake, case, SECONDS)
        if get_ipython() and not isinstance(mistake, NotImplementedYet):
            display(ladder.told(conv2d, mistake, case, mistake.diagnosis))
            mistake.shown = True
        else:
            record(mistake.diagnosis)
        raise


def record(diagnosis: Diagnosis | None) -> None:
    """Record in a notebook a Diagnosis that the message alone tells."""
    if get_ipython() and diagnosis:
        display(Unshown(diagnosis))


def not_defined() -> NotDefined:
    """The Mistake where there is no `conv2d`: why, as far as the notebook's cells tell."""
    reason = notebook_state.why_missing()
    if reason is None:
        look = message("mistakes", "not-defined.look")
        return NotDefined(message("mistakes", "not-defined"), look)
    name = reason.name.removesuffix(".look")
    return NotDefined(message("mistakes", name), reason)
