"""Each submission is recorded when its marks are real, whatever becomes of the run."""

from pathlib import Path

import pytest
import tiny_course
from gradings import class_of, graded, grades, right
from in_process_pools import InProcessPools
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import course, record
from proctor.publish.staging import StagingFolder
from proctor.record import Grading

Pools = type[InProcessPools]


def recorded(root: Path) -> dict[str, list[Grading]]:
    """What was recorded of the class."""
    return record.read(course.load(root), ASSIGNMENT)


def test_points_and_size_are_those_of_the_results(root: Path, pools: Pools) -> None:
    """A line holds the gradebook's automatic points, and the size of the notebook it is about."""
    tiny_course.hand_in(root, "ada", right(root))
    graded(root)
    (ada,) = recorded(root)["ada"]
    of_tests = {
        (name, cell): points
        for name, notebook in ada.notebooks.items()
        for cell, points in notebook.points.items()
    }
    in_the_gradebook = {
        (notebook, cell): points for _, notebook, cell, points, _ in grades(root) if cell != "draw"
    }
    assert of_tests == in_the_gradebook
    file = root / "autograded" / "ada" / ASSIGNMENT / f"{SUMS}.ipynb"
    assert ada.notebooks[SUMS].size == file.stat().st_size
    assert (ada.status, ada.handed_in) == ("graded", "2026-01-02T10:00:00")


def test_what_could_not_be_graded_is_recorded(root: Path, pools: Pools) -> None:
    """A folder, a notebook and a run that failed leave a line with the reason, and what happened."""
    tiny_course.hand_in(root, "ada", right(root))
    tiny_course.hand_in(root, "bob", right(root) | {"sums.ipynb": "{"})
    tiny_course.hand_in(root, "cyd", {})
    (root / "submitted" / "dan").mkdir()
    (root / "submitted" / "dan" / ASSIGNMENT).symlink_to(root / "submitted" / "ada" / ASSIGNMENT)
    pools.fail = ("ada",)
    report = graded(root)
    found = recorded(root)
    event = "crashed: it fell over"
    of_events = [f"{SUMS}: {event}", f"{WORDS}: {event}"]
    assert {
        row.student: [one for one in row.human if one not in of_events] for row in report.rows
    } == {student: lines[-1].human for student, lines in found.items()}
    assert {student: lines[-1].status for student, lines in found.items()} == {
        one: "failed" for one in ("ada", "bob", "cyd", "dan")
    }
    ada = found["ada"][-1].notebooks[SUMS]
    assert (ada.graded, [event.kind for event in ada.events]) == (False, ["crashed"])
    bob = found["bob"][-1].notebooks
    assert (bob[SUMS].graded, bob[WORDS].graded) == (False, True)
    assert found["cyd"][-1].missing == [SUMS, WORDS]


def test_an_interrupted_run_has_recorded_what_it_graded(root: Path, pools: Pools) -> None:
    """After Ctrl-C the record has a line for each row of the report, and for nobody else."""
    class_of(root, 6)
    pools.stop_after = 3
    report = graded(root, notebook=SUMS)
    assert report.interrupted
    assert (
        sorted(recorded(root)) == [row.student for row in report.sorted_rows] == ["s0", "s1", "s2"]
    )


def test_whoever_counts_as_graded_was_recorded(
    root: Path, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed just before a folder appears has recorded it; one before that has not."""
    tiny_course.hand_in(root, "ada", right(root))

    def killed(*anything: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(StagingFolder, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        graded(root)
    assert list(recorded(root)) == ["ada"]
    assert not (root / "autograded" / "ada").exists()


def test_earlier_gradings_stay(root: Path, pools: Pools) -> None:
    """Who is graded again has one line for each time, the newest last."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root, "double = None")})
    graded(root)
    tiny_course.hand_in(root, "ada", right(root), "2026-01-03 10:00:00 UTC")
    graded(root)
    first, second = recorded(root)["ada"]
    assert (first.notebooks[SUMS].points["test-double"], first.missing) == (0, [WORDS])
    assert (second.notebooks[SUMS].points["test-double"], second.missing) == (2, [])
    assert first.notebooks[SUMS].answers != second.notebooks[SUMS].answers


def test_a_record_that_cannot_be_written_costs_nothing(root: Path, pools: Pools) -> None:
    """The class is graded all the same, and the report says once what is missing."""
    class_of(root, 3)
    record.path_of(course.load(root), ASSIGNMENT).mkdir(parents=True)
    report = graded(root)
    assert [row.status for row in report.rows] == ["graded"] * 3
    assert ["gradings.jsonl cannot be written" in one for one in report.warnings] == [True]


def test_tampering_is_recorded(root: Path, pools: Pools) -> None:
    """What a run tells as tampering is recorded, apart from what else it tells."""
    never = "def never():\n    import os\n    os.kill(os.getppid(), 9)"
    answer = tiny_course.answered(root, f"{tiny_course.ANSWER}\n{never}")
    tiny_course.hand_in(root, "ada", right(root) | {"sums.ipynb": answer})
    (row,) = graded(root).rows
    (ada,) = recorded(root)["ada"]
    assert row.tampering
    assert (ada.tampering, ada.human) == (row.tampering, [])
