"""The gate: every wrong answer loses the points it must, no right answer loses any, and no mutant
slips through.
"""

import pytest
from convlab import calling, graded_cells

from course import answers, gate, layout, mutants, notebook

KNOWN = answers.load()
RIGHT = [answer for answer in KNOWN if answer.right]
WRONG = [answer for answer in KNOWN if not answer.right]
CELLS = notebook.points(notebook.read(layout.SOURCE / layout.NOTEBOOK))


@pytest.fixture(scope="session")
def pool():
    """Worker processes that grade while the tests wait for their turn."""
    with gate.workers() as workers:
        yield workers


@pytest.fixture(scope="session")
def graded(pool):
    """Every sample answer, being graded 20 times: {name: a future list of losses}."""
    return {answer.name: pool.submit(gate.losses, answer.source) for answer in KNOWN}


@pytest.fixture(scope="session")
def surviving(pool, graded):
    """Every mutant, being graded until it is killed or 20 times: {right answer: [(mutant,
    future)]}.
    """
    return {
        answer.name: [
            (mutant, pool.submit(gate.survives, mutant.source)) for mutant in mutants.of(answer)
        ]
        for answer in RIGHT
    }


def test_there_are_enough_answers():
    """The gate holds at least 80 wrong answers and 15 right ones, all of different text."""
    assert len(WRONG) >= 80
    assert len(RIGHT) >= 15
    assert (
        len({answer.name for answer in KNOWN})
        == len({answer.source for answer in KNOWN})
        == len(KNOWN)
    )


@pytest.mark.parametrize("answer", KNOWN, ids=lambda answer: answer.name)
def test_an_answer_loses_exactly_the_cells_it_must(answer, graded, surviving):
    """In each of 20 runs with new data, a wrong answer loses points, in the cells its head names
    and in no other.
    """
    runs = graded[answer.name].result()
    assert len(runs) == gate.RUNS
    assert gate.as_said(answer, runs), runs


@pytest.mark.parametrize(
    "runs, expected",
    [
        ([{"a", "b"}] * 20, True),
        ([{"a", "b"}] * 19 + [{"a"}], True),
        ([{"a", "b"}] * 19 + [set()], False),
        ([{"a", "b"}] * 19 + [{"a", "b", "c"}], False),
        ([{"a"}] * 20, False),
        ([{"a", "b"}] * 16 + [{"a"}] * 4, False),
    ],
)
def test_chance_may_spare_a_wrong_answer_one_cell_but_never_all(runs, expected):
    """Losing one named cell less in a run is chance; losing none, another one, or one hardly ever
    is not as said.
    """
    assert gate.as_said(answers.Answer("x", "X.", "", frozenset("ab"), "x.py"), runs) is expected
    assert gate.as_said(answers.Answer("x", "X.", "", frozenset(), "x.py"), runs) is False


@pytest.mark.parametrize("name", [answer.name for answer in RIGHT])
def test_every_mutant_of_a_right_answer_is_killed_or_equivalent(name, surviving):
    """One operator, index, constant or statement changed, and the tests notice, unless the change
    changes nothing.
    """
    alive = {mutant.label for mutant, survives in surviving[name] if survives.result()}
    listed = {label for label in mutants.equivalent() if label.startswith(name + ", ")}
    assert alive == listed


def test_the_unsolved_release_scores_nothing(pool):
    """The stub as students get it loses every cell."""
    (run,) = pool.submit(gate.losses, answers.unsolved(), 1).result()
    assert set(run) == set(CELLS)
    assert all("not implemented yet" in reason for reason in run.values())


def test_the_solution_scores_ten_of_ten(pool):
    """The course's own solution loses nothing in 20 runs, and the cells are worth 10 points."""
    assert pool.submit(gate.losses, answers.solved()).result() == [{}] * gate.RUNS
    assert sum(CELLS.values()) == 10


def test_a_wrong_answer_would_be_noticed_as_a_right_one(pool):
    """The gate itself can fail: graded as if it were right, a flipped kernel does not pass."""
    (flipped,) = [answer for answer in WRONG if answer.name == "flipped_both_axes"]
    assert not pool.submit(gate.survives, flipped.source, 1).result()


def test_what_hangs_costs_its_limit_once(monkeypatch):
    """After a run in which a call took too long, the calls of later runs have a tenth of the time;
    another answer has all of it.
    """
    given = []
    at_most = calling.at_most
    monkeypatch.setattr(graded_cells, "SECONDS", 0)
    monkeypatch.setattr(calling, "SECONDS", 50)
    monkeypatch.setattr(
        calling, "at_most", lambda seconds: given.append(seconds) or at_most(seconds)
    )
    hangs = "from convlab import calling\ndef conv2d(image, kernel):\n    raise calling.TimeIsUp"
    assert [set(run) for run in gate.losses(hangs, 2)] == [set(CELLS)] * 2
    assert given[0] == 50 and max(given[1:]) < 50
    given.clear()
    assert gate.losses(answers.solved(), 1) == [{}]
    assert min(given) == 50


def test_stderr_output_costs_a_cell_its_points():
    """As in nbgrader, a cell that writes to stderr earns nothing."""
    assert gate.why("import sys; print('x', file=sys.stderr)", "cell", {}) == "stderr: x\n"
    assert gate.why("print('x')", "cell", {}) is None
