"""Owns tests of the gradebook's entries: the same as nbgrader's own, in one transaction, nothing stale, what a human entered kept."""

import sqlite3

import lab
import pytest
from nbgrader.api import Gradebook

from proctor import book, course, scores
from proctor.scores import Marks, Result

MARKS = {
    "sums": Marks(
        {"test-double": 2.0, "partial": 1.5, "why": None},
        {"double": None, "why": None, "draw": None},
    ),
    "words": Marks({"test-word": 1.0}, {"word": "No response."}),
}


def save(root, *results, say=lambda text: None):
    with book.Book(course.load(root), say) as opened:
        return opened.save(lab.ASSIGNMENT, results)


def grades(root, student="ada"):
    """{cell: (auto, manual, needs a human)} and {cell: comment} of a student."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        found = gradebook.find_submission(lab.ASSIGNMENT, student)
        return (
            {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in found.notebooks
                for grade in notebook.grades
            },
            {
                comment.name: comment.auto_comment
                for notebook in found.notebooks
                for comment in notebook.comments
            },
        )


def change(root, work, student="ada"):
    """Change a submission as formgrader does."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        work(gradebook, gradebook.find_submission(lab.ASSIGNMENT, student))
        gradebook.db.commit()


def code(text="", points=2.0, outputs=()):
    cell = lab.new_code_cell(
        text, outputs=list(outputs), metadata=lab.nbgrader("t", points, grade=True, locked=True)
    )
    return lab.notebook([cell])


def result(text):
    return lab.new_output("execute_result", data={"text/plain": text}, execution_count=1)


def test_what_the_gradebook_knows(root):
    """Cells, points, flags and kernel come as generate_assignment recorded them."""
    with book.Book(course.load(root)) as opened:
        found = opened.assignment(lab.ASSIGNMENT)
    assert ["sums", "words"] == list(found)
    assert {"setup", "double", "test-double", "partial", "why", "draw"} == set(found["sums"].cells)
    cell = found["sums"].cells["why"]
    assert (True, True, False, False, 3.0) == (
        cell.grade,
        cell.solution,
        cell.task,
        cell.locked,
        cell.points,
    )
    assert ("python3", 14.0) == (found["sums"].kernelspec["name"], found["sums"].max_score)


def test_a_first_entry(root):
    """Student, submission, scores, comments and who must look are entered as SaveAutoGrades does."""
    assert {"ada": []} == save(root, Result("ada", marks=MARKS))
    found, comments = grades(root)
    assert {
        "test-double": (2.0, None, False),
        "partial": (1.5, None, False),
        "why": (None, None, True),
        "draw": (None, None, True),
        "test-word": (1.0, None, False),
    } == found
    assert {"double": None, "why": None, "draw": None, "word": "No response."} == comments


def test_what_a_human_entered_stays(root):
    """After a regrade a manual score is still there and is to be looked at, as in stock; a task's stays settled."""
    save(root, Result("ada", marks=MARKS))

    def by_hand(gradebook, submission):
        for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
            grade.manual_score, grade.needs_manual_grade = 1.0, False

    change(root, by_hand)
    save(root, Result("ada", marks=MARKS))
    found, _ = grades(root)
    assert ((1.5, 1.0, True), (None, 1.0, False)) == (found["partial"], found["draw"])


def test_nothing_stale_survives(root):
    """A submission that could not be graded has no automatic score of an earlier one."""
    save(root, Result("ada", marks=MARKS))
    save(root, Result("ada", marks={"sums": None, "words": None}))
    found, comments = grades(root)
    assert {(None, None, True)} == set(found.values())
    assert {None} == set(comments.values())


def test_a_notebook_that_was_not_handed_in(root):
    """It scores 0 and asks nobody, as Autograde enters it; another notebook's scores are its own."""
    save(root, Result("ada", marks={"sums": MARKS["sums"]}, missing=("words",)))
    found, _ = grades(root)
    assert ((0.0, None, False), (2.0, None, False)) == (found["test-word"], found["test-double"])


def test_a_task_after_its_notebook_had_been_missing(root):
    """Zero points for a missing notebook do not stay with a task that has been handed in since."""
    save(root, Result("ada", missing=("sums", "words")))
    save(root, Result("ada", marks=MARKS))
    assert (None, None, True) == grades(root)[0]["draw"]


def test_a_notebook_that_the_round_is_not_about(root):
    """`--notebook` leaves the other notebook's scores."""
    save(root, Result("ada", marks=MARKS))
    save(root, Result("ada", marks={"sums": None}, untouched=("words",)))
    assert (1.0, None, False) == grades(root)[0]["test-word"]


@pytest.mark.parametrize("method, expected", [("none", None), ("zero", 3.5)])
def test_late_penalty_by_the_configured_plugin(root, method, expected):
    """A late submission is penalised as AssignLatePenalties and its plugin say."""
    lab.configure(root, f"c.LateSubmissionPlugin.penalty_method = '{method}'")
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        gradebook.update_or_create_assignment(lab.ASSIGNMENT, duedate="2026-01-01 00:00:00 UTC")
    moment = course.load(root).timestamp("2026-01-01 12:00:00 UTC")
    told = save(root, Result("ada", timestamp=moment, marks=MARKS))
    penalties = {}
    change(
        root,
        lambda gradebook, submission: penalties.update(
            {one.name: one.late_submission_penalty for one in submission.notebooks}
        ),
    )
    assert {"sums": expected, "words": None if expected is None else 1.0} == penalties
    assert told["ada"][0].startswith("12.0 hours late")


def test_students_must_be_known_if_the_course_says_so(root):
    """With Autograde.create_student off an unknown student is told, the others are entered."""
    lab.configure(root, "c.Autograde.create_student = False")
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        gradebook.add_student("ada")
    told = save(root, Result("ada", marks=MARKS), Result("eve", marks=MARKS))
    assert ([], True) == (told["ada"], isinstance(told["eve"], scores.NotEntered))
    assert (2.0, None, False) == grades(root)[0]["test-double"]


def test_all_of_a_batch_or_nothing(root, monkeypatch):
    """If one entry of a batch fails, none of it is in the gradebook."""
    real = scores.enter

    def enter(gradebook, here, assignment, one):
        if one.student == "eve":
            raise RuntimeError
        return real(gradebook, here, assignment, one)

    monkeypatch.setattr(scores, "enter", enter)
    with pytest.raises(RuntimeError):
        save(root, Result("ada", marks=MARKS), Result("eve", marks=MARKS))
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as gradebook:
        assert [] == gradebook.students


def test_a_gradebook_locked_for_a_while(root, monkeypatch):
    """While another program writes, the batch waits, says so, and is entered in the end."""
    other, told = sqlite3.connect(root / "gradebook.db", isolation_level=None), []
    other.execute("BEGIN IMMEDIATE")

    def say(text):
        told.append(text)
        other.execute("COMMIT")

    monkeypatch.setattr(book, "WAIT", 0.05)
    save(root, Result("ada", marks=MARKS), say=say)
    other.close()
    assert [book.LOCKED] == told
    assert (2.0, None, False) == grades(root)[0]["test-double"]


def test_a_gradebook_locked_for_ever(root, monkeypatch):
    """After some attempts the batch is given up in words."""
    monkeypatch.setattr(book, "ATTEMPTS", 2)
    monkeypatch.setattr(book, "WAIT", 0.01)
    other = sqlite3.connect(root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(book.Unsaved, match="locked by another program"):
        save(root, Result("ada", marks=MARKS))
    other.close()


def test_an_old_gradebook(root):
    """A schema of another nbgrader is told with what to do."""
    with sqlite3.connect(root / "gradebook.db") as other:
        other.execute("ALTER TABLE notebook RENAME COLUMN kernelspec TO kernel")
    other.close()
    with pytest.raises(course.CourseError, match="nbgrader db upgrade"):
        with book.Book(course.load(root)) as opened:
            opened.assignment(lab.ASSIGNMENT)


def test_something_else_in_the_gradebooks_place(root):
    """A file that is no database is told."""
    (root / "gradebook.db").write_text("hello" * 500)
    with pytest.raises(course.CourseError, match="cannot be read"):
        book.Book(course.load(root))


def test_no_gradebook_yet(root):
    """Without a gradebook none is made; the command that makes it is named."""
    (root / "gradebook.db").unlink()
    with pytest.raises(course.CourseError, match="nbgrader generate_assignment"):
        book.Book(course.load(root))
    assert not (root / "gradebook.db").exists()


@pytest.mark.parametrize(
    "outputs, expected",
    [
        ([], 2.0),
        ([result("1.5")], 1.5),
        ([result("'fine'")], 2.0),
        ([lab.new_output("error", ename="E", evalue="", traceback=[])], 0),
        ([lab.new_output("stream", name="stderr", text="warned")], 0),
        ([lab.new_output("stream", name="stdout", text="said")], 2.0),
    ],
)
def test_points_as_nbgrader_gives_them(outputs, expected):
    """nbgrader's own function decides: error 0, a number partial points, else all."""
    assert {"t": expected} == scores.marks(code(outputs=outputs)).points


@pytest.mark.parametrize("text", ["nan", "-1", "-inf", "3", "inf"])
def test_partial_points_that_are_none(text):
    """Where nbgrader fails, or gives all points for less than nothing, a human decides."""
    found = scores.marks(code(outputs=[result(text)]))
    assert ({"t": None}, 1) == (found.points, len(found.problems))
