"""Owns the pools that examine a round's notebooks, one pool a notebook, and how the round asks them."""

import ast
import contextlib
import math

from IPython.core.inputtransformer2 import TransformerManager

from proctor.examiner import template_data as session
from proctor.pool import pool as workers
from proctor.course import CourseError
from proctor.examiner.harmless import cleaned
from proctor.sandbox import Limits

NO_LIMIT = 7 * 86400.0  # seconds; Execute.timeout = None


class Examiners:
    """The pools of a round, open. Raises CourseError in words if one cannot start."""

    def __init__(self, skeletons, support, count, timeout, sandbox):
        self.skeletons, self.support, self.count = skeletons, support, count
        self.timeout, self.sandbox, self.pools = timeout or NO_LIMIT, sandbox, {}
        for skeleton in skeletons.values():
            python_only(skeleton)

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            for name, skeleton in self.skeletons.items():
                made = template(skeleton, self.support, self.timeout, self.sandbox)
                self.pools[name] = self.stack.enter_context(
                    workers.Pool(made, workers=self.count, finish=cleaned)
                )
        except workers.CannotStart as error:
            self.stack.close()
            raise CourseError(str(error)) from error
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *error):
        self.stack.close()

    def warnings(self, name):
        """What went wrong in the instructor's own cells, before any student's; known when all they show is drawn."""
        return [f"{name}: {event.text}" for event in self.pools[name].prefix.events]

    def examine(self, name, plans):
        """(key, outcome, notebook) of each (key, plan), as they are done."""
        try:
            yield from self.pools[name].examine(plans)
        except workers.CannotStart as error:
            raise CourseError(str(error)) from error


def template(skeleton, support, timeout, sandbox):
    """What all submissions of the notebook share."""
    timeout = timeout or NO_LIMIT
    tests = [slot.cell.source for slot in skeleton.slots if slot.side == "test"]
    return session.Template(
        prefix=skeleton.prefix,
        support=support,
        imports=imports(skeleton),
        timeout=timeout,
        sandbox=sandbox,
        tests=tests,
        reference=skeleton.reference,
        limits={"cpu_seconds": computing(skeleton, timeout)} | skeleton.limits,
        secret=skeleton.secret,
    )


def computing(skeleton, timeout):
    """Seconds of computing for a whole submission: each of its cells may take all the time it has, and be run once more."""
    return max(Limits().cpu_seconds, math.ceil(2 * timeout * len(skeleton.slots)))


def python_only(skeleton):
    """Refuse a notebook of another language, in words."""
    kernel = skeleton.notebook.metadata.get("kernelspec", {})
    language = kernel.get("language") or kernel.get("name") or "python"
    if not language.startswith(("python", "ipython")):
        raise CourseError(
            f"{skeleton.name} is a notebook in {language}; proctor grades Python. Use `nbgrader autograde` for it."
        )


def imports(skeleton):
    """The modules that the instructor's cells import at their top, to be imported once before any student's code."""
    found, magic = dict.fromkeys(skeleton.imports), TransformerManager()
    for slot in skeleton.slots:
        if slot.cell.cell_type == "code" and slot.side in ("both", "test", "candidate"):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                for node in ast.parse(magic.transform_cell(slot.cell.source)).body:
                    if isinstance(node, ast.Import):
                        found |= dict.fromkeys(alias.name for alias in node.names)
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        found[node.module] = None
    return list(found)
