"""Whether figures can be read in light and dark, in a narrow window, on paper and untrusted."""

import io
import shutil

import nbformat
import pages
import pytest
import views
from hosts import ROOM
from nbformat.sign import NotebookNotary
from PIL import Image, ImageChops
from rules import TEXTS, contrast, faint, violations

CELLS = {
    "likeness": "figures.likeness(images.photograph())",
    "ripple": "figures.ripple(images.digit(), torch.arange(1., 10).reshape(3, 3), row=3, column=4)",
    "signal": "figures.one_dimension(*images.signal())",
}
NAMES = list(CELLS)
FIGURES = "figure.convlab-picture"


@pytest.fixture(scope="module")
def drawn(notebook):
    """A notebook with three figures, run, beside the notebook of players: its path."""
    path = notebook.parent / "figures.ipynb"
    new = nbformat.v4.new_code_cell
    setup = "import torch\nfrom convlab import figures, images"
    cells = [new(setup, id="set-up"), *(new(code, id=name) for name, code in CELLS.items())]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    pages.run("nbconvert", "--to", "notebook", "--execute", "--inplace", path.name, cwd=path.parent)
    return path


@pytest.fixture(scope="module", params=["light", "dark"])
def page_in(request, drawn):
    """The exported page in nbconvert's light or dark theme: (theme, path)."""
    target = f"figures-{request.param}.html"
    pages.run(
        *("nbconvert", "--to", "html", "--template", "lab", "--theme", request.param),
        *("--output", target, drawn.name),
        cwd=drawn.parent,
    )
    return request.param, drawn.with_name(target)


def opened(watch, path, width=1280):
    """The figures of a page in a window so many pixels wide: a locator."""
    page = watch.open(path.as_uri(), offline=True, viewport={"width": width, "height": 900})
    return page.locator(FIGURES)


def look(element):
    """A screenshot of an element, as an RGB image."""
    return Image.open(io.BytesIO(element.screenshot())).convert("RGB")


def ink_and_ground(image):
    """The colour most unlike the corner's in the upper edge of an image, where a title stands."""
    ground = image.getpixel((2, 2))
    title = image.crop((0, 0, image.width, 40))
    ink = max(
        (colour for _, colour in title.getcolors(100_000)),
        key=lambda colour: contrast(css(colour), css(ground)),
    )
    return css(ink), css(ground)


def css(colour):
    """Red, green and blue as a browser writes them."""
    return f"rgb({', '.join(map(str, colour))})"


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_stands_on_the_pages_own_ground(watch, page_in, photograph, name):
    """No white slab in the dark theme: the ground is the page's, and ink and words stand out."""
    theme, path = page_in
    figure = opened(watch, path).nth(NAMES.index(name))
    ink, ground = ink_and_ground(look(figure.locator(".cl-layers")))
    assert ground == ("rgb(255, 255, 255)" if theme == "light" else "rgb(17, 17, 17)")
    assert contrast(ink, ground) > 7
    assert faint(figure, TEXTS, 4.5) == []
    photograph(figure, theme)


def test_a_photograph_is_the_same_in_both_themes(watch, drawn):
    """The pixels of the portrait are not inverted or tinted by the dark theme."""
    page = watch.open((drawn.with_name("figures-dark.html")).as_uri(), offline=True)
    figure = page.locator(FIGURES).nth(NAMES.index("likeness")).locator(".cl-layers")
    portrait = (40, 60, 180, 220)
    dark = look(figure).crop(portrait)
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    light = look(figure).crop(portrait)
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert len(dark.getcolors(100_000)) > 50
    assert ImageChops.difference(dark, light).getbbox() is None


def test_paper_is_white_and_whole(watch, drawn):
    """Printed from the dark theme, a figure is the picture of the light one, in one piece."""
    page = watch.open((drawn.with_name("figures-dark.html")).as_uri(), offline=True)
    image = page.locator(FIGURES).first.locator("img")
    page.emulate_media(media="print")
    assert image.evaluate("(image) => getComputedStyle(image).clipPath") == "none"
    _, ground = ink_and_ground(look(image))
    page.emulate_media(media="screen")
    assert ground == "rgb(255, 255, 255)"
    assert image.evaluate("(image) => getComputedStyle(image).clipPath") != "none"


@pytest.mark.parametrize("name", NAMES)
def test_a_narrow_window_scrolls_a_figure_rather_than_shrink_its_words(
    watch, page_in, photograph, name
):
    """At 500 pixels the smallest text is 10 pixels high, and the page is no wider than that."""
    theme, path = page_in
    figure = opened(watch, path, 500).nth(NAMES.index(name))
    shown = figure.locator("img").evaluate("(image) => image.getBoundingClientRect().width")
    smallest = {"likeness": 10, "ripple": 9, "signal": 10}[name] * 100 / 72  # pixels of 900
    assert shown * smallest / 900 >= 9.99
    caption = figure.locator("figcaption").bounding_box()
    assert caption["x"] >= 0 and caption["x"] + caption["width"] <= 500
    assert figure.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert violations(figure) == []
    photograph(figure, f"{theme} narrow")


def test_on_a_narrow_feedback_page_a_figure_scrolls_in_its_own_place(watch, drawn, photograph):
    """The page that nbgrader writes is no wider than its window of 500 pixels either."""
    path = drawn.with_name("figures-feedback.html")
    path.write_text(views.rendered(nbformat.read(drawn, as_version=4), "feedback"), "utf-8")
    page = watch.open(path.as_uri(), offline=True, viewport={"width": 500, "height": 900})
    widths = (
        page.locator(FIGURES)
        .locator("img")
        .evaluate_all("(images) => images.map((image) => image.getBoundingClientRect().width)")
    )
    assert len(widths) == len(NAMES) and min(widths) > 500
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    photograph(page)


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "untrusted"])
def test_a_figure_in_jupyterlabs_dark_theme(server, browser, drawn, photograph, trusted):
    """Trusted, a figure stands on the page's ground; untrusted, the light picture is there."""
    path = drawn.with_name(f"figures-{trusted}.ipynb")
    shutil.copy(drawn, path)
    if trusted:
        notary = NotebookNotary(data_dir=str(server.folder / "data"))
        notary.sign(nbformat.read(path, as_version=4))
        notary.store.close()
    else:
        stranger = nbformat.read(path, as_version=4)
        stranger.cells[0].source += "\n# the same from a stranger"
        stranger.metadata["title"] = "the same from a stranger"
        nbformat.write(stranger, path)
    notebook = server.open(browser, path.name, "JupyterLab Dark")
    images = notebook.page.locator(".jp-OutputArea-output figure img")
    images.first.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(500)
    _, ground = ink_and_ground(look(images.first))
    light = ground == "rgb(255, 255, 255)"
    assert light is not trusted
    assert len(images.first.get_attribute("alt")) > 40
    assert images.first.bounding_box()["width"] > ROOM["width"] / 2
    photograph(notebook.page.locator(".jp-OutputArea-output figure").first)
    assert notebook.watch.taken() == []
    notebook.watch.close()
