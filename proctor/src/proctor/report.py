"""Owns what is told at the end of a round: a table of the class, and below it what needs a human."""

from dataclasses import asdict, dataclass, field

from proctor.submission.files import shown

GRADED, FAILED = "graded", "failed"
WIDTH = 100
PER_STUDENT = 6  # sentences in the table's notes; --json has all


@dataclass
class Row:
    """What became of one student's submission. `notes` are odd things that cost nothing; `human` is what somebody should look at."""

    student: str
    status: str = GRADED
    score: float | None = None
    max_score: float | None = None
    needs_manual_grade: bool = False
    penalty: float = 0.0
    notebooks: dict[str, float] = field(default_factory=dict)
    human: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Report:
    """One round: its rows, how many were graded before, what the instructor should know of the assignment itself."""

    assignment: str
    rows: list[Row] = field(default_factory=list)
    already: int = 0
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    sandbox: bool = True
    interrupted: bool = False

    @property
    def status(self):
        """The exit status: 0 all graded, 1 some could not be."""
        return int(self.interrupted or any(row.status == FAILED for row in self.rows))


def plain(report):
    """The report as data for JSON."""
    return asdict(report) | {"status": report.status}


def points(number):
    return "–" if number is None else f"{number:g}"


def text(report):
    """The report for a person."""
    lines = []
    if report.rows:
        lines += table(sorted(report.rows, key=lambda row: row.student)) + [""]
    lines += wanted(report)
    lines += [summary(report)]
    return "\n".join(lines)


def table(rows):
    """A line for each student."""
    names = [shown(row.student) for row in rows]
    width = max(7, *map(len, names))
    lines = [f"{'student':<{width}}  {'points':>12}  remarks"]
    for name, row in zip(names, rows, strict=True):
        remarks = ["not graded"] if row.status == FAILED else []
        remarks += (
            ["to be graded by hand"] if row.needs_manual_grade and row.status == GRADED else []
        )
        remarks += [f"late: −{row.penalty:g}"] if row.penalty else []
        remarks += ["look below"] if row.human else []
        marks = f"{points(row.score)} of {points(row.max_score)}" if row.status == GRADED else "–"
        lines.append(f"{name:<{width}}  {marks:>12}  {', '.join(remarks)}".rstrip())
    return lines


def wanted(report):
    """What needs a human, first of the assignment, then of each student."""
    lines = []
    if not report.sandbox:
        lines += [
            "GRADED WITHOUT PROTECTION (--no-sandbox): the students' code could read and change this account's files.",
            "",
        ]
    lines += [f"! {line}" for line in report.warnings] + [""] * bool(report.warnings)
    told = [
        (shown(row.student), kind, line)
        for row in sorted(report.rows, key=lambda row: row.student)
        for kind, line in few(row)
    ]
    if told:
        lines.append("For a human:")
        lines += [f"  {student}: {line}" for student, kind, line in told if kind == "human"] or [
            "  nothing"
        ]
        notes = [f"  {student}: {line}" for student, kind, line in told if kind == "note"]
        lines += (["Also noticed:", *notes] if notes else []) + [""]
    return lines


def few(row):
    """The sentences of a row that the text shows."""
    every = [("human", line) for line in row.human] + [("note", line) for line in row.notes]
    rest = len(every) - PER_STUDENT
    return every[:PER_STUDENT] + (
        [(every[PER_STUDENT][0], f"… and {rest} more (--json shows all).")] if rest > 0 else []
    )


def summary(report):
    """One line: how many, how fast."""
    graded = sum(row.status == GRADED for row in report.rows)
    failed = len(report.rows) - graded
    parts = [f"{graded} graded"]
    parts += [f"{failed} could not be graded"] if failed else []
    parts += (
        [f"{report.already} had been graded before (--force grades them again)"]
        if report.already
        else []
    )
    parts += ["interrupted: start again to grade the rest"] if report.interrupted else []
    rate = f", {report.seconds / graded:.2f} s each" if graded else ""
    return f"{report.assignment}: {', '.join(parts)}; {report.seconds:.1f} s{rate}."
