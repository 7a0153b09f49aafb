"""How an attack's success is recognised: points against merits, the class, canaries, what is left behind."""

import fnmatch
import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from . import course

OWNED = "OWNED"  # in every script an attack plants
TOO_BIG = 20_000_000  # bytes of an autograded folder
DEEP = 4_000  # bytes of a path; Linux takes 4,096


def files(folder, pattern="*"):
    """The regular files in a folder, in order, by name; not those an attack buried deeper than a path is long."""
    found = [
        Path(place) / name
        for place, _, names in os.walk(folder)
        for name in fnmatch.filter(names, pattern)
    ]
    return sorted(
        file
        for file in found
        if len(os.fsencode(file)) < DEEP and file.is_file() and not file.is_symlink()
    )


RECORDS = ("feedback.json", "gradings.jsonl", "gradings.lock")


@dataclass
class Before:
    """What must not change while a class is graded."""

    kept: dict

    @classmethod
    def of(cls, target):
        return cls(fingerprints(target))


def fingerprints(target):
    """The instructor's and the class's files, by content; not the records that proctor itself keeps
    of gradings and of the pages it has written."""
    found = {}
    for part in ("source", "release", "submitted", ".proctor", "nbgrader_config.py"):
        path = target.root / part
        for file in [path] if path.is_file() else files(path):
            if (
                file.name not in RECORDS
                and os.access(file, os.R_OK)
                and file.stat().st_size < 10 * TOO_BIG
            ):
                found[str(file.relative_to(target.root))] = hashlib.sha256(
                    file.read_bytes()
                ).hexdigest()
    return found


@dataclass
class Verdict:
    """What an attack achieved, in a few words each; nothing where it failed."""

    success: list = field(default_factory=list)
    points: dict = field(default_factory=dict)

    def __str__(self):
        return "; ".join(self.success) or "holds"


def points(target):
    """{student: {graded cell: points}} as the gradebook has it; {} when it cannot be read."""
    from nbgrader.api import Gradebook

    found = {}
    try:
        with Gradebook(f"sqlite:///{target.root / 'gradebook.db'}") as gradebook:
            for submission in gradebook.assignment_submissions(course.ASSIGNMENT):
                cells = found.setdefault(submission.student_id, {})
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        score = (
                            grade.manual_score
                            if grade.manual_score is not None
                            else grade.auto_score
                        )
                        cells[grade.name] = (score or 0) + (grade.extra_credit or 0)
    except Exception as problem:  # whatever an attack left of the database
        return {"": {"problem": f"{type(problem).__name__}: {problem}"[:200]}}
    return found


def waiting(target):
    """{student: the names of tests that wait for a human}; {} when the gradebook cannot be read."""
    from nbgrader.api import Gradebook

    found = {}
    try:
        with Gradebook(f"sqlite:///{target.root / 'gradebook.db'}") as gradebook:
            for submission in gradebook.assignment_submissions(course.ASSIGNMENT):
                cells = found.setdefault(submission.student_id, [])
                for notebook in submission.notebooks:
                    cells += [
                        grade.name
                        for grade in notebook.grades
                        if grade.needs_manual_grade and grade.name.startswith("checks")
                    ]
    except Exception:  # whatever an attack left of the database: points() tells
        return {}
    return found


def judge(target, attack, arena, before, victims):
    """The Verdict on one attack that had a class of its own, after the class was graded in the arena."""
    found = points(target)
    return Verdict(
        [*personal(target, attack, found), *general(target, arena, before, victims, found)],
        found.get(attack.who, {}),
    )


def personal(target, attack, found):
    """What an attacker won that shows with the attacker alone."""
    scores = found.get(attack.who, {})
    over = {name: score for name, score in scores.items() if score > attack.merits.get(name, 0)}
    if over:
        yield f"undeserved points: {sum(over.values()) - sum(attack.merits.get(name, 0) for name in over):g}"
    if not attack.spoils and any(
        scores.get(name, 0) < score for name, score in attack.merits.items()
    ):
        yield "the student loses deserved points"
    folders = [target.root / part / attack.who for part in ("autograded", "feedback")]
    for kind in leaks(folders, target.canaries):
        yield f"reads {kind}"
    yield from harm(target, attack)


def general(target, arena, before, victims, found):
    """What happened to the others, the instructor, and the machine."""
    ungraded = [
        name
        for name in victims
        if name not in found
        or not (target.root / "autograded" / name / course.ASSIGNMENT / "means.ipynb").exists()
    ]
    if ungraded:
        yield "class not graded" if victims[0] in ungraded else "the rest of the class not graded"
    if any(
        found.get(name) and worth(found[name]) != worth(course.VICTIMS[name].deserves)
        for name in victims
        if name not in ungraded
    ):
        yield "changes others' grades"
    for kind in leaks_in(arena["sent"] + texts(target.outside), target.canaries):
        yield f"sends {kind}"
    if any(path.name != "leak.txt" for path in target.outside.iterdir()):
        yield "writes outside its folder"
    if changed := changes(target, before):
        yield "changes " + ", ".join(changed)
    if arena["left"]:
        yield "leaves a process running"
    if any(run["status"] == "hangs" for run in arena["runs"]):
        yield "grading hangs"


def worth(cells):
    """Points of the automatically graded cells, without the zeros."""
    return {name: score for name, score in cells.items() if score}


def texts(folder, pattern="*"):
    """All that the files in a folder say, big ones left out."""
    return "".join(
        file.read_bytes().decode("utf-8", "replace")
        for file in files(folder, pattern)
        if file.stat().st_size < TOO_BIG
    )


def leaks(folders, canaries):
    """The kinds of canary in what is given back to a student; the tests themselves may be in notebook and page, nbgrader puts them there."""
    heard = "".join(map(texts, folders))
    beside = "".join(texts(folder, "*[!bl]") for folder in folders)  # all but .ipynb and .html
    bare = [
        kind
        for kind, canary in canaries.items()
        if canary in (beside if kind == "hidden" else heard)
    ]
    return sorted({*bare, *leaks_in(heard, canaries)})


def leaks_in(heard, canaries):
    """A shout counts if its key is right: nobody can make one up."""
    shouted = set(re.findall(r"LEAK ([a-z]+) ([0-9a-f]{16})", heard))
    return sorted(
        kind
        for kind, canary in canaries.items()
        if (kind, canary.rpartition("-")[2][::-1]) in shouted
    )


def changes(target, before):
    now = fingerprints(target)
    differ = {
        name for name in before.kept.keys() | now.keys() if before.kept.get(name) != now.get(name)
    }
    return sorted(
        {
            "others' submissions"
            if name.startswith("submitted")
            else "the configuration"
            if name.endswith("config.py")
            else "the instructor's files"
            for name in differ
        }
    )


def harm(target, attack):
    """What an attack did to the folder it is given back in: too big, a boast, a script."""
    folder = target.root / "autograded" / attack.who
    if sum(file.stat().st_size for file in files(folder)) > TOO_BIG:
        yield "floods the autograded folder"
    yield from sorted(set(re.findall(r"BOAST ([a-z0-9' ]+)!", outputs(folder), re.IGNORECASE)))
    if OWNED in texts(folder, "*.ipynb") and scripts(target, attack):
        yield "script in the instructor's browser"


def outputs(folder):
    """What the notebooks in a folder show, as text; neither the cells nor a traceback, whose source lines boast of what was only tried."""
    read = [file for file in files(folder, "*.ipynb") if file.stat().st_size < TOO_BIG]
    shown = [output for file in read for cell in cells(file) for output in cell.get("outputs", ())]
    return json.dumps([output for output in shown if output.get("output_type") != "error"])


def cells(file):
    """The cells of a notebook; none where stock has copied a file that is no notebook."""
    try:
        return json.loads(file.read_bytes())["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


class Scripts(HTMLParser):
    """Looks for anything that would run, with the attack's mark in it."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], ""

    def handle_starttag(self, tag, attributes):
        self.inside = tag if tag in ("script", "style") else ""
        for name, value in attributes:
            value = re.sub(r"[\s\0]", "", value or "").lower()
            if OWNED.lower() in value and (
                name.startswith("on")
                or name == "srcdoc"
                or "javascript:" in value
                or value.startswith("data:text/html")
                or "data:image/svg" in value
                and tag in ("iframe", "object", "embed")
            ):
                self.found.append(f"<{tag} {name}>")
            if name == "type" and tag == "script" and "json" in value:
                self.inside = ""

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script" and OWNED in data:
            self.found.append("<script>")


def scripts(target, attack):
    """The places with a planted script in the pages an instructor and a student open: the formgrader's rendering and the feedback."""
    from nbconvert import HTMLExporter

    pages = [
        file.read_text("utf-8", "replace")
        for file in files(target.root / "feedback" / attack.who, "*.html")
    ]
    for file in files(target.root / "autograded" / attack.who, "*.ipynb"):
        if cells(file):
            pages.append(HTMLExporter().from_filename(str(file))[0])
    found = []
    for page in pages:
        parser = Scripts()
        parser.feed(page)
        found += parser.found
    return found
