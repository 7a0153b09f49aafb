"""Owns the student's side of the wire: names, calls and operations on a namespace, answered one at a time."""

import builtins
import contextlib
import importlib
import io

from proctor.wire import chance, gradients, handles
from proctor.codecs import memory, scalars as plain, exceptions as raising, decode as unpack
from proctor.codecs.crossing import Crossing
from proctor.codecs.frames import LIMIT, WireError
from proctor.codecs.encode import CannotCross

from proctor.candidate import strangers
from proctor.candidate.kin import Kin
from proctor.candidate.news import News
from proctor.candidate.strangers import Callback

OPERATIONS = handles.operations()
OURS = {
    module.__file__ for module in (gradients, handles, memory, plain, raising, strangers, unpack)
} | {__file__, contextlib.__file__}
MOST_PRINTED = 1 << 20  # characters of one call


class Missing(Exception):
    """The namespace has no such name."""


class Printed(io.StringIO):
    """What a call prints, up to a limit."""

    def write(self, text):
        """Keep the text while there is room."""
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class Objects:
    """Serves requests on `namespace`; `modules` are the support files' modules whose functions `near` may run."""

    def __init__(self, namespace, channel, modules=()):
        self.namespace, self.channel, self.modules = namespace, channel, frozenset(modules)
        self.crossing = Crossing(self, weak=False)
        self.handles, self.numbers, self.next = {}, {}, 1
        self.callbacks, self.iterators, self.streams = {}, {}, None
        self.kin, self.news = Kin(namespace, self.modules), News()

    def serve(self, kind, body):
        """Do what a request asks and reply; False if the kind is not one of ours."""
        work = getattr(self, "do_" + kind, None)
        if work is None:
            return False
        self.hear(body)
        fields = self.crossing.unpack(body)
        error, value = None, None
        before = self.streams
        self.streams = Printed(), Printed()
        with (
            contextlib.redirect_stdout(self.streams[0]),
            contextlib.redirect_stderr(self.streams[1]),
            gradients.mode(body),
        ):
            try:
                value = work(**fields)
            except Missing:
                kind = "missing"
            except (
                BaseException
            ) as raised:  # SystemExit and the like too: they end the call, not the candidate
                error = raised
        printed = {"stdout": self.streams[0].getvalue(), "stderr": self.streams[1].getvalue()}
        self.streams = before
        if error is not None:
            self.reply_raised(error, printed)
        else:
            self.reply("missing" if kind == "missing" else "value", {"value": value, **printed})
        return True

    def reply(self, kind, fields):
        """Send an answer; if it cannot be handed over, the words why."""
        try:
            body = self.written(self.crossing.pack(answering=True, **fields))
        except Exception as error:  # what a student's own methods raise, too
            if kind == "raised":
                return self.reply_alone(fields)
            return self.reply_raised(
                error, {"stdout": fields["stdout"], "stderr": fields["stderr"]}
            )
        try:
            self.channel.send(kind, body)
        except WireError as error:
            self.crossing.unsent()
            if kind == "raised":
                return self.reply_alone(fields)
            if kind != "value":
                raise
            self.reply_raised(
                CannotCross(f"the result cannot be handed over: {error}"),
                {"stdout": "", "stderr": ""},
            )

    def reply_raised(self, error, printed):
        """Send what is told of an exception."""
        origin = getattr(error, "_proctor_origin", None)
        self.alone = raising.described(error, OURS, alone=True)
        self.reply(
            "raised",
            {
                "error": raising.described(error, OURS),
                "origin": origin if type(origin) is int else None,
                **printed,
            },
        )

    def reply_alone(self, fields):
        """Send as little as can be of an exception that could not be handed over with all that belongs to it."""
        self.channel.send(
            "raised",
            self.written(self.crossing.pack(answering=True, **fields | {"error": self.alone})),
        )

    def ask(self, number, args, kwargs):
        """Call a function of the examiner's; serve what it asks meanwhile."""
        if self.streams is None:
            raise RuntimeError(
                "this function can only be called while the test waits for an answer"
            )
        self.channel.send(
            "callback",
            self.written(
                self.crossing.pack(number=number, args=tuple(args), kwargs=tuple(kwargs.items()))
            ),
        )
        while True:
            kind, body = self.channel.receive()
            if self.serve(kind, body):
                continue
            fields = self.crossing.unpack(body)
            if kind == "value":
                return fields["value"]
            raise strangers.error(**fields)

    def hear(self, body):
        """Take in what the examiner tells beside a request."""
        self.kin.known(body)
        self.news.take(body, self)

    def written(self, body):
        """A message, with the files that were written since the last one."""
        return self.news.add(body)

    def began(self, body):
        """Before a cell is run: take in what the examiner changed."""
        self.hear(body)
        self.streams = self.streams or (None, None)
        return self.crossing.unpack(body) if "nodes" in body else {}

    def ended(self):
        """After a cell was run: what it changed, to be sent with the answer."""
        self.streams = None
        try:
            body = self.written(self.crossing.pack())
        except Exception:  # what a student's own methods raise, too
            return {}
        if sum(map(len, body["blobs"])) > LIMIT:
            self.crossing.unsent()
            return {}
        return body

    def do_name(self, name):
        """What a name of the notebook stands for."""
        try:
            return self.namespace[name]
        except KeyError:
            raise Missing(name) from None

    def do_bind(self, name, value):
        """Bind a name."""
        self.namespace[name] = value

    def do_unbind(self, name):
        """Delete a name."""
        self.namespace.pop(name, None)

    def do_call(self, target, args, kwargs):
        """Call an object."""
        return target(*args, **dict(kwargs))

    def do_get(self, target, name):
        """An attribute."""
        return getattr(target, name)

    def do_set(self, target, name, value):
        """Set an attribute."""
        setattr(target, name, value)

    def do_operate(self, op, args):
        """An operation from the list."""
        return OPERATIONS[op](*args)

    def do_error(self, target, args, kwargs):
        """What is told of an exception of a class, which is made."""
        return raising.described(target(*args, **dict(kwargs)), OURS)

    def do_drop(self):
        """Nothing but what every request tells."""

    def do_near(self, target, module, name, args):
        """Run a support module's function on an object, next to it."""
        if module.split(".")[0] not in self.modules:
            raise ImportError(f"{module} is none of the course's own modules")
        return getattr(importlib.import_module(module), name)(target, *args)

    def special(self, value, packer):
        """The node of plain data that is more than that: a member of a course's enumeration, a list with methods of its own."""
        if node := self.kin.member(value):
            return node
        return (
            self.handle(value, based=True)
            if self.kin.more_than_plain(value, within=id(value) not in packer.named)
            else None
        )

    def outgoing(self, value, packer):
        """The node of an object that stays here."""
        if strangers.is_stranger(value):
            return ["callback", strangers.number_of(value)]
        for number, stream in self.iterators.items():
            if stream is value:
                return ["callback", number]
        if node := self.kin.member(value) or self.kin.record(value, packer):
            return node
        if isinstance(value, type) and (name := self.kin.name(value)):
            return ["named class", packer.slot((name,))]
        if isinstance(value, type) and issubclass(value, BaseException):
            return ["error class", self.numbered(value), packer.slot(raising.family(value))]
        return self.handle(value)

    def handle(self, value, based=False):
        """The node of a handle."""
        return [
            "handle",
            self.numbered(value),
            *handles.described(value, self.kin.derives(value), based),
        ]

    def numbered(self, value):
        """The number by which the examiner speaks of an object."""
        number = self.numbers.get(id(value))
        if number is None:
            number, self.next = self.next, self.next + 1
            self.handles[number], self.numbers[id(value)] = value, number
        return number

    def incoming(self, tag, parts, unpacker):
        """What a node of the examiner's stands for."""
        if tag == "yours":
            return self.handles[parts[0]]
        if tag == "callback":
            return self.callbacks.setdefault(parts[0], Callback(self, *parts))
        if tag == "iterator":
            return self.iterators.setdefault(parts[0], strangers.stream(self.ask, parts[0]))
        if tag == "thing":
            return self.callbacks.setdefault(
                parts[0], strangers.thing_class(*parts[1:])(self, parts[0])
            )
        if tag == "error":
            return getattr(builtins, parts[0])(*parts[1])
        if tag == "generator":
            return self.generator(*parts)
        if tag == "named class":
            return self.kin.named(*parts[0])
        if tag == "member":
            return self.namespace[parts[0]][parts[1]]
        if tag == "name":
            return self.namespace[parts[0]]
        if tag == "record":
            return self.kin.alike(*parts)
        value = importlib.import_module(parts[0])
        for name in filter(None, parts[1].split(".")):
            value = getattr(value, name)
        return value

    def generator(self, number, standing):
        """A random generator of the examiner's, which goes on here by itself until it is told anew where it stands."""
        found = self.iterators.get(number)
        if found is None:
            found = self.iterators[number] = chance.fresh(standing)
        elif standing:
            chance.restore(found, standing)
        return found

    def arrived(self, filled):
        """A message was read."""

    def released(self):
        """The examiner's callbacks live as long as its cell."""
        return []

    def release(self, numbers):
        """The examiner holds these objects no more."""
        for number in numbers or ():
            value = self.handles.pop(number, None)
            self.numbers.pop(id(value), None)
