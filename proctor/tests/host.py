"""Owns a process that starts candidates as a zygote does, for tests: a program of its own, because it may enter namespaces for good."""

import ast
import errno
import json
import os
import selectors
import socket
import subprocess
import sys
from dataclasses import dataclass
from importlib import util
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])
PROGRAM = "import sys; sys.path += sys.argv[1].split(':'); from host import serve; serve()"
PATIENCE = 20  # seconds; none of it is waited for unless something is broken


@dataclass
class Result:
    """What a candidate said last, how it ended, and why if a limit was the reason."""

    said: object
    code: int
    reason: str


class Host:
    """The process, seen from the tests. A candidate is a text whose last expression is what it says; `say` and `hear` talk meanwhile."""

    def __init__(self, python=sys.executable, uid=None, environment=(), umask=-1):
        packages = [
            str(Path(util.find_spec(name).origin).parents[up])
            for name, up in (("pyseccomp", 0), ("psutil", 1))
        ]
        paths = ":".join([ROOT, str(Path(__file__).parent), *packages])
        who = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
        variables = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
        } | dict(environment)
        self.process = subprocess.Popen(
            [python, "-c", PROGRAM, paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=variables,
            umask=umask,
            **who,
        )

    def ask(self, what, *arguments, **more):
        self.process.stdin.write(json.dumps([what, arguments, more]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the host has ended"}')
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["is"]

    def start(self, text, **more):
        return Candidate(self, self.ask("start", text, **more))

    def run(self, text, **more):
        """Start a candidate and wait until it has ended."""
        candidate = self.start(text, **more)
        code, reason = candidate.wait(PATIENCE)
        return Result(candidate.hear(), code, reason)

    def said(self, text, **more):
        return self.run(text, **more).said

    def do(self, text):
        """Run a text in the host itself; what its last expression comes to."""
        return self.ask("do", text)

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Refused(Exception):
    """What the host raised, in words."""


class Candidate:
    """A candidate of the host, by its number."""

    def __init__(self, host, number):
        self.host, self.number = host, number

    def hear(self):
        """The next thing it says; None at its end."""
        return self.host.ask("hear", self.number)

    def rest(self):
        """All that is still to be read from its line, until everything that holds it has ended."""
        return self.host.ask("rest", self.number)

    def say(self, what):
        self.host.ask("say", self.number, what)

    def wait(self, timeout=None):
        return self.host.ask("wait", self.number, timeout)

    def kill(self):
        self.host.ask("kill", self.number)

    def interrupt(self):
        self.host.ask("interrupt", self.number)

    def ended(self):
        """Whether its descriptor says that it has ended."""
        return self.host.ask("ended", self.number)


class Started:
    """The host's side of a candidate."""

    def __init__(self, text, folder, readable=(), **limits):
        from proctor.sandbox import Limits, fork_confined

        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        self.line, self.file = ours, ours.makefile("r")

        def main():
            say = lambda what: theirs.sendall(json.dumps(what).encode() + b"\n")
            hear = lambda: json.loads(theirs.makefile("r", buffering=1).readline())
            say(valued(text, {"say": say, "hear": hear, "line": theirs.fileno()}))

        with theirs:
            self.confined = fork_confined(
                main,
                Path(folder),
                [Path(path) for path in readable],
                Limits(**limits),
                {theirs.fileno()},
            )


def valued(text, names):
    """Run a text; the value of its last expression, or the name of the error that ended it."""
    tree = ast.parse(text)
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "<candidate>", "exec"), names)
        return eval(compile(last, "<candidate>", "eval"), names) if last else None
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except Exception as error:
        return type(error).__name__


class Serving:
    """What a host can be asked."""

    def __init__(self):
        self.all, self.names = [], {}

    def start(self, *arguments, **more):
        self.all.append(Started(*arguments, **more))
        return len(self.all) - 1

    def do(self, text):
        return valued(text, self.names | {"candidates": self.all})

    def hear(self, number):
        line = self.all[number].file.readline()
        return json.loads(line) if line else None

    def rest(self, number):
        return self.all[number].file.read()

    def say(self, number, what):
        self.all[number].line.sendall(json.dumps(what).encode() + b"\n")

    def wait(self, number, timeout):
        ended = self.all[number].confined.wait(timeout)
        return ended and [ended.code, ended.reason]

    def kill(self, number):
        self.all[number].confined.kill()

    def interrupt(self, number):
        self.all[number].confined.interrupt()

    def ended(self, number):
        with selectors.DefaultSelector() as selector:
            selector.register(self.all[number].confined, selectors.EVENT_READ)
            return bool(selector.select(0))


def serve():
    """Answer until nobody asks any more."""
    serving = Serving()
    for line in sys.stdin:
        what, arguments, more = json.loads(line)
        try:
            answer = {"is": getattr(serving, what)(*arguments, **more)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
