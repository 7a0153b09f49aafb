"""Owns the student's side of the wire: names, calls and operations on a namespace, answered one at a time."""

import builtins
import contextlib
import importlib
import io

from proctor.wire import handles, memory, plain, raising, unpack
from proctor.wire.crossing import Crossing
from proctor.wire.frames import LIMIT, WireError
from proctor.wire.pack import CannotCross

OPERATIONS = handles.operations()
OURS = {module.__file__ for module in (handles, memory, plain, raising, unpack)} | {__file__, contextlib.__file__}
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


class Callback:
    """A function of the examiner's: calling it asks there."""

    def __init__(self, objects, number):
        self._ask, self._number = objects.ask, number

    def __call__(self, *args, **kwargs):
        return self._ask(self._number, args, kwargs)


class Objects:
    """Serves requests on `namespace`; `modules` are the support files' modules whose functions `near` may run."""

    def __init__(self, namespace, channel, modules=()):
        self.namespace, self.channel, self.modules = namespace, channel, frozenset(modules)
        self.crossing = Crossing(self, weak=False)
        self.handles, self.numbers, self.next = {}, {}, 1
        self.callbacks, self.records, self.streams = {}, {}, None

    def serve(self, kind, body):
        """Do what a request asks and reply; False if the kind is not one of ours."""
        work = getattr(self, "do_" + kind, None)
        if work is None:
            return False
        fields = self.crossing.unpack(body)
        error, value = None, None
        before = self.streams
        self.streams = Printed(), Printed()
        with contextlib.redirect_stdout(self.streams[0]), contextlib.redirect_stderr(self.streams[1]):
            try:
                value = work(**fields)
            except Missing:
                kind = "missing"
            except BaseException as raised:  # SystemExit and the like too: they end the call, not the candidate
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
            body = self.crossing.pack(**fields)
        except Exception as error:  # what a student's own methods raise, too
            if kind == "raised":
                raise
            return self.reply_raised(error, {"stdout": fields["stdout"], "stderr": fields["stderr"]})
        try:
            self.channel.send(kind, body)
        except WireError as error:
            self.crossing.unsent()
            if kind != "value":
                raise
            self.reply_raised(CannotCross(f"the result cannot be handed over: {error}"), {"stdout": "", "stderr": ""})

    def reply_raised(self, error, printed):
        """Send what is told of an exception."""
        origin = getattr(error, "_proctor_origin", None)
        self.reply("raised", {"error": raising.described(error, OURS), "origin": origin if type(origin) is int else None, **printed})

    def ask(self, number, args, kwargs):
        """Call a function of the examiner's; serve what it asks meanwhile."""
        if self.streams is None:
            raise RuntimeError("this function can only be called while the test waits for an answer")
        self.channel.send("callback", self.crossing.pack(number=number, args=tuple(args), kwargs=tuple(kwargs.items())))
        while True:
            kind, body = self.channel.receive()
            if self.serve(kind, body):
                continue
            fields = self.crossing.unpack(body)
            if kind == "value":
                return fields["value"]
            raise self.error(fields)

    def error(self, fields):
        """The exception that a function of the examiner's raised, as near as it can be told here."""
        name, text, origin = fields["name"], fields["text"], fields["origin"]
        kind = getattr(builtins, name, None)
        known = isinstance(kind, type) and issubclass(kind, Exception)
        error = kind.__new__(kind, text) if known else Exception(f"{name}: {text}")
        error._proctor_origin = origin
        return error

    def began(self, body):
        """Before a cell is run: take in what the examiner changed."""
        self.streams = self.streams or (None, None)
        return self.crossing.unpack(body) if "nodes" in body else {}

    def ended(self):
        """After a cell was run: what it changed, to be sent with the answer."""
        self.streams = None
        try:
            body = self.crossing.pack()
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

    def do_drop(self):
        """Nothing but what every request tells."""

    def do_near(self, target, module, name, args):
        """Run a support module's function on an object, next to it."""
        if module.split(".")[0] not in self.modules:
            raise ImportError(f"{module} is none of the course's own modules")
        return getattr(importlib.import_module(module), name)(target, *args)

    def outgoing(self, value, packer):
        """The node of an object that stays here."""
        if type(value) is Callback:
            return ["callback", value._number]
        if self.records.get(id(getattr(value, "__dict__", None))) is value:
            return ["record", "", packer.slot(value.__dict__)]
        number = self.numbers.get(id(value))
        if number is None:
            number, self.next = self.next, self.next + 1
            self.handles[number], self.numbers[id(value)] = value, number
        if isinstance(value, type) and issubclass(value, BaseException):
            return ["error class", number, packer.slot(raising.family(value))]
        return ["handle", number, *handles.described(value)]

    def incoming(self, tag, parts, unpacker):
        """What a node of the examiner's stands for."""
        if tag == "yours":
            return self.handles[parts[0]]
        if tag == "callback":
            return self.callbacks.setdefault(parts[0], Callback(self, parts[0]))
        if tag == "name":
            return self.namespace[parts[0]]
        if tag == "record":
            return self.record(*parts)
        value = importlib.import_module(parts[0])
        for name in filter(None, parts[1].split(".")):
            value = getattr(value, name)
        return value

    def record(self, name, attributes):
        """An instance of a class of the instructor's that both sides have: its attributes are those that crossed, in place."""
        found = self.records.get(id(attributes))
        if found is None:
            kind = self.namespace[name]
            found = self.records[id(attributes)] = kind.__new__(kind)
            found.__dict__ = attributes
        return found

    def released(self):
        """The examiner's callbacks live as long as its cell."""
        return []

    def release(self, numbers):
        """The examiner holds these objects no more."""
        for number in numbers or ():
            value = self.handles.pop(number, None)
            self.numbers.pop(id(value), None)

