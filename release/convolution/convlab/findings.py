"""What was found in an answer, as data beside what is displayed: so that a class can be counted.

A grader reads the names from a cell's outputs; a notebook shows nothing of these data.
"""

import dataclasses
import tomllib
from typing import Any

from .diagnosis import Diagnosis
from .messages import HOME, message, table

KIND = "application/vnd.proctor.finding+json"
PARTS = {  # of the lesson, by name
    name: int(part)
    for part, names in tomllib.loads((HOME / "parts.toml").read_text("utf-8")).items()
    for name in names
}


def findings(diagnosis: Diagnosis | None, language: str | None = None) -> list[dict[str, str]]:
    """The names of a Diagnosis, each with its sentences, its meaning, and the part to show again.

    A fact is told at the name that it is about, else at the first.
    """
    if diagnosis is None:
        return []
    entries = table("diagnoses", language)
    facts: dict[str, list] = {name: [] for name in diagnosis.names}
    for fact in diagnosis.facts:
        owner = fact.name.split(".")[0] if fact.file == "diagnoses" else ""
        facts[owner if owner in facts else diagnosis.names[0]].append(fact)
    sure = "" if diagnosis.sure else f"{message('rungs', 'looks-like').text(language)} "
    recorded = []
    for name, about in facts.items():
        told = dataclasses.replace(diagnosis, facts=tuple(about)).text(language) if about else ""
        again = message("words", "show-again", part=PARTS[name]).text(language)
        means = entries[name]["means"]
        text = f"{sure}{told}" if told else ""
        recorded.append({"name": name, "text": text, "means": means, "advice": again})
    return recorded


class Unshown:
    """A Diagnosis whose words stand in the message already: recorded, without anything to see."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {KIND: findings(self.diagnosis), "text/plain": ""}
