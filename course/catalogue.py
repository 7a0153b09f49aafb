"""docs/messages.md: every rung and every misconception, with what a student reads.

What is read is made by running a sample answer for each.
"""

import argparse
import contextlib
import io
import random
import secrets
import sys
from pathlib import Path
from unittest import mock

from . import answers, gate, layout

PAGE = layout.ROOT / "docs" / "messages.md"
WORDS = "source/convolution/convlab/messages/"
HEAD = f"""<!-- Made by `make release`, never edited: the words stand in {WORDS}. -->
# What students read

Every message of the ladder `check(conv2d)` and of the graded cells, to be read together. The words
stand in [{WORDS}](../{WORDS}), in files that need no Python to be edited;
`make release` makes this page anew by running a sample answer for each.
"""


def page():
    """The whole page as Markdown; the same at every run."""
    from convlab import messages

    rungs, diagnoses = messages.table("rungs"), messages.table("diagnoses")
    from convlab.ladder.rungs import RUNGS

    known = [*answers.load(), *answers.load(answers.LADDER)]
    samples = {
        sample.diagnoses[0][0]: sample
        for sample in sorted(known, key=plainness, reverse=True)
        if sample.diagnoses
    }
    parts = [
        HEAD,
        "\n## The ladder\n\nA rung that fails without a diagnosis gives its own three hints.\n",
    ]
    parts += [rung(number, rungs[name]) for number, name in enumerate(RUNGS, 1)]
    parts += [
        "\n## The misconceptions\n\n"
        "The name is what tables and counts show; it is stable. The sample is what "
        "`check(conv2d, hint=3)` says of the wrong answer named, without the ladder around it.\n"
    ]
    parts += [misconception(name, entry, samples.get(name)) for name, entry in diagnoses.items()]
    return "\n".join(parts)


def plainness(sample):
    """How clear a sample is for a name: one without other names or other ways to see it comes
    first.
    """
    return len(sample.diagnoses), sum(map(len, sample.diagnoses))


def rung(number, entry):
    """One rung: its idea, what it asks, its hints."""
    return f"### {number}. {entry['title']}\n\n{entry['asks']}\n\n{listed(entry['hints'])}\n"


def misconception(name, entry, sample):
    """One misconception: what it means, and what a student with it reads."""
    shown = (
        f"Sample answer `{sample.name}`. {sample.about}\n\n```text\n{told(sample)}\n```\n"
        if sample
        else "No sample answer has it.\n"
    )
    return f"### `{name}`\n\n{entry['means']}\n\n{shown}"


def listed(hints):
    """Hints as a numbered list."""
    return "\n".join(f"{number}. {hint}" for number, hint in enumerate(hints, 1))


def told(sample):
    """What the check says of a sample answer, below its ladder; the numbers are the same at every
    run.
    """
    from convlab import check, explained
    from convlab.ladder.report import finding_as_text

    namespace = {"__name__": "__main__"}
    exec(gate.LEFT_OVER, namespace)
    with (
        the_same_numbers(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        with contextlib.suppress(Exception):
            exec(sample.source, namespace)
        notebook = vars(sys.modules["__main__"])  # where check looks for the name conv2d
        given = {"conv2d": namespace["conv2d"]} if "conv2d" in namespace else {}
        try:
            with explained(), mock.patch.dict(notebook, given):
                return finding_as_text(check(eval("conv2d", namespace), hint=3).finding)
        except AssertionError as missing:  # there is no conv2d to be checked
            return str(missing)


@contextlib.contextmanager
def the_same_numbers():
    """Let examples that are new at every run be the same ones, and a learner's dice too."""
    import torch

    torch.manual_seed(0)
    chance = random.Random(0)
    with mock.patch.multiple(secrets, randbelow=chance.randrange, randbits=chance.getrandbits):
        yield


def main(arguments=None):
    """Write docs/messages.md, or the file named; with --check, compare only."""
    parser = argparse.ArgumentParser(prog="course.catalogue", description=main.__doc__)
    parser.add_argument("path", type=Path, nargs="?", default=PAGE)
    parser.add_argument(
        "--check", action="store_true", help="fail if the page is not what would be written"
    )
    chosen = parser.parse_args(arguments)
    gate.prepare()
    made = page()
    if not chosen.check:
        chosen.path.write_text(made, "utf-8")
        return 0
    if chosen.path.exists() and chosen.path.read_text("utf-8") == made:
        return 0
    print(f"{chosen.path.name} is not what the messages and sample answers make. Run: make release")
    return 1


if __name__ == "__main__":
    sys.exit(main())
