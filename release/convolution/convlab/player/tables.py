"""The static layer of a player: complete HTML tables, which read well where no script runs."""

import base64
import io
from collections.abc import Collection
from html import escape

import torch
from PIL import Image

from ..figures.colours import SIGNED, reach_of
from ..messages import Message, message
from ..printing import number, size

# The tints of the cells in a few steps, each a short code: there are hundreds of cells.
ORANGES = ["#fff", "#fed", "#fdb", "#fb8", "#fa5"]
BLUES = ["#fff", "#def", "#bdf", "#9ce", "#7ad"]
WHOLE = 14  # rows or columns, above which an image is shown through a window
WINDOW = 7  # rows and columns of the window
WIDE = 240  # screen pixels of a large image's overview

Cell = tuple[str, str]  # its text and its background as #rgb


def words(name: str, /, **facts: object) -> Message:
    """A label that the script of the page uses, too: one of the table [script] of messages/."""
    return message("player", f"script.{name}", **facts)


def tint(value: float, reach: float) -> str:
    """The background of a cell, #rgb: orange below 0, blue above, full where |value| is `reach`."""
    share = 0.0 if value != value else max(-1.0, min(1.0, value / reach))
    steps = BLUES if share > 0 else ORANGES
    return steps[round(abs(share) * (len(steps) - 1))]


def cells(
    values: torch.Tensor, reach: float | None = None, wrong: Collection[tuple[int, int]] = ()
) -> list[list[Cell]]:
    """A 2-D tensor as rows of cells; those whose (row, column) is in `wrong` are crossed."""
    reach = reach or reach_of(values)
    return [
        [
            (number(value) + (" ✗" if (i, j) in wrong else ""), tint(value, reach))
            for j, value in enumerate(row)
        ]
        for i, row in enumerate(values.tolist())
    ]


def table(
    name: str, caption: Message | str, rows: list[list[Cell]], top: int = 0, left: int = 0
) -> str:
    """One table with a caption and counted headers, which begin at `top` and `left`.

    End tags that HTML implies are left out, since there are hundreds.
    """
    head = "".join(f"<th scope=col>{left + j}" for j in range(len(rows[0])))
    body = "".join(
        f"<tr><th scope=row bgcolor=#eee>{top + i}"
        + "".join(f"<td bgcolor={colour}>{escape(text)}" for text, colour in row)
        for i, row in enumerate(rows)
    )
    return (
        f'<div class="cl-pane"><table class="cl-{name}"><caption>{escape(str(caption))}</caption>'
        f'<thead><tr><td>{head}</thead><tbody style="color:#1a1a1a">{body}</tbody></table></div>'
    )


def numbers(
    name: str,
    title: Message,
    values: torch.Tensor,
    near: tuple[int, int] = (0, 0),
    wrong: Collection[tuple[int, int]] = (),
) -> str:
    """The table of a 2-D tensor; of a large one the window around the cell `near`."""
    if max(values.shape) <= WHOLE:
        caption = words("whole", title=title, size=size(values.shape))
        return table(name, caption, cells(values, wrong=wrong))
    top, left = (
        max(0, min(at - 1, length - WINDOW)) for at, length in zip(near, values.shape, strict=True)
    )
    part = values[top : top + WINDOW, left : left + WINDOW]
    inside = {(i - top, j - left) for i, j in wrong}
    bottom, right = top + part.shape[0] - 1, left + part.shape[1] - 1
    caption = words(
        "part",
        title=title,
        size=size(values.shape),
        top=top,
        bottom=bottom,
        left=left,
        right=right,
    )
    return table(name, caption, cells(part, reach_of(values), inside), top, left)


def overview(name: str, title: Message, values: torch.Tensor) -> str:
    """A large 2-D tensor as a small picture: an image in grey, signed values in two colours."""
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
    alt = message("player", "grey" if grey else "signed", title=title, size=size(values.shape))
    return (
        f'<div class="cl-pane"><img class="cl-{name}-overview" width={WIDE} '
        f'src="data:image/png;base64,{payload}" alt="{escape(str(alt))}"></div>'
    )


def terms(patch: torch.Tensor, kernel: torch.Tensor, place: tuple[int, int]) -> str:
    """The dot product written out: a table like the kernel (M, N), pixel × weight in each cell."""
    products = patch.double() * kernel.double()
    reach = reach_of(products)
    rows = [
        [
            (f"{number(x)} × {bracketed(w)}", tint(x * w, reach))
            for x, w in zip(pixels, weights, strict=True)
        ]
        for pixels, weights in zip(patch.tolist(), kernel.tolist(), strict=True)
    ]
    return table("terms", message("player", "dot-product-at", row=place[0], column=place[1]), rows)


def total(patch: torch.Tensor, kernel: torch.Tensor) -> str:
    """The products added up, as a line: −1 + 0 + (−3) = −4; ≈ where a printed number is rounded."""
    values = (patch.double() * kernel.double()).flatten().tolist()
    result = sum(values)
    exact = all(
        abs(value) < 1e6 and abs(value - round(value, 2)) < 1e-9 for value in [*values, result]
    )
    summands = [number(values[0]), *(bracketed(value) for value in values[1:])]
    return f"{' + '.join(summands)} {'=' if exact else '≈'} {number(result)}"


def bracketed(value: float) -> str:
    """A number as it stands behind an operator: (−3)."""
    text = number(value)
    return f"({text})" if text.startswith("\N{MINUS SIGN}") else text
