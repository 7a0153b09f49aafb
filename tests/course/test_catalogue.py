"""Whether the page of messages shows each misconception with a sample that really has it, the same
at every run.
"""

import re

import pytest

from course import answers, catalogue, misconceptions

PAGE = catalogue.PAGE.read_text("utf-8")
SECTIONS = dict(re.findall(r"^### `([\w-]+)`\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("name", misconceptions.meanings())
def test_every_misconception_has_a_sample(name):
    """A name that no sample answer has could not be shown, and nobody would notice if it were never
    found.
    """
    assert "Sample answer `" in SECTIONS[name]


def test_samples_read_the_same_at_every_run():
    """Random numbers, states and dice of a sample answer do not change the page."""
    chosen = [
        sample
        for sample in answers.load()
        if sample.name in ("random_map", "dictionary_as_default", "cut_to_eight_rows")
    ]
    assert len(chosen) == 3
    assert [catalogue.told(sample) for sample in chosen] == [
        catalogue.told(sample) for sample in chosen
    ]


def test_a_stale_page_is_told_with_the_command_to_run(tmp_path, monkeypatch, capsys):
    """`--check` compares, exits 1, and says what makes the page anew."""
    monkeypatch.setattr(catalogue, "page", lambda: "new")
    monkeypatch.setattr(catalogue.gate, "prepare", lambda: None)
    (tmp_path / "page.md").write_text("old")
    assert catalogue.main([str(tmp_path / "page.md"), "--check"]) == 1
    assert "Run: make release" in capsys.readouterr().out
    (tmp_path / "page.md").write_text("new")
    assert catalogue.main([str(tmp_path / "page.md"), "--check"]) == 0
