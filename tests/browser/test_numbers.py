"""Whether every number on the page is the one torch computes in float64, as given and after
every kind of change.
"""

import pages
import pytest
import torch
from screen import convolved, printed, table_of

GIVEN = pages.given()
EXAMPLES = {"lesson": GIVEN["lesson"], "drawn": GIVEN["drawn"]}


def holds(player, image, kernel, stride=1, padding=0):
    """Whether all three tables print what they must."""
    expected = table_of(convolved(image, kernel, stride, padding))
    framed = {
        (i - padding, j - padding): text
        for (i, j), text in table_of(torch.nn.functional.pad(image, [padding] * 4)).items()
    }
    assert expected == player.numbers("map")
    assert framed == player.numbers("image")
    assert table_of(kernel) == player.numbers("kernel")
    return True


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_numbers_are_torchs(anywhere, name):
    """Image, kernel and feature map are printed as float64 torch has them, on each kind of page."""
    player = anywhere(name)
    assert holds(player, *EXAMPLES[name])


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_what_if_stride_and_padding(exported, stride, padding):
    """With any stride and padding the numbers are torch's, and the sentence counts rows and
    columns anew.
    """
    player, (image, kernel) = exported("drawn"), EXAMPLES["drawn"]
    player.choose("stride", str(stride))
    player.choose("padding", str(padding))
    assert holds(player, image, kernel, stride, padding)
    rows, columns = convolved(image, kernel, stride, padding).shape
    assert f"a {rows}×{columns} feature map" in player.text("counted")
    assert player.position[1] == rows * columns


@pytest.mark.parametrize(
    "preset",
    ["identity", "blur", "sharpen", "vertical edge", "horizontal edge", "corner", "emboss"],
)
def test_a_preset_is_what_it_says(exported, preset):
    """Each preset puts the lesson's kernel of that name in, and the map follows."""
    from convlab import images

    player = exported("drawn")
    player.choose("preset", preset)
    assert holds(player, EXAMPLES["drawn"][0], images.kernel(preset))


def test_edited_pixels_and_weights_change_the_map(exported):
    """A pixel and a weight typed in give the map of the new numbers; Escape and what is no
    number change nothing.
    """
    player, (image, kernel) = exported("drawn"), [part.clone() for part in EXAMPLES["drawn"]]
    for table, values, row, column, text in [
        ("image", image, 11, 9, "-2.125"),
        ("image", image, 0, 0, "0.1"),
        ("kernel", kernel, 1, 2, "7"),
    ]:
        values[row, column] = float(text)
        player.edit(table, row, column, text)
        assert holds(player, image, kernel)
    player.edit("kernel", 0, 0, "1000", end="Escape")
    player.edit("image", 3, 3, "two")
    assert holds(player, image, kernel)


def test_flip_turns_the_kernel(exported):
    """The button turns the kernel by 180°, and pressed again gives it back."""
    player, (image, kernel) = exported("drawn"), EXAMPLES["drawn"]
    player.press("flip")
    assert holds(player, image, kernel.flip(0, 1))
    player.press("flip")
    assert holds(player, image, kernel)


def test_reset_gives_everything_back(exported):
    """After edits, a preset, stride and padding, one button leads back to the lesson's numbers."""
    player = exported("drawn")
    player.edit("image", 2, 2, "9")
    player.choose("preset", "blur")
    player.choose("stride", "2")
    player.choose("padding", "1")
    player.press("reset")
    assert holds(player, *EXAMPLES["drawn"])
    assert [player.control(name).input_value() for name in ("stride", "padding")] == ["1", "0"]


@pytest.mark.parametrize("stride, padding", [(1, 0), (2, 1)])
def test_the_dot_product_is_written_out_term_by_term(exported, stride, padding):
    """At every position the terms are the patch's pixels times the weights, and the sum adds up
    the products.
    """
    player, (image, kernel) = exported("lesson"), EXAMPLES["lesson"]
    player.choose("stride", str(stride))
    player.choose("padding", str(padding))
    around, result = (
        torch.nn.functional.pad(image, [padding] * 4).double(),
        convolved(image, kernel, stride, padding),
    )
    player.press("first")
    for row, column in [divmod(n, result.shape[1]) for n in range(result.numel())]:
        patch = around[row * stride : row * stride + 2, column * stride : column * stride + 2]
        terms = [
            f"{printed(x)} × {f'({printed(w)})' if w < 0 else printed(w)}"
            for x, w in zip(patch.flatten().tolist(), kernel.flatten().tolist(), strict=True)
        ]
        assert terms == [player.numbers("terms")[cell] for cell in sorted(player.numbers("terms"))]
        products = [printed(product) for product in (patch * kernel.double()).flatten().tolist()]
        assert (products, "=", printed(result[row, column])) == player.summands()
        assert player.here == (row, column)
        player.press("next")


def test_a_rounded_sum_says_so(exported):
    """Where numbers are printed rounded, the sum has ≈ instead of =, and its result is torch's."""
    player, (image, kernel) = exported("drawn"), EXAMPLES["drawn"]
    player.press("last")
    products = (image[-3:, -3:].double() * kernel.double()).flatten().tolist()
    assert (
        [printed(product) for product in products],
        "≈",
        printed(sum(products)),
    ) == player.summands()


def test_the_photographs_window_shows_the_whole_images_numbers(exported):
    """Wherever the window is, its cells are those of the whole image and map."""
    player, (image, kernel) = exported("photo"), GIVEN["photo"]
    whole = {"image": table_of(image), "map": table_of(convolved(image, kernel))}
    for go in ("first", "next", "last"):
        player.press(go)
        for name, expected in whole.items():
            seen = player.numbers(name)
            assert len(seen) >= 25
            assert {place: expected[place] for place in seen} == seen
