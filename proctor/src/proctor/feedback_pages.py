"""Feedback pages as nbgrader makes them; what is alike in many pages is made once.

Most cells of a class's pages are the same. One exporter, with its compiled templates, writes all
pages. It keeps what a text of code or Markdown became, and what a cell became, by the whole of it:
no page can get another's text.
"""

from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import chdir

from proctor.tidying import KeptTexts, Tidying, tidied

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


class PageExporter(HTMLExporter, Rendering):
    """nbconvert's exporter of HTML, made for many pages of which much is alike."""

    def __init__(self, **options: Any) -> None:
        self.kept = KeptTexts()
        self.tidying = Tidying()
        super().__init__(**options)
        self.apart = self.tidied_by_nbconvert(SAMPLE) == tidied(SAMPLE)

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
        page, resources = super().from_notebook_node(nb, resources, **kw)
        return self.tidying.page(self.rendered) if self.apart else page, resources


class FeedbackConverter(GenerateFeedback):
    """nbgrader's converter; one exporter writes the pages of all students."""

    exporter_class: type

    def __init__(self, coursedir: CourseDirectory, **options: Any) -> None:
        super().__init__(coursedir=coursedir, **options)
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
