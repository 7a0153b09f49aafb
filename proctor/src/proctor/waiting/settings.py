"""Settings of nbgrader as data that can be sent: those that were read from files, and those of a command line."""

from __future__ import annotations

from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, LoggingConfigurable
from traitlets.config.loader import DeferredConfigList, DeferredConfigString

PLAIN = (str, int, float, bool, type(None))
# Of Jupyter's server, in which the formgrader runs: no grading reads them, and they hold its token.
SERVERS = ("ServerApp", "LabApp", "NotebookApp", "ExtensionApp", "IdentityProvider")


class Unsendable(Exception):
    """A setting that is no data, such as a function or a class."""


def encoded(value: Any) -> Any:
    """A setting's value as data for JSON; Unsendable."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is DeferredConfigString:
        return {"said": str(value)}
    if kind is DeferredConfigList:
        return {"said": [str(one) for one in value]}
    if kind is list or kind is tuple:
        return {kind.__name__: [encoded(one) for one in value]}
    if kind is dict and all(type(name) is str for name in value):
        return {"dict": {name: encoded(one) for name, one in value.items()}}
    raise Unsendable(f"{kind.__name__} cannot be sent")


def decoded(data: Any) -> Any:
    """The value that `encoded` made data of."""
    if not isinstance(data, dict):
        return data
    ((kind, content),) = data.items()
    if kind == "said":
        said = isinstance(content, str)
        return DeferredConfigString(content) if said else DeferredConfigList(content)
    if kind == "dict":
        return {name: decoded(one) for name, one in content.items()}
    values = [decoded(one) for one in content]
    return tuple(values) if kind == "tuple" else values


def encoded_config(config: Config) -> dict[str, dict[str, Any]]:
    """All settings by class and name, but those of Jupyter's server; Unsendable."""
    found = {}
    for section, settings in config.items():
        if section in SERVERS:
            continue
        if not isinstance(settings, Config):
            raise Unsendable(f"{section} is no class with settings")
        found[section] = {name: encoded(value) for name, value in settings.items()}
    return found


def decoded_config(data: dict[str, dict[str, Any]]) -> Config:
    """The settings that `encoded_config` made data of."""
    config = Config()
    for section, settings in data.items():
        for name, value in settings.items():
            config[section][name] = decoded(value)
    return config


def encoded_course(coursedir: CourseDirectory) -> dict[str, Any]:
    """What a course directory was told, by its configured settings and since; Unsendable."""
    return {name: encoded(getattr(coursedir, name)) for name in coursedir.trait_names(config=True)}


def decoded_course(data: dict[str, Any], parent: LoggingConfigurable) -> CourseDirectory:
    """A course directory that was told the same."""
    coursedir = CourseDirectory(parent=parent)
    for name, value in data.items():
        setattr(coursedir, name, decoded(value))
    return coursedir
