"""What a class misunderstood: the diagnoses in its autograded notebooks, counted and as a table."""

import argparse
import csv
import functools
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import layout, notebook

# A line of a Mistake's text. Its form is the same in every language, so only the name, never
# the sentence behind it, decides anything here.
DIAGNOSIS = re.compile(r"^Diagnosis \[([a-z0-9+-]+)\]: (.*)$", re.MULTILINE)
FILE = "misconceptions.csv"

Said = dict[str, tuple[str, str]]  # by graded cell: the name, its parts joined by +, and a sentence


def found(graded: NotebookNode) -> Said:
    """The diagnoses in one autograded notebook."""
    said = {}
    for name, cell in notebook.graded(graded).items():
        for output in cell.outputs:
            diagnosis = output.output_type == "error" and DIAGNOSIS.search(output.evalue)
            if diagnosis:
                said[name] = diagnosis[1], diagnosis[2]
    return said


def collected(root: Path) -> dict[str, Said]:
    """The diagnoses of everybody in autograded/ of the course directory `root`, by student."""
    paths = sorted((root / "autograded").glob(f"*/{layout.ASSIGNMENT}/{layout.NOTEBOOK}"))
    return {path.parts[-3]: found(nbformat.read(path, as_version=4)) for path in paths}


def counted(diagnoses: dict[str, Said]) -> list[tuple[str, int]]:
    """How many students each name was met with, the most frequent first."""
    each = [
        {part for name, _ in said.values() for part in name.split("+")}
        for said in diagnoses.values()
    ]
    return sorted(
        Counter(part for parts in each for part in parts).items(),
        key=lambda pair: (-pair[1], pair[0]),
    )


@functools.cache
def meanings() -> dict[str, str]:
    """What each name means, from the messages that the lesson ships."""
    path = layout.SOURCE / "convlab" / "messages" / "en" / "diagnoses.toml"
    return {name: entry["means"] for name, entry in tomllib.loads(path.read_text("utf-8")).items()}


def meaning(name: str) -> str:
    """What a name means, or several that are joined by +; nothing if it is none of the lesson's."""
    return "; ".join(meanings().get(part, "") for part in name.split("+"))


def text(diagnoses: dict[str, Said]) -> str:
    """The counts as a table: how many students, the name, what it means."""
    rows, means = counted(diagnoses), meanings()
    if not rows:
        return "No misconception was recorded."
    wide = max(len(name) for name, _ in rows)
    lines = [f"{'students':>8}  {'misconception':<{wide}}  which means", "-" * (wide + 60)]
    return "\n".join(
        [*lines, *(f"{count:>8}  {name:<{wide}}  {means.get(name, '')}" for name, count in rows)]
    )


def write(diagnoses: dict[str, Said], path: Path) -> None:
    """Write a line for each student, graded cell and name, with the sentence, to `path`."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["student", "cell", "misconception", "sentence"])
        lines.writerows(
            [student, cell, part, sentence]
            for student, said in diagnoses.items()
            for cell, (name, sentence) in said.items()
            for part in name.split("+")
        )


def main(arguments: list[str] | None = None) -> int:
    """Count the misconceptions in autograded/, and write them to misconceptions.csv by student."""
    parser = argparse.ArgumentParser(prog="course.misconceptions", description=main.__doc__)
    parser.add_argument(
        "--course", type=Path, default=layout.ROOT, help="the course directory (default: this one)"
    )
    root = parser.parse_args(arguments).course.resolve()
    diagnoses = collected(root)
    if not diagnoses:
        print(
            f"Nothing has been autograded yet: there is no notebook in {root / 'autograded'}. "
            "`make demo` grades a sample class."
        )
        return 1
    print(text(diagnoses))
    write(diagnoses, root / FILE)
    print(f"\n{len(diagnoses)} notebooks read. Student by student: {root / FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
