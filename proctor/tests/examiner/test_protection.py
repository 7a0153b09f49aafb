"""What a student hands over cannot make the examiner run it, nor reach the class's files through it."""

import io
import os
import pickle
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_notebook import Ran, run, run_all, task, template
from small_notebook import answer, checks

from proctor.examiner.packet import packed, plain, unpacked
from proctor.examiner.protection import around, refuse_classes
from proctor.examiner.results import Event, Outcome
from proctor.pool.bases import Bases
from proctor.pool.pool import Pool
from proctor.sandbox import landlock, probe

fenced = pytest.mark.skipif(
    not (landlock.abi() and probe().enough), reason="this machine has no Landlock, or no sandbox"
)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a class's work, and a gradebook."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "submitted").mkdir()
    (folder / "submitted" / "work.txt").write_text("somebody's work")
    (folder / "beside.txt").write_text("nobody's")
    with sqlite3.connect(folder / "gradebook.db") as database:
        database.execute("CREATE TABLE grade (points)")
    database.close()
    return folder


@pytest.fixture(scope="module")
def pool(bases: Bases, secrets: Path) -> Iterator[Pool]:
    """A worker whose tests may not see the class's files."""
    hidden = [str(secrets / "submitted"), str(secrets / "gradebook.db")]
    with Pool(bases, template(secret=hidden), 1) as made:
        yield made


def said(ran: Ran) -> list[str]:
    """What a test says: the end of its error, or its printed text."""
    return [
        f"{one.ename}: {one.evalue}" if one.output_type == "error" else one.text
        for one in ran.outputs("test")
    ]


@fenced
@pytest.mark.parametrize(
    ("query", "file"),
    [("ATTACH '{}/gradebook.db' AS g", "gradebook.db"), ("VACUUM INTO '{}/copy.db'", "copy.db")],
)
def test_a_students_query(pool: Pool, secrets: Path, query: str, file: str) -> None:
    """SQL that a test runs for a student reads no database of the class, and writes none."""
    test = "import sqlite3\nsqlite3.connect(':memory:').execute(Q)"
    ran = run(pool, answer(f"Q = {query.format(secrets)!r}"), checks(test))
    assert said(ran) == [f"OperationalError: unable to open database: {secrets}/{file}"]
    assert not (secrets / "copy.db").exists()


@fenced
def test_files_of_a_test(pool: Pool, secrets: Path) -> None:
    """A test writes in its own folders only; it reads the rest of the machine, nothing of the class."""
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
"""
    assert said(run(pool, checks(test))) == ["refused refused refused refused done refused "]


def test_rules_leave_out_what_is_secret(tmp_path: Path) -> None:
    """Beside the secret places everything is open, as whole folders where nothing in them is secret."""
    for name in ("a/one/x", "a/two/x", "b/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "a" / "one")
    found = around(tmp_path, {tmp_path / "a/one", tmp_path / "c"})
    assert sorted(found) == [str(tmp_path / "a/two"), str(tmp_path / "b")]


UNPICKLED = {
    "numbers": ("{1: [2.5, 'x', b'y', None, (True,)]}", True),
    "array": ("np.arange(3)", True),
    "counter": ("collections.Counter('aab')", True),
    "date": ("datetime.date(2026, 1, 2)", True),
    "function": ("os.system", False),
    "code": ("type('E', (), {'__reduce__': lambda s: (print, ('run',))})()", False),
    "partial": ("functools.partial(print, 'run')", False),
}


@pytest.mark.parametrize("name", UNPICKLED)
def test_what_a_test_unpickles(pool: Pool, name: str) -> None:
    """Plain data and arrays, and nothing that runs something."""
    value, allowed = UNPICKLED[name]
    student = f"import collections, datetime, functools, os, pickle\nimport numpy as np\ndata = pickle.dumps({value})"
    test = "import io, pickle\nfor load in (pickle.loads, lambda b: pickle._Unpickler(io.BytesIO(b)).load()):\n    load(data)\nprint('loaded')"
    (text,) = said(run(pool, answer(student), checks(test)))
    if allowed:
        assert text == "loaded\n"
    else:
        assert text.startswith("UnpicklingError") and "is not unpickled by a test" in text


@pytest.mark.parametrize(
    ("event", "details"),
    [
        ("pickle.find_class", ("os", "system")),
        ("pickle.find_class", ("builtins", "eval")),
        ("pickle.find_class", ("numpy", "load")),
        ("pickle.find_class", ()),
    ],
)
def test_a_class_that_is_not_unpickled(event: str, details: tuple[str, ...]) -> None:
    """What is on no list of data is refused."""
    with pytest.raises(pickle.UnpicklingError):
        refuse_classes(event, details)
    refuse_classes("open", details)  # no business of this hook
    refuse_classes(event, ("builtins", "set"))


@fenced
@pytest.mark.parametrize(
    "says",
    [
        "pickle.dumps(evil)",
        "pickle.dumps(('done', pickle.dumps(evil)))",
        "pickle.dumps(('done', 7))",
        "pickle.dumps(('progress', [], 'x'))",
        "b'noise'",
    ],
)
def test_what_an_examiner_hands_back(pool: Pool, tmp_path: Path, says: str) -> None:
    """Should a test run a student's code after all, nothing that it says is run by who reads it."""
    place = str(tmp_path / "run")
    forge = f"""
import gc, os, pickle, time
class Evil:
    def __reduce__(self):
        return os.mkdir, ({place!r},)
evil = Evil()
for one in gc.get_objects():
    if type(one).__name__ == "Connection" and not one.closed and one.writable:
        one.send_bytes({says})
time.sleep(0.5)
"""
    forged, honest = run_all(
        pool,
        task(checks(forge)),
        task(answer("def answer(): return 42"), checks("print(answer())")),
    )
    assert not os.path.exists(place)
    assert said(honest) == ["42\n"]


class Evil:
    """Would run something where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return print, ("run",)


def test_results_as_bytes() -> None:
    """An outcome crosses whole; what the prefix shows is named, and one for all on arrival."""
    shown = {0: [{"output_type": "stream", "name": "stdout", "text": "x"}]}
    outcome = Outcome(outputs={0: shown[0]}, events=[Event("died", 1, "x")], trusted={0})
    content = packed((outcome, None), shown)
    first, second = (unpacked(content, lambda: shown)[0] for _ in range(2))
    assert first == second == outcome
    assert first.outputs[0] is second.outputs[0] is shown[0]


@pytest.mark.parametrize("value", [Evil(), [Evil()], os.system, Outcome, io.BytesIO()])
def test_results_that_are_none(value: object) -> None:
    """Of other classes nothing is read."""
    content = pickle.dumps(value)
    with pytest.raises(pickle.UnpicklingError, match="not expected"):
        plain(content)
    if value is not Outcome:
        with pytest.raises(pickle.UnpicklingError, match="not expected"):
            unpacked(content, dict)
