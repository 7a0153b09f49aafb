"""Owns running the instructor's cells, and the test cells, in the trusted process."""

from nbformat import from_dict

from proctor.candidate import environment as neutral, forkserver as zygote
from proctor.candidate.outputs import bounded
from proctor.candidate.shell import Shell
from proctor.examiner.template_data import runs
from proctor.wire.chance import Seeds
from proctor.examiner.alike import classes_of_students


class Cells:
    """The examiner's shell over the names of the test cells; made once, then forked for each submission."""

    def __init__(self, names, imports):
        self.names = names
        self.shell = Shell.instance(user_ns=names)
        neutral.working_folder_on_path()
        zygote.load(imports)
        names.libraries = names.reference.libraries()
        classes_of_students()
        self.seeds = Seeds()
        self.seeds.watch()
        zygote.warm(self.shell)

    def prefix(self, parts, shown=True):
        """Run the cells that come before a student's first one; return their outputs by index, and what failed. Without
        `shown` nothing is drawn, which takes most of the time, and no outputs are kept."""
        outputs, failed, count = {}, [], 0
        self.fresh()
        if not shown:
            self.shell.display_formatter.format = zygote.undrawn
        for part in parts:
            if runs(part):
                count += 1
                put_out, ok = self.shell.cell(part.examiners, count)
                outputs[part.index] = [from_dict(output) for output in put_out] if shown else []
                self.names.instructor_ran(part.examiners)
                failed += [] if ok else [part.index]
        if not shown:
            del self.shell.display_formatter.format
        self.shell.before_fork()
        self.shell.prefilter_manager.prefilter_lines = (
            unchanged  # it looks up what begins a line, which would ask the candidate
        )
        return outputs, failed

    def fresh(self):
        """Collect what this very process writes, and nothing of the one it was forked from."""
        self.shell.take_streams((bounded(), bounded()))
        self.seeds.due.clear()

    def silently(self, part):
        """Run the instructor's text of a part for its names; return the first error in words."""
        count = self.shell.execution_count
        self.names.begins(part.examiners)
        outputs, ok = self.shell.cell(part.examiners, count)
        self.shell.execution_count = count
        self.names.instructor_ran(part.examiners)
        self.seeds.due.clear()  # the candidate ran this cell, too
        return "" if ok else first_error(outputs)

    def test(self, text, count):
        """Run a test cell; return its outputs, with what went to stderr as ordinary output: a warning must not cost points."""
        self.seeds.watch()
        self.names.remote.told.patches.watch()
        with self.names.testing(text):
            outputs, ok = self.shell.cell(text, count)
        return merged([from_dict(output) for output in outputs]), ok


def unchanged(lines, continue_prompt=False):
    """The lines themselves."""
    return lines


def first_error(outputs):
    """The first error among outputs, in words."""
    return next(
        (
            f"{output['ename']}: {output['evalue']}"
            for output in outputs
            if output["output_type"] == "error"
        ),
        "",
    )


def merged(outputs):
    """Outputs whose streams are all stdout, joined where they then touch."""
    joined = []
    for output in outputs:
        if output["output_type"] == "stream":
            output = output | {"name": "stdout"}
            if joined and joined[-1]["output_type"] == "stream":
                joined[-1] = output | {"text": joined[-1]["text"] + output["text"]}
                continue
        joined.append(output)
    return joined
