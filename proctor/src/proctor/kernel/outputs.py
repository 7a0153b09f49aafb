"""What a cell prints and shows, as nbformat outputs, cut while it is produced."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import tempfile
from collections.abc import Iterable
from typing import Any

LIMIT = 8 << 20  # bytes a cell may print and show
SUBPROCESS = 1 << 20  # bytes that processes a cell starts may print between two looks at them
OVERHEAD = 200  # bytes an output takes beside its text
CUT = "\n[The output of this cell was cut here: it was longer than {} bytes.]\n"


class Recorder:
    """The outputs of the cell that is running, at most `limit` bytes of them."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.start()

    def start(self) -> None:
        """Forget everything: a new cell begins."""
        self.outputs: list[dict[str, Any]] = []
        self.left, self.clearing, self.cut = self.limit, False, False

    def stream(self, name: str, text: str) -> None:
        """Add printed text to the stream it continues."""
        self._clear_if_due()
        text = self._cut(text)
        last: dict[str, Any] = self.outputs[-1] if self.outputs else {}
        if text and (last.get("output_type") != "stream" or last["name"] != name):
            last = {"output_type": "stream", "name": name, "text": io.StringIO(newline="")}
            self.outputs.append(last)
            self.left -= OVERHEAD
        if text:
            last["text"].write(text)

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Add an output of another kind, whole or not at all."""
        self._clear_if_due()
        if self._room(size_of(output) + OVERHEAD):
            self.outputs.append(output | {"display_id": display_id} if display_id else output)

    def update(
        self, display_id: str | None, data: dict[str, Any], metadata: dict[str, Any]
    ) -> None:
        """Replace what was displayed in this cell under `display_id`."""
        if self._room(size_of(data)):
            for output in self.outputs:
                if output.get("display_id") == display_id:
                    output.update(data=data, metadata=metadata)

    def clear(self, wait: bool = False) -> None:
        """Drop what was shown so far, with `wait` only when something new comes."""
        self.clearing = True
        if not wait:
            self._clear_if_due()

    def finished(self) -> list[dict[str, Any]]:
        """The outputs as nbformat wants them."""
        return [nbformat_of(output) for output in self.outputs]

    def _clear_if_due(self) -> None:
        if self.clearing:
            self.outputs, self.clearing = [], False

    def _cut(self, text: str) -> str:
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size <= self.left:
            self.left -= size
            return text
        kept = text.encode("utf-8", "surrogatepass")[: max(self.left, 0)].decode("utf-8", "ignore")
        return kept + self._say_cut()

    def _room(self, size: int) -> bool:
        if size <= self.left:
            self.left -= size
            return True
        note = self._say_cut()
        if note:
            self.outputs.append(
                {"output_type": "stream", "name": "stderr", "text": io.StringIO(note)}
            )
        return False

    def _say_cut(self) -> str:
        said, self.cut, self.left = self.cut, True, -1
        return "" if said else CUT.format(self.limit)


def size_of(value: Any) -> int:
    """About how many bytes a value of JSON takes."""
    if isinstance(value, str):
        return len(value) * (1 if value.isascii() else 4)
    if isinstance(value, dict):
        return sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return sum(map(size_of, value))
    return 8


def nbformat_of(output: dict[str, Any]) -> dict[str, Any]:
    """An output without what is only for the time it is collected."""
    output = {key: value for key, value in output.items() if key != "display_id"}
    if output["output_type"] == "stream":
        output["text"] = carriage_returned(output["text"].getvalue())
    return output


def carriage_returned(text: str) -> str:
    """Text as it looks after its carriage returns, so that a progress bar leaves its last state only."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)


class Stream(io.TextIOBase):
    """What stands for sys.stdout or sys.stderr while a cell runs."""

    encoding, errors, newlines = "UTF-8", None, None

    def __init__(self, recorder: Recorder, name: str, beside: Descriptors | None = None) -> None:
        super().__init__()
        self.recorder, self.stream_name, self.beside = recorder, name, beside

    @property
    def name(self) -> str:
        return f"<{self.stream_name}>"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if self.beside:
            self.beside.drain()
        self.recorder.stream(self.stream_name, str(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override]
        for line in lines:
            self.write(line)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def flush(self) -> None:
        """Nothing waits."""

    def fileno(self) -> int:
        if self.beside is None:
            raise io.UnsupportedOperation("fileno")
        return 1 if self.stream_name == "stdout" else 2


class Descriptors:
    """What processes and C code write to file descriptors 1 and 2: two files of `bounded`, which then stand there."""

    def __init__(self, recorder: Recorder, files: tuple[int, ...]) -> None:
        self.recorder, self.files = recorder, dict(zip(("stdout", "stderr"), files, strict=True))
        for descriptor, file in zip((1, 2), files, strict=True):
            os.dup2(file, descriptor)

    def drain(self) -> None:
        """Move what was written since the last look into the recorder."""
        for name, file in self.files.items():
            with contextlib.suppress(OSError):  # whoever closed it has no more to say
                written = os.lseek(file, 0, os.SEEK_CUR)
                if written > 0:
                    text = os.pread(file, min(written, SUBPROCESS), 0).decode("utf-8", "replace")
                    os.lseek(file, 0, os.SEEK_SET)
                    self.recorder.stream(name, text)


def bounded(limit: int = SUBPROCESS) -> int:
    """A file in memory to write at most `limit` bytes to; its writers share its position."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            return os.dup(file.fileno())
    made = os.memfd_create("output", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(made, limit)
    fcntl.fcntl(
        made, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    )
    return made
