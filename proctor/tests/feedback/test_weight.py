"""Whether pages are light, and nothing is lost that is a student's."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from proctor.feedback.tidying import balanced
from proctor.feedback.weight import NOTE_PLACE, lesson_pictures, lightened, said_once

PROGRAM = "let x = 1;" * 400
SOLUTION = {"grade": False, "solution": True, "locked": False, "grade_id": "f"}


def shown(*texts, **more):
    """A code cell that shows HTML."""
    outputs = [new_output("display_data", data={"text/html": text, **more}) for text in texts]
    return new_code_cell("x", outputs=outputs)


def texts(*cells):
    """The HTML of the cells' outputs."""
    return [output.data["text/html"] for cell in cells for output in cell.outputs]


def test_a_program_that_many_bring_along_stands_once():
    """It is returned, and each output starts it in its place; short ones and data stay."""
    own = f"<b>1</b><script>{PROGRAM}</script><script type='application/json'>{PROGRAM}</script>"
    cells = [shown(own), shown(own + "<script>short</script>"), new_markdown_cell("x")]
    assert said_once(cells) == [PROGRAM]
    for text in texts(*cells[:2]):
        assert text.count(PROGRAM) == 1 and "getElementById(`proctor-script-1`)" in text
    assert "<script>short</script>" in texts(cells[1])[0]


def test_a_program_that_one_brings_along_stays():
    """Nothing is changed where nothing is repeated."""
    cell = shown(f"<script>{PROGRAM}</script>")
    assert said_once([cell]) == []
    assert texts(cell) == [f"<script>{PROGRAM}</script>"]


def picture(letter, length):
    """A picture's address."""
    return f"data:image/png;base64,{letter * length}"


def test_the_largest_pictures_before_the_first_answer_give_way():
    """As many as it takes, those of styles first; descriptions stay, and so does all from the
    answer on."""
    styled, large, small, students = (
        picture(letter, length)
        for letter, length in (("A", 3000), ("B", 9000), ("C", 5000), ("D", 99000))
    )
    before = [
        shown(f'<i style="--dark:url({styled})"></i><img alt="small" src="{small}">'),
        shown("", **{"image/png": large.partition(",")[2]}),
    ]
    answer = new_code_cell("f = 1", metadata={"nbgrader": {**SOLUTION}})
    pictures = lesson_pictures([*before, answer, shown(f'<img src="{students}">')])
    page = (
        f'{NOTE_PLACE}<i style="--dark:url({styled})"></i><img alt="large" src="{large}">'
        f'<img alt="small" src="{small}"><img src="{students}">'
    )
    expected = page.replace(f"url({styled})", "url(data:,)")
    assert lightened(page, pictures, len(page) - 2000) == expected.replace(NOTE_PLACE, "")
    lighter = lightened(page, pictures, len(page) - 9000)
    assert '<img alt="large">' in lighter and small in lighter and students in lighter
    assert "1 of the larger pictures" in lighter
    assert students in lightened(page, pictures, 1000) and small not in lightened(page, pictures, 9)
    assert lightened(page, pictures, len(page) + 1000) == page.replace(NOTE_PLACE, "")


def test_without_an_answer_no_picture_gives_way():
    """Where nothing says which cells are the lesson's, all pictures stay."""
    assert lesson_pictures([shown(f'<img src="{picture("A", 9000)}">')]) == []


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        ("<p>a</details></div>b", "<p>ab</p>"),
        ("<details><summary>a", "<details><summary>a</summary></details>"),
        ("<table><tr><td></details>x", "<table><tr><td>x</td></tr></table>"),
        ("<b>x</b></main></body></html>", "<b>x</b>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a<li>b</li></li></ul>"),
    ],
)
def test_no_tag_leads_out_of_a_cell(part, kept):
    """What is opened in a cell is closed in it, and an end tag without a beginning is dropped."""
    assert balanced(part) == kept
