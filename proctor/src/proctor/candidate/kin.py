"""Owns which of the candidate's classes the examiner has, too, and how their instances cross: by name, with their attributes."""

import enum
import importlib

from proctor.wire import handles
from proctor.wire.records import Records

SINGLE = ("int", "float", "complex", "str", "bytes")


class Kin:
    """`names` are those of classes that both sides have, as the examiner says; `modules` are the support files'."""

    def __init__(self, namespace, modules):
        self.namespace, self.modules, self.names, self.records = namespace, modules, (), Records()

    def known(self, body):
        """Take in which classes the examiner has, if it says so."""
        self.names = tuple(body.get("classes", self.names))

    def name(self, kind):
        """The name by which both sides know a class, else None."""
        return next((name for name in self.names if self.namespace.get(name) is kind), None)

    def named(self, name, *fields):
        """The class of this name here, if it is one."""
        found = self.namespace.get(name)
        return found if isinstance(found, type) else None

    def own(self, kind):
        """Whether a class is the notebook's, or of the files beside it."""
        module = type.__getattribute__(kind, "__module__")
        return module == "__main__" or type(module) is str and module.split(".")[0] in self.modules

    def more_than_plain(self, value, within):
        """Whether a value of a plain type's subclass, a library's dict too, has methods or attributes that it would lose. A number or text `within`
        other data loses them, since there it is read by numpy and the like, which take nothing but the real thing."""
        kind = type(value)
        if (
            not (base := handles.base_of(kind))
            or within
            and base in SINGLE
            and not isinstance(value, enum.Enum)
        ):
            return False
        if not self.own(kind) and (
            base != "dict" or handles.library(type.__getattribute__(kind, "__module__"))
        ):
            return False
        fields = getattr(kind, "_fields", ())
        public = {
            name
            for one in type.mro(kind)
            if self.own(one) or base == "dict" and one not in (dict, object)
            for name in vars(one)
            if not name.startswith("_") or base == "dict" and name == "__getattr__"
        }
        return bool(public.difference(fields) or getattr(value, "__dict__", None))

    def derives(self, value):
        """What both sides know of what an object's class, or a class, derives from: the first such class's name, or ""."""
        kind = value if isinstance(value, type) else type(value)
        for base in type.mro(kind)[isinstance(value, type) :]:
            if name := self.name(base):
                return name
            module = type.__getattribute__(base, "__module__")
            if (
                base is not object
                and base is not type
                and type(module) is str
                and handles.library(module)
            ):
                return f"{module}:{base.__qualname__}"
        return ""

    def member(self, value):
        """The node of a member of an enumeration that both sides have, else None."""
        if (
            isinstance(value, enum.Enum)
            and (name := self.name(type(value)))
            and type(value).__members__.get(value.name) is value
        ):
            return ["member", name, value.name]
        return None

    def record(self, value, packer):
        """The node of an instance of a class that both sides have, else None."""
        attributes = getattr(value, "__dict__", None)
        if type(attributes) is not dict or isinstance(value, BaseException):
            return None
        name = self.name(type(value))
        if name is None and (
            self.records.of(attributes) is not value or packer.table.find(attributes) is None
        ):
            return None
        self.records.note(value, attributes)
        return ["record", name or "", packer.slot(attributes)]

    def alike(self, name, attributes):
        """The instance that these attributes, which are changed in place, belong to."""
        found = self.records.of(attributes)
        if found is None:
            kind = self.namespace[name] if ":" not in name else imported(name)
            found = object.__new__(kind)
            object.__setattr__(found, "__dict__", attributes)
            self.records.note(found, attributes)
        return found


def imported(path):
    """A library's class by module:name."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
