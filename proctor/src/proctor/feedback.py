"""Owns writing feedback pages: nbgrader's own converter, one student at a time, in as many processes as there are processors."""

import contextlib
import fnmatch
import glob
import logging
import multiprocessing
import os
from dataclasses import dataclass, field

from nbgrader.converters import GenerateFeedback

from proctor.course import CourseError
from proctor.submission.files import shown


@dataclass
class Written:
    """What became of a round: pages that are new, how many students' pages were there before, and {student: why there is none}."""

    pages: list[str] = field(default_factory=list)
    already: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def status(self):
        """The exit status: 0 all have pages, 1 some could not be written."""
        return int(bool(self.failed))


def feedback(
    course,
    assignment,
    students=("*",),
    workers=1,
    force=False,
    progress=lambda student, total=None: None,
):
    """Write the pages of the graded students whose id a pattern matches; CourseError in words if there is none."""
    graded = course.students(assignment, students, "autograded")
    if not graded:
        place = course.folder("autograded", "*", assignment)
        raise CourseError(
            f"Nobody's {assignment} has been graded: {place} was looked for. Run `proctor grade {assignment}` first."
        )
    written = Written()
    progress(None, len(graded))
    with spread(min(workers, len(graded)), (course, assignment, force)) as each:
        for student, pages, reason in each(one, graded):
            progress(student)
            written.pages += pages
            if reason:
                written.failed[student] = reason
            else:
                written.already += not pages
    written.pages.sort()
    return written


@contextlib.contextmanager
def spread(workers, shared):
    """A `map` whose results come as they are done, over forked processes that share what was made before."""
    take(*shared)
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield map
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield pool.imap_unordered


job = None  # what the processes share: (course, assignment, force)


def take(*shared):
    """Keep what `one` works on."""
    global job
    job = shared


def one(student):
    """Write one student's pages: (student, new pages, why there are none)."""
    course, assignment, force = job
    place = course.folder("feedback", student, assignment)
    before, errors = stamps(place), Errors()
    course.coursedir.assignment_id, course.coursedir.student_id = assignment, glob.escape(student)
    converter = GenerateFeedback(coursedir=course.coursedir, parent=course.app)
    converter.force = converter.force or force
    try:
        with errors.alone(converter.log):
            converter.start()
        reason = ""
    except (
        Exception,
        SystemExit,
    ) as error:  # whatever one student's work is, the others get their pages
        reason = shown(errors.last or f"{type(error).__name__}: {error}")
    return (
        student,
        [path for path, stamp in stamps(place).items() if before.get(path) != stamp],
        reason,
    )


def stamps(place):
    """The pages in a folder, each with the moment it was written."""
    names = os.listdir(place) if place.is_dir() else []
    return {
        str(place / name): os.stat(place / name).st_mtime_ns
        for name in sorted(names)
        if fnmatch.fnmatch(name, "*.html")
    }


class Errors(logging.Handler):
    """Keeps the last error that was logged, for whoever must be told."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record):
        lines = record.getMessage().strip().splitlines()
        self.last = lines[-1] if lines else self.last

    @contextlib.contextmanager
    def alone(self, log):
        """While nbgrader works, its log goes nowhere else."""
        handlers, log.handlers, passes, log.propagate = log.handlers, [self], log.propagate, False
        try:
            yield
        finally:
            log.handlers, log.propagate = handlers, passes
