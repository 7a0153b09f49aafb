"""What a failed graded cell records for a grader: names that are counted, beside what is shown."""

import json
import re

from convlab import checks, messages
from convlab.diagnosis import Diagnosis, diagnosed
from convlab.findings import KIND, PARTS, findings
from convlab.ladder import told
from convlab.messages import message
from convlab.mistakes import WrongValue
from samples import correlated

from course import layout

DIAGNOSES = messages.table("diagnoses")


def test_every_name_has_a_part_of_the_lesson_to_show_again():
    """Each of the names, and no other, has a numbered part that the notebook has."""
    cells = json.loads((layout.SOURCE / layout.NOTEBOOK).read_text("utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    numbers = {int(number) for number in re.findall(r"^## (\d+)\.", text, re.MULTILINE)}
    assert PARTS.keys() == DIAGNOSES.keys()
    assert set(PARTS.values()) <= numbers


def test_a_box_carries_the_name_the_sentence_the_meaning_and_the_advice():
    """What is recorded says what the box says, in plain text."""
    case = checks.example(8, 8, seed=1)
    mistake = WrongValue(message("mistakes", "not-defined"), about=(correlated, case))
    box = told(correlated, mistake, case, diagnosed("no-conv2d"))
    (one,) = box._repr_mimebundle_()[KIND]
    assert one["name"] == "no-conv2d"
    assert one["text"] == diagnosed("no-conv2d").text()
    assert one["means"] == DIAGNOSES["no-conv2d"]["means"]
    assert one["advice"] == "Show part 10 again."


def test_a_fact_stands_at_the_name_that_it_is_about():
    """Of two names each has its own sentence; what is about neither is told at the first."""
    facts = (
        message("diagnoses", "no-conv2d.say"),
        message("diagnoses", "stub-still-there.say"),
        message("words", "kind.a", type="list"),
    )
    recorded = findings(Diagnosis(("no-conv2d", "stub-still-there"), facts))
    first, second = (one["text"] for one in recorded)
    assert first == f"{facts[0].text()} {facts[2].text()}"
    assert second == facts[1].text()


def test_what_only_looks_like_it_says_so():
    """A sentence that was not seen to hold everywhere begins as it does in the box."""
    (one,) = findings(diagnosed("no-conv2d", sure=False))
    assert one["text"].startswith(message("rungs", "looks-like").text())


def test_what_was_not_found_is_not_recorded():
    """Without a Diagnosis the list is empty."""
    assert findings(None) == []
