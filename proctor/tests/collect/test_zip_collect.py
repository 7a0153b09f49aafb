"""`nbgrader zip_collect` with a learning platform's download: who is collected, and who is named."""

import io
import logging
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import tiny_course
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.apps import ZipCollectApp
from tiny_course import ASSIGNMENT

Files = Mapping[str, bytes]
MOODLE = "{}_assignsubmission_file_{}"


def packed(files: Files) -> bytes:
    """A zip of files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.fixture
def course(root: Path) -> Path:
    """A course that collects with proctor's plugins."""
    tiny_course.configure(
        root, "import proctor.nbgrader_plugin", "proctor.nbgrader_plugin.configure(c)"
    )
    return root


def download(root: Path, files: Files, archive: str | None = "download.zip") -> None:
    """Put a download into its folder, in place of what is there: as a zip, or as loose files."""
    folder = root / "downloaded" / ASSIGNMENT / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in ({archive: packed(files)} if archive else files).items():
        (folder / name).write_bytes(data)


def collect(root: Path) -> tuple[int, list[str]]:
    """Collect: the status, and what was told at the end, from the first sentence of proctor's on."""
    told: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.pathname.endswith("collect/plugins.py"):
                told.append(record.getMessage())

    status = 0
    with utils.chdir(str(root)):
        app = ZipCollectApp()
        app.initialize([ASSIGNMENT, "--log-level=INFO"])
        app.log.addHandler(Kept())
        try:
            app.start()
        except SystemExit as ended:
            status = int(ended.code or 0)
    return status, told


def collected(root: Path) -> dict[str, bytes]:
    """What lies in submitted/, by path below it."""
    folder = root / "submitted"
    return {
        path.relative_to(folder).as_posix().replace(f"/{ASSIGNMENT}/", "/"): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


CASES: dict[str, tuple[Files, Files]] = {
    "Moodle, several files of each": (
        {
            MOODLE.format("Ada L_1", "sums.ipynb"): b"a",
            MOODLE.format("Ada L_1", "words.ipynb"): b"w",
            MOODLE.format("Ben O_2", "/sums (1).ipynb"): b"b",
            MOODLE.format("Ben O_2", "/data/x.csv"): b"x",
            "Ben O_2_assignsubmission_onlinetext_/onlinetext.html": b"t",
            "__MACOSX/._a": b"",
        },
        {"1/sums.ipynb": b"a", "1/words.ipynb": b"w", "2/sums.ipynb": b"b", "2/data/x.csv": b"x"},
    ),
    "a student's own zip, in a folder, with another in it": (
        {
            MOODLE.format("Ada L_1", "w.zip"): packed(
                {
                    "my work/sums.ipynb": b"a",
                    "my work/d/x.csv": b"x",
                    "my work/more.zip": packed({"y.csv": b"y"}),
                    "__MACOSX/my work/._sums.ipynb": b"",
                }
            )
        },
        {"1/sums.ipynb": b"a", "1/d/x.csv": b"x", "1/y.csv": b"y"},
    ),
    "Canvas, of each file the last upload": (
        {
            "a_1_20_sums.ipynb": b"old",
            "a_1_21_sums-1.ipynb": b"new",
            "a_1_19_words.ipynb": b"w",
            "b_LATE_2_30_sums.ipynb": b"b",
        },
        {
            "1/sums.ipynb": b"new",
            "1/words.ipynb": b"w",
            "2/sums.ipynb": b"b",
        },
    ),
    "Blackboard, the last attempt alone": (
        {
            "h_ada_attempt_2026-11-19-10-00-00_sums.ipynb": b"old",
            "h_ada_attempt_2026-11-19-10-00-00_words.ipynb": b"old",
            "h_ada_attempt_2026-11-20-23-30-10_sums.ipynb": b"new",
            "h_ada_attempt_2026-11-20-23-30-10.txt": b"t",
        },
        {"ada/sums.ipynb": b"new", "ada/timestamp.txt": b"2026-11-20 23:30:10"},
    ),
    "Brightspace, the last attempt alone, as a file and as a folder": (
        {
            "12-6 - Ada L - Nov 19, 2026 1000 AM - sums.ipynb": b"old",
            "12-6 - Ada L - Nov 20, 2026 11:59 PM - sums.ipynb": b"new",
            "13-6 - Ben O - Nov 20, 2026 905 AM/sums.ipynb": b"b",
        },
        {
            "12/sums.ipynb": b"new",
            "12/timestamp.txt": b"2026-11-20 23:59:00",
            "13/sums.ipynb": b"b",
            "13/timestamp.txt": b"2026-11-20 09:05:00",
        },
    ),
    "ILIAS, of each file the last upload": (
        {
            "lab/L_Ada_ada01_47/20261119100000_sums.ipynb": b"old",
            "lab/L_Ada_ada01_47/20261120233010_sums.ipynb": b"new",
            "lab/L_Ada_ada01_47/20261119090000_data.csv": b"d",
        },
        {
            "ada01/data.csv": b"d",
            "ada01/sums.ipynb": b"new",
            "ada01/timestamp.txt": b"2026-11-20 23:30:10",
        },
    ),
    "backslashes": (
        {"w\\" + MOODLE.format("Ada L_1", "sums.ipynb"): b"a"},
        {"1/sums.ipynb": b"a"},
    ),
    "the same file twice": (
        {"ada_sums.ipynb": b"a", "ada_sums (1).ipynb": b"a"},
        {"ada/sums.ipynb": b"a"},
    ),
}


@pytest.mark.parametrize(("files", "found"), CASES.values(), ids=CASES)
def test_downloads(course: Path, files: Files, found: Files) -> None:
    """Each student has the files of the last attempt under the assignment's names, and its time."""
    download(course, files)
    status, told = collect(course)
    assert (status, collected(course)) == (0, dict(found))
    students = len({path.split("/")[0] for path in found})
    assert told[-1].startswith(f"{ASSIGNMENT}: {students} student")


def test_loose_files_and_other_archives(course: Path) -> None:
    """A download may lie there unpacked, as a tar, or as one student's own zip."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("cyd_sums.ipynb")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"c"))
    own = MOODLE.format("Ben O_2", "w.zip")
    download(
        course,
        {"ada_sums.ipynb": b"a", own: packed({"sums.ipynb": b"b"}), "x.tar.gz": content.getvalue()},
        None,
    )
    assert collect(course)[0] == 0
    assert collected(course) == {
        "2/sums.ipynb": b"b",
        "ada/sums.ipynb": b"a",
        "cyd/sums.ipynb": b"c",
    }


BROKEN = {
    "empty": (b"", "it is empty"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "it is a RAR archive under another name"),
    "no zip": (b"PK?", "it cannot be read"),
    "outside": (packed({"../sums.ipynb": b"x"}), "../sums.ipynb leads out of it"),
    "absolute": (packed({"/etc/sums.ipynb": b"x"}), "/etc/sums.ipynb leads out of it"),
    "drive": (packed({"C:\\sums.ipynb": b"x"}), "C:\\sums.ipynb leads out of it"),
}


@pytest.mark.parametrize(("zipped", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_zip(course: Path, zipped: bytes, why: str) -> None:
    """It is one student's alone: the student is named with the reason, the others are collected, the
    status is 1, and nothing is written elsewhere."""
    files = {
        MOODLE.format(f"{who}_{number}", "sums.ipynb"): b"n" for who, number in (("A", 1), ("C", 3))
    }
    download(course, files | {MOODLE.format("Ben Okri_2", "w.zip"): zipped})
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"1/sums.ipynb", "3/sums.ipynb"})
    assert told[0].startswith("NOT COLLECTED: 2 (Ben Okri): w.zip cannot be unpacked: ")
    assert why in told[0]
    assert told[-1] == f"{ASSIGNMENT}: 2 students collected, 1 not collected, named above."


def test_a_zip_bomb(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be too much unpacked is not unpacked."""
    monkeypatch.setattr("proctor.collect.archives.MOST_BYTES", 1000)
    bomb = packed({"sums.ipynb": b"0" * 2000})
    download(course, {MOODLE.format("A_1", "w.zip"): bomb, "ada_sums.ipynb": b"a"}, None)
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"ada/sums.ipynb"})
    assert "which is too much" in told[0]


UNWRITABLE: dict[str, tuple[Files, str]] = {
    "a long name": ({"x" * 300 + ".csv": b"1"}, "cannot be written"),
    "a file where a folder is to be": ({"data": b"1", "data/x.csv": b"2"}, "cannot be written"),
}


@pytest.mark.parametrize(("more", "why"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_cannot_be_written(course: Path, more: Files, why: str) -> None:
    """The student is named, nothing of the submission is left half done, the others are collected."""
    own = packed({"sums.ipynb": b"a", **more})
    download(course, {MOODLE.format("A_1", "w.zip"): own, "bob_sums.ipynb": b"b"})
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"bob/sums.ipynb"})
    assert told[0].startswith("NOT COLLECTED: 1 (A): ") and why in told[0]


def test_a_name_that_is_a_pattern(course: Path) -> None:
    """It is nobody's id, since nbgrader would take it for several students."""
    download(course, {"b*b_sums.ipynb": b"a", "bob_sums.ipynb": b"b"})
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"bob/sums.ipynb"})
    assert "this cannot be the name of a folder" in told[0]


def test_two_files_that_cannot_be_told_apart(course: Path) -> None:
    """The student is named with both, and not collected; the others are."""
    download(course, {"ada_sums.ipynb": b"1", "ada_sums (1).ipynb": b"2", "bob_sums.ipynb": b"b"})
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"bob/sums.ipynb"})
    assert "NOT COLLECTED: ada: two different files are sums.ipynb" in told[0]
    assert "ada_sums (1).ipynb" in told[0]


def test_an_unknown_form(course: Path) -> None:
    """The names are told with the known forms, and the status is 1; what is known is collected."""
    download(course, {"sums (3).ipynb": b"1", "\x1b[2Jx.pdf": b"2", "bob_sums.ipynb": b"b"})
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"bob/sums.ipynb"})
    assert "these 2 files are: " in told[0] and "sums (3).ipynb" in told[0]
    assert "\\x1b[2Jx.pdf" in told[0] and "Moodle: Ada Lovelace_123456_" in told[0]
    download(course, {"sums (3).ipynb": b"1"})
    assert collect(course)[0] == 1


def test_a_submission_without_the_notebook(course: Path) -> None:
    """It is collected, for grading tells of it, and named."""
    download(course, {MOODLE.format("Ada L_1", "report.pdf"): b"p"})
    status, told = collect(course)
    assert collected(course) == {"1/report.pdf": b"p"}
    assert told[0] == (
        "1 (Ada L): no notebook of the assignment is among what was handed in (report.pdf)."
    )
    assert status == 0


@pytest.mark.parametrize("zipped", [True, False])
def test_a_time_of_ones_own(course: Path, zipped: bool) -> None:
    """A `timestamp.txt` that a student hands in is left out and told of."""
    own = {"sums.ipynb": b"a", "timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    files = {MOODLE.format("A_1", name): data for name, data in own.items()}
    download(course, {MOODLE.format("A_1", "w.zip"): packed(own)} if zipped else files)
    _, told = collect(course)
    assert collected(course) == {"1/sums.ipynb": b"a"}
    assert "a timestamp.txt was handed in and left out" in told[0]


def test_the_class_list_decides(course: Path) -> None:
    """An id that the class list has comes before a likelier one, then a full name that only one has;
    two people of one name are named, and neither is collected."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "lab") as book:
        book.update_or_create_student("47", first_name="Ada", last_name="Lovelace")
        book.update_or_create_student("ben", first_name="Ben", last_name="Okri")
        book.update_or_create_student("cyd", first_name="Cyd", last_name="Wu")
    download(
        course,
        {
            "Lovelace_Ada_ada01_47/sums.ipynb": b"a",
            MOODLE.format("Okri, Ben_900", "sums.ipynb"): b"b",
            MOODLE.format("Cyd Wu_901", "sums.ipynb"): b"1",
            MOODLE.format("Cyd Wu_902", "sums.ipynb"): b"2",
        },
    )
    status, told = collect(course)
    assert (status, set(collected(course))) == (1, {"47/sums.ipynb", "ben/sums.ipynb"})
    assert "several people of the download (901, 902) have this student's name" in told[0]


def test_late_without_a_time(course: Path) -> None:
    """Canvas tells that a file is late and not when: a second after the due date, as penalties need."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "lab") as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-20 23:59:59 UTC")
    download(course, {"a_1_20_sums.ipynb": b"a", "b_LATE_2_30_sums.ipynb": b"b"})
    _, told = collect(course)
    assert "2: late by the platform's word" in told[0]
    found = collected(course)
    assert found.get("2/timestamp.txt") == b"2026-11-21 00:00:00"
    assert "1/timestamp.txt" not in found


def test_a_time_zone(course: Path) -> None:
    """The times in names are of the exchange's time zone, or of one set for downloads; kept in UTC."""
    files = {"h_ada_attempt_2026-11-20-23-30-10_sums.ipynb": b"a"}
    tiny_course.configure(course, "c.Exchange.timezone = 'Europe/Berlin'")
    download(course, files)
    collect(course)
    assert collected(course)["ada/timestamp.txt"] == b"2026-11-20 22:30:10"


AGAIN = {
    "the same": (b"1", "1_20_sums", 0, b"1", "0 students collected, 1 as before"),
    "a later upload": (b"2", "1_21_sums-1", 0, b"2", "1 student collected"),
    "an earlier upload": (b"0", "1_19_sums", 1, b"1", "1 not collected"),
}


@pytest.mark.parametrize(("data", "name", "status", "there", "words"), AGAIN.values(), ids=AGAIN)
def test_a_second_download(
    course: Path, data: bytes, name: str, status: int, there: bytes, words: str
) -> None:
    """Without any option a newer submission replaces the older one, and never the other way round."""
    download(course, {"a_1_20_sums.ipynb": b"1", "b_2_30_sums.ipynb": b"b"})
    assert collect(course)[0] == 0
    download(course, {f"a_{name}.ipynb": data})
    again, told = collect(course)
    assert (again, collected(course)["1/sums.ipynb"]) == (status, there)
    assert words in told[-1] and collected(course)["2/sums.ipynb"] == b"b"


def test_what_came_in_another_way(course: Path) -> None:
    """A submission of another origin stays where nobody can say which is newer, or if it is newer."""
    notebook = {"sums.ipynb": tiny_course.answered(course)}
    tiny_course.hand_in(course, "ada", notebook, None)
    tiny_course.hand_in(course, "bob", notebook, "2026-11-21 00:00:00 UTC")
    tiny_course.hand_in(course, "cyd", notebook, "2026-11-19 00:00:00 UTC")
    before = collected(course)
    name = "h_{}_attempt_2026-11-20-23-30-10_sums.ipynb"
    files = {name.format(who): b"new" for who in ("bob", "cyd")}
    download(course, files | {"ada_sums.ipynb": b"new"})
    status, told = collect(course)
    after = collected(course)
    same = [
        who
        for who in ("ada", "bob", "cyd")
        if after[f"{who}/sums.ipynb"] == before[f"{who}/sums.ipynb"]
    ]
    assert (status, same) == (1, ["ada", "bob"])
    assert "nobody can say which is newer" in told[0] and "is newer (2026-11-21" in told[1]


NOTHING = {
    "no folder": (ASSIGNMENT, None, "There is no folder", "make it, and put the download into it"),
    "an empty folder": (ASSIGNMENT, {}, "0 students collected", ""),
    "no such assignment": (
        "nowhere",
        {"ada_sums.ipynb": b"a"},
        "There is no notebook of nowhere in the folders source and release",
        "",
    ),
}


@pytest.mark.parametrize(("name", "files", "what", "advice"), NOTHING.values(), ids=NOTHING)
def test_nothing_to_collect(
    course: Path, name: str, files: Files | None, what: str, advice: str
) -> None:
    """The command ends with a sentence and status 1."""
    if files is not None:
        folder = course / "downloaded" / name / "archive"
        folder.mkdir(parents=True)
        for file, data in files.items():
            (folder / file).write_bytes(data)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", name],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and not (course / "submitted").exists()
    assert what in done.stderr and advice in done.stderr


def test_a_course_with_plugins_of_its_own(root: Path) -> None:
    """Its collector stays."""
    tiny_course.configure(
        root,
        "c.ZipCollectApp.collector_plugin = 'nbgrader.plugins.zipcollect.FileNameCollectorPlugin'",
        "c.FileNameCollectorPlugin.named_regexp = r'.*/(?P<student_id>[a-z]+)-(?P<file_id>sums)'",
        "import proctor.nbgrader_plugin",
        "proctor.nbgrader_plugin.configure(c)",
    )
    download(root, {"ada-sums.ipynb": b"a"})
    collect(root)
    assert collected(root) == {"ada/sums.ipynb": b"a"}
