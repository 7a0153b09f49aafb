"""Owns which instance has which attributes, where both sides have its class: known only as long as somebody holds it."""

import contextlib
import weakref


class Records:
    """Instances by their very dict of attributes, which is what crosses of them."""

    def __init__(self):
        self.known = weakref.WeakValueDictionary()

    def note(self, value, attributes):
        """Remember an instance; it may be of a class that nothing can refer to weakly."""
        with contextlib.suppress(TypeError):
            self.known[id(attributes)] = value

    def of(self, attributes):
        """The instance that has just this dict, else None."""
        found = self.known.get(id(attributes))
        return (
            found
            if found is not None and object.__getattribute__(found, "__dict__") is attributes
            else None
        )
