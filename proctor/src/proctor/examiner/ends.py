"""Owns which student's objects the examiner holds, by number, and what else than plain data goes out and comes in."""

import enum
import weakref

from proctor.wire import chance, handles
from proctor.codecs.containers import Listed
from proctor.codecs.encode import CannotCross

from proctor.examiner import alike, errors, own_errors, references
from proctor.examiner.lent import lent
from proctor.examiner.errors import CandidateGone
from proctor.examiner.offered import proxy_class
from proctor.examiner.proxy import STATE, Link, is_proxy, link
from proctor.examiner.told import Told


def never():
    """A generator is not called from there."""
    raise TypeError("a random generator cannot be called")


class Ends:
    """The examiner's part in a Crossing. Proxies are held weakly; one that was asked for by name outlives its candidate."""

    def __init__(self):
        self.generation, self.proxies, self.gone, self.callbacks = 0, {}, [], {}
        self.lent_out, self.generators = {}, {}
        self.named, self.classes, self.count = (
            weakref.WeakValueDictionary(),
            errors.Classes(construct=self.construct),
            0,
        )
        self.alike = alike.Alike()
        self.told = Told(self.alike)

    def renew(self):
        """A fresh candidate: nothing of the one before is known to it."""
        self.proxies, self.gone, self.callbacks = {}, [], {}
        self.lent_out, self.generators = {}, {}
        self.alike.renew()
        self.told.renew()
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
            raise CandidateGone(
                f"{'.'.join(origin)} is no longer what it was before the student's process ended."
            )
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
        if (
            old is not None
            and old is not value
            and link(old).generation != self.generation
            and type(old) is type(value)
        ):
            self.adopt(old, value)
            return old
        self.named[name] = value
        return value

    def let_go(self, made):
        """Nobody holds a proxy any more: the candidate will be told."""
        if made.generation == self.generation:
            self.proxies.pop(made.number, None)
            self.gone.append(made.number)

    def construct(self, kind, args, kwargs):
        """An exception like the one that the student's class makes of these arguments; None if it is not to be had."""
        kind = next(one for one in kind.__mro__ if one in self.classes.made.values())
        if self.classes.numbers.get(kind, (0, 0))[0] != self.generation and (
            kind.__module__ != "__main__" or self.name(kind.__name__) is not kind
        ):
            return None
        made = self.error(
            self.ask("error", target=kind, args=args, kwargs=tuple(kwargs.items())), False
        )
        if isinstance(made, CandidateGone):
            raise made
        return made

    def is_error_class(self, value):
        """Whether this class was made for a student's exception."""
        return value in self.classes.numbers

    def special(self, value, packer):
        """The node of plain data that is more than that: a member of an enumeration that both sides have; else None."""
        return self.alike.member(value) if isinstance(value, enum.Enum) else None

    def arrived(self, filled):
        """A message was read, which says what these containers hold."""
        self.alike.keep_methods(filled)

    def generator(self, value, standing):
        """The node of a random generator: with where it stands, if the candidate's does not stand there by itself."""
        number, before = next(
            ((number, before) for number, (one, before) in self.generators.items() if one is value),
            (None, None),
        )
        if number is None:
            _, number = self.lend("generator", never)
            self.lent_out[number] = value
        self.generators[number] = value, standing
        return ["generator", number, standing if standing != before else ""]

    def lend(self, tag, ask, *more):
        """The node of what the candidate may call."""
        self.count += 1
        self.callbacks[self.count] = ask
        return [tag, self.count, *more]

    def outgoing(self, value, packer):
        """The node of what is no plain data: a student's object, a library's function, an instructor's function or object."""
        if isinstance(value, BaseException) and own_errors.there(value) is not None:
            value = own_errors.there(value)
        if is_proxy(value):
            self.revive_now(value)
            return ["yours", link(value).number]
        if (
            isinstance(value, type)
            and self.classes.numbers.get(value, (0, 0))[0] == self.generation
        ):
            return ["yours", self.classes.numbers[value][1]]
        if found := references.of(value):
            return ["import", *found]
        if node := self.alike.node(value, packer):
            return node
        if isinstance(value, BaseException) and type(value).__module__ == "builtins":
            return ["error", type(value).__name__, packer.slot(value.args)]
        if standing := chance.state(value):
            return self.generator(value, standing)
        if found := lent(value):
            tag, ask = found
            self.lent_out[self.count + 1] = value
            return self.lend(
                tag, ask, *([handles.offers(value), type(value).__name__] if tag == "thing" else [])
            )
        if callable(value):
            return self.lend(
                "callback",
                value,
                *(
                    text if type(text := getattr(value, name, None)) is str else None
                    for name in ("__name__", "__doc__")
                ),
            )
        raise CannotCross(
            f"an object of {type(value).__name__} cannot be handed to the student's code: only plain data, arrays, "
            "tensors, functions and the student's own objects can"
        )

    def revive_now(self, value):
        """A proxy deep within other data can no longer be asked for again while a message is made."""
        if (
            link(value).remote is not self
            or link(value).generation != self.generation
            or link(value).number is None
        ):
            raise CandidateGone("This object belongs to a student's process that has ended.")

    def incoming(self, tag, parts, unpacker):
        """What a node of the candidate's stands for."""
        if tag in alike.TAGS:
            return self.alike.made(tag, *parts)
        number = parts[0]
        if type(number) is not int or not 0 < number < 1 << 63:
            raise ValueError("no number")
        if tag == "callback":
            return self.lent_out.get(number, self.callbacks[number])
        if tag == "error class":
            kind = self.classes.find(parts[1])
            self.classes.numbers[kind] = self.generation, number
            return kind
        if tag != "handle":
            raise ValueError("an unknown kind of value")
        kind, offered, name, module, derives = parts[1:]
        if (
            kind not in handles.KINDS
            or type(offered) is not int
            or not 0 <= offered < 1 << len(handles.OFFERS)
            or not (
                type(name) is type(module) is type(derives) is str
                and len(name) <= 200
                and len(module) <= 200
            )
        ):
            raise ValueError("a handle that tells nothing")
        known = self.proxies.get(number)
        found = known and known()
        if found is not None:
            return found
        if number in self.gone:
            self.gone.remove(number)
        return self.fresh(number, kind, offered, name, module, self.alike.derived(derives))

    def fresh(self, number, kind, offered, name, module, known=None):
        """A new proxy; `known` is the class here that its class derives from."""
        made = proxy_class(kind, offered, name, module)(
            Link(self, self.generation, number, kind, known)
        )
        self.proxies[number] = weakref.ref(made)
        return made

    def released(self):
        """The handles nobody holds any more since this was asked."""
        gone, self.gone = self.gone, []
        self.alike.sent(
            [entry.value for entry in self.crossing.packer.noted if isinstance(entry, Listed)]
        )  # this is asked once for every message
        return gone

    def release(self, numbers):
        """The candidate has nothing to release here."""
