"""Owns the static layer of the player: complete tables, which read well where no script runs and no style is kept."""

import base64
import io
from html import escape

from PIL import Image

from ..figures.colours import SIGNED, reach_of
from ..printing import number, size

ORANGES = [
    "#fff",
    "#fed",
    "#fdb",
    "#fb8",
    "#fa5",
]  # the tints in a few steps, each short: there are hundreds of cells
BLUES = ["#fff", "#def", "#bdf", "#9ce", "#7ad"]
WHOLE = 14  # a larger image is shown through a window
WINDOW = 7
WIDE = 240  # screen pixels of a large image's overview


def tint(value, reach):
    """The background of a cell with `value`, `reach` being the magnitude of full colour: #rgb, orange below 0."""
    share = 0.0 if value != value else max(-1.0, min(1.0, value / reach))
    steps = BLUES if share > 0 else ORANGES
    return steps[round(abs(share) * (len(steps) - 1))]


def cells(values, reach=None, wrong=()):
    """A 2-D tensor as rows of (text, colour); the cells whose (row, column) is in `wrong` are crossed."""
    reach = reach or reach_of(values)
    return [
        [
            (number(value) + (" ✗" if (i, j) in wrong else ""), tint(value, reach))
            for j, value in enumerate(row)
        ]
        for i, row in enumerate(values.tolist())
    ]


def table(name, caption, rows, top=0, left=0):
    """One table with a caption and counted headers; `rows` holds (text, colour), `top` and `left` the first counts.

    End tags that HTML implies are left out, since there are hundreds.
    """
    head = "".join(f"<th scope=col>{left + j}" for j in range(len(rows[0])))
    body = "".join(
        f"<tr><th scope=row bgcolor=#eee>{top + i}"
        + "".join(f"<td bgcolor={colour}>{escape(text)}" for text, colour in row)
        for i, row in enumerate(rows)
    )
    return (
        f'<div class="cl-pane"><table class="cl-{name}"><caption>{escape(caption)}</caption><thead><tr><td>{head}'
        f'</thead><tbody style="color:#1a1a1a">{body}</tbody></table></div>'
    )


def numbers(name, title, values, near=(0, 0), wrong=()):
    """The table of a tensor; of a large one the window around the cell `near`."""
    if max(values.shape) <= WHOLE:
        return table(name, f"{title}, {size(values.shape)}", cells(values, wrong=wrong))
    top, left = (max(0, min(at - 1, length - WINDOW)) for at, length in zip(near, values.shape))
    part = values[top : top + WINDOW, left : left + WINDOW]
    inside = {(i - top, j - left) for i, j in wrong}
    caption = (
        f"{title}: rows {top} to {top + len(part) - 1}, columns {left} to {left + part.shape[1] - 1} "
        f"of {size(values.shape)}"
    )
    return table(name, caption, cells(part, reach_of(values), inside), top, left)


def overview(name, title, values):
    """A large tensor as a small picture: brightnesses in grey, signed values in the signed colours."""
    reach, grey = reach_of(values), bool((values >= 0).all()) and name == "image"
    shares = values.nan_to_num(0, reach, -reach) / reach
    colours = (
        (shares * 255).byte().numpy()
        if grey
        else SIGNED(((shares + 1) / 2).numpy(), bytes=True)[..., :3]
    )
    file = io.BytesIO()
    Image.fromarray(colours).save(file, format="png", optimize=True)
    payload = base64.b64encode(file.getvalue()).decode("ascii")
    key = "black to white" if grey else "yellow and orange below 0, blue above"
    return (
        f'<div class="cl-pane"><img class="cl-{name}-overview" width={WIDE} src="data:image/png;base64,{payload}" '
        f'alt="{escape(title)} as a whole, {size(values.shape)}: {key}"></div>'
    )


def terms(patch, kernel, place):
    """The dot product written out: a table laid out like the kernel, pixel × weight in each cell."""
    products = patch.double() * kernel.double()
    reach = reach_of(products)
    rows = [
        [(f"{number(x)} × {bracketed(w)}", tint(x * w, reach)) for x, w in zip(*pair)]
        for pair in zip(patch.tolist(), kernel.tolist())
    ]
    title = f"the dot product at row {place[0]}, column {place[1]}"
    return table("terms", title, rows)


def total(patch, kernel):
    """The products added up, as a line: −1 + 0 + (−3) = −4; ≈ where a number is printed rounded."""
    values = (patch.double() * kernel.double()).flatten().tolist()
    result = sum(values)
    exact = all(
        abs(value) < 1e6 and abs(value - round(value, 2)) < 1e-9 for value in [*values, result]
    )
    summands = [number(values[0]), *(bracketed(value) for value in values[1:])]
    return f"{' + '.join(summands)} {'=' if exact else '≈'} {number(result)}"


def bracketed(value):
    """A number as it stands behind an operator: (−3)."""
    text = number(value)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text
