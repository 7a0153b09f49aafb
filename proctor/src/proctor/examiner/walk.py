"""Owns the way through one submission: its parts in order, each on its side, and what came out of them."""

import time

from proctor.examiner.results import (
    Event,
    Outcome,
    ended_output,
    error_output,
    formed,
    timeout_output,
)
from proctor.examiner.template_data import runs
from proctor.examiner.errors import CandidateGone, CandidateTimeout

TEST = "test"
IN_EXAMINER = ("both", "edited")
SLOW = 1.0  # seconds; an instructor's cell for the candidate that took longer is not replayed
ENDINGS = {
    "timeout": "This test did not end in time, and could not be interrupted.",
    "crash": "The examiner's process ended while it ran this test.",
}


class Session:
    """One submission: `line` has its candidates, `cells` the examiner's shell; `progress(index, seconds)` says what may take how long."""

    def __init__(self, template, plan, cells, line, prefix, progress, skip=()):
        self.template, self.plan, self.cells, self.line = template, plan, cells, line
        self.prefix, self.progress, self.skip = prefix, progress, dict(skip)
        self.outcome, self.unsaid = Outcome(), []
        self.tests = [part.index for part in plan.parts if part.side == TEST and runs(part)]

    def walk(self):
        """Run every part; return the Outcome."""
        start = time.monotonic()
        covered = self.covered()
        self.line.begin("prefix" if covered else "imports", self)
        waiting = [part for part in self.template.prefix if runs(part)]
        count = 0
        for part in self.plan.parts:
            if not runs(part):
                if part.side == "edited":  # and emptied: for the tests the instructor's stands
                    self.instructors(part, waiting)
                continue
            count += 1
            self.outcome.execution_counts[part.index] = count
            if count <= covered:
                self.outcome.outputs[part.index] = self.prefix.get(waiting.pop(0).index, [])
                self.outcome.trusted.add(part.index)
            else:
                self.outcome.outputs[part.index] = self.run(part, count, waiting)
            self.line.check()
        self.outcome.seconds = time.monotonic() - start
        return self.outcome

    def covered(self):
        """How many cells at the beginning are the instructor's prefix, which a candidate may have run already; 0 if one is not."""
        wanted = self.template.texts()
        found = [
            (part.candidates, count) for count, part in enumerate(filter(runs, self.plan.parts), 1)
        ]
        same = found[: len(wanted)] == wanted and all(
            part.side == "both" for part in list(filter(runs, self.plan.parts))[: len(wanted)]
        )
        return len(wanted) if same and not self.plan.files else 0

    def run(self, part, count, waiting):
        """Run one part where it belongs; return its outputs."""
        if part.side == TEST:
            return self.test(part, count)
        outputs = self.in_candidate(part, count)
        if part.side in IN_EXAMINER:
            self.instructors(part, waiting)
        if part.side in ("student", "edited"):
            self.cells.names.student_ran(part.cell.source, part.instructors or "")
        return outputs

    def instructors(self, part, waiting):
        """Run an instructor's cell in the examiner, if it is not of the prefix and a test follows."""
        if waiting and waiting[0].examiners == part.examiners:
            waiting.pop(0)  # the template has run it
        elif any(index > part.index for index in self.tests) and part.index not in self.skip:
            self.in_examiner(part)

    def in_candidate(self, part, count):
        """Run a cell in the candidate; its outputs, checked for their form."""
        if part.side == "candidate" and part.cell.metadata.get("nbgrader", {}).get("grade"):
            self.event(
                "flagged",
                part.index,
                "This test ran in the student's process, as its metadata asks; its result is the student's word.",
            )
        begun = time.monotonic()
        try:
            body, interrupted = self.line.run(part.candidates, count, part.index)
        except CandidateTimeout:
            return self.timed_out(part.index, [])
        except CandidateGone as gone:
            self.losses(part.index)
            return [ended_output(str(gone))]
        outputs = formed(body.get("outputs"), count)
        if interrupted:
            return self.timed_out(part.index, outputs)
        if part.side != "candidate" or time.monotonic() - begun < SLOW:
            self.line.remember(part.candidates, count, part.index)
        self.losses(part.index)
        return outputs

    def timed_out(self, index, outputs):
        """The outputs of a cell that did not end in time."""
        self.line.remote.losses.clear()
        self.event(
            "timeout",
            index,
            f"This cell did not end within {self.template.timeout:g} seconds and was stopped.",
        )
        return [*outputs, timeout_output(self.template.timeout)]

    def in_examiner(self, part):
        """Run an instructor's cell on the trusted side too, for what it defines; an error there is kept for later."""
        self.progress(part.index, self.template.timeout)
        self.line.remote.cell(self.template.timeout)
        error = self.cells.silently(part)
        self.losses(part.index)
        if error:
            self.unsaid.append(f"cell {self.outcome.execution_counts.get(part.index, '')}: {error}")

    def test(self, part, count):
        """Run a test cell on the trusted side."""
        if part.index in self.skip:
            self.event(
                "timeout" if self.skip[part.index] == "timeout" else "crashed",
                part.index,
                ENDINGS[self.skip[part.index]],
            )
            return [
                timeout_output(self.template.timeout)
                if self.skip[part.index] == "timeout"
                else ended_output(ENDINGS["crash"])
            ]
        self.progress(part.index, self.template.timeout)
        self.line.remote.cell(self.template.timeout)
        begun = time.monotonic()
        outputs, ok = self.cells.test(part.cell.source, count)
        if ok and (against := self.line.remote.against()):
            outputs.insert(
                0, error_output(*against)
            )  # before what is shown, which may be partial credit
        self.losses(part.index)
        if time.monotonic() - begun >= self.template.timeout and any(
            output.get("ename") == "KeyboardInterrupt" for output in outputs
        ):  # the worker's: its time was up
            outputs = self.timed_out(part.index, outputs)
        elif self.unsaid and any(output.get("ename") == "NameError" for output in outputs):
            said = "Instructor's cells that ended with an error in the examiner: " + "; ".join(
                self.unsaid
            )
            outputs.append({"output_type": "stream", "name": "stdout", "text": said + "\n"})
        return outputs

    def losses(self, index):
        """Note what became of candidates during the last cell."""
        for kind, text in self.line.remote.losses:
            self.event(kind, index, " ".join(filter(None, (text, self.line.why))))
        self.line.remote.losses.clear()

    def event(self, kind, index, text):
        """Note something that a human should see."""
        self.outcome.events.append(Event(kind, index, text))
