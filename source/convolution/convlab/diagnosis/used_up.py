"""Owns what a function takes from outside and uses up, so that later calls find nothing: an iterator, a list that is emptied."""

import collections
from collections.abc import Iterator

from ..messages import say
from .diagnosis import diagnosed
from .notebook_variables import PLACES
from .turns import same


def explain(turns, found, case, usual):
    """The Diagnosis of a function that takes values from what has none left; `usual` is its answer on `case`."""
    for variable in found:
        how = None
        if isinstance(variable.value, Iterator) and asks_in_vain(turns, variable, case, usual):
            how = "used-up"
        elif isinstance(variable.value, (list, set, collections.deque)) and not variable.value:
            how = "emptied" if empties(turns, variable, case, usual) else None
        if how:
            return diagnosed("first-call-only", seen=say("memory", how, variable=variable.name))
    return None


def asks_in_vain(turns, variable, case, usual):
    """Whether the function asks this iterator for values, and does with it what it does with one that has none."""
    empty = Empty()
    with variable.holding(empty):
        answer = turns(case)
    return empty.asked and same(answer, usual)


def empties(turns, variable, case, usual):
    """Whether the function, were there positions in this empty container, would take them all and give another answer."""
    for maker in PLACES:
        filled = type(variable.value)(maker(*case.before))
        with variable.holding(filled):
            answer = turns(case)
        if not filled and not same(answer, usual):
            return True
    return False


class Empty(Iterator):
    """An iterator that has nothing to give, and notes whether it was asked."""

    asked = False

    def __next__(self):
        self.asked = True
        raise StopIteration
