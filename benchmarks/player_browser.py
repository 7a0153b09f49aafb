"""Measure a step of the player in a browser: milliseconds of script and layout, in an
exported page.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import nbconvert
import nbformat
from playwright.sync_api import sync_playwright

from course import layout

sys.path.insert(0, str(layout.SOURCE))
from convlab import checks, slide  # noqa: E402  (it lies beside the notebook, not on the path)

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
STEPS = """(root, steps) => {
    const [next, first, position] =
        ["next", "first", "position"].map((name) => root.querySelector(`[name=${name}]`));
    const times = [];
    while (times.length < steps) {
        if (position.value === position.max) first.click();
        document.body.offsetHeight;
        const begun = performance.now();
        next.click();
        document.body.offsetHeight;
        times.push(performance.now() - begun);
    }
    return times;
}"""


def page(height, width):
    """A notebook with one player, as nbconvert exports it."""
    shown = slide(*checks.example(height, width, seed=1).before)
    output = nbformat.v4.new_output("execute_result", shown._repr_mimebundle_())
    cell = nbformat.v4.new_code_cell("slide(image, kernel)", outputs=[output])
    return nbconvert.HTMLExporter(template_name="lab").from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell])
    )[0]


def measured(file, steps):
    """The milliseconds of each of `steps` steps: from the click until the page is laid out
    again.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(offline=True).new_page()
        page.goto(file.as_uri())
        times = page.locator(".convlab-player.live").evaluate(STEPS, steps)
        browser.close()
    return times


def main():
    """Print median and maximum of the steps; the figure to reach is a median of 16 ms."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=200)
    steps = parser.parse_args().steps
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "player.html"
        file.write_text(page(12, 10), "utf-8")
        times = measured(file, steps)
    median = statistics.median(times)
    print(f"{steps} steps at 12×10: median {median:.1f} ms   max {max(times):.1f} ms")


if __name__ == "__main__":
    main()
