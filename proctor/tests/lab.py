"""The tiny course under its old name, and an examiner that needs no processes."""

from tiny_course import (  # noqa: F401
    ANSWER,
    ASSIGNMENT,
    STUB,
    SUMS,
    WORDS,
    answered,
    by_name,
    configure,
    hand_in,
    make,
    nbgrader,
    notebook,
    released,
    run,
    sums,
    words,
)


class Examiners:
    """Stands for the pools: runs every side in one namespace. Only for what the tests themselves hand in."""

    asked, stop_after, fail = [], None, ()

    def __init__(self, skeletons, support, workers, timeout, sandbox):
        Examiners.asked.append(
            {
                "support": sorted(path.name for path in support.iterdir()),
                "timeout": timeout,
                "sandbox": sandbox,
            }
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def warnings(self, name):
        return []

    def examine(self, name, plans):
        from proctor.examiner.results import Event, Outcome

        for count, (student, plan) in enumerate(plans):
            if self.stop_after is not None and count >= self.stop_after:
                raise KeyboardInterrupt
            if student in self.fail:
                yield student, Outcome(events=[Event("crashed", None, "it fell over")]), None
            else:
                yield student, Outcome(events=[]), run(plan)
