"""Owns which student's objects the examiner holds, by number, and what else than plain data goes out and comes in."""

import weakref

from proctor.wire import handles
from proctor.wire.pack import CannotCross

from . import errors, references
from .errors import CandidateGone
from .proxy import STATE, Link, is_proxy, link, proxy_class


class Ends:
    """The examiner's part in a Crossing. Proxies are held weakly; one that was asked for by name outlives its candidate."""

    def __init__(self):
        self.generation, self.proxies, self.gone, self.callbacks = 0, {}, [], {}
        self.named, self.classes, self.count = weakref.WeakValueDictionary(), errors.Classes(), 0
        self.records, self.shared = {}, lambda kind: False  # which classes both sides have by the same cell

    def renew(self):
        """A fresh candidate: nothing of the one before is known to it."""
        self.proxies, self.gone, self.callbacks = {}, [], {}
        self.records = {}
        self.generation += 1

    def revive(self, value):
        """Let a proxy of an ended candidate stand for the object of the same name in the present one."""
        if not is_proxy(value) or link(value).generation == self.generation:
            return
        old = link(value)
        if old.remote is not self or old.origin is None:
            raise CandidateGone("This object belongs to a student's process that has ended.")
        origin = old.origin
        found = self.known_as(self.ask("name", name=origin[0]), origin)
        for name in origin[1:]:
            found = self.known_as(self.ask("get", target=found, name=name), origin)
        if type(found) is not type(value):
            raise CandidateGone(f"{'.'.join(origin)} is no longer what it was before the student's process ended.")
        self.adopt(value, found)

    def adopt(self, proxy, found):
        """Let `proxy` stand for what the fresher proxy `found` stands for."""
        object.__setattr__(proxy, STATE, link(found))
        self.proxies[link(found).number] = weakref.ref(proxy)

    def same_as_ever(self, value, name):
        """What a name stands for; the proxy of an ended candidate goes on, if somebody still holds it."""
        if not is_proxy(value):
            return value
        old = self.named.get(name)
        if old is not None and old is not value and link(old).generation != self.generation and type(old) is type(value):
            self.adopt(old, value)
            return old
        self.named[name] = value
        return value

    def let_go(self, made):
        """Nobody holds a proxy any more: the candidate will be told."""
        if made.generation == self.generation:
            self.proxies.pop(made.number, None)
            self.gone.append(made.number)

    def is_error_class(self, value):
        """Whether this class was made for a student's exception."""
        return value in self.classes.numbers

    def outgoing(self, value, packer):
        """The node of what is no plain data: a student's object, a library's function, an instructor's function."""
        if is_proxy(value):
            self.revive_now(value)
            return ["yours", link(value).number]
        if isinstance(value, type) and self.classes.numbers.get(value, (0, 0))[0] == self.generation:
            return ["yours", self.classes.numbers[value][1]]
        if found := references.of(value):
            return ["import", *found]
        if isinstance(value, type) and self.shared(value):
            return ["name", value.__name__]
        if self.shared(type(value)) and type(getattr(value, "__dict__", None)) is dict:
            self.records[id(value.__dict__)] = value
            return ["record", type(value).__name__, packer.slot(value.__dict__)]
        if callable(value):
            self.count += 1
            self.callbacks[self.count] = value
            return ["callback", self.count]
        raise CannotCross(f"an object of {type(value).__name__} cannot be handed to the student's code: only plain data, arrays, "
                          "tensors, functions and the student's own objects can")

    def revive_now(self, value):
        """A proxy deep within other data can no longer be asked for again while a message is made."""
        if link(value).remote is not self or link(value).generation != self.generation or link(value).number is None:
            raise CandidateGone("This object belongs to a student's process that has ended.")

    def incoming(self, tag, parts, unpacker):
        """What a node of the candidate's stands for."""
        if tag == "record" and len(parts) == 2 and type(parts[1]) is dict:
            return self.records[id(parts[1])]
        number = parts[0]
        if type(number) is not int or not 0 < number < 1 << 63:
            raise ValueError("no number")
        if tag == "callback":
            return self.callbacks[number]
        if tag == "error class":
            kind = self.classes.find(parts[1])
            self.classes.numbers.setdefault(kind, (self.generation, number))
            return kind
        if tag != "handle":
            raise ValueError("an unknown kind of value")
        kind, offered, name, module, _ = parts[1:]
        if kind not in handles.KINDS or type(offered) is not int or not 0 <= offered < 1 << len(handles.OFFERS) or not (
                type(name) is type(module) is str and len(name) <= 200 and len(module) <= 200):
            raise ValueError("a handle that tells nothing")
        known = self.proxies.get(number)
        found = known and known()
        if found is not None:
            return found
        if number in self.gone:
            self.gone.remove(number)
        return self.fresh(number, kind, offered, name, module)

    def fresh(self, number, kind, offered, name, module):
        """A new proxy."""
        made = proxy_class(kind, offered, name, module)(Link(self, self.generation, number, kind))
        self.proxies[number] = weakref.ref(made)
        return made

    def released(self):
        """The handles nobody holds any more since this was asked."""
        gone, self.gone = self.gone, []
        return gone

    def release(self, numbers):
        """The candidate has nothing to release here."""
