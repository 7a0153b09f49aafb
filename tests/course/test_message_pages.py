"""The pages of messages: each misconception with a sample that really has it, in each language."""

import re

import pytest
from convlab import messages

from course import answers
from course.generated import message_pages

PAGES = {
    language: (message_pages.FOLDER / message_pages.name_of(language)).read_text("utf-8")
    for language in messages.LANGUAGES
}
SECTION = re.compile(r"^### `([\w-]+)`\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("name", messages.table("diagnoses", "en"))
def test_every_misconception_has_a_sample(name, language):
    """Each name is shown with what a student reads, in each language."""
    assert "```text\n" in dict(SECTION.findall(PAGES[language]))[name]


def test_samples_read_the_same_at_every_run():
    """Random numbers, states and dice of a sample answer do not change the page."""
    names = ("random_map", "dictionary_as_default", "cut_to_eight_rows")
    chosen = [sample for sample in answers.load() if sample.name in names]
    assert len(chosen) == 3
    first, second = ([message_pages.text(sample, "en") for sample in chosen] for _ in range(2))
    assert first == second


def test_a_stale_page_is_told_with_the_command_to_run(tmp_path, monkeypatch, capsys):
    """`--check` compares, exits 1, and says what makes the pages anew."""
    monkeypatch.setattr(message_pages, "pages", lambda: {"page.md": "new"})
    monkeypatch.setattr(message_pages.gate, "prepare", lambda: None)
    (tmp_path / "page.md").write_text("old")
    assert message_pages.main([str(tmp_path), "--check"]) == 1
    assert "Run: make release" in capsys.readouterr().out
    (tmp_path / "page.md").write_text("new")
    assert message_pages.main([str(tmp_path), "--check"]) == 0
