"""Owns reading the messages: every sentence a learner gets stands in the .toml files of this folder, to be read together."""

import functools
import tomllib
from pathlib import Path


@functools.cache
def table(file):
    """One file of messages as a dictionary: "mistakes", "rungs" or "diagnoses"."""
    return tomllib.loads((Path(__file__).parent / f"{file}.toml").read_text("utf-8"))


def say(file, name, /, **facts):
    """The sentence `name` of `file` with its {placeholders} filled in; KeyError if there is none of that name."""
    entry = table(file)[name]
    text = entry if isinstance(entry, str) else entry["say"]
    return text.format(**facts).strip()
