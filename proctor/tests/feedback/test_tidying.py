"""Pages that are tidied cell by cell are those that nbconvert tidies as a whole."""

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_notebook

from proctor.feedback import exporter, tidying
from proctor.feedback.exporter import PageExporter
from proctor.feedback.tidying import KeptTexts, Tidying, tidied

BETWEEN = {  # what a cell holds
    "text": "a &amp; b &lt; c &nbsp; d &unknown; &#8212; é",
    "pictures": '<img src="x"><IMG SRC="y"/><img alt="" src="z"><br><hr/>',
    "boxes": '<div class="jp-Cell-inputWrapper">1</div><div class="jp-OutputArea-output">2</div>',
    "white space": "<pre>  \n  </pre>  \n\n  <textarea>  </textarea> \t <b> </b>",
    "a script": "<script>if (a < b && c) '</div>'</script><style>a > b {}</style>",
    "a comment": "<!-- <div> -- > -->",
    "attributes": "<a href=x title='\"' title=2 checked data-x=\"<b>&quot;'\">z</a>",
    "an open tag": "<b>",
    "an open box": "<div>",
    "an ended box": "</div>",
    "an ended page": "</div></main></body></html>",
    "ended and opened": '</div></div><div class="cell"><div>',
    "an open comment": "<!-- ",
    "an open comment, with a dash": "<!-- -",
    "the end of a comment": "--> ",
    "an open string": '<a title="',
    "an open string of the other kind": "<a title='",
    "the end of a string": "\"'>",
    "an open script": "<script>",
    "the end of a script": "</script>",
    "an open declaration": "<![CDATA[",
    "an open instruction": "<?php ",
    "an open end": "</div ",
    "half a tag": "<",
    "half a comment": "<!",
    "half a letter": "&am",
    "half a number": "&#12",
    "an ended picture": "</br>  \n</img>",
    "raw text": "<textarea>",
    "a name of a cell": '<div class="cell">',
    "an open list": "<ul><li>1<li>2",
}


def page(*cells: str) -> str:
    """A page with these cells and three more, within the boxes of JupyterLab's template."""
    inner = "\n".join(
        f'<div class="{kind} x">\n<div>{cell}</div></div>\n'
        for cell in ("first <img>", *cells, "last  <img>", "end")
        for kind in ("cell", "jp-Cell")
    )
    return (
        "<!DOCTYPE html>\n<html><head><style>\n a > b {} </style></head>\n"
        f'<body class="jp-Notebook &quot;"><main>\n{inner}</main>\n</body></html>'
    )


@pytest.mark.parametrize(
    "other", ["text", "an open comment", "the end of a comment", "an open tag"]
)
@pytest.mark.parametrize("name", BETWEEN)
def test_a_page_is_the_same(name: str, other: str) -> None:
    """Whatever its cells hold, finished or not, and whatever pages were tidied before it."""
    tidying = Tidying()
    for cells in [(name,), (name, other), (other, name), (name, other), (name,)]:
        text = page(*(BETWEEN[cell] for cell in cells))
        assert tidying.page(text) == tidied(text)


def test_a_cell_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second page parses only what the first one did not have."""
    parsed = []
    soup = tidying.BeautifulSoup
    monkeypatch.setattr(
        tidying,
        "BeautifulSoup",
        lambda text, parser: parsed.append(text) or soup(text, parser),
    )
    pages = Tidying()
    pages.page(page("one", "two"))
    parsed.clear()
    pages.page(page("one", "three"))
    seen = "".join(parsed)
    assert ("three" in seen, "one" in seen, "first" in seen) == (True, False, False)


@pytest.mark.parametrize("text", [exporter.SAMPLE, *map(page, BETWEEN.values())])
def test_nbconvert_does_the_same(text: str) -> None:
    """A page parsed as a whole is, byte for byte, what nbconvert makes of it."""
    exporter = PageExporter(template_name="classic")
    assert exporter.tidied_by_nbconvert(text) == tidied(text)


def test_another_nbconvert_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nbconvert tidies pages in a way that is not known here, it does so."""
    assert PageExporter(template_name="classic").apart
    monkeypatch.setattr(exporter, "tidied", lambda page: page)
    made = PageExporter(template_name="classic")
    assert not made.apart
    empty = new_notebook()
    stock = HTMLExporter(template_name="classic").from_notebook_node(empty)[0]
    assert made.from_notebook_node(empty)[0] == stock


def test_what_was_not_asked_for_goes_first() -> None:
    """Texts are kept up to a number of characters, and the ones last asked for stay."""
    kept = KeptTexts(10)
    for key, text in (("a", "1234"), ("b", "1234"), ("a", "1234"), ("c", "123")):
        assert kept.made(key, lambda text=text: text) == text
    assert list(kept.texts) == ["a", "c"]
    kept.keep("d", "12345678901")
    assert list(kept.texts) == []
    assert kept.room == 10
