"""Nothing is told of the students of whole courses, of nbgrader's own guide among them."""

import pytest
from courses import arrays, guide, records, running

from proctor import course as courses
from proctor.assemble.notebook import assemble
from proctor.assemble.source import assignment_notebook
from proctor.gradebook.database import GradebookConnection
from proctor.publish.staging import SupportFiles
from proctor.submission.folder import SubmissionFolder
from proctor.tampering.files import odd_files, odd_links
from proctor.tampering.places import PrivatePlaces
from proctor.tampering.told import in_notebook, in_texts, known_of, modules_of

COURSES = {course.name: course for course in (guide.COURSE, records.COURSE, arrays.COURSE)}
# Who is made to write `assert True` into a locked test.
CHANGED = {"header": ["problem1: The text of the locked test correct_squares was changed"]}


@pytest.mark.parametrize("name", COURSES)
def test_nothing_is_told_of_a_course(name, tmp_path):
    """Of a course's students nothing is told but of one who changed a test."""
    made = COURSES[name]
    here = courses.load(running.built(made, tmp_path))
    with GradebookConnection(here) as gradebook:
        recorded = gradebook.assignment(made.assignment)
    places = PrivatePlaces.of(here.secret)
    support = SupportFiles(here, made.assignment).names
    own = {one: assignment_notebook(here, recorded[one], made.assignment) for one in recorded}
    known = {one: known_of(own[one], support, places) for one in own}
    told = {}
    for student in made.submissions:
        with SubmissionFolder(here, made.assignment, student, list(recorded)) as folder:
            taken = folder.read(list(recorded))
        place = here.folder("submitted", student, made.assignment)
        found = [*odd_links(str(place), taken.links, places), *odd_files(taken.files, support)]
        files = {one: str(place / one) for one in taken.files}
        for one, submitted in taken.notebooks.items():
            plan = assemble(own[one], submitted)
            found += [
                f"{one}: {sentence}"
                for sentence in in_notebook(own[one], submitted, plan, known[one])
            ]
            found += in_texts(modules_of(files), known[one])
        if found:
            told[student] = [sentence.split(". ")[0] for sentence in found]
    assert told == {who: CHANGED[who] for who in CHANGED if who in made.submissions}
