"""Whether answers that only the ladder objects to keep their points, and are named by `check`."""

import pytest

from course import answers, diagnoses, gate

KEPT = answers.load(answers.LADDER)


@pytest.fixture(scope="module")
def pool():
    """Worker processes, in which convlab can be imported."""
    with gate.workers() as workers:
        yield workers


@pytest.mark.parametrize("answer", KEPT, ids=lambda answer: answer.name)
def test_it_keeps_all_points(answer, pool):
    """The graded cells have 3×3 kernels only, as the notebook promises."""
    assert not answer.loses
    assert pool.submit(gate.losses, answer.source, 3).result() == [{}] * 3


@pytest.mark.parametrize("answer", KEPT, ids=lambda answer: answer.name)
def test_the_ladder_names_it_as_its_head_says(answer, pool):
    """`check` finds it at its last rung."""
    finding = pool.submit(diagnoses.find, answer.source, "ladder").result()
    assert diagnoses.judged(answer, [finding])[0] == "right"
    assert finding.mistake == "any-kernel"
