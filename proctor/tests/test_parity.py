"""proctor grades as stock nbgrader does: the same rows in every table of the gradebook, but for the differences that are listed."""

import shutil

import pytest
from courses import arrays, differences, guide, page, records, running, tables
from courses.differences import DIFFERENCES, SAME

COURSES = {course.name: course for course in (guide.COURSE, records.COURSE, arrays.COURSE)}
EVERYBODY = [(name, student) for name, course in COURSES.items() for student in course.submissions]


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """A function of a course's name that gives it graded by stock and by proctor, once in a session."""
    known = {}

    def both(name):
        if name not in known:
            known[name] = running.both(COURSES[name], tmp_path_factory.mktemp(name))
        return known[name]

    return both


@pytest.fixture(scope="session")
def differing(tmp_path_factory):
    """The course of the differences graded by proctor, and by stock, by which "copied" stops the class: (points, points)."""
    course, folder = differences.COURSE, tmp_path_factory.mktemp("differences")
    root = running.built(course, folder / "proctor")
    other, stops = shutil.copytree(root, folder / "stock"), course.folder("submitted", "copied")
    ours = running.graded(course, root, running.proctor)
    shutil.rmtree(other / stops)
    running.run(running.stock(course), other)
    shutil.copytree(root / stops, other / stops)
    running.run([*running.stock(course), "--student=copied"], other)
    return tables.read(course.url(other)), ours.book


def unlike(one, other):
    """The rows that are in only one of two gradebooks, or not the same in both: ({name: values}, {name: values})."""
    names = [
        (table, name)
        for table in one
        for name in {**one[table], **other[table]}
        if one[table].get(name) != other[table].get(name)
    ]
    return tuple({name: book[table].get(name) for table, name in names} for book in (one, other))


@pytest.mark.parametrize("name", COURSES)
def test_both_graders_say_that_all_went_well(graded, name):
    """Honest submissions, right and wrong, leave neither grader with a complaint."""
    for done in graded(name):
        assert done.status == 0, done.said[-3000:]


@pytest.mark.parametrize("name, student", EVERYBODY)
def test_an_honest_submission_has_the_same_rows_in_every_table(graded, name, student):
    """Points, who needs a human, comments, late penalties, time of handing in, highest points: all as stock has them."""
    stock, proctor = (tables.of(done.book, student) for done in graded(name))
    expected, actual = unlike(stock, proctor)
    assert expected == actual


@pytest.mark.parametrize("name", COURSES)
def test_the_gradebook_holds_nothing_else(graded, name):
    """The assignment as released is untouched, and there is no student and no submission that stock does not have."""
    stock, proctor = graded(name)
    assert stock.book["cells"] == proctor.book["cells"]
    for table in stock.book:
        assert stock.book[table].keys() == proctor.book[table].keys()


@pytest.mark.parametrize("name, student", EVERYBODY)
def test_the_autograded_folder_holds_the_same_notebooks_and_files(graded, name, student):
    """What was handed in and what the instructor gave lies in the autograded folder, as after stock."""
    course, (stock, proctor) = COURSES[name], graded(name)
    work = stock.root / course.folder("submitted", student)
    given = {path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()} | set(
        course.source
    )
    assert stock.autograded(student) & given == proctor.autograded(student) & given


@pytest.mark.parametrize("name", COURSES)
def test_the_courses_ask_enough(graded, name):
    """In each course somebody has all automatic points of some cell, somebody none, and the totals are varied."""
    stock, _ = graded(name)
    worth = {
        cell[:2]: values[1] for cell, values in stock.book["cells"].items() if cell[-1] == "worth"
    }
    earned = {student: tables.points(stock.book, student) for student in COURSES[name].submissions}
    for cell in worth:
        given = {points[cell] for points in earned.values()} - {None}
        assert given <= {0} or max(given) > 0
    assert len({tuple(sorted(points.items(), key=str)) for points in earned.values()}) >= 4


def test_the_courses_have_what_a_gradebook_can_hold(graded):
    """Partial credit, late penalties, answers without a response, cells that wait for a human, tasks: each occurs."""
    books = [graded(name)[0].book for name in COURSES]
    grades = [values for book in books for values in book["grades"].values()]
    notebooks = [values for book in books for values in book["notebooks"].values()]
    assert any(0 < score < highest for score, *_, highest in grades if score is not None)
    assert {True, False} == {waits for _, _, _, waits, _, _ in grades}
    assert {None, 1.0, 3.0} <= {penalty for *_, penalty, _, _, _ in notebooks}
    assert "No response." in {comment for book in books for comment, _ in book["comments"].values()}


def test_the_page_lists_what_is_tested():
    """docs/parity.md is what these courses and the list of differences say."""
    assert page.text(COURSES.values(), DIFFERENCES) == page.PATH.read_text("utf-8"), (
        f"make it anew: {page.COMMAND}"
    )


def test_a_difference_on_purpose_is_listed_for_everybody_who_makes_one():
    """Every submission of the differing course stands in the list, and everybody in the list hands something in."""
    listed = {difference.student for difference in DIFFERENCES}
    assert set(differences.COURSE.submissions) == listed | set(SAME)


@pytest.mark.parametrize(
    "difference",
    DIFFERENCES,
    ids=lambda difference: f"{difference.student}-{min(difference.stock)}",
)
def test_a_difference_on_purpose_is_as_listed_on_both_sides(differing, difference):
    """Where proctor's points are not stock's, both are as the list says."""
    stock, proctor = (
        {cell: points for (_, cell), points in tables.points(book, difference.student).items()}
        for book in differing
    )
    assert difference.stock == {cell: stock.get(cell) for cell in difference.stock}, difference.why
    assert difference.proctor == {cell: proctor.get(cell) for cell in difference.proctor}, (
        difference.why
    )


@pytest.mark.parametrize("student", SAME)
def test_tests_of_objects_have_the_points_of_stock(differing, student):
    """Objects compared, subtracted, derived from, pickled, patched: all points are as stock gives them."""
    stock, proctor = (tables.points(book, student) for book in differing)
    assert stock == proctor
    assert sum(filter(None, stock.values())) > 1000
