"""What an instructor's test found in an answer, by name: the format in which a test records it.

proctor/docs/findings.md says it for instructors.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils

from proctor.sanitize.findings import KIND, clean_findings

PICTURES = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "image/gif")


@dataclass(frozen=True)
class Finding:
    """One thing that a test found in an answer.

    `picture` is the output that shows it, None if that shows nothing. Of a test that ran beside the
    student's code all of it is the student's word. Nothing of it is HTML but the picture.
    """

    name: str
    text: str = ""
    means: str = ""
    advice: str = ""
    picture: NotebookNode | None = None


def found(cell: NotebookNode) -> list[Finding]:
    """The findings in the outputs of a cell, in their order; none in a cell that is no test.

    What does not have the format is left out.
    """
    if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
        return []
    findings = []
    for output in cell.outputs:
        if output.get("output_type") in ("display_data", "execute_result"):
            data = output.get("data", {})
            picture = output if any(data.get(kind) for kind in PICTURES) else None
            findings += [Finding(**one, picture=picture) for one in clean_findings(data.get(KIND))]
    return findings
