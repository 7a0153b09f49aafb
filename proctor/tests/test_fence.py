"""What a student hands over cannot make the examiner run it, nor reach the class's files through a library that obeys it."""

import sqlite3

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from proctor.course import load
from proctor.examiner import texts
from proctor.examiner.fence import around
from proctor.plan import Part, Plan
from proctor.sandbox import landlock, probe
from proctor.session import Template
from proctor.workers import Pool

import lab

LOCKED = {"nbgrader": {"locked": True, "grade": False, "solution": False}}
fenced = pytest.mark.skipif(
    not (landlock.abi() and probe().enough), reason="this machine has no Landlock, or no sandbox"
)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """A folder of a class's work, and a gradebook."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "submitted").mkdir()
    (folder / "submitted" / "work.txt").write_text("somebody's work")
    (folder / "beside.txt").write_text("nobody's")
    with sqlite3.connect(folder / "gradebook.db") as book:
        book.execute("CREATE TABLE grade (points)")
        book.execute("INSERT INTO grade VALUES (3)")
    book.close()
    return folder


@pytest.fixture(scope="module")
def pool(secrets):
    """A worker whose tests are fenced."""
    hidden = [str(secrets / "submitted"), str(secrets / "gradebook.db")]
    with Pool(Template([], None, ["json"], 20, secret=hidden), workers=1) as made:
        yield made


def said_by(pool, answer, test):
    """What a test says of an answer: the end of its error, or its printed text."""
    parts = [
        Part(0, new_code_cell(answer), "student"),
        Part(1, new_code_cell(test, metadata=LOCKED), "test"),
    ]
    ((_, outcome, _),) = pool.examine(
        [("one", Plan(new_notebook(cells=[part.cell for part in parts]), parts))]
    )
    assert [] == [event.text for event in outcome.events]
    return [
        f"{one['ename']}: {one['evalue']}" if one["output_type"] == "error" else one["text"]
        for one in outcome.outputs[1]
    ]


@fenced
def test_a_students_query_does_not_reach_the_gradebook(pool, secrets):
    """SQL that a test runs for a student may not attach the class's database, nor write a copy of its own elsewhere."""
    test = "import sqlite3\ncon = sqlite3.connect(':memory:')\ncon.execute(Q)"
    assert [f"OperationalError: unable to open database: {secrets}/gradebook.db"] == said_by(
        pool, f"Q = \"ATTACH '{secrets}/gradebook.db' AS g\"", test
    )
    assert [f"OperationalError: unable to open database: {secrets}/copy.db"] == said_by(
        pool, f"Q = \"VACUUM INTO '{secrets}/copy.db'\"", test
    )
    assert not (secrets / "copy.db").exists()


@fenced
def test_a_test_writes_its_own_folder_only(pool, secrets):
    """What a test writes beside itself and in a temporary folder is there; nothing of the class is read or written, the rest of the machine is read."""
    test = f"""
        import tempfile
        from pathlib import Path
        Path("mine.txt").write_text("1"), tempfile.TemporaryFile().write(b"1")
        for path in ("submitted/work.txt", "gradebook.db", "beside.txt"):
            for deed in (Path.read_bytes, lambda path: path.write_text("2")):
                try:
                    deed(Path({str(secrets)!r}, path))
                    print("done", end=" ")
                except PermissionError:
                    print("refused", end=" ")
    """.replace("\n        ", "\n").strip()
    assert ["refused refused refused refused done refused "] == said_by(pool, "", test)


@fenced
def test_a_zygote_that_is_lost_is_started_anew(pool):
    """An examiner that finds no process to fork candidates from hands its submission back, and it is examined from its beginning."""
    breaks = """
        import gc, os, socket
        if not os.path.exists("broken"):
            open("broken", "w").close()
            line, = [one for one in gc.get_objects() if type(one).__name__ == "Line"]
            [one.shutdown(socket.SHUT_RDWR) for one in line.zygotes.lines.values()]
        end()
    """.replace("\n        ", "\n").strip()
    cells = [
        ("student", "import os\ndef end(): os._exit(1)\ndef answer(): return 42"),
        ("test", breaks),
        ("test", "print(answer())"),
    ]
    parts = [
        Part(index, new_code_cell(text, metadata=LOCKED if side == "test" else {}), side)
        for index, (side, text) in enumerate(cells)
    ]
    ((_, outcome, _),) = pool.examine(
        [("one", Plan(new_notebook(cells=[part.cell for part in parts]), parts))]
    )
    assert ["42\n"] == [output.get("text") for output in outcome.outputs[2]]


@fenced
@pytest.mark.parametrize(
    "says",
    [
        "pickle.dumps(evil)",
        "pickle.dumps(('done', pickle.dumps(evil)))",
        "pickle.dumps(('done', 7))",
        "pickle.dumps(('progress', [], 'x'))",
    ],
)
def test_what_an_examiner_hands_back_is_not_run(pool, tmp_path, says):
    """Should a test run a student's code after all, nothing that it says to the trusted processes is run there; the next submission is graded."""
    place = str(tmp_path / "run")
    forge = f"""
        import gc, os, pickle
        class Evil:
            def __reduce__(self):
                return os.mkdir, ({place!r},)
        evil = Evil()
        for one in gc.get_objects():
            if type(one).__name__ == "Connection" and not one.closed and one.writable:
                one.send_bytes({says})
        import time; time.sleep(1)
    """.replace("\n        ", "\n").strip()
    parts = [Part(0, new_code_cell(forge, metadata=LOCKED), "test")]
    ((_, outcome, _),) = pool.examine(
        [("one", Plan(new_notebook(cells=[part.cell for part in parts]), parts))]
    )
    assert not (tmp_path / "run").exists()
    assert ["42\n"] == said_by(pool, "def answer(): return 42", "print(answer())")


@pytest.mark.parametrize(
    "text, harmless",
    [
        ("int", True),
        ("list[int] | None", True),
        ("dict[str, 'Shape']", True),
        ("np.ndarray", True),
        ("the width in pixels", True),
        ("*tuple[int]", True),
        ("print(1)", False),
        ("*print(1)", False),
        ("[print(1) for _ in 'a']", False),
        ("x := 1", True),
        ("(x := 1)", False),
        ("lambda: 1", False),
        ("-x", False),
        ("f'{print(1)}'", False),
        ("int" + " " * 2000 + "()", False),
        ("a if b else c", False),
        ("{print(1)}", False),
        ("await f()", False),
    ],
)
def test_which_annotations_are_no_code(text, harmless):
    """A text that does more than name a type when `typing` evaluates it is none."""
    assert harmless is texts.inert(text)


@fenced
def test_annotations_that_are_code_are_not_run(pool):
    """What `typing` would evaluate in the examiner is refused there; names of types are taken, written as text too."""
    test = "import typing\nprint(typing.get_type_hints(f) == {'x': int, 'return': float})"
    assert ["True\n"] == said_by(pool, "def f(x: 'int') -> float: ...", test)
    (said,) = said_by(pool, "def f(x: \"print('run')\" = 1) -> float: ...", test)
    assert "run here: only names of types" in said


@fenced
def test_a_signature_tells_its_annotations(pool):
    """inspect.signature shows a student's annotations and what is returned."""
    test = "import inspect\nprint(inspect.signature(f))"
    assert ["(x: int, *, many: 'list[str]' = ()) -> float\n"] == said_by(
        pool, "def f(x: int, *, many: 'list[str]' = ()) -> float: ...", test
    )


@fenced
def test_examples_in_a_students_docstring_are_not_run(pool):
    """doctest refuses a student's docstring and says what to do; the instructor's own examples run against the student's function."""
    answer = (
        "def f(x):\n    '''Doubles.\n\n    >>> print('run')\n    run\n    '''\n    return 2 * x"
    )
    test = "import doctest\ndoctest.run_docstring_examples(f, {'f': f})"
    (said,) = said_by(pool, answer, test)
    assert "TypeError: examples in a student's docstring" in said and '"runs": "candidate"' in said
    test = "import doctest\nexamples = doctest.DocTestParser().get_doctest('>>> f(2)\\n4', {'f': f}, 'f', None, 0)\nprint(doctest.DocTestRunner().run(examples))"
    assert ["TestResults(failed=0, attempted=1)\n"] == said_by(pool, answer, test)


def test_rules_leave_out_what_is_secret_at_any_depth(tmp_path):
    """Everything beside the secret places is open, each folder as a whole where nothing in it is secret."""
    for name in ("a/one/x", "a/two/x", "b/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "a" / "one")
    assert [str(tmp_path / "a/two"), str(tmp_path / "b")] == sorted(
        around(tmp_path, {tmp_path / "a/one", tmp_path / "c"})
    )


def test_a_course_names_its_secret_places(tmp_path):
    """The solutions, the class's work and the database, wherever the settings put them, are closed to tests."""
    root = lab.make(tmp_path)
    lab.configure(
        root,
        "c.CourseDirectory.db_url = 'sqlite:///marks/book.db'",
        "c.CourseDirectory.submitted_directory = 'inbox'",
    )
    found = [path.removeprefix(f"{root}/") for path in load(root).secret]
    assert [
        "source",
        "inbox",
        "autograded",
        "feedback",
        "marks/book.db",
        "marks/book.db-journal",
        "marks/book.db-wal",
        "marks/book.db-shm",
    ] == found
