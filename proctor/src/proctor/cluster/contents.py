"""What travels to the machines of a cluster: an assignment's notebook once, and each submission.

All of it is plain bytes, known by their digest, so that a worker that has an assignment is not sent
it again.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import pickle
import platform
from dataclasses import dataclass, replace
from pathlib import Path

from proctor.examiner.template import Task, Template
from proctor.sandbox.files import pack, unpack

COMPARED = ("nbgrader-proctor", "nbgrader", "ipython", "ipykernel", "nbformat", "nbconvert")
COMPARED_IF_THERE = ("numpy", "torch", "pandas", "scipy", "matplotlib", "scikit-learn", "sympy")

Files = dict[str, bytes]


@dataclass(frozen=True)
class Assignment:
    """A notebook of an assignment, as a worker gets it: `content` holds the rest, `digest` is its
    name, `versions` are those that a worker must have as well."""

    digest: str
    content: bytes
    versions: dict[str, str]


@dataclass(frozen=True)
class Submission:
    """One submission's task, and the student's own files beside its notebook."""

    task: Task
    files: Files


def versions() -> dict[str, str]:
    """The versions of what may decide about points on this machine."""
    found = {"Python": platform.python_version()}
    for name in (*COMPARED, *COMPARED_IF_THERE):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name in COMPARED:
                found[name] = "not installed"
    return found


def different(here: dict[str, str], there: dict[str, str]) -> str:
    """What differs between two machines' versions, in words; "" if nothing does."""
    return ", ".join(
        f"{name} {here.get(name, 'not installed')} here and {there.get(name, 'not installed')} there"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    )


def packed_assignment(template: Template) -> Assignment:
    """A template as bytes, with the contents of its support files."""
    support = pack(str(template.support)) if template.support else []
    # How many are to be graded says nothing of the assignment, and would be another digest.
    plain = replace(template, support=None, submissions=0)
    content = pickle.dumps((plain, support))
    return Assignment(hashlib.blake2b(content, digest_size=20).hexdigest(), content, versions())


def unpacked_assignment(assignment: Assignment, folder: Path) -> Template:
    """The template, its support files written below `folder`."""
    template, support = pickle.loads(assignment.content)
    folder.mkdir()
    unpack(support, str(folder))
    return replace(template, support=folder)


def packed_submission(task: Task) -> bytes:
    """A task as bytes, with the contents of the student's own files."""
    files = {name: Path(path).read_bytes() for name, path in task.plan.files.items()}
    return pickle.dumps(Submission(replace(task, plan=replace(task.plan, files={})), files))


def unpacked_submission(content: bytes, folder: Path) -> Task:
    """The task, the student's own files written into `folder`, under names of ours."""
    submission: Submission = pickle.loads(content)
    files = {}
    for number, (name, data) in enumerate(submission.files.items()):
        place = folder / str(number)
        place.write_bytes(data)
        files[name] = str(place)
    task = submission.task
    return replace(task, plan=replace(task.plan, files=files))
