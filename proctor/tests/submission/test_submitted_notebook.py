"""A notebook file is read as data, or refused in words."""

import json
from typing import Any

import nbformat
import pytest

from proctor.submission import notebook
from proctor.submission.notebook import MAX_CHARACTERS, Unreadable


def cell(**fields: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": "x = 1",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    } | fields


def data(cells: Any, **fields: Any) -> bytes:
    """A notebook file of these cells; `fields` replace others of the file."""
    file = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | fields
    return json.dumps(file).encode()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b'{"cells": [', "not JSON", id="cut off"),
        pytest.param(b"\xff\xff\xff", "not UTF-8", id="no text"),
        pytest.param(b"[" * 100_000, "nested", id="deep list"),
        pytest.param(b'{"a":' * 50_000, "nested", id="deep object"),
        pytest.param(
            data([cell()])[:-1] + b', "x": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
            "nested",
            id="deep where nobody reads",
        ),
        pytest.param(b"[1]", "not a notebook", id="list"),
        pytest.param(b"{}", "does not say", id="no version"),
        pytest.param(data([], nbformat=5), "version 5", id="version 5"),
        pytest.param(data([], nbformat=True), "version True", id="version true"),
        pytest.param(data([], nbformat=2), "version 2", id="version 2"),
        pytest.param(data([], nbformat={}), "version {}", id="version {}"),
        pytest.param(data({}), "no list of cells", id="cells are no list"),
        pytest.param(data([], nbformat=3), "no list of cells", id="no worksheets"),
        pytest.param(data([1] * 2001), "2001 cells", id="too many cells"),
        pytest.param(b"[" + b"1," * 3_100_000, "more things", id="too many things"),
        pytest.param(
            data([cell(source="x" * (MAX_CHARACTERS + 1))]), "characters", id="too much text"
        ),
    ],
)
def test_a_file_that_is_no_notebook(broken: bytes, reason: str) -> None:
    """Each kind of broken or enormous file is refused in words."""
    with pytest.raises(Unreadable, match=reason):
        notebook.read(broken)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(data([cell()]), id="plain"),
        pytest.param(b"\xef\xbb\xbf" + data([cell()]), id="byte order mark"),
        pytest.param(data([cell()]).decode().encode("utf-16"), id="utf-16"),
        pytest.param(
            data([cell()]).replace(b'"outputs": []', b'"outputs": [NaN, Infinity]'), id="NaN"
        ),
        pytest.param(
            data([cell()]).replace(b'count": null', b'count": ' + b"9" * 6000), id="long integer"
        ),
    ],
)
def test_unusual_files_that_are_notebooks(file: bytes) -> None:
    """Another encoding, and numbers that JSON or Python do not know, are no reason to refuse."""
    assert [one.text for one in notebook.read(file).cells] == ["x = 1"]


@pytest.mark.parametrize(
    ("raw", "texts", "problems"),
    [
        pytest.param(cell(source=["a", "b"]), ["ab"], 0, id="lines"),
        pytest.param(cell(source=["a", 1, "b"]), ["ab"], 1, id="lines that are no text"),
        pytest.param(cell(source=None), [""], 1, id="no source"),
        pytest.param(7, [], 1, id="a number"),
        pytest.param(None, [], 1, id="null"),
        pytest.param(cell(cell_type="evil"), [], 1, id="unknown kind"),
        pytest.param(cell(cell_type=[]), [], 1, id="kind is no text"),
        pytest.param(cell(metadata=[]), ["x = 1"], 0, id="metadata is a list"),
        pytest.param(cell(metadata={"nbgrader": "x"}, id=7), ["x = 1"], 0, id="id is a number"),
        pytest.param(
            cell(metadata={"nbgrader": {"grade_id": ["x"]}}, id={}),
            ["x = 1"],
            0,
            id="names are no text",
        ),
        pytest.param(
            cell(cell_type="markdown", attachments=[1]), ["x = 1"], 0, id="attachments are a list"
        ),
    ],
)
def test_hostile_cells(raw: Any, texts: list[str], problems: int) -> None:
    """Sources, ids, names and metadata of any type make no error: text is taken, the rest told."""
    found = notebook.read(data([raw]))
    assert [one.text for one in found.cells] == texts
    assert [(one.name, one.id, one.attachments) for one in found.cells] == [(None, None, {})] * len(
        texts
    )
    assert len(found.problems) == problems


def test_names_of_a_cell() -> None:
    """A cell's grade_id and id are taken."""
    raw = cell(metadata={"nbgrader": {"grade_id": "double", "points": 9}}, id="abc")
    assert [(one.name, one.id) for one in notebook.read(data([raw])).cells] == [("double", "abc")]


def test_the_old_format() -> None:
    """A notebook of format 3 is brought to format 4, headings included, and it is told."""
    cells = [
        nbformat.v3.new_code_cell(input="x = 1"),
        nbformat.v3.new_heading_cell(source="Title"),
        nbformat.v3.new_text_cell("markdown", source="text"),
    ]
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=cells)])
    found = notebook.read(json.dumps(old).encode())
    assert [(one.kind, one.text) for one in found.cells] == [
        ("code", "x = 1"),
        ("markdown", "Title"),
        ("markdown", "text"),
    ]
    assert len(found.problems) == 1
