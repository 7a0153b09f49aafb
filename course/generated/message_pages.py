"""The pages of docs/messages: every rung and every misconception, with what a student reads.

There is a page for each language. What is read is made by running a sample answer for each.
"""

import argparse
import contextlib
import io
import random
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from .. import answers, gate, layout
from ..answers import Answer

FOLDER = layout.ROOT / "docs"
SOURCE = "source/convolution/convlab/messages/"
MADE = f"<!-- Made by `make release`, never edited: the words stand in {SOURCE}. -->"
WORDS = {  # of the page itself
    "en": {
        "head": "# What students read",
        "about": "Every message of the ladder `check(conv2d)` and of the graded cells, to be read "
        f"together. The words\nstand in [{SOURCE}](../{SOURCE}), in files that need no Python to "
        "be edited; `make release`\nmakes this page anew by running a sample answer for each. "
        "The same page in German: [messages.de.md](messages.de.md).",
        "ladder": "## The ladder\n\nA rung that fails without a diagnosis gives its own hints.",
        "names": "## The misconceptions\n\nThe name is what tables and counts show; it is stable. "
        "The sample is what `check(conv2d, hint=3)`\nsays of the wrong answer named, without the "
        "ladder around it.",
        "sample": "Sample answer `{name}`. {about}",
        "none": "No sample answer has it.",
    },
    "de": {
        "head": "# Was Studierende lesen",
        "about": 'Jede Meldung der Leiter `check(conv2d, language="de")` und der bewerteten '
        f"Zellen, zum Lesen am Stück. Die Worte\nstehen in [{SOURCE}](../{SOURCE}); `make release` "
        "macht diese Seite neu,\nindem es für jede eine Beispielantwort ausführt. Dieselbe Seite "
        "auf Englisch: [messages.md](messages.md).",
        "ladder": "## Die Leiter\n\nEine Sprosse, die ohne Diagnose nicht hält, gibt ihre eigenen "
        "Hinweise.",
        "names": "## Die Missverständnisse\n\nDer Name ist, was Tabellen zählen; er bleibt in "
        'jeder Sprache gleich. Das Beispiel ist, was\n`check(conv2d, hint=3, language="de")` zu '
        "der genannten falschen Antwort sagt, ohne die Leiter darum.",
        "sample": "Beispielantwort `{name}` ({about})",
        "none": "Keine Beispielantwort hat es.",
    },
}


def name_of(language: str) -> str:
    """The file name of the page in a language."""
    return "messages.md" if language == "en" else f"messages.{language}.md"


def pages() -> dict[str, str]:
    """The pages as Markdown, by file name; the same at every run."""
    from convlab import messages

    known = [*answers.load(), *answers.load(answers.LADDER)]
    plainest_last = sorted(known, key=plainness, reverse=True)
    samples = {sample.diagnoses[0][0]: sample for sample in plainest_last if sample.diagnoses}
    read = {name: texts(sample) for name, sample in samples.items()}
    return {name_of(language): page(language, samples, read) for language in messages.LANGUAGES}


def page(language: str, samples: dict[str, Answer], read: dict[str, dict[str, str]]) -> str:
    """The page in one language; `read` is what students with each misconception read."""
    from convlab import messages
    from convlab.ladder.rungs import RUNGS

    words, rungs = WORDS[language], messages.table("rungs", language)
    parts = [MADE, words["head"], words["about"], words["ladder"]]
    parts += [rung(number, rungs[name]) for number, name in enumerate(RUNGS, 1)]
    parts += [words["names"]]
    for name, entry in messages.table("diagnoses", language).items():
        parts += [f"### `{name}`", entry["means"]]
        if name in samples:
            sample = samples[name]
            parts += [words["sample"].format(name=sample.name, about=sample.about)]
            parts += [f"```text\n{read[name][language]}\n```"]
        else:
            parts += [words["none"]]
    return "\n\n".join(parts) + "\n"


def plainness(sample: Answer) -> tuple[int, int]:
    """How clear a sample is for a name: one without other names or ways to see it is first."""
    return len(sample.diagnoses), sum(map(len, sample.diagnoses))


def rung(number: int, entry: dict[str, Any]) -> str:
    """One rung: its idea, what it asks, its hints."""
    hints = "\n".join(f"{place}. {hint}" for place, hint in enumerate(entry["hints"], 1))
    return f"### {number}. {entry['title']}\n\n{entry['asks']}\n\n{hints}"


def texts(sample: Answer) -> dict[str, str]:
    """What `check` says of a sample answer below its ladder, by language; always the same."""
    from convlab import messages

    return {language: text(sample, language) for language in messages.LANGUAGES}


def text(sample: Answer, language: str) -> str:
    """What `check` says of a sample answer in one language, with the same numbers at every run."""
    from convlab import check, explained
    from convlab.ladder.report import finding_as_text
    from convlab.mistakes import Mistake

    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(gate.LEFT_OVER, namespace)
    nothing = io.StringIO()
    with (
        the_same_numbers(),
        mock.patch.object(time, "perf_counter", time.process_time),  # however busy the machine is
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        with contextlib.suppress(Exception):
            exec(sample.source, namespace)
        notebook = vars(sys.modules["__main__"])  # where check looks for the name conv2d
        given = {"conv2d": namespace["conv2d"]} if "conv2d" in namespace else {}
        try:
            with explained(), mock.patch.dict(notebook, given):
                report = check(eval("conv2d", namespace), hint=3, language=language)
                return finding_as_text(report.finding) if report.finding else ""
        except Mistake as missing:  # there is no conv2d to be checked
            return missing.text(language)


@contextlib.contextmanager
def the_same_numbers() -> Iterator[None]:
    """Let examples that are new at every run be the same ones, and a learner's dice too."""
    import torch

    torch.manual_seed(0)
    chance = random.Random(0)
    with mock.patch.multiple(secrets, randbelow=chance.randrange, randbits=chance.getrandbits):
        yield


def main(arguments: list[str] | None = None) -> int:
    """Write the pages into docs/, or the folder named; with --check, compare only."""
    parser = argparse.ArgumentParser(
        prog="course.generated.message_pages", description=main.__doc__
    )
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument(
        "--check", action="store_true", help="fail if a page is not what would be written"
    )
    chosen = parser.parse_args(arguments)
    gate.prepare()
    stale = 0
    for name, made in pages().items():
        path = chosen.folder / name
        if not chosen.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != made:
            print(f"{name} is not what the messages and sample answers make. Run: make release")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
