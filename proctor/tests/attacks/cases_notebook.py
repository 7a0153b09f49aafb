"""Attacks by the submitted file itself: metadata, cells, JSON, names, links, files beside it."""

import json
import os

from .attack import LOOK, Attack
from .course import FULL, MEAN_ONLY, RIGHT_DESCRIBE, RIGHT_MEAN, by_name

TESTS = ("checks-mean", "checks-describe", "checks-both")
RIGHT = Attack(
    "right",
    "An honest, right submission.",
    "notebook",
    "holds",
    mean=RIGHT_MEAN,
    describe=RIGHT_DESCRIBE,
    merits=FULL,
)


def case(name, goal, stock, **rest):
    return Attack(name, goal, "notebook", stock, **rest)


def tests(change):
    """An edit that does `change` to each graded test cell."""

    def edit(notebook):
        for name in TESTS:
            change(by_name(notebook, name))

    return edit


def tagged(*tags):
    return tests(lambda cell: cell["metadata"].update(tags=list(tags)))


def nbgrader(**changes):
    return tests(lambda cell: cell["metadata"]["nbgrader"].update(changes))


def without_tests(notebook):
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") not in TESTS
    ]


def doubled(notebook):
    """Each test cell again at the end, empty, and again at the top."""
    for name in TESTS:
        twin = json.loads(json.dumps(by_name(notebook, name)))
        twin["source"], twin["id"] = "5", f"{name}-twin"
        notebook["cells"] = [twin | {"id": f"{name}-first"}, *notebook["cells"], twin]


def renamed(notebook):
    """The test cells exchange their names; the solution cell claims to be a test."""
    first, second = by_name(notebook, "checks-mean"), by_name(notebook, "checks-both")
    first["metadata"]["nbgrader"]["grade_id"], second["metadata"]["nbgrader"]["grade_id"] = (
        "checks-both",
        "checks-mean",
    )
    by_name(notebook, "describe")["metadata"]["nbgrader"].update(
        grade_id="checks-describe", grade=True, points=3
    )


def to_type(kind):
    def change(cell):
        cell["cell_type"] = kind
        cell.pop("outputs", None), cell.pop("execution_count", None)

    return tests(change)


def prefilled(notebook):
    for name in TESTS:
        by_name(notebook, name).update(
            outputs=[
                dict(
                    output_type="execute_result",
                    data={"text/plain": "5"},
                    metadata={},
                    execution_count=1,
                )
            ],
            execution_count=1,
            source="5",
        )


def kernel(**spec):
    return lambda notebook: notebook["metadata"].update(
        kernelspec=spec, language_info=dict(name=spec.get("language", "bash"))
    )


def text(write):
    return lambda notebook: write(json.dumps(notebook)).encode("utf-8", "surrogatepass")


def with_deep_metadata(notebook):
    return (
        json.dumps(notebook)
        .replace('"metadata": {}', '"metadata": {"x": ' + "[" * 100_000 + "]" * 100_000 + "}", 1)
        .encode()
    )


def twice(notebook):
    """Duplicate keys: the last `cells` wins in Python, another reader may take the first."""
    whole = json.dumps(notebook)
    return ('{"cells": [], ' + whole[1:-1] + ', "nbformat": 4}').encode()


def many_cells(notebook):
    notebook["cells"] += [
        dict(id=f"n{number}", cell_type="markdown", metadata={}, source="x")
        for number in range(3000)
    ]


def instead(make):
    """A submission without a regular notebook file; `make(path, target)` puts something else there."""
    return dict(
        raw=lambda notebook: None,
        place=lambda folder, target: make(folder / "means.ipynb", target),
        merits={},
    )


def linked(goal):
    return instead(lambda path, target: os.symlink(target.filled(goal), path))


def odd_names(folder, target):
    for name in (
        "a\nb.txt",
        "quote'\".txt",
        "<script>alert('OWNED')<",
        "snow☃.txt",
        "-rf",
        " ",
        "x" * 250,
        "..ipynb",
        "%2e%2e%2fx",
        "*.ipynb.txt",
    ):
        (folder / name).write_text("x")
    (folder / os.fsdecode(b"\xff\xfe.txt")).write_text("x")
    (folder / "other\n.ipynb").write_text("{}")


def links(folder, target):
    """Support files that are links, among them one whole folder and a loop."""
    for name, goal in (
        ("passwd.txt", "/etc/passwd"),
        ("source", "{{COURSE}}/source"),
        ("book.db", "{{COURSE}}/gradebook.db"),
        ("loop", "loop"),
        ("home", "{{HOME}}"),
        ("tools.py", "{{OUTSIDE}}/tools-target.txt"),
    ):
        os.symlink(target.filled(goal), folder / name)
    (folder / "deep").mkdir()
    os.symlink("..", folder / "deep" / "up")


def deep_folders(folder, target):
    for _ in range(200):
        folder = folder / "d"
    folder.mkdir(parents=True)
    (folder / "x.txt").write_text("x")


SHADOW = """
import builtins, sys
builtins.all = lambda *more: True
try:
    get_ipython().run_code
    async def run_code(code, result=None, **more):
        return False
    get_ipython().run_code = run_code
except NameError:
    pass
def __getattr__(name):
    raise AttributeError(name)
"""
LAUNCHER = """
import sys
sys.path[:] = [part for part in sys.path if part not in ("", __import__("os").getcwd())]
from IPython.core import interactiveshell
async def run_code(self, code, result=None, **more):
    return False
interactiveshell.InteractiveShell.run_code = run_code
open("{{OUTSIDE}}/NAME.mark", "w").close()
if __name__ == "__main__":
    from ipykernel import kernelapp
    kernelapp.launch_new_instance()
"""
HONEST_SHADOW = "raise ImportError('this is my own file, of no importance')\n"

ATTACKS = [
    case(
        "tag-skip-execution",
        "The test cells carry a tag that keeps them from being run.",
        "undeserved points: 12",
        edit=tagged("skip-execution"),
    ),
    case(
        "tag-raises-exception",
        "The test cells carry tags that forgive errors and remove outputs.",
        "holds",
        edit=tagged(
            "raises-exception", "remove-output", "remove_output", "remove-cell", "nbgrader-ignore"
        ),
    ),
    case(
        "more-points",
        "The test cells claim to be worth 1000 points.",
        "holds",
        edit=nbgrader(points=1000),
    ),
    case(
        "negative-points",
        "The test cells claim points that are no sensible number.",
        "holds",
        edit=nbgrader(points=-1e308),
    ),
    case(
        "tests-as-solutions",
        "The test cells claim to be solution cells, to be graded by hand.",
        "holds",
        edit=nbgrader(solution=True, locked=False),
    ),
    case(
        "tests-unlocked",
        "The test cells are unlocked, emptied, and given a matching checksum.",
        "holds",
        edit=tests(
            lambda cell: (
                cell["metadata"]["nbgrader"].update(locked=False, checksum="0" * 32),
                cell.update(source="pass"),
            )
        ),
    ),
    case(
        "tests-ungraded",
        "The test cells say that they are not graded.",
        "holds",
        edit=nbgrader(grade=False),
    ),
    case(
        "metadata-of-wrong-types",
        "nbgrader's metadata are lists, numbers and nulls.",
        "holds",
        edit=tests(lambda cell: cell["metadata"].update(nbgrader=[1, None, {"grade_id": []}])),
    ),
    case(
        "schema-from-the-future",
        "nbgrader's metadata claim a schema version that does not exist yet.",
        "class not graded",
        edit=nbgrader(schema_version=99),
    ),
    case(
        "schema-from-the-past",
        "nbgrader's metadata claim an old schema version.",
        "class not graded",
        edit=nbgrader(schema_version=1),
    ),
    case(
        "tests-doubled",
        "The test cells are there three times, the others empty.",
        "holds",
        edit=doubled,
    ),
    case("tests-exchanged", "Cells go under the names of others.", "holds", edit=renamed),
    case("tests-as-markdown", "The test cells are Markdown.", "holds", edit=to_type("markdown")),
    case("tests-as-raw", "The test cells are raw text.", "holds", edit=to_type("raw")),
    case(
        "tests-of-unknown-type",
        "The test cells are of a type that no one knows.",
        "holds",
        edit=to_type("heading"),
    ),
    case(
        "right-but-tests-deleted",
        "An honest student deleted the test cells, and deserves the points.",
        "the student loses deserved points",
        mean=RIGHT_MEAN,
        describe=RIGHT_DESCRIBE,
        edit=without_tests,
        merits=FULL,
    ),
    case(
        "outputs-prefilled", "The test cells bring the output of success.", "holds", edit=prefilled
    ),
    case(
        "another-kernel",
        "The notebook asks for a kernel that runs shell commands.",
        "holds",
        edit=kernel(
            name="bash",
            display_name="Bash",
            language="bash",
            argv=["touch", "{{OUTSIDE}}/another-kernel.mark"],
        ),
    ),
    case(
        "notebook-metadata",
        "The notebook's own metadata ask for patience, forgiveness and another folder.",
        "holds",
        edit=lambda notebook: notebook["metadata"].update(
            execution=dict(timeout=9999, allow_errors=True),
            path="/",
            nbgrader=dict(x=1),
            celltoolbar=[],
            kernel_info={"name": 3},
            orig_nbformat="x",
        ),
    ),
    case(
        "stale-after-a-crash",
        "A right submission is graded, then one that kills its process: the old points must go.",
        "undeserved points: 12",
        earlier=RIGHT,
        mean="import os\nos._exit(1)",
    ),
    case(
        "stale-after-deleting-tests",
        "A right submission is graded, then a wrong one without test cells: the old points must go.",
        "undeserved points: 12",
        earlier=RIGHT,
        edit=without_tests,
    ),
    case(
        "stale-after-broken-json",
        "A right submission is graded, then a file that is no notebook: the old points must go.",
        "undeserved points: 12",
        earlier=RIGHT,
        raw=lambda notebook: b'{"cells": [',
    ),
    case(
        "stale-after-renaming-cells",
        "A right submission is graded, then one whose cells have lost their names: the old points must go.",
        "undeserved points: 12",
        earlier=RIGHT,
        edit=tests(lambda cell: cell["metadata"].pop("nbgrader")),
    ),
    case(
        "file-named-numpy",
        "A file numpy.py beside the notebook is imported by the tests.",
        "undeserved points",
        files={"numpy.py": SHADOW, "math.py": SHADOW, "unittest.py": SHADOW},
    ),
    case(
        "package-named-tools",
        "A package takes the place of the course's helper module.",
        "undeserved points",
        files={"tools/__init__.py": SHADOW + "same = lambda *more: True\nramp = range\n"},
    ),
    case(
        "launcher-replaced",
        "A file ipykernel_launcher.py beside the notebook is started in place of the kernel.",
        "undeserved points: 12; writes outside its folder",
        files={"ipykernel_launcher.py": LAUNCHER.replace("NAME", "launcher-replaced")},
    ),
    case(
        "startup-files",
        "sitecustomize, usercustomize, .pth and IPython configuration lie beside the notebook.",
        "holds",
        files={
            name: LAUNCHER.replace("NAME", "startup-files").partition("if __name__")[0]
            for name in (
                "sitecustomize.py",
                "usercustomize.py",
                "ipython_config.py",
                "ipython_kernel_config.py",
                "jupyter_config.py",
                "nbgrader_config.py",
            )
        }
        | {
            "x.pth": "import os; open('{{OUTSIDE}}/startup-files.mark', 'w')\n",
            ".ipython/profile_default/startup/0.py": LAUNCHER,
        },
    ),
    case(
        "honest-file-names",
        "An honest student kept a random.py and a string.py beside the notebook, and deserves the points.",
        "the student loses deserved points",
        mean=RIGHT_MEAN,
        describe=RIGHT_DESCRIBE,
        merits=FULL,
        files={"random.py": HONEST_SHADOW, "string.py": HONEST_SHADOW, "token.py": HONEST_SHADOW},
    ),
    case(
        "linked-notebook-source",
        "The notebook is a link to the instructor's source, solution and all.",
        "undeserved points: 12",
        **linked("{{COURSE}}/source/means/means.ipynb"),
    ),
    case(
        "linked-notebook-classmate",
        "The notebook is a link to a classmate's work.",
        "undeserved points",
        **linked("{{COURSE}}/submitted/zz-half/means/means.ipynb"),
    ),
    case(
        "linked-notebook-device",
        "The notebook is a link to a device that never ends.",
        "the rest of the class not graded; grading hangs",
        **linked("/dev/zero"),
    ),
    case(
        "linked-files",
        "Files beside the notebook are links to the gradebook, the home folder, outside, and in circles.",
        "reads gradebook, home",
        mean=f"{RIGHT_MEAN}\n{LOOK}\nlook_in('*', '*/*', '*/.*')",
        merits=MEAN_ONLY,
        place=links,
    ),
    case(
        "fifo-as-notebook",
        "The notebook is a pipe that nobody writes to.",
        "the rest of the class not graded; grading hangs",
        **instead(lambda path, target: os.mkfifo(path)),
    ),
    case(
        "fifo-as-file",
        "A file beside the notebook is a pipe that nobody writes to.",
        "the rest of the class not graded; grading hangs",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        place=lambda folder, target: os.mkfifo(folder / "data.csv"),
    ),
    case(
        "folder-as-notebook",
        "The notebook is a folder.",
        "holds",
        **instead(lambda path, target: path.mkdir()),
    ),
    case(
        "no-notebook",
        "The folder holds no notebook.",
        "holds",
        **instead(lambda path, target: None),
    ),
    case(
        "unreadable-notebook",
        "The notebook's rights forbid reading, and its folder's forbid entering.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        spoils=True,
        place=lambda folder, target: (folder / "means.ipynb").chmod(0o200),
    ),
    case(
        "odd-file-names",
        "File names hold line ends, quotes, markup, dots and bytes that are no text.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        place=odd_names,
    ),
    case(
        "deep-folders",
        "Folders are nested two hundred deep.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        place=deep_folders,
    ),
    case(
        "broken-json",
        "The notebook ends in the middle.",
        "holds",
        raw=lambda notebook: json.dumps(notebook)[:400].encode(),
    ),
    case("empty-file", "The notebook is empty.", "holds", raw=lambda notebook: b""),
    case(
        "json-that-is-no-notebook",
        "The notebook is a list of numbers.",
        "holds",
        raw=lambda notebook: b"[1, NaN, Infinity]",
    ),
    case(
        "deeply-nested-json",
        "The metadata are nested a hundred thousand deep.",
        "holds",
        raw=with_deep_metadata,
        spoils=True,
    ),
    case(
        "huge-numbers-in-json",
        "Counts and versions are numbers of ten thousand digits, and NaN.",
        "holds",
        spoils=True,
        raw=text(
            lambda whole: whole.replace(
                '"execution_count": null', '"execution_count": ' + "9" * 10_000, 1
            ).replace('"nbformat_minor": 5', '"nbformat_minor": NaN')
        ),
    ),
    case(
        "duplicate-keys",
        "Keys come twice with different values.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        spoils=True,
        raw=twice,
    ),
    case(
        "invalid-utf-8",
        "The file holds bytes that are no text.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        spoils=True,
        raw=lambda notebook: (
            json.dumps(notebook).encode().replace(b"Running means", b"Running \xff\xfe")
        ),
    ),
    case(
        "byte-order-mark",
        "An honest student's editor put a byte order mark first.",
        "the student loses deserved points",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        raw=lambda notebook: b"\xef\xbb\xbf" + json.dumps(notebook).encode(),
    ),
    case(
        "surrogates",
        "Texts hold lone surrogates and NUL.",
        "holds",
        mean=RIGHT_MEAN + "\nx = '\udc80'",
        merits=MEAN_ONLY,
        spoils=True,
    ),
    case(
        "fifty-megabytes",
        "The notebook is 50 MB of outputs.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        spoils=True,
        edit=lambda notebook: notebook["cells"].append(
            dict(
                id="big",
                cell_type="code",
                metadata={},
                source="",
                execution_count=None,
                outputs=[dict(output_type="stream", name="stdout", text="x" * 50_000_000)],
            )
        ),
    ),
    case(
        "thousands-of-cells",
        "The notebook has 3000 more cells.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        spoils=True,
        edit=many_cells,
    ),
    case(
        "one-very-long-line",
        "A solution is a line of five million characters.",
        "holds",
        mean=RIGHT_MEAN + "\nx = '" + "x" * 5_000_000 + "'",
        merits=MEAN_ONLY,
        spoils=True,
    ),
    case(
        "code-that-overruns-the-parser",
        "A solution nests brackets until the parser gives up.",
        "holds",
        mean="x = " + "(" * 50_000 + ")" * 50_000,
        describe=RIGHT_DESCRIBE,
        merits={"checks-describe": 3},
        spoils=True,
    ),
    case(
        "old-notebook-format",
        "The notebook claims format 2, and 99.",
        "holds",
        edit=lambda notebook: notebook.update(nbformat=99, nbformat_minor=-1),
        spoils=True,
    ),
    case(
        "renamed-copy",
        "An honest student's browser named the file `means (1).ipynb`.",
        "the student loses deserved points",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        place=lambda folder, target: (folder / "means.ipynb").rename(folder / "means (1).ipynb"),
    ),
    case(
        "second-notebook",
        "Another notebook beside it asks to be graded too.",
        "holds",
        mean=RIGHT_MEAN,
        merits=MEAN_ONLY,
        place=lambda folder, target: (folder / "extra.ipynb").write_bytes(
            (folder / "means.ipynb").read_bytes()
        ),
    ),
]
