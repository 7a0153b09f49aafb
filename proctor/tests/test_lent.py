"""Whether what is handed over for a test's convenience gives a student's code nothing beyond it."""

import os
import pickle
import subprocess
import sys
from unittest.mock import Mock

import pytest
import torch
from wired import Candidates

from proctor.examiner.names import Names
from proctor.wire import chance
from proctor.wire.files import MOST_BYTES, Files
from proctor.wire.frames import WireError

STUDENT = """
import random
class Node:
    def __init__(self, value): self.value = value
    def sound(self): return self.value > 0
def sly(node):
    node.sound = lambda: True
    return node
def grown():
    node = Node(-1)
    node.sound = lambda: True
    return node
def get(thing, name): return getattr(thing, name)
def put(thing, name, value): setattr(thing, name, value)
def draw(): return random.random()
def tripled(x): return 3 * x
class Weird:
    def __sub__(self, other): return self
    def __abs__(self): return 0
"""
GIVEN = "class Node:\n    def __init__(self, value): self.value = value\n    def sound(self): return self.value > 0\n"


@pytest.fixture
def names():
    """The names of a test beside a candidate with the student's cells."""
    made = Candidates(STUDENT)
    exec(GIVEN, made.names, made.names)
    made.names.instructor_ran(GIVEN)
    made.names.student_ran(STUDENT.replace("class Node", "class _"))
    yield made.names
    made.close()


def run(names: Names, text):
    """Run a test cell."""
    with names.testing():
        exec(text, names, names)


def test_a_method_of_the_instructors_class_stays_its_own(names):
    """A student's function put in the place of a method is dropped, in a node of the test's and in one of the student's."""
    run(
        names,
        "assert not sly(Node(-1)).sound()\nassert not grown().sound()\nassert isinstance(grown(), Node) and grown().value == -1",
    )


def test_a_mock_is_used_and_not_steered(names):
    """A mock given to the student's code says what it was told to say; what the test asks it afterwards cannot be set or reset."""
    mock = Mock()
    mock.price.return_value = 5
    get, put = names.remote.name("get"), names.remote.name("put")
    assert get(mock, "price")() == 5
    for name in ("reset_mock", "assert_called", "return_value", "call_count", "_mock_children"):
        with pytest.raises(AttributeError):
            get(mock, name)
        with pytest.raises(AttributeError):
            put(mock, name, 5)
    mock.price.assert_called_once_with()


def test_an_object_of_the_tests_shows_what_anybody_uses(names):
    """Public attributes are read and, if they are data that is there, set; no method is replaced, nothing private seen."""
    run(
        names,
        """
class Account:
    def __init__(self): self.balance, self._secret = 1, 42
    def pay(self, much): self.balance += much
account = Account()
get(account, "pay")(4)
assert get(account, "balance") == account.balance == 5
put(account, "balance", 7)
assert account.balance == 7
for name in ("_secret", "pay", "other"):
    for work in ([lambda: put(account, name, 1)] if name in ("pay", "other") else [lambda: put(account, name, 1), lambda: get(account, name)]):
        try:
            work()
        except AttributeError:
            continue
        raise AssertionError(name)
""",
    )


def test_a_difference_from_what_is_expected_is_no_number(names):
    """abs(got - expected) is refused, whichever object the student's subtraction gives."""
    with pytest.raises(TypeError, match="not taken"):
        run(names, "got = Weird()\nassert abs(got - 5) < 1e-6")


def test_only_a_seed_crosses(names, monkeypatch):
    """The generator's state goes over after a seed, once, and never back."""
    seeds = names.remote.told.seeds
    monkeypatch.setattr("random.seed", chance.random.seed)
    monkeypatch.setitem(chance.SEEDERS, "torch", ())
    monkeypatch.setitem(chance.SEEDERS, "numpy.random", ())
    monkeypatch.setattr("random.setstate", chance.random.setstate)
    seeds.watch()
    draw = names.remote.name("draw")
    chance.random.random()
    assert seeds.news() == {}
    chance.random.seed(3)
    state = chance.random.getstate()
    first = draw()
    assert state == chance.random.getstate() and first == chance.random.random()
    assert draw() != first


def test_gradients_that_do_not_fit_are_refused(names):
    """A gradient comes through the student's function; one of another shape is an error."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    names.remote.name("tripled")(x).sum().backward()
    assert x.grad.tolist() == [3, 3]
    from proctor.wire.gradients import joined

    for lie in ((torch.zeros(3),), (), 5, (torch.zeros(2, dtype=torch.float64),)):
        with pytest.raises(RuntimeError, match="do not fit"):
            joined(torch.zeros(2), (lambda gradient: lie, x)).sum().backward()  # noqa: B023 - used at once
    with pytest.raises(ValueError, match="of nothing"):
        joined(torch.zeros(2), (print, torch.zeros(2)))


@pytest.fixture
def sides(tmp_path):
    """The test's files and the student's, both with a given one."""
    made = []
    for side in ("test", "student"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "given.csv").write_text("1,2")
        made.append(Files(side == "test", work=tmp_path / side))
    return *made, tmp_path / "test", tmp_path / "student"


def test_files_are_there_on_both_sides(sides):
    """What one side writes, changes or removes, the other has, folders too."""
    test, student, here, there = sides
    (there / "out").mkdir()
    (there / "out" / "a.txt").write_text("one")
    test.take(student.changed())
    assert (here / "out" / "a.txt").read_text() == "one"
    (here / "out" / "a.txt").write_text("two")
    student.take(test.changed())
    assert (there / "out" / "a.txt").read_text() == "two" and student.changed() == []
    (there / "out" / "a.txt").unlink()
    test.take(student.changed())
    assert os.listdir(here / "out") == []


def test_only_files_that_are_named_go_to_the_student(sides):
    """A file that neither an argument nor the student's text mentions stays with the test."""
    test, _, here, _ = sides
    (here / "expected.txt").write_text("42")
    (here / "in.txt").write_text("1")
    assert test.changed(lambda name: name == "in.txt") == [["work", "in.txt", b"1"]]
    assert test.changed(lambda name: True) == [["work", "expected.txt", b"42"]]


def test_a_file_of_the_tests_is_not_written_anew(sides):
    """What the test wrote stays, but for a file that was given to work on, an empty one, and what the student's code wrote itself."""
    test, student, here, there = sides
    for name in ("expected.txt", "in.txt", "empty.txt"):
        (here / name).write_text("" if name == "empty.txt" else "42")
    student.take(test.changed(lambda name: True, lambda name: name == "in.txt"))
    for name in ("expected.txt", "in.txt", "empty.txt", "own.txt"):
        (there / name).write_text("lie")
    test.take(student.changed())
    assert {"expected.txt": "42", "in.txt": "lie", "empty.txt": "lie", "own.txt": "lie"} == {
        path.name: path.read_text() for path in here.glob("*.txt")
    }
    (there / "own.txt").write_text("again")
    (here / "in.txt").write_text("mine")
    (there / "in.txt").write_text("a lie")
    (there / "expected.txt").unlink()
    test.take(student.changed())
    assert {"expected.txt": "42", "in.txt": "mine", "empty.txt": "lie", "own.txt": "again"} == {
        path.name: path.read_text() for path in here.glob("*.txt")
    }


def test_only_the_arguments_of_a_call_give_a_file_to_work_on(names, tmp_path, monkeypatch):
    """A file that only the student's text names is read there and not changed here; one that was an argument once is."""
    work = tmp_path / "work"
    work.mkdir(), (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(work)
    told = names.remote.told
    told.watch(work, tmp_path / "temporary")
    told.texts.append("open('truth.txt', 'w').write('lie')")
    (work / "truth.txt").write_text("42")
    names.remote.name("get")([], "append")
    told.files.take([["work", "truth.txt", b"lie"]])
    assert (work / "truth.txt").read_text() == "42"
    with pytest.raises(AttributeError):
        names.remote.name("get")([], "truth.txt")
    told.files.take([["work", "truth.txt", b"more"]])
    assert (work / "truth.txt").read_text() == "more"


@pytest.mark.parametrize(
    "name",
    [
        "../x.txt",
        "/etc/x.txt",
        "a/../../x.txt",
        ".hidden",
        "x.py",
        "x.PY",
        "x.so",
        "x.pyc",
        "given.csv",
        "matplotlibrc",
        "a//b.txt",
        "",
        ".",
        "a\0b",
        "x" * 200,
        "a/b/c/d/e/f/g.txt",
        "link/x.txt",
        "link",
    ],
)
def test_a_file_of_the_students_lands_nowhere_else(sides, name):
    """No path out of the folder, no code, nothing hidden, no link followed, no given file overwritten."""
    test, _, here, _ = sides
    (here / "link").symlink_to(here.parent / "student")
    before = sorted(here.parent.rglob("*"))
    test.take([["work", name, b"evil"]])
    test.take([["work", name + "/", ""]] if name != "given.csv" else [])
    assert before == sorted(here.parent.rglob("*")) and (here / "given.csv").read_text() == "1,2"


def test_special_files_are_no_files(sides):
    """Links, pipes and files of too many bytes do not cross."""
    _, student, _, there = sides
    (there / "link.txt").symlink_to("/etc/hostname")
    os.mkfifo(there / "pipe")
    (there / "large").write_bytes(bytes(MOST_BYTES + 1))
    assert student.changed() == []


@pytest.mark.parametrize(
    "lie",
    [
        5,
        [5],
        [["work"]],
        [["nowhere", "a", b""]],
        [["work", "a", 5]],
        [["work", 5, b""]],
        [["work", "a", bytes(MOST_BYTES + 1)]],
        [["work", "a", b""]] * 5000,
    ],
)
def test_a_lie_about_files_ends_the_candidate(sides, names, lie):
    """Files that cannot be are refused like any other lie."""
    names.remote.told.files = sides[0]
    with pytest.raises(WireError):
        names.remote.hear({"files": lie})


def test_a_test_unpickles_plain_data_only():
    """What runs when it is unpickled is refused in every way to unpickle; plain data and arrays are not."""
    text = """if True:
        import io, pickle, sys
        import numpy
        from proctor.examiner.unpickling import guard
        good = pickle.dumps([1, {"a": numpy.arange(3)}, {2}])
        guard()
        assert pickle.loads(good)[1]["a"].tolist() == [0, 1, 2]
        evil = bytes.fromhex(sys.argv[1])
        for load in (pickle.loads, lambda data: pickle.load(io.BytesIO(data)), lambda data: pickle._Unpickler(io.BytesIO(data)).load()):
            try:
                load(evil)
            except pickle.UnpicklingError as error:
                print(error)
    """

    class Evil:
        def __reduce__(self):
            return print, ("evil",)

    done = subprocess.run(
        [sys.executable, "-c", text, pickle.dumps(Evil()).hex()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("builtins.print is not unpickled") == 3 and "\nevil" not in done.stdout


def test_a_file_in_memory_is_the_same_on_both_sides(names):
    """What the student's code writes into a test's StringIO is there, and where it reads is where the test goes on."""
    run(
        names,
        "import io\nfile = io.StringIO('one\\ntwo\\n')\nassert get(file, 'readline')() == 'one\\n'\nassert file.readline() == 'two\\n'",
    )
