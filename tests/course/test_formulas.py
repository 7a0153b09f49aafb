"""Whether formulas become MathML, and only what is harmless does."""

import re
import xml.etree.ElementTree as ElementTree

import jinja2
import pytest

from course import formulas, layout, notebook


def page(source):
    """The HTML of one Markdown cell, as nbconvert's templates ask for it."""
    environment = jinja2.Environment()
    environment.filters["markdown2html"] = formulas.MarkdownFilter()
    return environment.from_string("{{ cell.source | markdown2html }}").render(
        cell={"source": source}
    )


def lesson_formulas():
    """Every formula of the lesson: (TeX, whether it has a line of its own)."""
    cells = notebook.read(layout.SOURCE / layout.NOTEBOOK).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = re.findall(r"(\$\$?)([^$]+)\1", re.sub(r"`[^`]*`", "", text))
    return sorted({(tex, dollars == "$$") for dollars, tex in found})


@pytest.mark.parametrize("tex, block", lesson_formulas())
def test_every_formula_of_the_lesson_is_mathml(tex, block):
    """It is one well-formed element, with no command of TeX left in it."""
    html = page(f"$${tex}$$" if block else f"Words ${tex}$ words.")
    (found,) = re.findall(r"<math.*?</math>", html, re.DOTALL)
    root = ElementTree.fromstring(found)
    assert root.get("display") == ("block" if block else "inline")
    text = "".join(root.itertext())
    assert text and not re.search(r"[\\$]|&#|[a-z]*sum", text)
    assert "$" not in html


def test_the_exercises_formula_is_told_whole():
    """Sums have their letters below them, and names stay upright words."""
    tex = r"\text{out}[i, j] = \sum_{m} \sum_{n} "
    tex += r"\text{image}[i + m,\, j + n]\cdot \text{kernel}[m, n]"
    root = ElementTree.fromstring(formulas.mathml(tex, "block"))
    below = root.findall(f".//{{{formulas.NAMESPACE}}}munder")
    assert ["".join(part.itertext()) for part in below] == ["∑m", "∑n"]
    assert [part.text for part in root.iter(f"{{{formulas.NAMESPACE}}}mtext")] == [
        "out",
        "image",
        "kernel",
    ]


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\class{wide}{x}",
        r"\style{position:fixed}{x}",
        "{" * 500,
        r"\frac{",
        "x" * 3000,
    ],
)
def test_a_formula_that_is_active_broken_or_endless_stays_as_typed(tex):
    """What is not in the list of harmless elements and attributes, or fails, is no MathML."""
    assert formulas.mathml(tex, "inline") is None
    assert "<math" not in page(f"${tex}$")


@pytest.mark.parametrize(
    "tex", [r"\text{<img src=x onerror=alert(1)>}", r"\text{&lt;script&gt;}", "<script>", "a&b"]
)
def test_text_in_a_formula_stays_text(tex):
    """Tags and entities in a formula are characters of the page, never elements of it."""
    written = formulas.mathml(tex, "inline")
    assert {part.tag.split("}")[1] for part in ElementTree.fromstring(written).iter()} <= set(
        formulas.ELEMENTS
    )
    assert "<img" not in written and "<script" not in written


def test_code_and_prices_are_no_formulas():
    """Dollars in code and alone in a sentence stay dollars."""
    assert "<math" not in page("`$x$`\n\n    $y$\n\nIt costs 5$.")
