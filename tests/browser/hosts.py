"""The places where players are shown: a page from a file, and a JupyterLab."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time

import nbformat
import pages
from screen import Player
from watch import Watch

from course import layout

SETTINGS = {  # no news is asked for, nothing is put in front of the page
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
ROOM = {"width": 1280, "height": 1500}
ENDING = 15  # seconds for a server to end by itself
# What a feedback page folds, and the formgrader's page of a submission.
UNFOLD = """() => {
    document.getElementById("proctor-notebook")?.setAttribute("open", "");
    document.querySelectorAll(".proctor-fold[aria-expanded=false]").forEach((fold) => fold.click());
}"""
THEME = "@jupyterlab/apputils-extension/themes.jupyterlab-settings"


def signed(path, folder):
    """Trust the notebook `path` in the server settings `folder`, and put two copies beside it.

    One is the same, and one is untrusted. Returns the notebook's folder.
    """
    pages.sign(path, folder / "data")
    shutil.copy(path, path.parent / "again.ipynb")
    copy = nbformat.read(path, as_version=4)
    copy.metadata["title"] = (
        "the same from a stranger"  # trust goes by content, so that this one has none
    )
    nbformat.write(copy, path.parent / "untrusted.ipynb")
    return path.parent


class Exported:
    """A page of files, opened offline: called with a player's name, it returns the player.

    The page is loaded once, and a player brought to its first position with the map whole; `fresh`
    loads it anew.
    """

    def __init__(self, watch, path):
        self.watch, self.path = watch, path

    def fresh(self, name, **options):
        """A player on a page just loaded."""
        page = self.watch.open(self.path.as_uri(), **{"offline": True, **options})
        return self.player(page, name)

    def __call__(self, name, **options):
        page = self.watch.opened(self.path.as_uri(), **{"offline": True, **options})
        return self.player(page, name).reset()

    def player(self, page, name):
        """A player on a page; the notebook that a feedback page folds is unfolded."""
        page.evaluate(UNFOLD)
        return Player(page, page.locator(".convlab-player").nth(pages.NAMES.index(name))).ready()


class JupyterLab:
    """A JupyterLab server in the folder `root`, with settings of its own in `folder`.

    `variables` are added to its environment.
    """

    def __init__(self, root, folder, **variables):
        self.root, self.folder, self.variables = root, folder, variables

    def __enter__(self):
        variables = {
            name: os.fspath(self.folder / part)
            for name, part in {
                "JUPYTER_DATA_DIR": "data",
                "JUPYTER_CONFIG_DIR": "config",
                "JUPYTER_RUNTIME_DIR": "runtime",
                "JUPYTERLAB_SETTINGS_DIR": "settings",
                "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            }.items()
        }
        self.settle(SETTINGS)
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--port=0",
            "--ServerApp.token=secret",
            "--allow-root",
            f"--ServerApp.root_dir={self.root}",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        with open(self.folder / "lab.log", "w") as log:
            self.server = subprocess.Popen(
                command,
                cwd=self.root,
                env={**layout.environment(), **variables, **self.variables},
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, *error):
        self.server.terminate()
        try:
            self.server.wait(ENDING)
        except (
            subprocess.TimeoutExpired
        ):  # it was asked while it started a kernel; a kernel ends with its server
            self.server.kill()
            self.server.wait()

    def settle(self, settings):
        """Write settings as JupyterLab keeps a user's; a page that is opened afterwards has
        them.
        """
        for name, values in settings.items():
            file = self.folder / "settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))

    @functools.cached_property
    def address(self):
        """The server's address, from its log, which says it when the server is ready."""
        for _ in range(300):
            found = re.search(
                r"(http://(?:localhost|127\.0\.0\.1):\d+)/lab",
                (self.folder / "lab.log").read_text(),
            )
            if found:
                return found[1]
            time.sleep(0.2)
        raise TimeoutError(f"JupyterLab did not start:\n{(self.folder / 'lab.log').read_text()}")

    def open(self, browser, file="players.ipynb", theme="JupyterLab Light", place="lab/tree"):
        """The notebook `file`, opened in a new window, in which the tallest player has room;
        `place` is the program's.
        """
        self.settle({THEME: {"theme": theme}})
        watch = Watch(browser, self.address)
        return Notebook(
            watch, watch.open(f"{self.address}/{place}/{file}?token=secret&reset", viewport=ROOM)
        )


class Notebook:
    """A notebook open in JupyterLab: called with a player's name, it returns the player,
    scrolled into view.
    """

    def __init__(self, watch, page):
        self.watch, self.page = watch, page
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
        page.locator(".jp-NotebookPanel .jp-Toolbar >> text=/Python 3/").first.wait_for(
            timeout=60_000
        )

    def cell(self, name):
        """The notebook's cell that shows a player, or the one that sets up, scrolled into view."""
        number = ["set-up", *pages.NAMES].index(name)
        cell = self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{number}"]')
        scroller = self.page.locator(
            ".jp-Notebook .jp-WindowedPanel-outer, .jp-WindowedPanel-outer.jp-Notebook"
        ).first
        for place in [None, *range(0, 20_000, 400)]:
            if place is not None:
                scroller.evaluate("(panel, place) => { panel.scrollTop = place }", place)
                self.page.wait_for_timeout(30)
            if cell.count():
                break
        cell.scroll_into_view_if_needed()
        return cell

    def __call__(self, name):
        return Player(self.page, self.cell(name).locator(".convlab-player").first).ready().reset()
