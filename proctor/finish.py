"""Owns what happens to a notebook between its last cell and its file: outputs made harmless, nbgrader's configured steps, the marks."""

from nbgrader.preprocessors import AssignLatePenalties, Execute, SaveAutoGrades

from . import scores, session
from .clean import clean_outputs


def cleaned(plan, outcome):
    """The plan's notebook with what came out, harmless. Runs in the examiner's process, one for each submission."""
    for index, outputs in outcome.outputs.items():
        outcome.outputs[index] = clean_outputs(outputs)
    notebook = session.fill(plan, outcome)
    outcome.outputs = {}
    return notebook


def finished(course, assignment, student, name, notebook):
    """The notebook as it is written, and its marks: nbgrader's configured steps after Execute, with SaveAutoGrades' place in them."""
    resources = {"nbgrader": {"student": student, "assignment": assignment, "notebook": name, "db_url": course.db_url},
                 "unique_key": name, "output_files_dir": f"{name}_files", "metadata": {"name": name}}
    marks = None
    for step in course.finishing:
        if isinstance(step, SaveAutoGrades):
            marks = scores.marks(notebook)
        elif not isinstance(step, (Execute, AssignLatePenalties)):
            notebook, resources = step(notebook, resources)
    return notebook, marks or scores.Marks()
