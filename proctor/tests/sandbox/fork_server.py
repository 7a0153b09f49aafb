"""A fork server that starts candidates for tests.

It is a program of its own, because it may enter namespaces for good.
"""

import ast
import errno
import json
import os
import selectors
import socket
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

SOURCE = str(Path(__file__).resolve().parents[2] / "src")
SECONDS = 20  # none of them is waited for unless something is broken
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); sys.path += sys.argv[2:]; "
    "from fork_server import serve; serve()"
)


@dataclass
class Result:
    """What a candidate sent last, its exit code, and the reason if a limit ended it."""

    value: Any
    code: int
    reason: str


class ServerError(Exception):
    """What the fork server raised, in words."""


class ForkServer:
    """The fork server, seen from a test.

    A candidate is the text of a program. It sends the value of its last expression, or the name of
    the error that ended it (of an OSError, the name of its number). Meanwhile it can call `send`
    and `receive`; `line` is the descriptor of the socket they use.
    """

    def __init__(
        self,
        python: str = sys.executable,
        uid: int | None = None,
        environment: Mapping[str, str] | None = None,
        umask: int = -1,
    ) -> None:
        paths = [str(Path(__file__).parent)]
        for name, up in (("pyseccomp", 0), ("psutil", 1)):
            spec = util.find_spec(name)
            assert spec and spec.origin
            paths.append(str(Path(spec.origin).parents[up]))
        clean = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
        self.process = subprocess.Popen(
            [python, "-c", _PROGRAM, SOURCE, *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=clean | dict(environment or {}),
            umask=umask,
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )

    def ask(self, what: str, *arguments: object, **more: object) -> Any:
        """Call a method of `_Serving`. Raises a ServerError."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([what, arguments, more]) + "\n")
        self.process.stdin.flush()
        ended = '{"error": "the fork server has ended"}'
        answer = json.loads(self.process.stdout.readline() or ended)
        if "error" in answer:
            raise ServerError(answer["error"])
        return answer["value"]

    def start(
        self, text: str, folder: Path | str, readable: list[str] | None = None, **limits: int
    ) -> "Candidate":
        """Start a candidate in `folder`; `limits` are fields of proctor.sandbox.Limits."""
        number = self.ask("start", textwrap.dedent(text), str(folder), readable or [], **limits)
        return Candidate(self, number)

    def run(
        self, text: str, folder: Path | str, readable: list[str] | None = None, **limits: int
    ) -> Result:
        """Start a candidate and wait until it has ended."""
        candidate = self.start(text, folder, readable, **limits)
        code, reason = candidate.wait(SECONDS)
        return Result(candidate.receive(), code, reason)

    def value(
        self, text: str, folder: Path | str, readable: list[str] | None = None, **limits: int
    ) -> Any:
        """What a candidate sends last."""
        return self.run(text, folder, readable, **limits).value

    def evaluate(self, text: str) -> Any:
        """Run a text in the fork server itself; the value of its last expression."""
        return self.ask("evaluate", textwrap.dedent(text))

    def close(self) -> None:
        """End the program."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self.process.stdout.close()


class Candidate:
    """A candidate of the fork server, by its number."""

    def __init__(self, server: ForkServer, number: int) -> None:
        self._server, self._number = server, number

    def receive(self) -> Any:
        """The next thing it sends; None at its end."""
        return self._server.ask("receive", self._number)

    def receive_rest(self) -> str:
        """All that still comes, until everything that holds its socket has ended."""
        return self._server.ask("receive_rest", self._number)

    def send(self, what: object) -> None:
        """Let it receive something."""
        self._server.ask("send", self._number, what)

    def wait(self, timeout: float | None = None) -> Any:
        """Its exit code and the reason, or None after `timeout` seconds."""
        return self._server.ask("wait", self._number, timeout)

    def kill(self) -> None:
        """Kill it."""
        self._server.ask("kill", self._number)

    def interrupt(self) -> None:
        """Interrupt it."""
        self._server.ask("interrupt", self._number)

    def has_ended(self) -> bool:
        """Whether its descriptor says that it has ended."""
        return self._server.ask("has_ended", self._number)


class _Started:
    """The program's side of a candidate."""

    def __init__(self, text: str, folder: str, readable: list[str], **limits: int) -> None:
        from proctor.sandbox import Limits, fork_confined

        self.line, other_end = socket.socketpair()
        self.line.settimeout(SECONDS)
        self.file = self.line.makefile("r")

        def send(what: object) -> None:
            other_end.sendall(json.dumps(what).encode() + b"\n")

        def receive() -> Any:
            return json.loads(other_end.makefile("r", buffering=1).readline())

        def main() -> None:
            names = {"send": send, "receive": receive, "line": other_end.fileno()}
            send(_value_of(text, names))

        with other_end:
            self.confined = fork_confined(
                main, folder, readable, Limits(**limits), {other_end.fileno()}
            )


def _value_of(text: str, names: dict[str, Any]) -> Any:
    """Run a text; the value of its last expression, or the name of the error that ended it."""
    tree = ast.parse(text)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "<candidate>", "exec"), names)
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), "<candidate>", "eval"), names)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except Exception as error:
        return type(error).__name__


class _Serving:
    """What the program can be asked."""

    def __init__(self) -> None:
        self._candidates: list[_Started] = []

    def start(self, text: str, folder: str, readable: list[str], **limits: int) -> int:
        self._candidates.append(_Started(text, folder, readable, **limits))
        return len(self._candidates) - 1

    def evaluate(self, text: str) -> Any:
        return _value_of(text, {"candidates": self._candidates})

    def receive(self, number: int) -> Any:
        line = self._candidates[number].file.readline()
        return json.loads(line) if line else None

    def receive_rest(self, number: int) -> str:
        return self._candidates[number].file.read()

    def send(self, number: int, what: object) -> None:
        self._candidates[number].line.sendall(json.dumps(what).encode() + b"\n")

    def wait(self, number: int, timeout: float | None) -> Any:
        ended = self._candidates[number].confined.wait(timeout)
        return ended and [ended.code, ended.reason]

    def kill(self, number: int) -> None:
        self._candidates[number].confined.kill()

    def interrupt(self, number: int) -> None:
        self._candidates[number].confined.interrupt()

    def has_ended(self, number: int) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._candidates[number].confined, selectors.EVENT_READ)
            return bool(selector.select(0))


def serve() -> None:
    """Answer until nobody asks any more."""
    serving = _Serving()
    for line in sys.stdin:
        what, arguments, more = json.loads(line)
        try:
            answer = {"value": getattr(serving, what)(*arguments, **more)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
