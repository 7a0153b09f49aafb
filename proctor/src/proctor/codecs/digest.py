"""A short text that two processes can compare instead of data, whatever their hash seeds are."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

DEEP = 60
MOST_BYTES = 4 << 20  # of all that is looked at: a name is looked at after each cell
SIMPLE = (type(None), bool, int, float, complex, str, bytes, bytearray, range)


class TooMuch(Exception):
    """No data, or more of it than is looked at."""


def digest(value: Any) -> str | None:
    """A digest of plain data; None for what is no data, or too large to be looked at."""
    hasher = hashlib.blake2b(digest_size=16)
    try:
        Reader(hasher).read(value, 0)
    except (TooMuch, RecursionError):
        return None
    except Exception:  # data of a library that cannot be read as bytes
        return None
    return hasher.hexdigest()


class Reader:
    """Feeds a value to a hash."""

    def __init__(self, hasher: Any) -> None:
        self.hasher, self.left = hasher, MOST_BYTES

    def feed(self, data: bytes) -> None:
        """Feed some bytes, with their length, so that no two values feed the same."""
        self.left -= len(data) + 16
        if self.left < 0:
            raise TooMuch
        self.hasher.update(len(data).to_bytes(8, "little"))
        self.hasher.update(data)

    def read(self, value: Any, depth: int) -> None:
        """Feed a value; TooMuch if it is no data."""
        kind = type(value)
        if depth > DEEP:
            raise TooMuch
        self.feed(f"{kind.__module__}.{kind.__qualname__}".encode())
        if kind in SIMPLE:
            self.feed(repr(value).encode("utf-8", "surrogatepass"))
        elif kind in (list, tuple) or kind.__module__ == "collections" and kind.__name__ == "deque":
            self.feed(str(len(value)).encode())
            for one in value:
                self.read(one, depth + 1)
        elif kind in (set, frozenset):
            parts = [digest(part) for part in value]
            if None in parts:
                raise TooMuch
            self.feed("".join(sorted(map(str, parts))).encode())
        elif issubclass(kind, dict) and kind.__module__ in ("builtins", "collections"):
            self.feed(str(len(value)).encode())
            for pair in value.items():
                for one in pair:
                    self.read(one, depth + 1)
        else:
            self.library(value, kind)

    def library(self, value: Any, kind: type) -> None:
        """Feed an array, a tensor, a table or another value of a library's."""
        numpy, torch, pandas = (sys.modules.get(name) for name in ("numpy", "torch", "pandas"))
        if numpy and kind is numpy.ndarray and value.dtype != object:
            if value.nbytes > self.left:
                raise TooMuch
            self.feed(f"{value.dtype.str}{value.shape}".encode())
            self.feed(numpy.ascontiguousarray(value).tobytes())
        elif numpy and issubclass(kind, numpy.generic):
            self.feed(value.dtype.str.encode() + value.tobytes())
        elif torch and kind in (torch.Tensor, torch.nn.Parameter):
            if value.nbytes > self.left:
                raise TooMuch
            self.feed(f"{value.dtype}{tuple(value.shape)}{value.requires_grad}".encode())
            self.feed(bytes(value.detach().contiguous().flatten().view(torch.uint8).numpy()))
        elif pandas and kind in (pandas.DataFrame, pandas.Series):
            self.feed(repr([value.shape, getattr(value, "dtypes", None)]).encode())
            hashed = pandas.util.hash_pandas_object(value, index=True)
            self.feed(hashed.to_numpy().tobytes())
            if kind is pandas.DataFrame:
                self.read(list(value.columns), DEEP - 1)
        elif kind.__module__ in ("datetime", "decimal", "fractions", "pathlib", "uuid"):
            self.feed(repr(value).encode())
        else:
            raise TooMuch
