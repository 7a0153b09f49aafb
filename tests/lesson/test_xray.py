"""Whether the X-ray's picture shows what a function reads beside what it should, whatever the
function is.
"""

import re

import pytest
import torch
from convlab import images, xray
from convlab.player.xray import spelled
from test_player import Page, data, html

from course import layout

LETTERS = [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]]


def panel(player, name):
    """The pixels of the patch that is shown first, in one of the two tables."""
    (i, j), (rows, columns) = player.place, player.kernel.shape
    return [row[j : j + columns] for row in Page(player.static()).numbers(name)[i : i + rows]]


def test_a_flipped_kernel_stands_turned_beside_the_right_one(flipped):
    """What is read: the letters from the last to the first, wrong ones crossed; what should be:
    in order.
    """
    player = xray(flipped)
    assert panel(player, "should") == LETTERS
    assert panel(player, "read") == [
        ["i ✗", "h ✗", "g ✗"],
        ["f ✗", "e", "d ✗"],
        ["c ✗", "b ✗", "a ✗"],
    ]
    assert "turned by 180°" in player.verdict


def test_every_cell_that_reads_something_else_is_crossed_even_if_its_number_is_right(flipped):
    """A flipped kernel reads wrongly everywhere; it opens where a wrong number shows it."""
    player = xray(flipped)
    assert len(player.wrong) == player.result.numel() == 30
    assert player.result[player.place] != player.target[player.place]


def test_a_function_that_is_wrong_on_the_shown_image_alone_is_not_hidden(right):
    """Where the learner's own map is not what the taps foretell, that map is shown, and the
    sentence says so.
    """

    def conv2d(image, kernel):
        return right(image, kernel) + (
            1 if image.unique().tolist() == [0, 1] and image.sum() > 1 else 0
        )

    player = xray(conv2d)
    assert torch.equal(player.result, player.target + 1)
    assert "other numbers than these foretell" in player.verdict
    assert data(player)["bilinear"] is False and len(player.wrong) == 30


def test_a_right_function_reads_what_it_should(right):
    """Nothing is crossed, and the sentence says that every output reads its own patch."""
    player = xray(right)
    assert panel(player, "read") == panel(player, "should") == LETTERS
    assert player.verdict.startswith("Each of the 30 outputs reads exactly its own patch")
    assert "✗" not in player.static()


def test_the_first_cell_that_reads_something_else_is_shown_first(right):
    """Where only one cell is wrong, the X-ray opens there."""

    def conv2d(image, kernel):
        result = right(image, kernel)
        result[3, 2] = result[0, 0]
        return result

    player = xray(conv2d)
    assert player.place == (3, 2) and data(player)["at"] == 3 * 5 + 2
    assert Page(player.static()).tables["cl-read"]["caption"] == "what you read at row 3, column 2"


@pytest.mark.parametrize(
    "bad, said",
    [
        (
            lambda i, k: (_ for _ in ()).throw(NotImplementedError),
            "Nothing to X-ray: conv2d is not implemented yet",
        ),
        (lambda i, k: None, "returned None"),
        (lambda i, k: i[99], "raised IndexError"),
        (lambda i, k: [1], "returned a list"),
    ],
)
def test_without_anything_to_read_only_what_should_be_read_is_shown(bad, said):
    """A stub, an error or no tensor: the X-ray shows the target and says what came."""
    player = xray(bad)
    assert said in player.verdict
    assert panel(player, "should") == LETTERS
    assert "cl-read" not in Page(player.static()).tables
    assert data(player)["taps"] is None and data(player)["yours"] is None


def test_a_map_of_another_size_is_read_all_the_same(right):
    """With padding the map is larger; the X-ray shows the learner's map and says how it came
    about.
    """
    player = xray(lambda image, kernel: right(torch.nn.functional.pad(image, (1, 1, 1, 1)), kernel))
    assert "8×7, where 6×5 was expected" in player.verdict and "padding" in player.verdict
    assert (data(player)["taps"]["rows"], data(player)["taps"]["columns"]) == (8, 7)
    assert Page(player.static()).tables["cl-map"]["caption"] == "your feature map, 8×7"


def test_what_is_not_bilinear_is_said_and_not_replayed(right):
    """A ReLU: the sentence says where it departs, the map is what the function gave, the page
    does not replay it.
    """
    player = xray(lambda image, kernel: right(image, kernel).clamp_min(0), images.digit() - 0.5)
    assert "turning the sign of every pixel should turn that of every output" in player.verdict
    assert data(player)["bilinear"] is False
    assert player.result.min() == 0


def test_a_slow_function_is_read_on_a_smaller_image(right):
    """Where the calls would take too long, the X-ray turns to a smaller image, shows that one
    and says so.
    """
    import time

    def conv2d(image, kernel):
        time.sleep(0.03)
        return right(image, kernel)

    player = xray(conv2d)
    assert tuple(player.image.shape) == (5, 5)
    assert "The X-ray was made on a 5×5 image" in player.verdict
    assert "30 ms" in player.verdict or re.search(r"3\d ms", player.verdict)


def test_the_learners_own_image_and_kernel_can_be_x_rayed(flipped):
    """Any image and kernel of the learner's, other sizes included."""
    player = xray(flipped, torch.eye(4), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert panel(player, "read") == [["d ✗", "c ✗"], ["b ✗", "a ✗"]]


@pytest.mark.parametrize(
    "coefficients, text",
    [
        ([[1, 0], [0, 0]], "a"),
        ([[0, -1], [0, 0]], "−b"),
        ([[2, 0], [0, 1]], "2a+d"),
        ([[0, 0], [0.5, 0]], "0.5c"),
        ([[0, 0], [0, 0]], ""),
    ],
)
def test_what_a_cell_does_with_a_pixel_is_spelled_in_letters(coefficients, text):
    """Weights by letter, with their sign and how often they count."""
    assert spelled(torch.tensor(coefficients, dtype=torch.float64)) == text


def test_the_readmes_sentence_is_the_real_one(flipped):
    """What the README shows of the X-ray, inside a check, is what the X-ray says."""
    assert xray(flipped).verdict in " ".join((layout.ROOT / "README.md").read_text("utf-8").split())


def test_an_x_ray_page_needs_no_other_file(flipped):
    """No address of anything is in it."""
    assert not re.search(r"https?:|src=|@import|url\(", html(xray(flipped)))
