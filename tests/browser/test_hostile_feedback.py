"""Whether hostile outputs, once cleaned, run, load and cover nothing in an instructor's pages."""

import hostile_outputs
import nbformat
import pages
import pytest
import views
from hosts import ROOM, UNFOLD, JupyterLab, signed
from proctor.sanitize import clean_markdown, clean_outputs
from watch import Watch

GIVEN = pages.given()
VISUALS = {
    name: eval(source, dict(GIVEN))._repr_mimebundle_()["text/html"]
    for name, source in pages.CELLS.items()
}  # the lesson's own
VISUALS["pandas"] = (
    "<style scoped>.dataframe tbody tr th:only-of-type { vertical-align: middle } "
    ".dataframe thead th { text-align: right }"
    " #T_a_row0_col0 { background-color: #440154; color: #f1f1f1 }</style>"
    '<table border="1" class="dataframe"><thead>'
    '<tr style="text-align: right;"><th></th><th>a</th></tr></thead><tbody><tr><th>0</th>'
    '<td id="T_a_row0_col0">1.5</td></tr></tbody></table>'
)
AWAY = ("another page",)  # leaves the page before anything else can be seen
OUTPUTS = {
    name: [output]
    for name, output in hostile_outputs.ALL.items()
    if isinstance(output, dict) and not name.endswith(AWAY)
}


RUN = [
    "page: a script",
    "page: a picture that fails",
    "page: a picture from elsewhere",
    "page: a style that imports",
    "page: a drawing that loads",
    "other: a picture that ends its attribute",
]
ACTIVE = (
    "script, [onerror], [onclick], [onload], [onfocus], "
    "iframe, object, embed, form, base, meta, link"
)
INSIDE = {
    "feedback": "#notebook-container",
    "proctor_feedback": "#notebook-container",
    "formgrade": "#notebook-container",
    "lab": "main",
}
SHOWN = ".convlab-player, .student-convlab-player, table"


LOOKS = """(root) => {
    const box = root.getBoundingClientRect(), near = (n) => Math.round(n * 4) / 4;
    return [root, ...root.querySelectorAll("*:not(script, style)")].map((element) => {
        const {x, y, width, height} = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        return [element.localName, element.childElementCount ? "" : element.textContent,
            near(x - box.x), near(y - box.y), near(width), near(height), style.color,
            style.backgroundColor, style.borderTop, style.font, style.textAlign, style.opacity];
    }).map((seen, n) => n ? seen : seen.with(1, ""));
}"""


@pytest.fixture
def see(browser):
    """Opens HTML as formgrader's server would serve it: a View."""
    opened = []

    def view(html, **options):
        opened.append(views.View(browser, html, **options))
        opened[-1].page.evaluate(UNFOLD)
        return opened[-1]

    yield view
    for each in opened:
        each.close()


@pytest.mark.parametrize("template", INSIDE)
def test_without_cleaning_scripts_run_and_requests_leave(see, template):
    """Uncleaned outputs open dialogs and ask other places there: the next test could fail."""
    outputs = {name: list(map(nbformat.from_dict, OUTPUTS[name])) for name in RUN}
    view = see(views.rendered(views.notebook(outputs, ["<img src=x onerror=alert(2)>"]), template))
    assert {"1", "2"} <= set(view.said)
    assert any("evil.example" in url for url in view.asked)


@pytest.mark.parametrize("template", INSIDE)
def test_after_cleaning_nothing_runs_and_nothing_leaves(see, template, photograph):
    """With all hostile outputs and texts in a page, nothing opens a dialog, asks or reacts."""
    outputs = {name: clean_outputs(outputs) for name, outputs in OUTPUTS.items()}
    texts = [
        clean_markdown(text, names=["conv2d"])
        for text in [*hostile_outputs.MARKDOWN.values(), "# conv2d"]
    ]
    view = see(views.rendered(views.notebook(outputs, texts), template))
    photograph(view.page, template)
    assert view.said == []
    assert view.asked == []
    assert view.page.locator(INSIDE[template]).locator(ACTIVE).count() == 0


def test_the_score_boxes_of_formgrader_are_its_own_and_can_be_reached(see, photograph):
    """With all that in the page, one score box has its id, and nothing covers or hides it."""
    outputs = {name: clean_outputs(outputs) for name, outputs in OUTPUTS.items()}
    texts = [
        clean_markdown(text, names=["conv2d"])
        for text in [*hostile_outputs.MARKDOWN.values(), "# conv2d", "conv2d\n===="]
    ]
    page = see(views.rendered(views.notebook(outputs, texts), "formgrade")).page
    box = page.locator("#conv2d")
    assert (box.count(), page.locator(".score").count(), page.locator(".tabbable").count() - 1) == (
        1,
        1,
        3,
    )
    photograph(page.locator(".nbgrader_cell"))
    assert box.evaluate("""box => {
        box.scrollIntoView({block: "center", behavior: "instant"});
        const {x, y, width, height} = box.getBoundingClientRect();
        return document.elementFromPoint(x + width / 2, y + height / 2) === box;
    }""")


@pytest.mark.parametrize("template", ["feedback", "proctor_feedback", "formgrade"])
@pytest.mark.parametrize("name", VISUALS)
def test_honest_visuals_look_as_they_did_without_their_script(see, photograph, name, template):
    """Each element, cleaned, has the place, size and colours that it has without scripts."""
    output = hostile_outputs.display("text/html", VISUALS[name])
    looks = []
    for outputs in ([nbformat.from_dict(output)], clean_outputs([output])):
        page = see(
            views.rendered(views.notebook({name: outputs}, []), template), java_script_enabled=False
        ).page
        area = page.locator(".output_html").locator(SHOWN).first
        looks.append(area.evaluate(LOOKS))
    photograph(area, template)
    assert len(looks[0]) > 5
    assert looks[0] == looks[1]


@pytest.fixture
def trusted(browser, tmp_path):
    """Opens a trusted notebook in JupyterLab: the page, its dialogs, its requests to elsewhere."""
    opened = []

    def see(notebook):
        path = tmp_path / "lab" / "graded.ipynb"
        path.parent.mkdir()
        (tmp_path / "server").mkdir()
        nbformat.write(notebook, path)
        with JupyterLab(signed(path, tmp_path / "server"), tmp_path / "server") as server:
            server.settle(
                {
                    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
                        "windowingMode": "none"
                    }
                }
            )
            watch, dialogs = Watch(browser, server.address), []
            opened.append(watch)
            page = watch.window({"viewport": ROOM})
            page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            page.goto(f"{server.address}/lab/tree/{path.name}?token=secret&reset")
            page.wait_for_function(
                # an empty one comes first
                "(count) => document.querySelectorAll('.jp-Notebook .jp-Cell').length >= count",
                arg=len(notebook.cells),
                timeout=60_000,
            )
            page.locator(".jp-Notebook .jp-Cell").last.evaluate("(cell) => cell.scrollIntoView()")
            page.locator(".jp-Notebook .jp-OutputArea-output").last.wait_for(state="attached")
            yield_to(page)
            return page, dialogs, [each for each in watch.taken() if each.startswith("request:")]

    yield see
    for watch in opened:
        for context in {page.context for page in watch.windows.values()}:
            context.close()


def yield_to(page):
    """Let the page do what it has begun: all pictures loaded or failed, two frames drawn."""
    page.evaluate("""async () => {
        await Promise.all([...document.images].map((image) =>
            image.complete || new Promise((done) => image.onload = image.onerror = done)));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }""")


def test_without_cleaning_a_trusted_notebook_runs_what_is_in_it(trusted):
    """In JupyterLab, uncleaned outputs open dialogs and ask elsewhere: the next test could fail."""
    outputs = {name: list(map(nbformat.from_dict, OUTPUTS[name])) for name in RUN}
    _, dialogs, requests = trusted(views.notebook(outputs, []))
    assert "1" in dialogs
    assert any("evil.example" in request for request in requests)


def test_a_trusted_notebook_in_jupyterlab_runs_nothing_of_a_students(trusted):
    """Even trusted, the cleaned notebook opens without a dialog or a request to elsewhere."""
    outputs = {
        name: clean_outputs(outputs)
        for name, outputs in OUTPUTS.items()
        if name != "other: a flood"
    }
    texts = [clean_markdown(text) for text in hostile_outputs.MARKDOWN.values()]
    _, dialogs, requests = trusted(views.notebook(outputs, texts))
    assert dialogs == []
    assert requests == []
