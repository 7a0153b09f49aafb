"""Which student of the gradebook each line of a platform's file is about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from proctor.export.marks import ExportError, StudentMarks
from proctor.export.table import Line, Table, quoted
from proctor.submission.files import shown


@dataclass(frozen=True)
class Key:
    """A column that tells students apart.

    `ids` are a student's values of its kind; `value` is what is compared of a cell, "" for nothing.
    """

    column: str
    ids: Callable[[StudentMarks], tuple[str, ...]]
    value: Callable[[str], str] = str.strip


def platform_ids(student: StudentMarks) -> tuple[str, ...]:
    """The platform's own number of a student: nbgrader's lms_user_id, else the id itself."""
    return (student.lms_user_id or student.student,)


def own_ids(student: StudentMarks) -> tuple[str, ...]:
    """The id in the gradebook."""
    return (student.student,)


def login_ids(student: StudentMarks) -> tuple[str, ...]:
    """What a student logs in with: the id or the e-mail address, in small letters."""
    return student.student.strip().casefold(), student.email.strip().casefold()


def login_value(cell: str) -> str:
    """A login or address as it is compared."""
    return cell.strip().casefold()


@dataclass
class Matching:
    """The student of each line that has one, and who stands on one side only.

    `unknown` are lines of students that the gradebook does not have, `absent` students that the
    file does not have.
    """

    students: dict[int, StudentMarks] = field(default_factory=dict)
    unknown: list[Line] = field(default_factory=list)
    absent: list[StudentMarks] = field(default_factory=list)


def match(
    table: Table,
    lines: Iterable[Line],
    keys: Sequence[Key],
    students: Sequence[StudentMarks],
    only: str = "",
) -> Matching:
    """Find each line's student by all columns that tell students apart, or `only` by one of them.

    Nothing is guessed: raises ExportError where two columns, or two lines, point to different
    students or the same, and where nobody in the file is known.
    """
    usable = [(key, table.column(key.column)) for key in keys]
    columns = [(key, index) for key, index in usable if index is not None]
    if only:
        columns = [(key, index) for key, index in columns if key.column == only]
    if not columns:
        names = quoted([key.column for key, index in usable if index is not None or not only])
        raise ExportError(
            f"{table.path} has no column {only!r} that tells students apart: it has {names}."
            if only
            else f"{table.path} has no column that tells students apart: expected is one of {names}."
        )
    known = [(index, key, _by_id(key, students)) for key, index in columns]
    found, lines_of = Matching(), defaultdict(list)
    for line in lines:
        candidates: dict[str, StudentMarks] = {}
        for index, key, by_id in known:
            for student in by_id.get(key.value(line.cells[index]), ()):
                candidates[student.student] = student
        if len(candidates) > 1:
            raise ExportError(
                f"Line {line.number} of {table.path} fits several students of the gradebook "
                f"({quoted(sorted(candidates))}): say with --match which of the columns "
                f"{quoted([key.column for key, _ in columns])} is to count."
            )
        if candidates:
            (student,) = candidates.values()
            found.students[line.number] = student
            lines_of[student.student].append(line.number)
        else:
            found.unknown.append(line)
    for name, numbers in lines_of.items():
        if len(numbers) > 1:
            raise ExportError(
                f"{table.path} has {shown(name)} more than once (lines "
                f"{', '.join(map(str, numbers))}): leave one of them."
            )
    if not found.students:
        raise ExportError(
            f"{table.path} is of another course: none of its {len(found.unknown)} students is in "
            f"the gradebook, by {quoted([key.column for key, _ in columns])}."
        )
    found.absent = [one for one in students if one.student not in lines_of]
    return found


def _by_id(key: Key, students: Sequence[StudentMarks]) -> dict[str, list[StudentMarks]]:
    """The students that have each id of this kind."""
    found: dict[str, list[StudentMarks]] = defaultdict(list)
    for student in students:
        for name in set(key.ids(student)):
            if name:
                found[name].append(student)
    return found
