"""Owns which submissions are due: never graded, handed in anew since (nbgrader's rule of timestamps), or asked for by force."""

import os

from proctor.submission import files
from proctor.submission.folder import TIMESTAMP


def due(course, assignment, submission, wanted, force):
    """Whether this round is about the submission."""
    place = course.folder("autograded", submission.student, assignment)
    if force or not os.path.isdir(place):
        return True
    if not submission.taken:
        return False if earlier(course, place) == submission.timestamp else True
    if any(
        not os.path.exists(place / f"{name}.ipynb") for name in wanted if name in submission.taken
    ):
        return True
    return newer(course, submission.timestamp, earlier(course, place))


def earlier(course, place):
    """The text of the timestamp that was graded, or ""."""
    try:
        folder = files.open_folder(course.trusted("autograded"), place)
    except (files.Refused, OSError):
        return ""
    try:
        return files.read(folder, TIMESTAMP, 1000).decode(errors="replace")
    except files.Refused:
        return ""
    finally:
        os.close(folder)


def newer(course, now, before):
    """Whether a submission was handed in after the graded one; where a timestamp cannot be read: whether it is another."""
    try:
        new, old = course.timestamp(now), course.timestamp(before)
    except ValueError:
        return now != before
    return new is not None and old is not None and new > old
