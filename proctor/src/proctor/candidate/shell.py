"""Owns running one cell as a notebook's kernel does, its outputs collected; used on both sides."""

import asyncio
import builtins
import getpass
import subprocess
import sys

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.jsonutil import encode_images, json_clean
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from traitlets.config import Config

from proctor.candidate.outputs import Descriptors, Recorder, Stream

MESSAGE = 100_000  # characters of an exception's message
HIDDEN = "ERROR: An error occurred while showtraceback was disabled"  # nbgrader's words for an error that was not shown


class Publisher(ZMQDisplayPublisher):
    """Collects what `display` shows."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs):
        self._validate_data(data, metadata)
        sys.stdout.flush()
        data, metadata = json_clean(encode_images(data)), json_clean(metadata or {})
        display_id = (transient or {}).get("display_id")
        if update:
            self.shell.recorder.update(display_id, data, metadata)
        else:
            self.shell.collect(
                {"output_type": "display_data", "data": data, "metadata": metadata}, display_id
            )

    def clear_output(self, wait=False):
        self.shell.recorder.clear(wait)


class Hook(ZMQShellDisplayHook):
    """Collects the value a cell ends with."""

    def start_displayhook(self):
        self._is_active = True

    def write_output_prompt(self):
        """No prompt is written in a notebook."""

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.collect(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": json_clean(encode_images(format_dict)),
                "metadata": json_clean(md_dict or {}),
            }
        )

    def finish_displayhook(self):
        self._is_active = False


class Shell(ZMQInteractiveShell):
    """A kernel's shell without a kernel: `cell` runs a cell and returns its outputs."""

    display_pub_class, displayhook_class = Publisher, Hook

    def __init__(self, user_ns=None, limit=None, **kwargs):
        self.recorder = Recorder(limit) if limit else Recorder()
        self.descriptors = None
        config = Config(
            {
                "HistoryManager": {"enabled": False, "hist_file": ":memory:"},
                "IPKernelApp": {"no_stdout": False},
            }
        )
        super().__init__(user_ns=user_ns, config=config, compiler_class=XCachingCompiler, **kwargs)
        self.loop = None

    @property
    def user_global_ns(self):
        """The notebook's names: the very dictionary, so that one with rules of its own keeps them in functions too."""
        return self.user_ns

    def enable_gui(self, gui=None):
        """No event loop of a window system runs beside a notebook that is graded."""
        self.active_eventloop = gui

    def _showtraceback(self, etype, evalue, stb):
        self._last_traceback = stb
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

    def system_piped(self, cmd):
        """Run a `!command`, what it writes being the cell's output: by a pipe, for a candidate has no terminal to give it."""
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
            for part in iter(lambda: process.stdout.read1(1 << 16), b""):
                sys.stdout.write(part.decode(errors="replace"))
        self.user_ns["_exit_code"] = process.returncode

    system = system_piped

    def collect(self, output, display_id=None):
        """Add an output after what was written so far."""
        if self.descriptors:
            self.descriptors.drain()
        self.recorder.add(output, display_id)

    def take_streams(self, files=()):
        """From now on what is written goes into outputs, with two `bounded` files from descriptors 1 and 2 too; nothing can be asked."""
        self.descriptors = Descriptors(self.recorder, files) if files else None
        sys.stdout = Stream(self.recorder, "stdout", self.descriptors)
        sys.stderr = Stream(self.recorder, "stderr", self.descriptors)
        builtins.input = getpass.getpass = refuse_input

    def cell(self, text, count=None, silent=False):
        """Run a cell; return its outputs and whether it ended without an error."""
        self.recorder.start()
        if count is not None:
            self.execution_count = count
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        try:
            error = self.loop.run_until_complete(self._cell(text, silent))
        except (
            BaseException
        ) as raised:  # by an object that was asked for its text while an error was shown
            error = raised
        if self.descriptors:
            self.descriptors.drain()
        outputs = self.recorder.finished()
        self.recorder.start()
        if error is not None and not any(
            output.get("ename") == type(error).__name__ for output in outputs
        ):
            outputs.append(
                {
                    "output_type": "error",
                    "ename": type(error).__name__,
                    "evalue": text_of(error),
                    "traceback": [HIDDEN],
                }
            )
        return outputs, error is None and not self._last_traceback_during_displayhook

    def before_fork(self):
        """Let go of what two processes cannot share."""
        if self.loop is not None:
            self.loop.close()
            self.loop = None
            asyncio.set_event_loop(None)

    async def _cell(self, text, silent):
        """Run a cell inside the loop, as in a kernel, and return the exception it ended with."""
        self._last_traceback, self._last_traceback_during_displayhook = None, False
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


def refuse_input(prompt="", stream=None):
    """Nobody is there to answer: the error that nbgrader's kernel gives."""
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def text_of(error):
    """An exception's message, even if it cannot be made."""
    try:
        return str(error)[:MESSAGE]
    except Exception:
        return ""


Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"
Shell.__module__ = ZMQInteractiveShell.__module__
refuse_input.__name__ = refuse_input.__qualname__ = "raw_input"
