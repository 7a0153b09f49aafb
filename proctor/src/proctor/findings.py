"""What an instructor's cell found in a submission: names, sentences and pictures in its outputs."""

from dataclasses import dataclass

from nbformat import NotebookNode

KIND = "application/vnd.proctor.finding+json"
PICTURES = ("text/html", "image/svg+xml", "image/png")


@dataclass(frozen=True)
class Finding:
    """One thing that was found."""

    name: str
    text: str
    means: str = ""
    advice: str = ""
    picture: NotebookNode | None = None


def found(cell: NotebookNode) -> list[Finding]:
    """The findings in a cell's outputs."""
    told = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        for one in data.get(KIND, []):
            picture = output if any(kind in data for kind in PICTURES) else None
            told.append(
                Finding(
                    one["name"],
                    one.get("text", ""),
                    one.get("means", ""),
                    one.get("advice", ""),
                    picture,
                )
            )
    return told
