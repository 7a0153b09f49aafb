"""The settings of this course, each with its reason; every nbgrader command here reads them."""

import proctor.nbgrader_plugin

c = get_config()  # noqa: F821  (nbgrader provides it)

# `nbgrader autograde` and the formgrader's Autograde do what `proctor grade` does: the students'
# code runs confined. On a machine that cannot confine (macOS, Windows) they refuse; sandbox=False
# lets them.
proctor.nbgrader_plugin.configure(c)

# The exchange and the gradebook file this course's assignments under this name.
c.CourseDirectory.course_id = "convolution"

# What a student finds in the place of the solution: a sentence that says what to do, of any
# assignment.
c.ClearSolutions.code_stub = {
    "python": "raise NotImplementedError("
    '"This is still to be written: replace this line by your own code.")'
}

# What running leaves beside the notebook is neither released nor collected. (Setting this replaces
# nbgrader's own list, so its four entries come first.)
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    ".DS_Store",
    "Thumbs.db",
    ".*_cache",
]

# A student who deletes a graded cell gets it back: every submission is asked the same questions.
c.OverwriteCells.add_missing_cells = True

# A cell that hangs is stopped after this many seconds and scores 0; what hangs after it in the same
# notebook, much sooner. The checks stop a call of conv2d after 5 seconds themselves, so only code
# outside conv2d, or code that swallows this, meets the limit.
c.ExecutePreprocessor.timeout = 10

# A print in an endless loop must not fill the gradebook's pages: keep the output's beginning.
c.LimitOutput.max_lines = 500
c.LimitOutput.max_traceback = 60

# Formulas on feedback pages are MathML, which needs no network; nbconvert's own filter leaves them
# to a program elsewhere.
c.HTMLExporter.filters = {"markdown2html": "course.formulas.MarkdownFilter"}
