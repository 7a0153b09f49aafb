"""Whether a self-learner can grade their own copy, hidden tests included, without an instructor."""

from course import answers, grade, layout
from course.sample_class import sample


def test_own_work_is_graded_with_the_hidden_tests(course_copy, capsys):
    """A flipped kernel passes the visible tests, and make grade tells that it is wrong."""
    (flipped,) = [answer for answer in answers.load() if answer.name == "flipped_both_axes"]
    work = course_copy / "work" / layout.ASSIGNMENT
    work.mkdir(parents=True, exist_ok=True)
    (work / layout.NOTEBOOK).write_text(sample.submission(flipped.source)[layout.NOTEBOOK], "utf-8")
    assert grade.main(["--course", str(course_copy)]) == 0
    out = capsys.readouterr().out
    assert "kernel-flipped: turned by 180°" in out
    assert (course_copy / "feedback" / "me" / "convolution" / "convolution.html").exists()


def test_nothing_to_grade_is_told(tmp_path, capsys):
    """Before the lesson was ever opened, make grade says what to do first."""
    assert grade.main(["--course", str(tmp_path)]) == 1
    assert "`make lab` makes it" in capsys.readouterr().out
