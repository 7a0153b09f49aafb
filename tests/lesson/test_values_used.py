"""Whether None, a number to loop over and a count that is not whole are told as such."""

import pytest
from failures import Claims, cell, explained

CELLS = {
    "helper without return": (
        "none-used",
        "def conv2d(image, kernel):\n    image = image.clone()\n    image[0, 0] = print()",
    ),
    "result of append": (
        "none-used",
        "def conv2d(image, kernel):\n    rows = [].append(image)\n    return rows.sum()",
    ),
    "None in Python's own sum": (
        "none-used",
        "def dot(p, k):\n    (p * k).sum()\n"
        "def conv2d(image, kernel):\n    s = 0\n    s += dot(image[:3, :3], kernel)",
    ),
    "None in a stack": (
        "none-used",
        "def conv2d(image, kernel):\n    return torch.stack([None, None])",
    ),
    "for over a side": (
        "loop-over-number",
        "def conv2d(image, kernel):\n    for i in image.shape[0]:\n        pass",
    ),
    "comprehension over a side": (
        "loop-over-number",
        "def conv2d(image, kernel):\n    return [i for i in len(image) - 2]",
    ),
    "size by a division": (
        "fractional-count",
        "def conv2d(image, kernel):\n    return torch.zeros(image.shape[0] / 2, 6)",
    ),
    "size as a pair": (
        "fractional-count",
        "def conv2d(image, kernel):\n    return torch.zeros((6, 6.0))",
    ),
    "rounds by a division": (
        "fractional-count",
        "def conv2d(image, kernel):\n    for i in range(image.shape[0] / 2):\n        pass",
    ),
    "end of a slice": (
        "fractional-count",
        "def conv2d(image, kernel):\n    return image[: len(image) / 2]",
    ),
    "place in a list": (
        "fractional-count",
        "def conv2d(image, kernel):\n    return image.tolist()[len(image) / 2]",
    ),
}
OTHERS = {
    "own words": "def conv2d(image, kernel):\n    raise TypeError('NoneType float')",
    "list of a number": "def conv2d(image, kernel):\n    return list(len(image))",
    "unpacked number": "def conv2d(image, kernel):\n    H, W = len(image)",
    "text as an index": "def conv2d(image, kernel):\n    return image['0']",
}


@pytest.mark.parametrize("case", CELLS)
def test_a_value_that_the_line_cannot_use_is_told(case):
    """The line stops at None, at a loop over a number, or at a float that should count."""
    name, source = CELLS[case]
    conv2d = cell(source)
    found, example = explained(conv2d)
    assert found.name == name
    assert Claims(conv2d, example).untrue(found) == []


@pytest.mark.parametrize("case", OTHERS)
def test_another_error_is_not_told_as_a_value_that_cannot_be_used(case):
    """An error of other values keeps another name."""
    found, _ = explained(cell(OTHERS[case]))
    assert found.name not in ("none-used", "loop-over-number", "fractional-count")
