"""What stands on a feedback page above the notebook: points, answers, findings, comments.

All of it is computed from the graded notebook, in which nbgrader's GetGrades has put scores and
comments, and from the gradebook. Texts are as they came, hostile until the template escapes them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nbformat import NotebookNode, from_dict
from nbgrader import utils

from proctor.feedback.hidden_tests import COLOURS, LEFT_OUT
from proctor.findings import Finding, found
from proctor.gradebook.scores import NO_RESPONSE, is_unchanged
from proctor.sanitize import clean_markdown
from proctor.sanitize.findings import KIND, clean_findings
from proctor.sanitize.text import printable, shortened, terminal_text, without_active_tex

MOST_OF_A_NAME = 200  # characters
MOST_OF_AN_ERROR = 400
NOTHING = "nothing was written"
MOST_OF_AN_OUTPUT = 10_000  # of text, in the folded notebook: the rest is in the graded notebook
ARROW = re.compile(r"-+> *\d+ ?(.*)")  # in a traceback, before the line that raised the error

Result = Literal["right", "partly", "wrong", "waiting"]


@dataclass(frozen=True)
class Student:
    """Whose page it is: the id, and the name as the gradebook has it."""

    id: str
    name: str = ""

    @property
    def shown(self) -> str:
        """The name, or the id of a student without one."""
        return one_line(self.name or self.id, MOST_OF_A_NAME)

    @property
    def shown_id(self) -> str:
        """The id as it can be shown."""
        return one_line(self.id, MOST_OF_A_NAME)


@dataclass(frozen=True)
class TestLine:
    """What became of one graded cell.

    `findings` are numbers of findings on the page, from 1; `error` is the last line of the test's
    error, of a test without findings, and `like` the name of a test above with the same line.
    `waiting`: a human has still to give the points.
    """

    name: str
    score: float
    points: float
    findings: tuple[int, ...] = ()
    error: str = ""
    like: str = ""
    waiting: bool = False

    @property
    def result(self) -> Result:
        """The result in a word."""
        if self.waiting:
            return "waiting"
        if self.score >= self.points and (self.points or not self.error):
            return "right"
        return "partly" if self.score > 0 else "wrong"


@dataclass(frozen=True)
class Answer:
    """A cell in which the student was to answer, with its points if it has some itself."""

    cell: NotebookNode
    name: str
    empty: bool
    line: TestLine | None = None


@dataclass
class ShownFinding:
    """A finding, once for all tests that have it: `tests` are their names."""

    number: int
    finding: Finding
    tests: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return self.finding.name

    @property
    def text(self) -> str:
        """What was found in this answer; empty if the picture says it."""
        text = self.finding.text
        return "" if self.picture and flat(text) in flat(self.picture_text) else text

    @property
    def means(self) -> str:
        """What the name means of any answer, empty if that is not said."""
        return self.finding.means

    @property
    def picture(self) -> dict[str, Any]:
        """The forms of its picture by MIME type, as text."""
        data = self.finding.picture.data if self.finding.picture else {}
        return {kind: "".join(content) for kind, content in data.items() if "json" not in kind}

    @property
    def picture_text(self) -> str:
        """What the picture says to who does not see it."""
        return self.picture.get("text/plain", "")


@dataclass(frozen=True)
class Comment:
    """What a human, or else the grading, says of a cell; `text` is Markdown, harmless."""

    name: str
    text: str


@dataclass
class FeedbackContent:
    """What a student's page of one notebook says before it shows the notebook.

    `score` is what counts, with `penalty` taken off.
    """

    student: Student
    assignment: str
    notebook: str
    score: float
    points: float
    penalty: float
    tests: list[TestLine] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    findings: list[ShownFinding] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many of the tests wait for a human."""
        return sum(line.waiting for line in self.tests)


def content_of(
    notebook: NotebookNode, about: dict[str, Any], student: Student, waiting: Iterable[str] = ()
) -> FeedbackContent:
    """The content of a page; `about` is what nbgrader says of it, `waiting` are the grade_ids of
    cells without points as yet."""
    content = FeedbackContent(
        student=student,
        assignment=one_line(about["assignment"], MOST_OF_A_NAME),
        notebook=one_line(about["notebook"], MOST_OF_A_NAME),
        score=about["score"],
        points=about["max_score"],
        penalty=about["late_penalty"],
    )
    wait, names = set(waiting), grade_ids(notebook)
    for cell in notebook.cells:
        line = None
        if utils.is_grade(cell) or utils.is_task(cell):
            line = line_of_test(cell, content, name_of(cell) in wait)
            content.tests.append(line)
        if utils.is_solution(cell) or utils.is_task(cell):
            content.answers.append(answer_in(cell, line))
        comment = cell.metadata.get("nbgrader", {}).get("comment")
        said = content.answers and content.answers[-1].cell is cell and content.answers[-1].empty
        if comment and not (said and comment == NO_RESPONSE):
            text = clean_markdown(str(comment), names=names)
            cell.metadata.nbgrader.comment = text
            content.comments.append(Comment(name_of(cell), text))
    return content


def grade_ids(notebook: NotebookNode) -> list[str]:
    """The names of the cells that nbgrader knows."""
    return [name for cell in notebook.cells if (name := name_of(cell))]


def name_of(cell: NotebookNode) -> str:
    """A cell's grade_id; empty if nbgrader does not know the cell."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or "")


def line_of_test(cell: NotebookNode, content: FeedbackContent, waiting: bool) -> TestLine:
    """What became of a graded cell; its findings are entered into the content."""
    name, settings = name_of(cell), cell.metadata.nbgrader
    numbers = []
    for finding in found(cell):
        known = next((one for one in content.findings if one.name == finding.name), None)
        if known is None:
            if any(one.finding.picture is finding.picture for one in content.findings):
                finding = replace(finding, picture=None)
            known = ShownFinding(len(content.findings) + 1, finding)
            content.findings.append(known)
        if name not in known.tests:
            known.tests.append(name)
            numbers.append(known.number)
    error = "" if numbers or utils.is_solution(cell) else last_line_of_error(cell)
    if utils.is_solution(cell) and is_empty(cell):
        error = NOTHING
    like = [one.name for one in content.tests if error and error == one.error != NOTHING]
    return TestLine(
        name=name,
        score=float(settings.get("score") or 0.0),
        points=float(settings.get("points") or 0.0),
        findings=tuple(numbers),
        error=error,
        like=like[0] if like else "",
        waiting=waiting,
    )


def last_line_of_error(cell: NotebookNode) -> str:
    """The line in which Python says what the error in a cell's outputs was; empty without one.

    An error without a message of its own is told by the line of code that raised it, or by its being a
    hidden one.
    """
    for output in cell.get("outputs", []):
        if output.output_type != "error":
            continue
        kind, message = str(output.get("ename", "")), str(output.get("evalue", ""))
        lines = [line for line in terminal_text(message).splitlines() if line.strip()]
        if lines:
            kind += f": {lines[0]}"
        elif line := raising_line(cell, output):
            kind += f" at {line}"
        elif LEFT_OUT in output.get("traceback", []):
            kind += " in a hidden test"
        return one_line(kind, MOST_OF_AN_ERROR)
    return ""


def raising_line(cell: NotebookNode, output: NotebookNode) -> str:
    """The cell's line of code that the traceback points at, empty if it points at none that is shown."""
    source = {line.strip() for line in cell.source.splitlines()} - {""}
    for line in "\n".join(map(str, output.get("traceback", []))).splitlines():
        pointed = ARROW.match(COLOURS.sub("", line))
        if pointed and pointed[1].strip() in source:
            return pointed[1].strip()
    return ""


def answer_in(cell: NotebookNode, line: TestLine | None) -> Answer:
    """A student's answer."""
    return Answer(cell, name_of(cell), is_empty(cell), line)


def is_empty(cell: NotebookNode) -> bool:
    """Whether an answer is blank, or what students were given; of a task nobody can tell."""
    return not cell.source.strip() or (is_unchanged(cell) and not utils.is_task(cell))


def fold(notebook: NotebookNode, content: FeedbackContent) -> None:
    """Make the notebook ready to stand below its content: what stands there is a link here, and long
    texts are shortened."""
    numbers = {one.name: one.number for one in content.findings}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            known = {one.name for one in found(cell)}
            cell.outputs = [
                linked(output, numbers) if known and KIND in output.get("data", {}) else output
                for output in cell.outputs
            ]
            for output in cell.outputs:
                shorten(output)


def linked(output: NotebookNode, numbers: dict[str, int]) -> NotebookNode:
    """In the place of an output with findings, links to them."""
    links = ", ".join(
        f'<a href="#proctor-finding-{numbers[name]}">{html.escape(name)}</a>'
        for one in clean_findings(output.data[KIND])
        if (name := one["name"]) in numbers
    )
    data = {"text/html": f'<p class="proctor-found">Found: {links}</p>'}
    return from_dict({"output_type": "display_data", "data": data, "metadata": {}})


def shorten(output: NotebookNode) -> None:
    """Shorten an output's plain texts to what a page can hold."""
    if output.output_type == "stream":
        output.text = shortened(output.text, MOST_OF_AN_OUTPUT)
    elif output.output_type == "error":
        output.traceback = [shortened(entry, MOST_OF_AN_OUTPUT) for entry in output.traceback]
    elif "text/plain" in output.get("data", {}):
        output.data["text/plain"] = shortened(output.data["text/plain"], MOST_OF_AN_OUTPUT)


def one_line(text: str, most: int) -> str:
    """A text as one line of at most so many characters, without what a terminal or a formula obeys."""
    line = without_active_tex(printable(" ".join(COLOURS.sub("", text).split())))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def flat(text: str) -> str:
    """A text whose words are parted by single spaces."""
    return " ".join(text.split())
