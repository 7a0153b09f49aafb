"""The report as one HTML page: nothing in it runs, and it needs nothing but itself.

Each text is escaped by the template's own rule, and none can hold a character that cannot be seen.
The only HTML that is taken as it is are plots, made here, and pictures of answers, cleaned by
proctor.sanitize. The page's Content-Security-Policy allows no script at all.
"""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from proctor.class_report import plots
from proctor.class_report.known import ClassReport, Reason, Student, Test, number, percent

HERE = Path(__file__).parent
OPEN_EXAMPLES = 6  # of the most frequent findings; the others are unfolded
MOST_COLUMNS = 12  # tests in the table of students
MOST_SENTENCES = 8  # of one student
MOST = 60  # of what the page lists: findings, errors, groups of answers


def page(report: ClassReport) -> str:
    """The page's text."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
    )
    environment.filters.update(
        moment=_moment,
        number=number,
        percent=percent,
        hours=_hours,
        score_of=_score_of,
        sanitized=Markup,
    )
    changes = report.changes
    for_a_human = [one for one in report.students if one.reasons]
    return environment.get_template("page.html").render(
        report=report,
        style=Markup((HERE / "page.css").read_text("utf-8")),
        summary=report.summary,
        parts=_parts(report),
        advice=report.advice,
        shared=[one for one in report.misunderstood if len(one.students) > 1],
        single=[one for one in report.misunderstood if len(one.students) == 1],
        plots={
            "findings": plots.finding_plot(report),
            "scores": plots.score_plot(report),
            "tests": plots.plot_of_tests(report),
        },
        reasons=report.by_reason,
        for_a_human=[one for one in for_a_human if one.reasons != [Reason.NOT_HANDED_IN]],
        told=[one for one in for_a_human if one.tampering or one.sentences],
        waiting=sum(Reason.MANUAL in one.reasons for one in report.graded),
        several=len({test.notebook for test in report.tests}) > 1,
        changes=changes,
        changed=[one for one in changes if one.cells],
        higher=sum(one.after > one.before for one in changes),
        lower=sum(one.after < one.before for one in changes),
        columns=len(report.tests) <= MOST_COLUMNS,
        open_examples=OPEN_EXAMPLES,
        most_sentences=MOST_SENTENCES,
        most=MOST,
    )


def _parts(report: ClassReport) -> list[tuple[str, str]]:
    """The parts of the page that there are, [(id, title)]."""
    parts = [
        ("misunderstood", "What was misunderstood", report.misunderstood),
        ("human", "Who needs a human", True),
        ("scores", "Scores", True),
        ("tests", "Tests", report.graded),
        ("late", "Late", report.late),
        ("again", "Graded again", report.changes),
        ("alike", "Answers that are alike", report.alike or report.short_alike),
        ("students", "Every student", True),
    ]
    return [(id, title) for id, title, there in parts if there]


def _visible(value: object) -> object:
    """A text whose characters can all be seen; what is no plain text is left as it is.

    Among others, characters that turn the direction of what follows are written as Python does.
    """
    if type(value) is not str:
        return value
    return "".join(one if one.isprintable() or one in "\n\t" else ascii(one)[1:-1] for one in value)


def _moment(moment: datetime) -> str:
    """A moment in UTC for a person."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _hours(hours: float) -> str:
    """How late something came, for a person."""
    if hours <= 0:
        return "in time"
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"


def _score_of(student: Student, test: Test) -> str:
    """A student's points for a test; a question mark while it waits, nothing without a grading."""
    if not student.counts:
        return ""
    points = student.points.get((test.notebook, test.name))
    return "?" if points is None else number(points)
