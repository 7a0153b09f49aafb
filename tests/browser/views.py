"""The pages in which an instructor sees a notebook: nbgrader's, formgrader's, JupyterLab's."""

import os
import re
from pathlib import Path

import nbformat
import nbgrader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.coursedir import CourseDirectory
from proctor.feedback import templates
from proctor.feedback.exporter import FeedbackConverter, PageExporter, RecordedFacts
from traitlets.config import Config

FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
HOME = "http://course.test/formgrader"
TYPESETTING = """window.MathJax = {
    Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest(told) { told("End") }}}},
}"""
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
GRADE = {
    "grade": True,
    "grade_id": "conv2d",
    "locked": False,
    "points": 3,
    "max_score": 3,
    "score": 2,
    "schema_version": 3,
    "solution": True,
    "task": False,
    "cell_type": "code",
    "comment": None,
}
GRADER = {
    "assignment_id": "ps",
    "notebook_id": "nb",
    "submission_id": "1",
    "index": 0,
    "total": 3,
    "base_url": "http://course.test",
    "student": "ada",
    "last_name": "Lovelace",
    "first_name": "Ada",
    "notebook_path": "/notebooks/nb.ipynb",
}
FEEDBACK = {
    "nbgrader": {
        "student": "ada",
        "assignment": "ps",
        "notebook": "nb",
        "score": 2.0,
        "max_score": 3.0,
        "late_penalty": 0,
    }
}


def notebook(outputs, texts):
    """A notebook with a graded cell between cells that have these outputs, {name: outputs}, and
    these markdown texts.
    """
    code, words = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    before = [words(text, id=f"text-{n}") for n, text in enumerate(texts)]
    graded = code("def conv2d(image, kernel): ...", id="graded", metadata={"nbgrader": GRADE})
    after = [
        code(f"# {name}", id=f"code-{n}", outputs=list(parts))
        for n, (name, parts) in enumerate(outputs.items())
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(
        cells=[*before, graded, *after], metadata={"kernelspec": kernel}
    )


def rendered(shown, template):
    """A notebook as HTML by one of the templates of nbgrader's pages: "feedback" is nbgrader's own,
    "proctor_feedback" and "formgrade" are proctor's, which extend it; or by JupyterLab's, "lab".
    """
    if template == templates.FEEDBACK:
        converter = FeedbackConverter(CourseDirectory(), RecordedFacts(names={"ada": "Ada"}))
        exporter = PageExporter(parent=converter, config=converter.config)
    else:
        config = Config()
        if template == "feedback":
            config.HTMLExporter.extra_template_basedirs = [os.fspath(FORMGRADER / "templates")]
            config.HTMLExporter.extra_template_paths = [
                os.fspath(FORMGRADER / "static/node_modules/bootstrap/dist/css")
            ]
        elif template == "formgrade":
            templates.extend_nbgrader(config)
        config.HTMLExporter.template_name = template
        exporter = HTMLExporter(config=config)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    resources = {"formgrade": GRADER, "lab": {}}.get(template, FEEDBACK)
    return exporter.from_notebook_node(shown, resources=dict(resources))[0]


class View:
    """A page opened as on formgrader's server: `said` lists dialogs and scripts that ran,
    `asked` what was asked of elsewhere.
    """

    def __init__(self, browser, html, **options):
        self.said, self.asked = [], []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.context.route("**/*", lambda route: self.answer(route, html))
        self.page = self.context.new_page()
        self.page.on("dialog", self.dismiss)
        self.page.goto(f"{HOME}/submissions/1/")

    def dismiss(self, dialog):
        """Note a dialog."""
        self.said.append(dialog.message)
        dialog.dismiss()

    def answer(self, route, html):
        """What the server, or the one that typesets, answers; anything else is noted."""
        url = route.request.url
        path = url.removeprefix(HOME)
        if path == "/submissions/1/" and not self.asked:
            return route.fulfill(body=html, content_type="text/html; charset=utf-8")
        if re.search(r"/(?:mathjax|require\.js|jquery|mermaid[\w-]*)/", url) and "cdnjs" in url:
            return route.fulfill(
                body=TYPESETTING if "mathjax" in url else "", content_type="text/javascript"
            )
        if path.startswith("/static/") and ".." not in path:
            file = FORMGRADER / path[1:].partition("?")[0]
            return (
                route.fulfill(
                    body=file.read_bytes(), content_type=KINDS.get(file.suffix, "font/woff2")
                )
                if file.is_file()
                else route.abort()
            )
        if "/formgrader/api/" in url or path.startswith("/fonts/"):
            name = "grades" if "/grades" in url else "comments"
            return route.fulfill(
                json=[
                    {
                        "id": "1",
                        "name": "conv2d",
                        "notebook": "nb",
                        "assignment": "ps",
                        "max_score": 3,
                        "auto_score": 2,
                        "manual_score": None,
                        "comment": None,
                        "needs_manual_grade": False,
                    }
                ]
                if name in url
                else []
            )
        self.asked.append(url)
        return route.abort()

    def close(self):
        """Close the window."""
        self.context.close()
