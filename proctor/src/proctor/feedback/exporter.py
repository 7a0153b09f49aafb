"""Writes feedback pages by nbgrader's own converter; what is alike in many pages is made once.

A page says first what was found (`content`), by a template of proctor's, which has cells drawn by
nbgrader's. A course with a template or an exporter of its own has pages made by that.

Most cells of a class's pages are the same. One exporter, with its compiled templates, writes all
pages. It keeps what a text of code or Markdown became, and what a cell became, by the whole of it:
no page can get another's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import chdir
from traitlets.config import Config

from proctor.feedback import hidden_tests, templates
from proctor.feedback.content import Student, content_of, fold
from proctor.feedback.hidden_tests import Delimiters, leave_out
from proctor.feedback.tidying import KeptTexts, Tidying, balanced, tidied
from proctor.feedback.weight import lesson_pictures, lightened, said_once

HEADING_ID = re.compile(r"(<h[1-6]) id=\"[^\"<>]*\"")
Exported = tuple[str, dict[str, Any]]

SAMPLE = """<html><body><p>a &amp; b<img src="x"><img src="y" alt="z"></p><main class="jp-Notebook">
<div class="jp-Cell"><div class="jp-Cell-inputWrapper">1</div>
<div class="jp-OutputArea-output jp-x"><pre> 2 </pre></div></div></main>
<div class="jp-OutputArea-output">3</div></body></html>"""


class Highlighting:
    """nbconvert's filter for code; each text is coloured once."""

    def __init__(self, highlight: Highlight2HTML, kept: KeptTexts) -> None:
        self.highlight = highlight
        self.kept = kept

    def __call__(
        self, source: str, language: str | None = None, metadata: NotebookNode | None = None
    ) -> str:
        """The HTML of a text of code."""
        magics = metadata.get("magics_language") if metadata else None
        key = ("code", self.highlight.pygments_lexer, source, language, magics)
        return self.kept.made(key, lambda: self.highlight(source, language, metadata))


def without_ids(text: str) -> str:
    """Rendered Markdown whose headings have no ids: the same text stands in the notebook, too."""
    return HEADING_ID.sub(r"\1", text)


class Rendering(TemplateExporter):
    """Between nbconvert's exporters of HTML and of templates: the one that writes a page's text.

    With `apart`, the page stays here, as `rendered`, and the exporter of HTML has nothing to tidy.
    With a `sample` this is what it gets.
    """

    apart = False
    sample = ""
    rendered = ""

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> Exported:
        """Render a notebook by the templates."""
        if self.sample:
            return self.sample, resources or {}
        self.rendered, resources = super().from_notebook_node(nb, resources, **kw)
        return "" if self.apart else self.rendered, resources


@dataclass(frozen=True)
class RecordedFacts:
    """What pages show of the gradebook besides scores and comments: `names` of students by id, and by
    student the cells whose points a human has still to give, (notebook, grade_id)."""

    names: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, set[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> RecordedFacts:
        """Those of one submission, read from the gradebook; `about` is what nbgrader says of it."""
        student = about["student"]
        with Gradebook(about["db_url"]) as gradebook:
            known = gradebook.find_student(student)
            notebooks = gradebook.find_submission(about["assignment"], student).notebooks
            waiting = {
                (notebook.name, grade.name)
                for notebook in notebooks
                for grade in notebook.grades
                if grade.needs_manual_grade and grade.auto_score is grade.manual_score is None
            }
            name = " ".join(filter(None, (known.first_name, known.last_name)))
        return cls({student: name}, {student: waiting})


class PageExporter(HTMLExporter, Rendering):
    """nbconvert's exporter of HTML, made for many pages of which much is alike.

    As the exporter of nbgrader's GenerateFeedback it makes feedback pages by proctor's template, and
    without hidden tests, as far as the course's settings are not otherwise.
    """

    def __init__(self, **options: Any) -> None:
        self.kept = KeptTexts()
        self.tidying = Tidying()
        self.arranging = False
        self.own = False
        self.delimiters: Delimiters | None = None
        self.recorded: RecordedFacts | None = None
        converter = options.get("parent")
        if isinstance(converter, GenerateFeedback):
            course = converter.parent.config if converter.parent else Config()
            self.own = not templates.has_own_feedback(course)
            self.delimiters = hidden_tests.delimiters(course)
            self.recorded = getattr(converter, "recorded", None)
        if self.own:
            options["config"] = templates.with_own(options.get("config") or Config())
        super().__init__(**options)
        self.apart = self.tidied_by_nbconvert(SAMPLE) == tidied(SAMPLE)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's filters, and those of proctor's template."""
        yield from super().default_filters()
        yield "without_ids", without_ids
        yield "balanced", self.balanced

    def balanced(self, part: str) -> str:
        """A filter: the part of a page that a cell is, from which no end tag leads out."""
        return self.kept.made(("part", part), lambda: balanced(part))

    def tidied_by_nbconvert(self, page: str) -> str:
        """What this machine's nbconvert makes of a rendered page."""
        self.sample = page
        try:
            return super().from_notebook_node(new_notebook())[0]
        finally:
            self.sample = ""

    def register_filter(self, name: str, jinja_filter: Any) -> Any:
        """Register a filter; code is coloured once."""
        if type(jinja_filter) is Highlight2HTML:
            jinja_filter = Highlighting(jinja_filter, self.kept)
        return super().register_filter(name, jinja_filter)

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """nbconvert's filter for Markdown; a text without pictures of its own is drawn once."""
        draw = super().markdown2html
        if self.embed_images or context.get("cell", {}).get("attachments"):
            return draw(context, source)
        return self.kept.made(("Markdown", source), lambda: draw(context, source))

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> Exported:
        """A notebook's page."""
        if not self.arranging:  # after the steps that the converter registers
            self.register_preprocessor(self.arrange)
            self.arranging = True
        page, resources = super().from_notebook_node(nb, resources, **kw)
        if self.apart:  # in proctor's template, cells are tidied one by one
            page = self.rendered if self.own else self.tidying.page(self.rendered)
        return lightened(page, resources.get("proctor_pictures", [])), resources

    def arrange(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Make a notebook with its scores what the page shows, and its content the template's."""
        if self.delimiters:
            leave_out(notebook.cells, self.delimiters)
        if self.own:
            about = resources["nbgrader"]
            recorded = self.recorded or RecordedFacts.of(about)
            student = Student(about["student"], recorded.names.get(about["student"], ""))
            waiting = recorded.waiting.get(student.id, set())
            cells = {cell for name, cell in waiting if name == about["notebook"]}
            content = content_of(notebook, about, student, cells)
            fold(notebook, content)
            resources["proctor"] = content
            resources["proctor_scripts"] = said_once(notebook.cells)
            resources["proctor_pictures"] = lesson_pictures(notebook.cells)
        return notebook, resources


class FeedbackConverter(GenerateFeedback):
    """nbgrader's converter; one exporter writes the pages of all students."""

    exporter_class: type

    def __init__(
        self, coursedir: CourseDirectory, recorded: RecordedFacts | None = None, **options: Any
    ) -> None:
        super().__init__(coursedir=coursedir, **options)
        self.recorded = recorded
        if self.exporter_class is HTMLExporter:
            self.exporter_class = PageExporter

    def start(self) -> None:
        """Write the pages of the students that are asked for."""
        if not self.trait_has_value("exporter"):
            super().start()
            return
        self.init_notebooks()
        with chdir(self.coursedir.root):
            self.convert_notebooks()
