"""Owns maps that a function looks up: by the tensor objects, by an image's or kernel's numbers, or by the image's size."""

from ..examples import Example
from ..messages import say
from ..printing import size
from .diagnosis import diagnosed
from .turns import numbers, other_numbers, same


def kept_for_objects(turns, case):
    """The Diagnosis of a function that is right for new numbers, but not when one of its arguments is an old acquaintance."""
    one, two = other_numbers(case), other_numbers(case)
    image, kernel = (tensor.clone() for tensor in one.before)
    first = turns.raw(image, kernel)
    if not turns.right(one):
        return None
    meetings = [("same-image", image, two.kernel), ("same-kernel", two.image, kernel)]
    for how, *arguments in meetings:
        again = turns.raw(*arguments)
        if not turns.right(Example(*arguments)) and same(again, first):
            return found(how)
    for part, tensor in (("kernel", kernel), ("image", image)):
        before, was_right = (
            turns.raw(image, kernel),
            turns.right(Example(image.clone(), kernel.clone())),
        )
        tensor.copy_(numbers(tensor.shape))
        again = turns.raw(image, kernel)
        if was_right and not turns.right(Example(image, kernel)) and same(again, before):
            return found("refilled", part=part)
    return None


def kept_for_size(turns, case):
    """The Diagnosis of a function that is right for the first image of a size, and returns that map for the next ones too."""
    height, width = case.before[0].shape
    one, two = (other_numbers(case, (height + 3, width + 5)) for _ in range(2))
    first, right = turns(one), turns.right(one)
    if right and same(first, turns(two)):
        return found("map-of-size", image=size(one.image.shape))
    return None


def found(how, **facts):
    """The Diagnosis remembers-earlier-call in these words."""
    return diagnosed("remembers-earlier-call", seen=say("memory", f"remembered-{how}", **facts))
