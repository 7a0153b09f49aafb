"""Refuse to autograde while an nbgrader_config.py of the course cannot be read.

nbgrader itself logs the error and goes on with its defaults, which run students' code unconfined.
The package installs etc/jupyter/jupyter_config.json beside Jupyter's own configuration; it makes
CheckedExporter the exporter of Autograde. Every nbgrader_config.py takes precedence over that file,
so that the check stands wherever no settings were read that choose another exporter.
"""

import copy
import json
import os
import re
import textwrap
import traceback
from pathlib import Path
from typing import Any, NoReturn

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_config_path
from nbconvert.exporters import Exporter, NotebookExporter
from nbgrader.converters import Autograde, NbGraderException
from traitlets.config import Config
from traitlets.config.loader import (
    ConfigFileNotFound,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

CONFIG_NAME = "nbgrader_config"
LOADERS = {".py": PyFileConfigLoader, ".json": JSONFileConfigLoader}
CONFINING_EXPORTER = "proctor.nbgrader_plugin.ConfiningExporter"
DIALOG = 72  # characters that a line of the formgrader's dialog shows, beside the level
COMMAND = re.compile(r"`[^`]*`")
GLUE = "\0"  # for a blank at which no line is broken


class UnreadableConfig(Exception):
    """A file of settings that nbgrader would go on without; the message says which and why."""


class CheckedExporter(Exporter):
    """Stands for the exporter that nbgrader would use without proctor.

    Making one reads the course's settings again; raises NbGraderException, with its message in
    nbgrader's log, if that cannot be done, or if they ask for proctor and were not in force.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """An exporter of the class that is configured beside this one."""
        converter = kwargs.get("parent")
        if not isinstance(converter, Autograde):
            return NotebookExporter(*args, **kwargs)
        try:
            if check(converter).get("Autograde", {}).get("exporter_class") == CONFINING_EXPORTER:
                refuse(
                    converter,
                    "Nothing was graded, because the course's nbgrader_config.py has changed since "
                    "this program read it: start the program anew (the Jupyter server, for "
                    "formgrader).",
                )
        except NbGraderException as error:
            raise error.with_traceback(None) from None
        others = copy.deepcopy(converter.config)
        others.get("Autograde", {}).pop("exporter_class", None)
        kind = Autograde(coursedir=converter.coursedir, config=others).exporter_class
        return kind(*args, **kwargs)


def check(converter: Autograde) -> Config:
    """The settings in all nbgrader_config files; `refuse` if one of them cannot be read."""
    try:
        return read_config(config_folders(converter.coursedir.root, converter.parent))
    except UnreadableConfig as error:
        refuse(
            converter,
            f"Nothing was graded, because nbgrader would go on without its settings: {error}. "
            "Correct that file, then autograde again.",
        )


def refuse(converter: Autograde, sentence: str) -> NoReturn:
    """End a run of Autograde with a sentence in nbgrader's log; raises NbGraderException."""
    columns = columns_of_log(converter)
    converter.log.error("%s", wrapped(sentence, columns))
    # The formgrader shows the exception below the log, by its full name.
    name = f"{NbGraderException.__module__}.{NbGraderException.__name__}: "
    raise NbGraderException(wrapped(name + sentence, columns).removeprefix(name)) from None


def columns_of_log(converter: Autograde) -> int:
    """How many characters of a line in the log are seen: 0 if all are.

    The formgrader's dialog neither wraps lines nor is as wide as a sentence; a terminal wraps them.
    """
    return 0 if isinstance(converter.parent, JupyterApp) else DIALOG


def wrapped(line: str, columns: int) -> str:
    """A line broken into several where it is longer, commands left whole; 0 columns break nothing."""
    if not columns or len(line) <= columns:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    whole = COMMAND.sub(lambda command: command[0].replace(" ", GLUE), line)
    broken = textwrap.fill(
        whole, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return broken.replace(GLUE, " ")


def config_folders(root: str | os.PathLike[str], app: Any = None) -> list[Path]:
    """Where nbgrader looks for nbgrader_config files, the one that takes precedence last.

    `root` is the course directory, `app` the program or a part of it.
    """
    while app is not None and not isinstance(app, JupyterApp):
        app = app.parent
    folders = list(reversed(app.config_file_paths if app else jupyter_config_path()))
    if getattr(app, "load_cwd_config", True):
        folders.append(os.getcwd())
    folders.append(os.fspath(root))
    return list(dict.fromkeys(Path(folder).resolve() for folder in folders))


def read_config(folders: list[Path]) -> Config:
    """The merged settings of the nbgrader_config files in these folders.

    Raises UnreadableConfig for a file that is there and cannot be read.
    """
    merged = Config()
    for folder in folders:
        for suffix, loader in LOADERS.items():
            path = folder / f"{CONFIG_NAME}{suffix}"
            if os.path.lexists(path):
                try:
                    merged.merge(loader(path.name, path=str(folder)).load_config())
                except (Exception, SystemExit) as error:
                    raise UnreadableConfig(f"{path}, {_reason(error, path)}") from error
    return merged


def _reason(error: BaseException, path: Path) -> str:
    """Where in a file of settings an error is, and which."""
    if isinstance(error, ConfigFileNotFound):
        return "which is no file"
    name = type(error).__name__
    if isinstance(error, (SyntaxError, json.JSONDecodeError)):
        return f"line {error.lineno}: {name}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f"line {lines[-1]}: {name}: {error}" if lines else f"{name}: {error}"
