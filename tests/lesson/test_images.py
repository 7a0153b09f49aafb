"""Whether the lesson's images hold what the lesson says of them."""

import pytest
import torch
from convlab import images, oracle


@pytest.mark.parametrize(
    "name, places",
    [
        ("corner", [(3, 3)]),
        ("circle", [(5, 21), (14, 27)]),
    ],
)
def test_each_detector_is_strongest_where_its_pattern_is(name, places):
    """Corner and circle kernels answer most at the drawing's corner and at its rings' centres,
    nowhere else.
    """
    response = oracle.feature_map(images.drawing(), images.kernel(name))
    strongest = (response > response.max() - 1e-6).nonzero().tolist()
    assert [tuple(place) for place in strongest] == places


@pytest.mark.parametrize("name, turned", [("vertical edge", False), ("horizontal edge", True)])
def test_edge_detectors_answer_with_opposite_signs_on_opposite_sides(name, turned):
    """Along the square, ink that begins gives +3 and ink that ends gives −3."""
    drawing = images.drawing()
    response = oracle.feature_map(drawing, images.kernel(name))
    across = (response.T if turned else response)[8, :18]
    assert (across.max(), across.min()) == (3, -3)
    assert across.argmax() < across.argmin()


@pytest.mark.parametrize("name", ["vertical edge", "horizontal edge", "corner", "circle"])
def test_detectors_are_silent_on_a_blank_image(name):
    """A detector's weights add up to 0, so an even surface gives no answer."""
    assert images.kernel(name).sum().abs() < 1e-5


def test_an_unknown_kernel_is_refused_with_the_names_there_are():
    """A misspelled kernel name is answered with the list of names."""
    with pytest.raises(KeyError, match="there are: circle, identity, blur, sharpen"):
        images.kernel("diagonal")


def test_the_digit_is_eight_by_eight():
    """The digit is an 8×8 float32 image of 0 and 1."""
    digit = images.digit()
    assert (tuple(digit.shape), digit.dtype) == ((8, 8), torch.float32)
    assert digit.unique().tolist() == [0, 1]


@pytest.mark.parametrize("step, size", [(4, (150, 128)), (8, (75, 64))])
def test_the_photograph_comes_without_network_in_the_size_asked_for(step, size):
    """matplotlib's own photograph is averaged over step × step pixels, brightness 0 to 1."""
    photograph = images.photograph(step)
    assert (tuple(photograph.shape), photograph.dtype) == (size, torch.float32)
    assert 0 <= photograph.min() < photograph.max() <= 1


def test_the_signal_holds_its_beat_where_it_says():
    """Taking the three beats away leaves a signal without large steps."""
    line, beat, starts = images.signal()
    for start in starts:
        line[start : start + len(beat)] -= beat
    assert line.diff().abs().max() < 1.5
