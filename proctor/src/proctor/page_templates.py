"""Where the templates of pages lie, proctor's and nbgrader's, and whose a course's pages are made by."""

from __future__ import annotations

import copy
from pathlib import Path

import nbgrader
from traitlets.config import Config

TEMPLATES = Path(__file__).parent / "templates"
NBGRADERS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
FEEDBACK = "proctor_feedback"  # the name of the template of feedback pages
# The formgrader looks here for its own template, which the one of proctor's extends.
FORMGRADER = {
    "extra_template_basedirs": [str(TEMPLATES), str(NBGRADERS)],
    "extra_template_paths": [str(NBGRADERS)],
}
SETTINGS = ("template_name", "template_file", *FORMGRADER)


def has_own(c: Config) -> bool:
    """Whether a course has settings of templates, besides those made here."""
    return any(
        name in c.get(section, {}) and c[section][name] != FORMGRADER.get(name)
        for section in ("HTMLExporter", "TemplateExporter")
        for name in SETTINGS
    )


def extend_formgrader(c: Config) -> None:
    """Have the formgrader's page of a submission made by proctor's template, which extends nbgrader's,
    unless the course has settings of templates."""
    if not has_own(c):
        for name, value in FORMGRADER.items():
            c.HTMLExporter[name] = list(value)


def with_own(c: Config) -> Config:
    """nbgrader's settings of feedback pages, with proctor's template."""
    made = copy.deepcopy(c)
    found = made.HTMLExporter.get("extra_template_paths", [])
    made.HTMLExporter.template_name = FEEDBACK
    for name, value in FORMGRADER.items():
        made.HTMLExporter[name] = list(value)
    made.HTMLExporter.extra_template_paths += found
    return made
