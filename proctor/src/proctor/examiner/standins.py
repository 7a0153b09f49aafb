"""Owns which attributes of an instance stand in for what its class does: a student's code may not put them there."""

import dataclasses
import dis
import sys
import types
import weakref

from proctor.examiner.proxy import is_proxy

NOTHING = object()
PLAIN = (int, float, complex, str, bytes, bool, type(None), tuple, frozenset)
CALLED = "_compiled_call_impl"  # what torch calls instead of a module's own work, if it is there


class StandIns:
    """Knows for each class the names that its instances may not have as attributes: methods, and constants; and which of these
    are the test's `own`, by the dict of attributes."""

    def __init__(self):
        self.known, self.own, self.hooked = {}, {}, {}

    def names(self, kind):
        """The names of a class, found anew when it has others than before."""
        size = sum(len(base.__dict__) for base in kind.__mro__)
        if self.known.get(kind, (None, None))[0] != size:
            self.known[kind] = size, found(kind)
        return self.known[kind][1]

    def sent(self, made, models):
        """What stands so in an instance now is the test's own; of its `models` also what their hooks are."""
        attributes, names = made.__dict__, self.names(type(made))
        standing = (
            {}
            if names.isdisjoint(attributes)
            else {name: attributes[name] for name in names & attributes.keys()}
        )
        for name in hooks(made) if models else ():
            standing[name] = dict(attributes[name])
            self.hooked[id(attributes[name])] = weakref.ref(made)
        if standing:
            self.own[id(attributes)] = standing
        else:
            self.own.pop(id(attributes), None)

    def model(self, container):
        """The model whose hooks these are, else None."""
        made = self.hooked[id(container)]() if id(container) in self.hooked else None
        return (
            made
            if made is not None and any(made.__dict__[name] is container for name in hooks(made))
            else None
        )

    def drop(self, made):
        """Take from an instance what stands there and is not the test's own, and what is called by no name."""
        attributes, names = made.__dict__, self.names(type(made))
        own = self.own.get(id(attributes), {})
        for name in [
            name
            for name, value in attributes.items()
            if type(name) is not str or is_proxy(value) and name[:2] == name[-2:] == "__"
        ]:
            del attributes[name]
        for name in () if names.isdisjoint(attributes) else names & attributes.keys():
            if not same(attributes[name], own.get(name, NOTHING)):
                del attributes[name]
        for name in [name for name in hooks(made) if name in own]:
            self.hooked[id(attributes[name])] = weakref.ref(made)  # it may be another dict now
            for key in [
                key for key, hook in attributes[name].items() if own[name].get(key) is not hook
            ]:
                del attributes[name][key]


def same(value, own):
    """Whether a value is the one that was there, or as good as it."""
    return value is own or type(value) is type(own) and isinstance(value, PLAIN) and value == own


def hooks(made):
    """The names under which a model of torch's keeps what is called beside its own work."""
    torch = sys.modules.get("torch")
    if not torch or not isinstance(made, torch.nn.Module):
        return ()
    return [
        name
        for name, value in made.__dict__.items()
        if "_hooks" in name and isinstance(value, dict)
    ]


def found(kind):
    """The names of what a class runs and its __init__ does not set, and of its constants: in capitals, and set by none of its methods."""
    space = {}
    for base in reversed(kind.__mro__):
        space |= base.__dict__
    fields = (
        {field.name for field in dataclasses.fields(kind)}
        if dataclasses.is_dataclass(kind)
        else set()
    )
    fields = fields.union(*(stored(base.__dict__.get("__init__")) for base in kind.__mro__))
    does = {
        name
        for name, value in space.items()
        if not isinstance(value, type)
        and not hasattr(type(value), "__set__")
        and (hasattr(type(value), "__get__") or callable(value))
    } | {CALLED} & space.keys()
    constant = {
        name for name, value in space.items() if name.isupper() and isinstance(value, PLAIN)
    }
    return frozenset(
        (does | constant)
        - fields
        - (set().union(*map(stored, space.values())) if constant else set())
    )


def stored(function):
    """The names of the attributes that a function sets."""
    if not isinstance(function, types.FunctionType):
        return set()
    return {step.argval for step in dis.get_instructions(function) if step.opname == "STORE_ATTR"}
