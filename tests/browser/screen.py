"""A player on a page as a test reads and uses it: its tables, texts and controls by name."""

import re
from decimal import ROUND_HALF_UP, Decimal

import torch.nn.functional as F

READ = """(root, name) => [...root.querySelectorAll(`table.cl-${name} td[data-row]`)].map((td) => {
    const {row, column} = td.dataset;
    return [Number(row), Number(column), td.querySelector("span").textContent, [...td.classList]];
})"""

FOCUSED = """(root) => {
    const at = document.activeElement, table = at.closest("table");
    if (!root.contains(at)) return null;
    if (at.name) return at.name;
    if (at.tagName === "SUMMARY") return at.parentElement.className.replace("cl-", "");
    if (!table) return at.className;
    return [table.className.replace("cl-", ""), Number(at.dataset.row), Number(at.dataset.column)];
}"""

RESET = """(root) => {
    document.activeElement.blur();
    root.querySelector("[name=reset]").click();
    for (const more of root.querySelectorAll(".cl-more")) more.open = false;
    const speed = root.querySelector("[name=speed]");
    speed.value = [...speed.options].find((option) => option.text === "medium").value;
    speed.dispatchEvent(new Event("change", {bubbles: true}));
}"""

START = """(root, selector) => {  // puts the focus on a mark before an element
    const mark = document.createElement("span");
    Object.assign(mark, {tabIndex: 0, className: "mark", style: "position: fixed"});
    root.querySelector(selector).before(mark);
    mark.focus({preventScroll: true});
}"""
# at once: a timer may come after the next key
STARTED = """(root) => root.querySelector("span.mark").remove()"""


def printed(value):
    """A float64 number as the page must print it: at most two decimals, half away from zero, a
    true minus sign.
    """
    rounded = Decimal(float(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "0") else text.replace("-", "\N{MINUS SIGN}")


def table_of(values):
    """A 2-D tensor as a page prints it: {(row, column): text}."""
    return {
        (i, j): printed(value)
        for i, row in enumerate(values.double().tolist())
        for j, value in enumerate(row)
    }


def convolved(image, kernel, stride=1, padding=0):
    """The feature map by torch, in float64: the numbers every page is held against."""
    return F.conv2d(
        image.double()[None, None], kernel.double()[None, None], stride=stride, padding=padding
    )[0, 0]


class Player:
    """One player on a page. `root` is its outermost element as a Playwright locator."""

    def __init__(self, page, root):
        self.page, self.root = page, root

    def ready(self):
        """Scroll to the player, since a page lays out what is near its window, wait until the
        script has brought it to life, and return it.
        """
        self.root.scroll_into_view_if_needed()
        self.root.and_(self.page.locator(".live")).wait_for()
        return self

    def reset(self):
        """Bring a player that was used before to the first position, numbers as given, map
        whole, and return it.
        """
        self.page.mouse.move(0, 0)
        self.root.evaluate(RESET)
        return self

    def unfold_all(self):
        """Open everything that is folded away, and return the player."""
        for fold in self.root.locator("details").all():
            if fold.get_attribute("open") is None:
                fold.locator("summary").click()
        return self

    def to_the_corner(self, table):
        """Tab to a table, and by arrow keys to its first cell."""
        _, row, column = self.tab_to(table)
        self.keys(*["ArrowUp"] * row, *["ArrowLeft"] * column)

    def control(self, name):
        """A button, a list, the slider or the check box by its name."""
        return self.root.locator(f'[name="{name}"]')

    def press(self, *names):
        """Click one button after the other; one that is disabled, as First at the first
        position, is passed over.
        """
        for name in names:
            self.unfold(name)
            if self.control(name).is_enabled():
                self.control(name).click()

    def choose(self, name, label):
        """Choose an entry of a list by the text it shows."""
        self.unfold(name)
        self.control(name).select_option(label=label)

    def unfold(self, name):
        """Open what a control is folded into, as a click on "More" does."""
        folded = self.root.locator("details:not([open])", has=self.page.locator(f'[name="{name}"]'))
        if folded.count():
            folded.locator("summary").click()

    def cell(self, table, row, column):
        """A cell by its place in the whole image, kernel or feature map."""
        return self.root.locator(f'table.cl-{table} td[data-row="{row}"][data-column="{column}"]')

    def numbers(self, table):
        """What the cells of a table say: {(row, column): text}."""
        return {(i, j): text for i, j, text, _ in self.root.evaluate(READ, table)}

    def marked(self, table, mark):
        """The cells of a table that have the class `mark`: {(row, column)}."""
        return {(i, j) for i, j, _, marks in self.root.evaluate(READ, table) if mark in marks}

    @property
    def here(self):
        """The feature map's current cell, (row, column), as far as the page marks exactly one."""
        (cell,) = self.marked("map", "here")
        return cell

    @property
    def position(self):
        """Which position the slider is at, counted from 1, and how many there are."""
        slider = self.control("position")
        return int(slider.input_value()), int(slider.get_attribute("max"))

    def text(self, name):
        """A line of text: "status", "sum", "verdict", "counted"."""
        return self.root.locator(f".cl-{name}").inner_text()

    def edit(self, table, row, column, text, end="Enter"):
        """Change a pixel or a weight as a mouse and a keyboard do: double click, type, and a
        key to end.
        """
        self.cell(table, row, column).dblclick()
        box = self.cell(table, row, column).locator("input")
        box.fill(text)
        box.press(end)

    def focused(self):
        """What has the focus: a control's name or class, a cell (table, row, column), or None
        if it is not in this player.
        """
        name = self.root.evaluate(FOCUSED)
        return tuple(name) if isinstance(name, list) else name

    def tab_to(self, wanted):
        """Press Tab just before a control or a table, by its name, and return where the focus is.

        It must be there. What it is folded into is opened before; "more" is that itself.
        """
        self.unfold(wanted)
        self.root.evaluate(START, f'[name="{wanted}"], table.cl-{wanted}, details.cl-{wanted}')
        self.page.keyboard.press("Tab")
        self.root.evaluate(STARTED)
        at = self.focused()
        assert wanted == (at[0] if isinstance(at, tuple) else at)
        return at

    def keys(self, *keys):
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def summands(self):
        """The sum as it is written: (the numbers that are added up, the sign before the result,
        the result).
        """
        left, sign, right = re.fullmatch(r"(.*?) ([=≈]) ([^;]*)(?:;.*)?", self.text("sum")).groups()
        return [term.strip("()") for term in left.split(" + ")], sign, right
