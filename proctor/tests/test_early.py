"""The process that examiners come from may be started early; whoever wants one has it, and none is left."""

import os

from proctor import early


def test_started_early():
    """The process that was started early is had by the first who wants one, and by no other."""
    with early.begun():
        first, second = early.process(), early.process()
        for one in (first, second):
            one.end()
    assert (True, []) == (first is not second, early.waiting)


def test_not_wanted():
    """A process that nobody wanted has ended."""
    with early.begun():
        running = early.waiting[0].running
    assert ([], True) == (early.waiting, running.poll() is not None)


def test_ended_without_work():
    """A process whose work never comes, because the round is gone, ends by itself and says nothing."""
    one = early.Process()
    one.line.close()
    with one.errors:
        assert 0 == one.running.wait(60)
        assert "it left no message" == one.last_words()


def test_words_of_one_that_failed():
    """What a process said last is known when it has ended."""
    one = early.Process()
    with open(os.devnull) as file:
        one.begin({"path": [], "task": b"no pickle"}, [file.fileno()] * 2)
    with one.errors:
        one.running.wait(60)
        assert "UnpicklingError" in one.last_words()
