"""Whether the pages that people read first are true: links, commands, counts."""

import re
import shlex

import pytest

from course import answers, layout, mutants

PAGES = sorted(
    path
    for path in layout.ROOT.rglob("*.md")
    if not {".venv", "submitted", "feedback", "work"} & set(path.relative_to(layout.ROOT).parts)
)
GUIDE = [page for page in PAGES if "teaching" in page.parts or page.name == "teaching.md"]
README = (layout.ROOT / "README.md").read_text("utf-8")
TARGETS = set(
    re.findall(r"^([a-z]+):", (layout.ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(layout.ROOT)))
def test_every_link_leads_somewhere(page):
    """A relative link names a file that is there, and a heading that is in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith("http"):
            continue
        name, _, heading = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert heading in {
                re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles
            }, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(layout.ROOT)))
def test_every_make_target_named_in_a_page_exists(page):
    """`make something` in a page is a target of the Makefile."""
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert named <= TARGETS


def test_every_proctor_command_in_the_teachers_guide_is_one():
    """Each has the arguments that proctor takes; a word that it does not know ends the test."""
    from proctor.arguments import parser

    guide = "\n".join(page.read_text("utf-8") for page in GUIDE)
    commands = re.findall(
        r"^ {4,}(proctor .+)$|`(proctor [a-z]+ (?:convolution|pooling)[^`]*)`", guide, re.MULTILINE
    )
    parsed = [parser().parse_args(shlex.split(a or b)[1:]).command for a, b in commands]
    assert {"check", "grade", "feedback", "export"} <= set(parsed)


def test_every_page_of_the_guide_is_on_its_first_one():
    """No page is out of the reader's reach."""
    first = (layout.ROOT / "docs" / "teaching.md").read_text("utf-8")
    pages = {page.name for page in (layout.ROOT / "docs" / "teaching").iterdir()}
    assert set(re.findall(r"\(teaching/([a-z-]+\.md)\)", first)) == pages


def test_the_forms_of_downloads_in_the_guide_are_those_that_are_read():
    """Each row names a platform, and its example and id are what the collector reads."""
    from proctor.collect.platforms import FORMS, read_name

    guide = (layout.ROOT / "docs" / "teaching" / "collect.md").read_text("utf-8")
    rows = [line.split("|") for line in guide.splitlines() if line.startswith("| ")]
    told = {row[1].strip(): (row[2], row[3]) for row in rows}
    assert {form.platform for form in FORMS} <= set(told)
    for form in FORMS:
        example, student = told[form.platform]
        name = re.search(r"`([^`]+)`", example)[1]
        name += "convolution.ipynb" if name.endswith("/") else ""
        assert read_name(name, ["convolution"]).ids[0] in student


def test_the_readme_counts_the_answers_and_mutants_that_there_are():
    """The README's numbers are those of the files."""
    known = answers.load()
    right = [answer for answer in known if answer.right]
    expected = {
        f"{len(right)} right answers keep",
        f"{len(known) - len(right)} wrong ones lose",
        f"of {len(mutants.all_of(right)):,} machine-made mutants",
        f"the {len(mutants.equivalent())} that survive",
        f"has {len(right)} others",
    }
    assert {words for words in expected if words not in README} == set()


def test_every_equivalent_mutant_has_its_reason():
    """No mutant is listed as equivalent without a sentence that says why."""
    listed = mutants.equivalent()
    assert listed
    assert all(reason.endswith(".") and len(reason) > 20 for reason in listed.values())


def test_make_alone_prints_every_target():
    """`make` lists each target with a few words."""
    import subprocess

    printed = subprocess.run(
        ["make", "-s"], cwd=layout.ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in printed.splitlines()} == TARGETS


def test_no_page_or_file_of_ours_names_a_download_host():
    """Registries are the user's own settings; no file pins one."""
    for name in ("pyproject.toml", "constraints.txt", "Makefile", "environment.yml", ".ci/run"):
        assert not re.search(
            r"https?://|index-url|find-links", (layout.ROOT / name).read_text("utf-8")
        ), name


def test_the_readme_shows_what_the_check_says():
    """The failing rung in the README is what `check` prints of a flipped kernel, word for word."""
    from convlab import check

    (flipped,) = [answer for answer in answers.load() if answer.name == "flipped_both_axes"]
    namespace = {}
    exec("import torch\n" + flipped.source, namespace)
    shown = README[README.index("✗ One window is right") :].split("\n```")[0]
    assert shown in repr(check(namespace["conv2d"]))
