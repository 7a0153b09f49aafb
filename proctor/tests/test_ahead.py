"""What is done before the forks gives what every fork would find by itself."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from ipykernel.compiler import XCachingCompiler, get_file_name

from proctor.clean import css
from proctor.examiner import ahead

CELL = "%time x = 1\n!ls\ny?"


@pytest.fixture
def shell():
    """A shell of its own, with a kernel's names for cells."""
    return InteractiveShell(compiler_class=XCachingCompiler)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A loaded module in a folder, which holds a style sheet."""
    (tmp_path / "styled.py").write_text(
        f"STYLE = {'.a { color: red; position: fixed }' * 10!r}\nNUMBER, WORDS = 1, 'no sheet' * 50\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "styled", raising=False)
    import styled

    yield styled
    del sys.modules["styled"]


@pytest.mark.parametrize("text", [CELL, "x = 1", "%%bash\nls"])
def test_known_cell(shell, text):
    """A cell that is known is transformed, and named, as one that is not."""
    expected = shell.transform_cell(text), get_file_name(text)
    ahead.read_cells(shell, [CELL])
    assert expected == (shell.transform_cell(text), shell.compile.get_code_name(text, text, 1))


def test_known_cell_is_not_read_again(shell, monkeypatch):
    """Of a known cell nothing is computed again."""
    ahead.read_cells(shell, [CELL])
    expected = shell.transform_cell(CELL)
    monkeypatch.setattr(type(shell.input_transformer_manager), "transform_cell", None)
    assert expected == shell.transform_cell(CELL)


def test_transformer_that_came_later(shell):
    """A transformer that an instructor's cell adds changes a known cell too."""
    ahead.read_cells(shell, [CELL])
    shell.input_transformer_manager.cleanup_transforms.append(lambda lines: ["z = 2\n"])
    assert "z = 2\n" == shell.transform_cell(CELL)


def test_cell_that_cannot_be_read(shell):
    """A cell that cannot be named keeps no other from being known."""
    ahead.read_cells(shell, ["'\ud800'", CELL])
    assert get_file_name(CELL) == shell.compile.get_code_name(CELL, CELL, 1)


def test_sheets_of_modules(module, tmp_path):
    """Of the instructor's modules the texts that look like style sheets are found."""
    assert [module.STYLE] == ahead.sheets(tmp_path)


def test_sheet_cleaned_ahead(module, tmp_path):
    """A sheet that was cleaned ahead is what it is when it is cleaned where it stands, and is not cleaned again."""
    css.sheet.cache_clear()
    expected = css.sheet.__wrapped__(module.STYLE)
    ahead.clean_sheets(tmp_path)
    assert (expected, 1, 1) == (
        css.sheet(module.STYLE),
        css.sheet.cache_info().hits,
        css.sheet.cache_info().misses,
    )


def test_known_sheets_are_bounded(module, tmp_path):
    """However many sheets the modules hold, some are cleaned ahead, and a bounded number is ever kept."""
    css.sheet.cache_clear()
    vars(module).update({f"S{n}": f".a{n} {{ color: red }}" * 20 for n in range(100)})
    ahead.clean_sheets(tmp_path)
    assert (ahead.SHEETS, True) == (
        css.sheet.cache_info().currsize,
        ahead.SHEETS < css.sheet.cache_info().maxsize,
    )
