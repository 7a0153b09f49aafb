"""A notebook's shell without a kernel around it: runs a cell and collects its outputs."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import getpass
import json
import linecache
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from jupyter_client.jsonutil import json_default
from traitlets.config import Config

from proctor.kernel.outputs import Descriptors, Recorder, Stream
from proctor.kernel.tracebacks import leave_out, quick_tracebacks

MESSAGE = 100_000  # characters of an exception's message
# nbgrader's words for an error that was not shown
WARM = "<warm>"  # the file of the code that is run for the sake of the next
HIDDEN = "ERROR: An error occurred while showtraceback was disabled"


class Publisher(ZMQDisplayPublisher):
    """Collects what `display` shows."""

    def publish(  # type: ignore[override]
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **more: Any,
    ) -> None:
        self._validate_data(data, metadata)
        sys.stdout.flush()
        shown, about = for_json(data), for_json(metadata or {})
        display_id = (transient or {}).get("display_id")
        if update:
            self.shell.recorder.update(display_id, shown, about)
        else:
            output = {"output_type": "display_data", "data": shown, "metadata": about}
            self.shell.collect(output, display_id)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.recorder.clear(wait)


class Hook(ZMQShellDisplayHook):
    """Collects the value a cell ends with."""

    def start_displayhook(self) -> None:
        self._is_active = True

    def write_output_prompt(self) -> None:
        """No prompt is written in a notebook."""

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        shell: Any = self.shell
        shell.collect(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": for_json(format_dict),
                "metadata": for_json(md_dict or {}),
            }
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(ZMQInteractiveShell):
    """A kernel's shell without a kernel: `cell` runs a cell and returns its outputs."""

    display_pub_class, displayhook_class = Publisher, Hook
    unshown_folder: str | None = None  # of files whose frames no traceback shows

    def __init__(
        self, user_ns: dict[str, Any] | None = None, limit: int | None = None, **more: Any
    ) -> None:
        self.recorder = Recorder(limit) if limit else Recorder()
        self.descriptors: Descriptors | None = None
        history = {"enabled": False, "hist_file": ":memory:"}
        config = Config({"HistoryManager": history, "IPKernelApp": {"no_stdout": False}})
        super().__init__(user_ns=user_ns, config=config, compiler_class=XCachingCompiler, **more)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.shown: tuple[BaseException, list[str]] | None = None

    @property
    def user_global_ns(self) -> dict[str, Any]:
        """The notebook's names: the very dictionary, so that one with rules of its own keeps them in
        functions too."""
        return self.user_ns

    def enable_gui(self, gui: str | None = None) -> None:
        """No event loop of a window system runs beside a notebook that is graded."""
        self.active_eventloop = gui

    def showtraceback(self, *arguments: Any, **named: Any) -> None:
        with quick_tracebacks(self.is_cell):
            super().showtraceback(*arguments, **named)

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        kind, error, trace = super()._get_exc_info(exc_tuple)
        if self.unshown_folder and isinstance(error, BaseException):
            leave_out(error, self.unshown_folder)
        return kind, error, trace

    def is_cell(self, name: str) -> bool:
        """Whether a file's name is that of a cell."""
        compiler: Any = self.compile
        return compiler.format_code_name(name) is not None

    def _format_exception_for_storage(
        self, exception: BaseException, *arguments: Any, **named: Any
    ) -> dict[str, Any]:
        """An error for IPython's history: as it was shown, which takes long to make again."""
        if self.shown is None or self.shown[0] is not exception:
            return super()._format_exception_for_storage(exception, *arguments, **named)
        told = {"ename": type(exception).__name__, "evalue": str(exception)}
        return told | {"traceback": self.shown[1]}

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self._last_traceback, self.shown = stb, (evalue, list(stb))
        if self.displayhook.is_active:
            self._last_traceback_during_displayhook = True
        self.collect(
            {
                "output_type": "error",
                "ename": str(etype.__name__),
                "evalue": text_of(evalue),
                "traceback": list(stb),
            }
        )

    def system_piped(self, cmd: str) -> None:
        """Run a `!command`, what it writes being the cell's output: by a pipe, for a candidate has no
        terminal to give it."""
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")  # the kernel's words
        self.user_ns["_exit_code"] = -1
        with subprocess.Popen(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            descriptor = process.stdout.fileno()
            for part in iter(lambda: os.read(descriptor, 1 << 16), b""):
                sys.stdout.write(part.decode(errors="replace"))
        self.user_ns["_exit_code"] = process.returncode

    system = system_piped

    def collect(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Add an output after what was written so far."""
        if self.descriptors:
            self.descriptors.drain()
        self.recorder.add(output, display_id)

    def take_streams(self, files: tuple[int, ...] = ()) -> None:
        """From now on what is written goes into outputs, with two `bounded` files from descriptors 1
        and 2 too; nothing can be asked."""
        self.descriptors = Descriptors(self.recorder, files) if files else None
        sys.stdout = Stream(self.recorder, "stdout", self.descriptors)
        sys.stderr = Stream(self.recorder, "stderr", self.descriptors)
        builtins.input = getpass.getpass = refuse_input  # type: ignore[assignment]

    def cell(
        self, text: str, count: int | None = None, silent: bool = False
    ) -> tuple[list[dict[str, Any]], bool]:
        """Run a cell; its outputs, and whether it ended without an error."""
        self.recorder.start()
        if count is not None:
            self.execution_count = count
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        error: BaseException | None
        try:
            error = self.loop.run_until_complete(self._cell(text, silent))
        except BaseException as raised:  # by an object asked for its text while an error was shown
            error = raised
        if self.descriptors:
            self.descriptors.drain()
        outputs = self.recorder.finished()
        self.recorder.start()
        if error is not None:
            name = type(error).__name__
            if not any(output.get("ename") == name for output in outputs):
                told = {"ename": name, "evalue": text_of(error), "traceback": [HIDDEN]}
                outputs.append({"output_type": "error", **told})
        return outputs, error is None and not self._last_traceback_during_displayhook

    def begin_here(self) -> None:
        """Take the present folder for that of the notebook."""
        history: Any = self.history_manager
        history.dir_hist[:] = [Path.cwd()]  # `_dh`

    def before_fork(self) -> None:
        """Let go of what two processes cannot share."""
        if self.loop is not None:
            self.loop.close()
            self.loop = None
            asyncio.set_event_loop(None)

    async def _cell(self, text: str, silent: bool) -> BaseException | None:
        """Run a cell inside the loop, as in a kernel; the exception it ended with."""
        self._last_traceback, self._last_traceback_during_displayhook = None, False
        self.shown = None
        result = problem = None
        try:
            transformed = self.transform_cell(text)
        except Exception:
            transformed, problem = text, sys.exc_info()
        try:
            result = await self.run_cell_async(
                text,
                store_history=not silent,
                silent=silent,
                transformed_cell=transformed,
                preprocessing_exc_tuple=problem,
            )
        except BaseException as error:
            self.showtraceback(running_compiled_code=True)
            return error
        finally:
            self.events.trigger("post_execute")
            if not silent:
                self.events.trigger("post_run_cell", result)
        return result.error_before_exec or result.error_in_exec


def for_json(data: dict[str, Any]) -> dict[str, Any]:
    """Data to be shown, as a kernel's message would bring it: bytes of a picture as base64 text."""
    try:
        return json.loads(json.dumps(data, default=json_default))
    except (TypeError, ValueError):  # no message could bring it
        return {key: value for key, value in data.items() if isinstance(value, str)}


def refuse_input(prompt: str = "", stream: Any = None) -> str:
    """Nobody is there to answer: the error that nbgrader's kernel gives."""
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def text_of(error: BaseException) -> str:
    """An exception's message, even if it cannot be made."""
    try:
        return str(error)[:MESSAGE]
    except Exception:
        return ""


def undrawn(obj: Any, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
    """No format at all, for cells that are run for their names only."""
    return {}, {}


def prepare_libraries() -> None:
    """Let loaded libraries start no threads, know how a notebook draws, and have loaded what they
    would load in each process that is forked."""
    if "numpy" in sys.modules:
        with contextlib.suppress(Exception):
            import numpy.linalg
            import numpy.random  # noqa: F401
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if "matplotlib.pyplot" in sys.modules:
        with contextlib.suppress(Exception):
            import matplotlib_inline.backend_inline  # noqa: F401


def warm(shell: Shell) -> None:
    """Do once, without a trace in the notebook's names, what the first cell would otherwise pay for."""
    try:
        shell.transform_cell("!x\n%y\nz?")
        formatter: Any = shell.display_formatter
        formatter.format({"a": [1, "b"]})
        text = "def f(x):\n    return 1 / x\nf(0)\n"
        linecache.cache[WARM] = (len(text), None, text.splitlines(True), WARM)
        exec(compile(text, WARM, "exec"), {})
    except ZeroDivisionError as error:
        trace = error.__traceback__
        assert trace is not None
        with quick_tracebacks(shell.is_cell):
            shell.InteractiveTB.structured_traceback(type(error), error, trace.tb_next)
    finally:
        linecache.cache.pop(WARM, None)


Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"
Shell.__module__ = ZMQInteractiveShell.__module__
refuse_input.__name__ = refuse_input.__qualname__ = "raw_input"
