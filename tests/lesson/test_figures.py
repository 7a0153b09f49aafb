"""Whether every figure says in words what it shows, with right numbers, for every reader."""

import io
import re
from html.parser import HTMLParser

import matplotlib.colors
import numpy as np
import pytest
import torch
from convlab import checks, figures, images, oracle, slide
from convlab.figures.colours import INK, SIGNED, TINTS
from convlab.figures.locality import correlation
from convlab.figures.properties import as_matrix, combined, normalised
from convlab.map_source import MapSource
from PIL import Image

from course import answers

DIGIT, EDGE = images.digit(), images.kernel("vertical edge")
COUNTING = torch.arange(1.0, 10).reshape(3, 3)
IMAGE, KERNEL = torch.arange(16.0).reshape(4, 4) - 5, torch.tensor([[1.0, 2], [-1, 0]])
ALIKE = 6  # words in a row that two texts may not share
FIGURES = {
    "flattening": lambda f=None: figures.flattening(DIGIT, (3, 4), (4, 4)),
    "weights": lambda f=None: figures.weights(
        torch.nn.Linear(64, 36, bias=False), torch.nn.Conv2d(1, 1, 3, bias=False)
    ),
    "likeness": lambda f=None: figures.likeness(images.photograph(8), range(1, 9)),
    "reach": lambda f=None: figures.reach(DIGIT),
    "flip_at_one_position": lambda f=None: figures.flip_at_one_position(IMAGE, KERNEL),
    "sliding": lambda f=None: figures.sliding(IMAGE, KERNEL, prediction=None),
    "one_position": lambda f=None: figures.one_position(EDGE, EDGE, prediction=None),
    "alike": lambda f=None: figures.alike({"the same": EDGE, "its opposite": -EDGE}, EDGE),
    "backward": lambda f=None: figures.backward(IMAGE, COUNTING),
    "two_in_a_row": lambda f=None: figures.two_in_a_row(DIGIT, EDGE, EDGE.T.contiguous()),
    "positions": lambda f=None: figures.positions(
        {(8, 8): (6, 6), (12, 10): None, (10, 10): (10, 10), (12, 8): "six"}
    ),
    "learning": lambda f=None: figures.learning([1.0, 0.1], EDGE, EDGE),
}
DRAWN = {
    "detectors": lambda f=None: figures.detectors(images.drawing(), ["corner", "circle"], f),
    "ripple": lambda f=None: figures.ripple(DIGIT, COUNTING, 3, 4, f),
    "superposition": lambda f=None: figures.superposition(DIGIT, DIGIT.T.contiguous(), EDGE, f),
    "shift": lambda f=None: figures.shift(DIGIT, COUNTING, 1, f),
    "matrix": lambda f=None: figures.matrix(COUNTING, (8, 8), f),
    "search": lambda f=None: figures.search(*images.scene(), f),
    "one_dimension": lambda f=None: figures.one_dimension(*images.signal(), f),
}


class Images(HTMLParser):
    """The alt texts of the images in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.alt = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.alt.append(dict(attributes).get("alt", ""))


@pytest.mark.parametrize("name", [*FIGURES, *DRAWN])
def test_every_figure_has_a_caption_and_a_text_alternative(name):
    """Each figure comes as an image with alt text, a caption, and the same words as plain text."""
    picture = {**FIGURES, **DRAWN}[name]()
    bundle = picture._repr_mimebundle_()
    assert Images(bundle["text/html"]).alt == [picture.alt]
    assert len(picture.alt) > 40 and len(picture.caption) > 40
    assert picture.caption in bundle["text/plain"] and picture.alt in bundle["text/plain"]


def shared_words(first, second):
    """The longest run of words that stands in both texts: a list."""
    first, second = (re.findall(r"[\w×−']+", text.lower()) for text in (first, second))
    runs = [
        first[i : i + n]
        for i in range(len(first))
        for n in range(1, len(first) - i + 1)
        if any(first[i : i + n] == second[j : j + n] for j in range(len(second)))
    ]
    return max(runs, key=len, default=[])


@pytest.mark.parametrize("drawn_by", ["lesson", "stub", "flipped"])
@pytest.mark.parametrize("name", [*FIGURES, *DRAWN])
def test_alt_text_and_caption_are_not_the_same_words_twice(name, drawn_by, flipped):
    """Alt says what is drawn, the caption what it shows: they share no run of six words."""
    picture = {**FIGURES, **DRAWN}[name](
        {"lesson": None, "stub": BAD["stub"], "flipped": flipped}[drawn_by]
    )
    assert len(shared_words(picture.alt, picture.caption)) < ALIKE


def test_every_figure_of_the_lesson_is_tried_here():
    """No figure escapes the tests for all; those that slide, and training, have tests elsewhere."""
    elsewhere = {"flip_or_not", "learning_with"}
    assert set(figures.__all__) - elsewhere == {*FIGURES, *DRAWN}


@pytest.mark.parametrize("name", [*FIGURES, *DRAWN])
def test_every_figure_draws_a_small_picture(name):
    """Each figure is a PNG of 900 pixels' width with something on it, in less than 100 kB."""
    png = {**FIGURES, **DRAWN}[name]().png
    image = Image.open(io.BytesIO(png)).convert("L")
    assert image.width == 900
    assert np.asarray(image).std() > 5
    assert len(png) < 100_000


@pytest.mark.parametrize(
    "name, words",
    [
        ("flattening", "they sit at places 28 and 36, 8 apart"),
        ("weights", "2304 weights if every output has its own weight for every pixel, 9 if"),
        ("reach", "depends on all 64 pixels on the left, on 9 neighbouring ones on the right"),
        ("flip_at_one_position", "gives −12 as cross-correlation and 2 as convolution"),
        ("flip_at_one_position", "torch's conv2d gives −12 there: it works without the flip"),
        ("backward", "the largest difference is 0"),
        ("two_in_a_row", "the one larger kernel: the largest difference is 0"),
        ("shift", "30 values each, the largest difference is 0"),
        ("alike", "the same: 6; its opposite: −6"),
        (
            "positions",
            "8×8: you predicted 6×6, and that is right. 12×10: no prediction yet. "
            "10×10: you predicted 10×10, and it is 8×8.",
        ),
        ("ripple", "changes 9 of 36 outputs, each by one of the kernel's weights"),
        ("matrix", "324 of 2304 entries are not 0, and these take only 9 values"),
        ("search", "The pattern is at row 12, column 6"),
        ("search", "the normalised one is largest at row 12, column 6"),
        ("one_dimension", "The 3 largest values are at 20, 55, 97; the beats begin at 20, 55, 97"),
        ("superposition", "the largest difference is 0"),
    ],
)
def test_the_numbers_in_a_caption_are_right(name, words):
    """What a caption counts is what the lesson's words and arithmetic say."""
    assert words in {**FIGURES, **DRAWN}[name]().caption


def test_the_plain_dot_product_is_fooled_by_brightness():
    """The dot product's largest answer lies on the bright square, far from the ring."""
    row, column = re.search(
        r"dot product is largest at row (\d+), column (\d+)", DRAWN["search"]().caption
    ).groups()
    assert int(column) > 20 and int(row) < 12


def test_the_matrix_does_what_the_kernel_does(right):
    """The matrix times the flattened image is the flattened feature map."""
    table = as_matrix(COUNTING, (8, 8)).double()
    assert torch.equal(
        (table @ DIGIT.double().flatten()).reshape(6, 6), right(DIGIT, COUNTING).double()
    )


def test_the_way_back_is_the_transposed_matrix():
    """The gradient at the pixels, the transposed matrix, and the flipped kernel's map are equal."""
    pixels, arriving = DIGIT.clone().requires_grad_(), torch.randn(6, 6)
    (oracle.feature_map(pixels, COUNTING) * arriving).sum().backward()
    back = as_matrix(COUNTING, (8, 8)).T.float() @ arriving.flatten()
    slid = oracle.feature_map(torch.nn.functional.pad(arriving, (2,) * 4), COUNTING.flip(0, 1))
    assert torch.allclose(back.reshape(8, 8), pixels.grad, atol=1e-4)
    assert torch.allclose(slid.float(), pixels.grad, atol=1e-4)


def test_the_normalised_answer_is_a_correlation_coefficient():
    """Each normalised value is numpy's correlation of the patch with the pattern."""
    scene, pattern, _ = images.scene()
    answer = normalised(scene, pattern)
    for i, j in [(0, 0), (12, 6), (5, 20)]:
        expected = np.corrcoef(scene[i : i + 7, j : j + 7].flatten(), pattern.flatten())[0, 1]
        assert float(answer[i, j]) == pytest.approx(expected, abs=1e-4)


def test_one_kernel_does_the_work_of_two_in_a_row():
    """The combined kernel's map is the second's map of the first's map, sizes as in the lesson."""
    first, second = torch.randn(2, 3), torch.randn(3, 2)
    one = combined(first, second)
    image = torch.randn(8, 9)
    in_a_row = oracle.feature_map(oracle.feature_map(image, first), second)
    assert tuple(one.shape) == (4, 4)
    assert torch.allclose(oracle.feature_map(image, one), in_a_row, atol=1e-4)


def test_a_relu_in_between_does_what_no_kernel_can():
    """Two maps that would add up to 0 under any kernel do not: the number told is above 0."""
    caption = FIGURES["two_in_a_row"]().caption
    assert float(re.search(r"add up to as much as ([\d.]+)", caption).group(1)) > 0


def test_neighbours_in_a_photograph_are_alike_and_shuffled_ones_are_not():
    """The figure's claim holds: correlation above 0.8 at distance 1, and about 0 once shuffled."""
    photograph = images.photograph()
    shuffled = photograph.flatten()[torch.randperm(photograph.numel())].reshape(photograph.shape)
    assert correlation(photograph, 1) > 0.8 > correlation(photograph, 20) > 0.1
    assert abs(correlation(shuffled, 1)) < 0.05


def luminance(colour):
    """The relative luminance of a colour, as WCAG 2 defines it."""
    rgb = np.asarray(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("at", np.linspace(0, 1, 21))
def test_printed_numbers_are_readable_on_every_tint(at):
    """Text has a contrast of at least 4.5 to 1 on every colour that can lie under it."""
    assert (luminance(TINTS(at)) + 0.05) / (luminance(INK) + 0.05) >= 4.5


def test_signed_maps_keep_their_order_in_grey():
    """From negative to positive the map only gets darker, so that grey print keeps the sign."""
    shades = [luminance(SIGNED(at)) for at in np.linspace(0, 1, 41)]
    assert shades == sorted(shades, reverse=True)
    assert shades[0] - shades[-1] > 0.5


BAD = {
    "stub": lambda i, k: (_ for _ in ()).throw(NotImplementedError),
    "none": lambda i, k: None,
    "list": lambda i, k: [1, 2],
    "wrong size": lambda i, k: i,
    "error": lambda i, k: i[99],
    "double": lambda i, k: torch.zeros(i.shape[0] - 2, i.shape[1] - 2).double(),
    "no function": 3,
    "exit": lambda i, k: exit(),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", DRAWN)
def test_a_failing_function_never_breaks_a_picture(name, bad):
    """Whatever the learner's function does, the target is drawn and the caption says why."""
    picture = DRAWN[name](BAD[bad])
    assert (
        "Drawn by the lesson: conv2d is still the stub."
        if bad == "stub"
        else "Drawn by the lesson, not by your conv2d: "
    ) in picture.caption
    assert picture.png == DRAWN[name]().png


def test_what_holds_for_the_target_is_not_said_of_a_wrong_function(flipped):
    """Drawn by a function that flips, no caption claims what is only true of the target's map."""
    assert "repeated along diagonals" not in figures.matrix(COUNTING, (8, 8), flipped).caption
    assert (
        "by one of the kernel's weights"
        not in figures.ripple(DIGIT, COUNTING, 3, 4, flipped).caption
    )


@pytest.mark.parametrize("value", [torch.inf, torch.nan])
@pytest.mark.parametrize("name", DRAWN)
def test_values_that_are_no_numbers_are_drawn_as_the_learners(name, value):
    """A map of infinities, or of what is no number, breaks no picture and no sentence."""
    picture = DRAWN[name](
        lambda i, k: torch.full(
            tuple(a - b + 1 for a, b in zip(i.shape, k.shape, strict=True)), value
        )
    )
    assert "at ." not in picture.caption and "at ;" not in picture.caption
    assert "Drawn by your conv2d: 0 of" in picture.caption and len(picture.png) > 1000


@pytest.mark.parametrize("name", DRAWN)
def test_a_right_function_draws_the_same_picture(name, right):
    """Drawn by a right function, the caption says that all cells agree."""
    caption = DRAWN[name](right).caption
    assert re.search(r"Drawn by your conv2d: all \d+ cells agree with torch's\.$", caption)


@pytest.mark.parametrize(
    "name",
    [
        "scalar_loops",
        "add_one_kernel_cell_at_a_time",
        "numpy_inside",
        "fourier_in_single_precision",
    ],
)
def test_float32_rounding_is_never_called_a_difference(name):
    """Right answers in several styles agree with the target on every picture."""
    (answer,) = [answer for answer in answers.load() if answer.name == name]
    namespace = {"torch": torch}
    exec(answer.source, namespace)
    for draw in (
        DRAWN["search"],
        lambda f: figures.detectors(images.photograph(8), ["corner", "vertical edge"], f),
    ):
        assert "cells agree with torch's." in draw(namespace["conv2d"]).caption


def test_a_picture_that_the_learners_function_draws_in_part_says_so(right):
    """Where some calls succeed before one fails, the lesson does not claim the whole."""

    def conv2d(image, kernel):
        return right(image, kernel) if kernel.shape == (3, 3) else None

    assert (
        "Drawn partly by the lesson: conv2d(image 24×36, kernel 7×7) returned None"
        in DRAWN["detectors"](conv2d).caption
    )


def test_every_largest_answer_is_named_and_ringed():
    """Both rings of the drawing are found, not only the first."""
    assert "circle 16 at row 5, column 21 and row 14, column 27" in DRAWN["detectors"]().caption


def test_a_picture_leaves_the_learners_images_alone():
    """A function that edits its arguments edits a copy, not the lesson's image."""
    before = DIGIT.clone()
    slide(DIGIT, EDGE, lambda image, kernel: image.zero_())
    assert torch.equal(DIGIT, before)


def test_a_hand_asks_no_further_after_a_failure():
    """A function that failed once is not called again for the same picture."""
    calls = []
    hand = MapSource(lambda image, kernel: calls.append(1))
    hand(DIGIT, EDGE)
    hand(DIGIT, EDGE)
    assert len(calls) == 1


def test_the_four_sizes_are_those_of_the_exercise():
    """The sizes that check tries are the exercise's, in its order."""
    assert checks.SIZES == [(8, 8), (12, 10), (10, 10), (12, 8)]
