"""Judge what is on the screen: axe's rules, and the contrast of every text and ring."""

import re

from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

GROUND = """
    const ground = (node) => {
        for (; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor;
            if (colour.startsWith("rgb(")) return colour;
        }
        return "rgb(255, 255, 255)";
    };"""

# Every text, and every line that means something, with its colour and what is painted behind it:
# [what, colour, ground].
TEXTS = (
    "(root) => {"
    + GROUND
    + """
    const found = [], texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
        if (text && !node.closest("script, style, option") && node.getClientRects().length)
            found.push([text, getComputedStyle(node).color, ground(node)]);
    }
    return found;
}"""
)
RINGS = (
    "(root) => {"
    + GROUND
    + """
    const shadow = (style) => style.boxShadow.match(/rgba?\\([^)]*\\)/)[0];
    const colours = {
        patch: shadow, here: shadow,
        reads: (style) => style.outlineColor, acts: (style) => style.outlineColor,
        wrong: (style) => style.borderTopColor,
        region: (style) => style.textDecorationColor};
    const found = Object.entries(colours).flatMap(([name, colour]) =>
        [...root.querySelectorAll(`td.${name}`)]
            .filter((td) => name !== "patch" || /top|left|bottom|right/.test(td.className))
            .map((td) => [name, colour(getComputedStyle(td)), ground(td)]));
    for (const control of root.querySelectorAll("button, select"))
        found.push([control.name, getComputedStyle(control).borderTopColor, ground(control)]);
    const at = document.activeElement;
    if (root.contains(at))
        found.push([`focus on ${at.name || (at.closest("table") || at).className}`,
                    getComputedStyle(at).outlineColor,
                    ground(at.tagName === "TD" ? at : at.parentElement)]);
    return found;
}"""
)


def violations(part):
    """What axe finds wrong within a part of a page: [rule: element: how to mend it]."""
    if part.page.evaluate("typeof axe") == "undefined":
        part.page.evaluate(Axe().axe_script)
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "resultTypes": ["violations"],
        "preload": False,
    }
    found = part.evaluate("(part, options) => axe.run(part, options)", options)
    assert found["passes"], "axe has looked at nothing"
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def contrast(colour, ground):
    """The contrast of two colours as a browser writes them, 1 to 21, by WCAG's formula; the
    ground is opaque.
    """
    behind, before = channels(ground), channels(colour)
    seen = [
        before[3] * front + (1 - before[3]) * back
        for front, back in zip(before[:3], behind[:3], strict=True)
    ]
    dark, light = sorted([luminance(*seen), luminance(*behind[:3])])
    return (light + 0.05) / (dark + 0.05)


def channels(colour):
    """Red, green and blue from 0 to 255 and the opacity from 0 to 1 of "rgb(1, 2, 3)" or
    "rgba(1, 2, 3, 0.5)".
    """
    values = [float(value) for value in re.fullmatch(r"rgba?\(([^()]+)\)", colour)[1].split(", ")]
    return (*values, 1.0)[:4]


def luminance(*parts):
    """The relative luminance of red, green and blue from 0 to 255."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in parts)
    ]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def faint(root, script, least):
    """The texts (TEXTS) or rings (RINGS) of an element whose contrast is below `least`: [(what,
    contrast)].
    """
    seen = root.evaluate(script)
    assert seen, "there is nothing to look at"
    return sorted(
        {(what, round(ratio, 2)) for what, *pair in seen if (ratio := contrast(*pair)) < least}
    )
