"""Whether errors of axes, edges and sizes are told apart, in facts that hold."""

import sys

import pytest
from convlab import messages
from failures import cell, explained, loops, parts, untrue

AXES = {
    "three axes": ("image 3", "C, a, b = image.shape"),
    "four axes": ("image 4", "_, _, a, b = image.size()"),
    "one axis": ("image 1", "a, = image.shape"),
    "kernel with channels": ("kernel 4", "a, b, M, N = kernel.shape"),
    "after a line that works": ("kernel 3", "H, W = image.shape\n    C, M, N = kernel.shape"),
    "counted from one": ("image 3", "H, W = image.shape[1], image.shape[2]"),
    "channel in the index": ("image 4", "return (image[:, :, 0:3, 0:3] * kernel).sum()"),
    "sum over a fourth axis": ("image 4", "return image.sum(3)"),
    "in a helper": ("image 3", "def size(x):\n        C, H, W = x.shape\n    size(image)"),
}
EDGES = {
    "all pixels": ("runs-past-edge", {"rows": "H", "columns": "W"}),
    "all pixels, large output": ("runs-past-edge", {"size": "H, W", "rows": "H", "columns": "W"}),
    "one row too many": ("runs-past-edge", {"rows": "H - M + 2"}),
    "numbers": (
        "runs-past-edge",
        {"size": "H, W", "columns": "W", "body": "for n in range(N): out[i, j] += image[i, j + n]"},
    ),
    "numbers of a row": (
        "runs-past-edge",
        {"size": "H, W", "columns": "W", "body": "for n in range(N): out[i, j] += image[i][j + n]"},
    ),
    "lists": (
        "runs-past-edge",
        {
            "before": "image = image.tolist()",
            "size": "H, W",
            "rows": "H",
            "body": "for m in range(M): out[i, j] += image[i + m][j]",
        },
    ),
    "numpy": (
        "runs-past-edge",
        {
            "before": "image = image.numpy()",
            "size": "H, W",
            "rows": "H",
            "body": "for m in range(M): out[i, j] += image[i + m, j]",
        },
    ),
    "numpy patches": (
        "runs-past-edge",
        {
            "before": "image, kernel = image.numpy(), kernel.numpy()",
            "size": "H, W",
            "columns": "W",
            "body": "out[i, j] = float((image[i:i + M, j:j + N] * kernel).sum())",
        },
    ),
    "flat": (
        "runs-past-edge",
        {
            "before": "image = image.flatten()",
            "rows": "H",
            "size": "H, W",
            "body": "for m in range(M): out[i, j] += image[(i + m) * W + j]",
        },
    ),
    "narrow": (
        "runs-past-edge",
        {"rows": "H", "size": "H, W", "body": "out[i, j] = image.narrow(0, i, M).sum()"},
    ),
    "dot": (
        "runs-past-edge",
        {
            "columns": "W",
            "size": "H, W",
            "body": "out[i, j] = image[i:i + M, j:j + N].flatten() @ kernel.flatten()",
        },
    ),
    "einsum": (
        "runs-past-edge",
        {
            "columns": "W",
            "size": "H, W",
            "body": "out[i, j] = torch.einsum('mn,mn', image[i:i + M, j:j + N], kernel)",
        },
    ),
    "shifted images": (
        "runs-past-edge",
        {"before": "for m in range(3): torch.zeros(H, W).add_(image[m:m + H, 0:W])"},
    ),
    "kernel": ("runs-past-edge", {"body": "for m in range(4): out[i, j] += kernel[m, 0]"}),
    "strides": (
        "runs-past-edge",
        {"before": "image = image.as_strided((H, W, M, N), (W, 1, W, 1))"},
    ),
    "padded": (
        "runs-past-edge",
        {
            "before": "image = torch.nn.functional.pad(image, (1, 1, 1, 1))",
            "size": "H + 2, W + 2",
            "rows": "H + 2",
            "body": "for m in range(M): out[i, j] += image[i + m, j]",
        },
    ),
    "whole image times kernel": ("sizes-do-not-fit", {"before": "image * kernel"}),
    "patch always too small": (
        "sizes-do-not-fit",
        {"body": "out[i, j] = (image[i:i + 2, j:j + 2] * kernel).sum()"},
    ),
    "products into one place": (
        "sizes-do-not-fit",
        {"body": "out[i, j] = image[i:i + M, j:j + N] * kernel"},
    ),
    "matrix product": ("sizes-do-not-fit", {"before": "image @ kernel"}),
    "numpy sizes": ("sizes-do-not-fit", {"before": "image.numpy() * kernel.numpy()"}),
    "reshaped": ("sizes-do-not-fit", {"before": "image[:6, :6].reshape(H, W)"}),
    "stacked": ("sizes-do-not-fit", {"before": "torch.stack([image[0], kernel[0]])"}),
    "list of four, third place": ("raises-error", {"before": "[1, 2, 3, 4][7]"}),
    "negative size": ("raises-error", {"size": "M - H, N - W"}),
    "types": ("raises-error", {"before": "image.double() @ image.T"}),
    "place from the numbers": (
        "raises-error",
        {"before": "few = [0] * 12", "body": "few[int(image[i, j] * 3.4)]"},
    ),
    "own IndexError at the edge": (
        "raises-error",
        {"rows": "H", "size": "H, W", "body": "if i > H - M: raise IndexError('over')"},
    ),
}
MORE_INDICES = {
    "flat output": ("say", {"size": "(H - M + 1) * (W - N + 1)"}),
    "flat image": ("say", {"before": "image = image.flatten()", "body": "image[i, j]"}),
    "flat kernel": ("say", {"before": "kernel = kernel.reshape(-1)", "body": "kernel[0, 0]"}),
    "three of two": ("say", {"body": "out[i, j, 0] = 1"}),
    "slices": ("say", {"size": "9", "body": "out[i:i + 1, j:j + 1]"}),
    "number": ("number", {"body": "out[i, j][0] = 1"}),
    "array": ("array", {"body": "image.numpy().ravel()[i, j]"}),
    "list": ("list", {"body": "rows = [[0] * W] * H; rows[i, j] = 1"}),
}
ENDS = {
    "both": ("column", {"body": "out[i, j] = (image[i:M, j:N] * kernel).sum()"}),
    "rows": ("row", {"body": "out[i, j] = (image[i:M, j:j + N] * kernel).sum()"}),
    "two steps": ("column", {"body": "out[i, j] = (image[i:i + M][:, j:N] * kernel).sum()"}),
    "dot": (
        "column",
        {"body": "out[i, j] = image[i:M, j:N].flatten() @ kernel.flatten()"},
    ),
    "image a copy": (
        "column",
        {"before": "image = image * 1", "body": "out[i, j] = (image[i:M, j:N] * kernel).sum()"},
    ),
}


@pytest.mark.parametrize("name", AXES)
def test_axes_are_counted_by_trying_more_of_them(name):
    """How many axes a line needs, and whose, is what makes it work."""
    expected, lines = AXES[name]
    conv2d = cell(f"def conv2d(image, kernel):\n    {lines}")
    found, case = explained(conv2d)
    ((part, facts),) = parts(found).items()
    assert (found.name, f"{part} {facts['count']}") == ("axes-miscounted", expected)
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize(
    "unpacking", ["a, b, c = [1, 2]", "a, b = image[None].shape", "a, b = image", "a, b, c = image"]
)
def test_no_axes_are_blamed_where_others_do_not_help(unpacking):
    """Unpacking something else than the axes of image or kernel is an error like any other."""
    assert explained(loops(before=unpacking))[0].name == "raises-error"


@pytest.mark.parametrize("name", MORE_INDICES)
def test_more_indices_than_axes_are_told(name):
    """Tensors, arrays and lists of too few axes are told with the number of their axes."""
    part, changed = MORE_INDICES[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert (found.name, list(parts(found))) == ("too-many-indices", [part]), found.text()
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize("name", EDGES)
def test_edges_are_told_from_sizes_that_never_fit(name):
    """An edge is told only if the line worked before it, or numbers are seen to be cut off."""
    expected, changed = EDGES[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert found.name == expected, found.text()
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize("name", ENDS)
def test_a_patch_that_ends_where_the_first_one_does_is_told(name):
    """The side of it that stays is named, with the sizes that met."""
    part, changed = ENDS[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert (found.name, list(parts(found))) == ("patch-end-fixed", [part]), found.text()
    facts = parts(found)[part]
    assert (facts["start"], facts["first"], facts["end"]) == (1, 0, 3)
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize(
    "body",
    [
        "out[i, j] = (image[i:i + M - 1, j:j + N] * kernel).sum()",
        "out[i, j] = (image[i:, j:] * kernel).sum()",
        "out[i, j] = (image[0:M, 0:2] * kernel).sum()",
        "out[i, j] = (image[i:H, j:W] * kernel).sum()",
    ],
)
def test_an_end_that_moves_or_a_beginning_that_does_not_is_no_fixed_end(body):
    """Patches that are too small or too large from the first on are sizes that do not fit."""
    assert explained(loops(body=body))[0].name == "sizes-do-not-fit"


@pytest.mark.parametrize(
    "product, sizes",
    [
        ("torch.dot(image[i:i + M, j:j + N], kernel)", ["3×3", "3×3"]),
        ("image[i:i + M, j:j + N].dot(kernel)", ["3×3", "3×3"]),
        ("torch.dot(image[i:i + M, j:j + N].flatten(), kernel)", ["9", "3×3"]),
    ],
)
def test_a_dot_product_of_tables_is_told(product, sizes):
    """Torch's function for vectors is named, with the sizes it was given."""
    conv2d = loops(body=f"out[i, j] = {product}")
    found, case = explained(conv2d)
    assert (found.name, parts(found)["say"]["sizes"]) == ("dot-of-matrices", sizes)
    assert untrue(found, conv2d, case) == []


def test_the_patch_that_runs_over_the_edge_is_named_by_its_place():
    """Where the slice begins and what is left of it is what the function was seen to ask for."""
    found, _ = explained(loops(columns="W"))
    facts = parts(found)["patch"]
    told = [facts[what] for what in ("row", "column", "came", "wanted", "size")]
    assert told == [0, 6, "3×2", "3×3", "8×8"]


def test_sizes_that_do_not_fit_are_listed_once_each():
    """Of many tensors the sizes are told, and a place for a number by its words."""
    found, _ = explained(loops(before="torch.stack([image[0], image[1], kernel[0]])"))
    assert parts(found)["say"]["sizes"] == ["8", "3"]
    found, _ = explained(loops(body="out[i, j] = image[i:i + M, j:j + N] * kernel"))
    number, came = parts(found)["say"]["sizes"]
    assert (number, came) == (messages.message("diagnoses", "sizes-do-not-fit.number"), "3×3")


def test_the_tracer_of_a_debugger_is_put_back():
    """Counting lines leaves whatever traced before in its place."""
    before = sys.gettrace()
    explained(loops(**EDGES["lists"][1]))
    assert sys.gettrace() is before
