"""nbgrader's formgrader in a JupyterLab, as an instructor uses it: links, buttons, dialogs."""

import contextlib
import re
from dataclasses import dataclass

from watch import Watch

VIEW = {"viewport": {"width": 1280, "height": 800}}
LARGE = {**VIEW, "device_scale_factor": 2}
STARTING = 120_000  # milliseconds for JupyterLab to be there
GRADING = 120_000  # milliseconds for a submission to be graded
AT_REST = """() => new Promise((done) => {
    const look = () => MathJax.loaded && !$(":animated").length ? done() : setTimeout(look, 50);
    look();
})"""  # the page of a submission scrolls to a field by itself
TO_THE_MIDDLE = "(element) => element.scrollIntoView({block: 'center'})"
# The page of a submission waits for the program that typesets formulas, which lies elsewhere, and
# goes on when that says that it is through.
TYPESETTER = """
window.MathJax = {Hub: {Config() {}, Startup: {signal: {
    Interest(told) { setTimeout(() => told("End")) },
}}}};
"""


@dataclass(frozen=True)
class Dialog:
    """What a dialog said: its title, and all of its text, in one line."""

    title: str
    text: str


class Formgrader:
    """The formgrader, opened by JupyterLab's menu.

    `photograph` takes pictures, named by station.
    """

    def __init__(self, browser, server, photograph):
        self.photograph = photograph
        self.watch = Watch(browser, server.address)
        self.page = self.watch.window(LARGE)
        self.page.route(
            re.compile("mathjax", re.IGNORECASE),
            lambda route: route.fulfill(body=TYPESETTER, content_type="text/javascript"),
        )
        self.page.goto(f"{server.address}/lab?token=secret&reset")
        self.page.locator(".lm-MenuBar-item", has_text="Nbgrader").click(timeout=STARTING)
        self.page.locator(".lm-Menu-item", has_text="Formgrader").first.click()
        self.frame = self.page.frame_locator("iframe[src*=formgrader]")
        self.table = self.frame.locator("table").first

    def take(self, station, place=None):
        """Take a picture, with the `place` of the page in its middle, if one is given."""
        if place is not None:
            place.evaluate(TO_THE_MIDDLE)
        self.photograph(self.page, station)

    def follow(self, link):
        """Click on the link whose address ends so, and wait for the page."""
        self.frame.locator(f"a[href$='{link}']:visible").first.click()

    def submissions(self, assignment):
        """Open the list of an assignment's submissions."""
        self.follow("formgrader/manage_assignments")
        self.follow(f"manage_submissions/{assignment}")
        self.frame.locator("td.student-id").first.wait_for()

    def row(self, student):
        """A student's row in the list of submissions."""
        name = self.frame.locator("td.student-id", has_text=re.compile(f"^{student}$"))
        return self.frame.locator("tr", has=name)

    def status(self, student):
        """What the list says of a student: status and score."""
        row = self.row(student)
        row.locator(".status .label").wait_for()
        return row.locator(".status").inner_text(), row.locator(".score").inner_text()

    def autograde(self, student, station=""):
        """Press a student's Autograde, and close the dialog that comes: what it said."""
        self.row(student).locator(".autograde a").click()
        dialog = self.frame.locator(".modal-dialog")
        dialog.wait_for(timeout=GRADING)
        text = " ".join(dialog.inner_text().split())
        told = Dialog(dialog.locator(".modal-title").inner_text(), text)
        if station:
            self.page.wait_for_timeout(400)  # the dialog slides in
            self.take(station)
        dialog.locator(".modal-footer button").click()
        dialog.wait_for(state="detached")
        self.row(student).locator(".status .label").wait_for()
        return told

    def review(self, assignment, notebook, name):
        """Open the submission of the student `name` under Manual Grading."""
        self.follow("formgrader/gradebook")
        self.follow(f"gradebook/{assignment}")
        self.follow(f"gradebook/{assignment}/{notebook}")
        self.frame.locator("a.name-hidden").first.wait_for()
        self.frame.locator("#toggle_names").click()
        self.take("manual grading", self.table)
        with self.loading():
            self.frame.locator("a.name-shown", has_text=name).click()

    @contextlib.contextmanager
    def loading(self):
        """Wait until a submission's page, asked for within, has its scores and comments."""
        with (
            self.page.expect_response(re.compile("/api/grades")),
            self.page.expect_response(re.compile("/api/comments")),
        ):
            yield
        for field in ("input.score", "textarea.comment"):
            self.frame.locator(f"{field}[placeholder]").first.wait_for()
        self.frame.locator("body").evaluate(AT_REST)

    def enter(self, field, text):
        """Type into a field of a submission's page, leave it, and wait until it is saved."""
        box = self.field(field)
        box.fill(text)
        with self.page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
            box.blur()
        assert saved.value.ok

    def reload(self):
        """Load the submission's page anew."""
        with self.loading():
            self.frame.locator("body").evaluate("() => location.reload()")

    def field(self, name):
        """A field of a submission's page: a score by its test's name, a comment by its cell's."""
        return self.frame.locator(f"[id='{name}']")

    def close(self):
        """Close the window."""
        self.page.context.close()
