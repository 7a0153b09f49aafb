"""Where the templates of pages lie, proctor's and nbgrader's, and whose a course's pages are made by."""

from __future__ import annotations

import copy
from pathlib import Path

import nbgrader
from traitlets.config import Config

TEMPLATES = Path(__file__).parents[1] / "templates"
NBGRADERS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
FEEDBACK = "proctor_feedback"  # the name of the template of feedback pages
# The formgrader looks here for its own template, which the one of proctor's extends.
FORMGRADER = {
    "extra_template_basedirs": [str(TEMPLATES), str(NBGRADERS)],
    "extra_template_paths": [str(NBGRADERS)],
}
SETTINGS = ("template_name", "template_file", *FORMGRADER)
EXPORTER = "proctor.feedback.exporter.PageExporter"  # of feedback pages, where nbgrader writes them


def has_templates(c: Config) -> bool:
    """Whether a course has settings of templates, besides those made here and the formgrader's own."""
    ours = {**FORMGRADER, "template_name": "formgrade"}
    return any(
        name in c.get(section, {}) and c[section][name] != ours.get(name)
        for section in ("HTMLExporter", "TemplateExporter")
        for name in SETTINGS
    )


def has_own_feedback(c: Config) -> bool:
    """Whether a course has feedback pages made by a template or an exporter that it names."""
    exporter = c.get("GenerateFeedback", {}).get("exporter_class", EXPORTER)
    return exporter != EXPORTER or has_templates(c)


def extend_nbgrader(c: Config) -> None:
    """Have nbgrader's commands write proctor's feedback pages, and the formgrader's page of a
    submission made by proctor's template, which extends nbgrader's, unless the course has its own."""
    if "exporter_class" not in c.GenerateFeedback:
        c.GenerateFeedback.exporter_class = EXPORTER
    if not has_templates(c):
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
