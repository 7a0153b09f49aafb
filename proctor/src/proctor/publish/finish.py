"""Owns what happens to a harmless notebook before it is written: nbgrader's configured steps, and the marks."""

from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, Execute, SaveAutoGrades

from proctor.gradebook import scores


def finished(course, assignment, student, name, notebook):
    """The notebook as it is written, and its marks: nbgrader's configured steps after Execute, with SaveAutoGrades' place in them."""
    resources = {
        "nbgrader": {
            "student": student,
            "assignment": assignment,
            "notebook": name,
            "db_url": course.db_url,
        },
        "unique_key": name,
        "output_files_dir": f"{name}_files",
        "metadata": {"name": name},
    }
    marks = None
    done = (
        (Execute, AssignLatePenalties)
        if others(course)
        else (Execute, AssignLatePenalties, CheckCellMetadata)
    )  # the metadata is the source's
    for step in course.finishing:
        if isinstance(step, SaveAutoGrades):
            marks = scores.marks(notebook)
        elif not isinstance(step, done):
            notebook, resources = step(notebook, resources)
    return notebook, marks or scores.NotebookMarks()


def others(course):
    """Whether steps are configured that are neither nbgrader's nor nbconvert's, and could do anything to a notebook."""
    return any(
        not type(step).__module__.startswith(("nbgrader.", "nbconvert."))
        for step in course.finishing
    )
