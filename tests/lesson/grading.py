"""A graded cell in short, for tests: the first Mistake it finds, and what `state` says of it."""

import contextlib
import io
from dataclasses import dataclass
from types import SimpleNamespace

from convlab import checks, mistakes
from convlab.diagnosis import Diagnosis
from convlab.diagnosis.between_calls import side_effects
from convlab.diagnosis.between_calls.variables import namespace_of
from convlab.diagnosis.calls import Asked
from convlab.messages import message
from samples import written


@dataclass
class Outcome:
    """The Diagnosis of a function, the Mistake it explains, and how many calls it took."""

    diagnosis: Diagnosis | None
    mistake: mistakes.Mistake | None
    calls: int

    @property
    def facts(self):
        """The facts of each message of the Diagnosis, by the message's name."""
        return {fact.name: fact.facts for fact in self.diagnosis.facts}


def some(kind):
    """A Mistake of this kind, whatever its words."""
    return kind(message("mistakes", "stub"))


def notebook(source):
    """The function that a notebook's cell defines after the lesson's variables and `right`."""
    return written(SimpleNamespace(source=f"from samples import correlated as right\n{source}"))


def found(conv2d, height=8, width=8, warm=False):
    """What `state` says of a function after a graded cell, `warm` if other sizes came before."""
    with contextlib.redirect_stdout(io.StringIO()):
        for size in [(4, 4), (9, 8)] if warm else []:
            checks.mistake(conv2d, checks.example(*size))
        mistake, case = graded(conv2d, height, width)
    asked = Asked(conv2d, 3)
    return Outcome(side_effects.explain(asked, mistake, case), mistake, asked.calls)


def graded(conv2d, height, width):
    """The first Mistake that a graded cell of this size would find, and the Example it is about."""
    case = checks.example(height, width)
    results = []
    others = checks.example(height, width), checks.example(height, width, few_values=True)
    for about in (case, *others):
        mistake = checks.mistake_in(lambda about=about: results.append(judged(conv2d, about)))
        if mistake:
            return mistake, about
    for change in (None, "kernel", "image"):
        if change:
            case.refill(change)
        with decoys(namespace_of(conv2d)) if change is None else contextlib.nullcontext():
            if checks.mistake_in(lambda: results.append(judged(conv2d, case))):
                return some(mistakes.SideEffect), case
    return checks.mistake_in(checks.are_new, results), case


def judged(conv2d, case):
    """One call's result; a Mistake if it is not right or the call changed its arguments."""
    result = checks.call(conv2d, case)
    checks.is_feature_map(result, case)
    checks.left_alone(case)
    return result


@contextlib.contextmanager
def decoys(names):
    """Let `image` and `kernel` of the notebook be others during the block."""
    decoy = checks.example(5, 4)
    before = {name: names[name] for name in ("image", "kernel") if name in names}
    names.update({name: getattr(decoy, name) for name in before})
    try:
        yield
    finally:
        names.update(before)
