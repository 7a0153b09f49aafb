"""The browser, the JupyterLab server and the pages of the browser tests.

Every page that a test opens is watched for errors and for requests to other places.
"""

import concurrent.futures
import itertools
import os
import re
import shutil
from pathlib import Path

import pages
import pytest
from hosts import Exported, JupyterLab, signed
from watch import Watch

MISSING = (
    "needs Chromium, which is not on the path: `apt-get install chromium`, or your system's "
    "package of that name, and a link named chromium to its program"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = Path(os.environ.get("CONVLAB_SCREENSHOTS") or Path(__file__).parent / "screenshots")


def pytest_runtest_setup():
    """Skip these tests where there is no Chromium, unless CONVLAB_BROWSER=required, as CI says."""
    if not shutil.which("chromium") and os.environ.get("CONVLAB_BROWSER") != "required":
        pytest.skip(MISSING)


@pytest.fixture(scope="package")
def browser():
    """Chromium; a failure that says what to install if there is none."""
    program = shutil.which("chromium") or pytest.fail(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def graded(browser, tmp_path_factory):
    """The feedback page, which nbgrader makes while the first tests run: a future of its path."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        yield pool.submit(pages.feedback, tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="package")
def notebook(graded, tmp_path_factory):
    """The executed notebook: its path."""
    return pages.executed(tmp_path_factory.mktemp("lab") / "lab")


@pytest.fixture(scope="package")
def page(notebook, server):
    """The exported page: its path. The server, which takes its time to start, is started before."""
    return pages.exported(notebook)


@pytest.fixture(scope="package")
def windows(browser):
    """The windows in which pages of files are opened."""
    watching = Watch(browser)
    yield watching
    watching.close()


@pytest.fixture
def watch(windows):
    """Opens pages from files; an error in a page's console or a request fails the test."""
    yield windows
    assert windows.taken() == []


@pytest.fixture
def exported(watch, page):
    """The exported page, offline: a function from a player's name to the player.

    Options are the browser's.
    """
    return Exported(watch, page)


@pytest.fixture
def feedback(watch, graded):
    """The feedback page, as `exported`."""
    return Exported(watch, graded.result())


@pytest.fixture(scope="package")
def server(notebook, tmp_path_factory):
    """A JupyterLab in the folder of the notebook and of an untrusted copy."""
    folder = tmp_path_factory.mktemp("jupyter")
    with JupyterLab(signed(notebook, folder), folder) as running:
        yield running


@pytest.fixture(scope="package")
def opened_in_the_light(server, browser):
    """The trusted notebook, open in JupyterLab's light theme."""
    notebook = server.open(browser)
    yield notebook
    notebook.watch.close()


@pytest.fixture
def lab(opened_in_the_light):
    """The same, watched: a function from a player's name to the player, as it was at first."""
    yield opened_in_the_light
    assert opened_in_the_light.watch.taken() == []


@pytest.fixture(scope="package")
def opened_in_the_dark(server, browser):
    """The trusted notebook, open in JupyterLab's dark theme."""
    notebook = server.open(browser, "again.ipynb", "JupyterLab Dark")
    yield notebook
    notebook.watch.close()


@pytest.fixture
def dark_lab(opened_in_the_dark):
    """The same, watched."""
    yield opened_in_the_dark
    assert opened_in_the_dark.watch.taken() == []


@pytest.fixture(params=["exported", "feedback", "lab"])
def anywhere(request):
    """Exported page, feedback page and JupyterLab in turn: a function from a name to a player."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def photograph(request):
    """Saves a picture of a page or a part of it, named after the test and `name`."""
    return lambda seen, name="": save(seen, f"{request.node.name.removeprefix('test_')} {name}")


@pytest.fixture(scope="module")
def photograph_stations(request):
    """The same for what several tests share, named after the file, a number, and `name`."""
    numbers = itertools.count(1)
    file = request.path.stem.removeprefix("test_")
    return lambda seen, name: save(seen, f"{file} {next(numbers):02} {name}")


def save(seen, name):
    """Save a picture of a page or a part of it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    words = re.sub(r"\W+", "-", name).strip("-")
    seen.screenshot(path=SCREENSHOTS / f"{words}.png")
