"""What is read before the forks gives what every fork would find by itself."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from ipykernel.compiler import XCachingCompiler, get_file_name
from IPython.core.interactiveshell import InteractiveShell

from proctor.examiner import cells
from proctor.examiner.process import style_sheets

CELL = "%time x = 1\n!ls\ny?"


@pytest.fixture
def shell() -> InteractiveShell:
    """A shell of its own, with a kernel's names for cells."""
    return InteractiveShell(compiler_class=XCachingCompiler)


def read_ahead(shell: InteractiveShell, *texts: str) -> None:
    """Let the examiner's shell read cells."""
    reader = object.__new__(cells.TestCells)
    reader.shell = shell  # type: ignore[assignment]
    reader.read_ahead(texts)


@pytest.mark.parametrize("text", [CELL, "x = 1", "%%bash\nls"])
def test_a_cell_that_was_read(shell: InteractiveShell, text: str) -> None:
    """A known cell is transformed, and named, as one that is not."""
    expected = shell.transform_cell(text), get_file_name(text)
    read_ahead(shell, CELL)
    assert (shell.transform_cell(text), shell.compile.get_code_name(text, text, 1)) == expected


def test_a_cell_is_read_once(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a known cell nothing is computed again."""
    read_ahead(shell, CELL)
    expected = shell.transform_cell(CELL)
    monkeypatch.setattr(type(shell.input_transformer_manager), "transform_cell", None)
    assert shell.transform_cell(CELL) == expected


def test_a_transformer_that_came_later(shell: InteractiveShell) -> None:
    """One that an instructor's cell adds changes a known cell, too."""
    read_ahead(shell, CELL)
    shell.input_transformer_manager.cleanup_transforms.append(lambda lines: ["z = 2\n"])
    assert shell.transform_cell(CELL) == "z = 2\n"


def test_a_cell_that_cannot_be_read(shell: InteractiveShell) -> None:
    """It keeps no other from being known."""
    read_ahead(shell, "'\ud800'", CELL)
    assert shell.compile.get_code_name(CELL, CELL, 1) == get_file_name(CELL)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A loaded module of the instructor's, which holds a style sheet."""
    sheet = ".a { color: red; position: fixed }" * 10
    text = f"STYLE = {sheet!r}\nNUMBER, WORDS, HALF = 1, 'no sheet' * 50, {sheet[:-1]!r}\nSHORT = 'a {{}}'\n"
    (tmp_path / "styled_module.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    import styled_module

    yield styled_module
    del sys.modules["styled_module"]


def test_style_sheets_of_modules(module: ModuleType, tmp_path: Path) -> None:
    """Of the instructor's modules the texts that look like style sheets are found."""
    assert style_sheets(str(tmp_path)) == [module.STYLE]
    assert style_sheets(str(tmp_path / "elsewhere")) == []
