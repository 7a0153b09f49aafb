"""Owns what a diagnosis is: stable names, one sentence on the function at hand, and the hints that belong to the first name."""

from dataclasses import dataclass

from .. import messages


@dataclass(frozen=True)
class Diagnosis:
    """What was misunderstood: `names` (the most important first), and a `sentence` of which every word is true.

    It is `sure` if the function was seen to do just that wherever it was tried, else it "looks like" it.
    `hints_key` is the list of hints in the message that fits: "hints", or another that begins with this word.
    """

    names: tuple
    sentence: str
    sure: bool = True
    hints_key: str = "hints"

    @property
    def name(self):
        """The names in one word for tables and counts: kernel-flipped+stride-not-one."""
        return "+".join(self.names)

    @property
    def hints(self):
        """The hints, from general to specific: a list of sentences."""
        return list(messages.table("diagnoses")[self.names[0]][self.hints_key])


def diagnosed(name, /, sure=True, **facts):
    """The Diagnosis of this one name, its sentence made of the message's words and these `facts`."""
    return Diagnosis((name,), messages.say("diagnoses", name, **facts), sure)
