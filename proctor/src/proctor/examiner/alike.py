"""Owns which classes both sides have, and the instances of them that crossed: here always of the class that is ours."""

import abc
import enum
import sys

from proctor.wire import handles
from proctor.wire.records import Records

from proctor.examiner.proxy import is_proxy
from proctor.examiner.standins import StandIns

TAGS = ("record", "member", "named class")
DERIVED = (
    "torch.nn",
    "torch.utils.data",
    "torch.optim",
    "torch.autograd",
)  # where torch's classes stand that are derived from
HEAP = 1 << 9  # of the flags of a class that Python code made


class Alike:
    """`names` says by which name both sides know a class; `modules` are the support files'."""

    def __init__(self):
        self.names, self.modules, self.said = None, frozenset(), None
        self.renew()

    def renew(self):
        """A fresh candidate: it has been told nothing."""
        self.records, self.theirs, self.fresh, self.said, self.standins = (
            Records(),
            Records(),
            [],
            None,
            StandIns(),
        )

    def forget(self):
        """What was said last has not arrived."""
        self.said = None

    def news(self):
        """Which classes the candidate has too, if it was not told so yet."""
        now = (
            []
            if self.names is None
            else [name for name, kind in self.names.classes.items() if self.both(kind)]
        )
        if now == self.said:
            return {}
        self.said = now
        return {"classes": now}

    def both(self, kind):
        """Whether a class is the notebook's, or of the files beside it."""
        return kind.__module__ == "__main__" or kind.__module__.split(".")[0] in self.modules

    def name(self, kind):
        """The name by which both sides know a class, else None."""
        return self.names.class_name(kind) if self.names is not None and self.both(kind) else None

    def node(self, value, packer):
        """The node of a class that both sides have, or of an instance of one; else None."""
        if isinstance(value, type):
            return ["name", name] if (name := self.name(value)) else None
        kind = type(value)
        name = self.name(kind) or layer(kind)
        if not name or type(getattr(value, "__dict__", None)) is not dict or not recordable(kind):
            return None
        self.records.note(value, value.__dict__)
        slot = packer.slot(value.__dict__)
        packer.table.lists[
            packer.table.find(value.__dict__)
        ].owner = value  # which comes back while its attributes are tracked
        return ["record", name, slot]

    def member(self, value):
        """The node of a member of an enumeration that both sides have, else None."""
        name = self.name(type(value))
        return (
            ["member", name, value.name]
            if name and type(value).__members__.get(value.name) is value
            else None
        )

    def made(self, tag, *parts):
        """What such a node of the candidate's stands for, which may lie."""
        if tag == "named class":
            return self.found(parts[0][0]) if type(parts[0]) is tuple and parts[0] else None
        name, more = parts
        if tag == "member":
            kind = self.found(name)
            if not isinstance(kind, enum.EnumMeta):
                raise ValueError("no enumeration")
            return kind.__members__[more]
        if type(more) is not dict:
            raise ValueError("no attributes")
        known = self.records.of(more)
        return known if known is not None else self.record(self.found(name), more)

    def found(self, name):
        """The class that both sides know by a name, else None."""
        kind = (
            self.names.classes.get(name) if self.names is not None and type(name) is str else None
        )
        return kind if kind is not None and self.name(kind) else None

    def record(self, kind, attributes):
        """An instance that the student's code made, with attributes that change in place; nothing of the class runs."""
        if kind is None or not recordable(kind):
            raise ValueError("an instance of no class that both have")
        made = object.__new__(kind)
        object.__setattr__(made, "__dict__", attributes)
        self.records.note(made, attributes), self.theirs.note(made, attributes)
        self.standins.own.pop(id(attributes), None)
        self.fresh.append(made)
        return made

    def instances(self, containers):
        """Whose attributes these containers are, or a model's hooks."""
        found = [(self.records.of(one), one) for one in containers if isinstance(one, dict)]
        found = [made if made is not None else self.standins.model(one) for made, one in found]
        return [made for made in found if made is not None]

    def sent(self, containers):
        """A message is made that tells of these: what now stands there in the place of a method is the test's own."""
        for made in self.instances(containers):
            self.standins.sent(made, self.theirs.of(made.__dict__) is None)

    def keep_methods(self, filled):
        """What the class does is done by the class: nothing of the student's stands in for it. `filled` is what changed."""
        changed, self.fresh = [*self.fresh, *self.instances(filled)], []
        for made in changed:
            self.standins.drop(made)

    def derived(self, path):
        """The class here that a student's class derives from, told by its name or module:name; None for none that is taken."""
        if ":" not in path:
            return self.found(path)
        module, _, name = path.partition(":")
        found = (
            getattr(sys.modules.get(module), "__dict__", {}).get(name)
            if handles.library(module)
            else None
        )
        if not isinstance(found, type):
            return None
        if module == "builtins":
            return (
                found
                if handles.BASES.get(name) is found
                or issubclass(found, (Exception, property, staticmethod, classmethod))
                else None
            )
        if module.split(".")[0] == "torch":
            return (
                found
                if module.startswith(DERIVED) and not issubclass(found, sys.modules["torch"].Tensor)
                else None
            )
        return (
            found
            if found.__flags__ & HEAP and module.split(".")[0] in sys.stdlib_module_names
            else None
        )


def classes_of_students():
    """Let issubclass() of an abstract class take a student's class: by what that derives from here."""
    check = abc.ABCMeta.__subclasscheck__

    def checked(kind, one):
        return check(
            kind,
            one
            if not is_proxy(one)
            else next(iter(one.__bases__))
            if one.__class__ is type
            else one,
        )

    abc.ABCMeta.__subclasscheck__ = checked


def recordable(kind):
    """Whether an instance is its attributes and nothing more."""
    return (
        type(kind) in (type, abc.ABCMeta) and not kind.__abstractmethods__
        if type(kind) is abc.ABCMeta
        else (type(kind) is type and kind.__basicsize__ == PLAIN.__basicsize__)
    )


class PLAIN:
    """An instance with attributes and weak references and nothing more."""


def layer(kind):
    """The path of torch's own class of a layer or model, which the candidate has, too; else None."""
    torch = sys.modules.get("torch")
    if (
        torch
        and kind.__module__.startswith("torch.nn.modules.")
        and issubclass(kind, torch.nn.Module)
    ):
        return f"{kind.__module__}:{kind.__qualname__}"
    return None
