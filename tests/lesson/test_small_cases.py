"""Whether the case that is shown is small, readable, and shows the same kind of mistake."""

import pytest
import torch
from convlab import checks
from convlab.examples import bright, readable
from convlab.ladder.small_cases import code, smallest
from samples import correlated, only, padded, windows


def shown(conv2d, case=None):
    """The smallest (mistake, case, result) for a function that is wrong on a case, by default a
    random 8×8 one.
    """
    case = case or checks.example(8, 8, seed=3)
    result = conv2d(*(part.clone() for part in case.before))
    return smallest(conv2d, checks.mistake(conv2d, checks.Example(*case.before)), case, result)


SMALLEST = {  # the size of the smallest image
    "flipped": (lambda i, k: correlated(i, k.flip(0, 1)), (3, 3)),
    "transposed": (lambda i, k: correlated(i, k.T), (3, 3)),
    "mean": (lambda i, k: correlated(i, k) / 9, (3, 3)),
    "all 0": (lambda i, k: torch.zeros_like(correlated(i, k)), (3, 3)),
    "same size": (lambda i, k: correlated(padded(i, 1, 1, 1, 1), k), (3, 3)),
    "last column 0": (lambda i, k: only(correlated(i, k), columns=slice(0, -1)), (3, 4)),
    "last row 0": (lambda i, k: only(correlated(i, k), slice(0, -1)), (4, 3)),
    "stride": (lambda i, k: windows(i, k, 2).sum((2, 3)), (4, 4)),
    "fourth row wrong": (lambda i, k: only(correlated(i, k), slice(0, 3)), (6, 5)),
    "large images only": (lambda i, k: correlated(i, k) * (1 + (i.numel() > 60)), (8, 8)),
    "negative as 0": (lambda i, k: correlated(i, k).clamp_min(0), (4, 3)),
    "cut": (lambda i, k: correlated(i, k).trunc(), (3, 3)),
}


@pytest.mark.parametrize("name", SMALLEST)
def test_the_smallest_image_that_shows_it_is_found(name):
    """A fault that a 3×3 image shows is shown there; one that needs room gets no more than it
    needs.
    """
    conv2d, size = SMALLEST[name]
    mistake, case, result = shown(conv2d)
    assert size == tuple(case.before[0].shape)
    assert torch.equal(result, conv2d(*case.before))
    assert type(mistake) is type(checks.mistake(conv2d, checks.example(8, 8, seed=3)))
    assert mistake and str(mistake).startswith(case.name)


def test_where_some_outputs_are_right_some_are_right_in_the_small_case_too():
    """A function that is wrong in its last row only is not shown as wrong everywhere."""
    _, case, result = shown(lambda i, k: only(correlated(i, k), slice(0, -1)))
    wrong = checks.wrong_values(result, case)
    assert wrong.any() and not wrong.all()


def test_wrong_numbers_are_not_shown_by_nan(right):
    """A function that gives nan only on small images is shown by its finite wrong numbers."""
    _, _, result = shown(lambda i, k: right(i, k) * (torch.nan if i.numel() < 20 else 2))
    assert result.isfinite().all()


def test_a_bright_pixel_stays_the_only_one():
    """What was seen in an image with one bright pixel is shown in a smaller one of that kind."""
    _, case, _ = shown(lambda i, k: correlated(i, k.flip(0, 1)), bright(8, 8, 5, 4))
    assert case.before[0].count_nonzero() == 1 and case.before[0].numel() < 64


def test_a_changed_argument_is_shown_on_the_smallest_image(right):
    """A function that writes into its image is shown on 3×3 pixels, and before and after differ."""

    def conv2d(image, kernel):
        result = right(image, kernel)
        image[0, 0] = 99
        return result

    case = checks.example(8, 8)
    conv2d(case.image, case.kernel)
    mistake = checks.mistake_in(checks.left_alone, case)
    _, case, _ = smallest(conv2d, mistake, case)
    assert tuple(case.image.shape) == (3, 3) and 99 == case.image[0, 0] != case.before[0][0, 0]


def test_what_is_not_in_the_numbers_is_not_asked_again():
    """For an error, or None, the case stays as it is, and the function is not called for it."""
    calls = []

    def conv2d(image, kernel):
        calls.append(1)

    case = checks.example(8, 8)
    mistake = checks.mistake(conv2d, case)
    assert (mistake, case, None) == smallest(conv2d, mistake, case)
    assert len(calls) == 1


def test_a_function_that_hangs_on_small_images_gives_the_case_itself():
    """The search ends in its time."""

    def conv2d(image, kernel):
        while image.numel() < 64:
            pass
        return correlated(image, kernel) + 1

    _, case, _ = shown(conv2d)
    assert tuple(case.before[0].shape) == (8, 8)


@pytest.mark.parametrize("size", [(3, 3), (5, 4), (8, 8)])
def test_the_numbers_can_be_added_up_in_the_head(size):
    """Whole numbers of one digit, both signs, and a kernel of which no two weights have the same
    magnitude.
    """
    image, kernel = readable(*size).before
    assert (
        torch.equal(image, image.round())
        and image.abs().max() <= 4
        and image.min() < 0 < image.max()
    )
    assert len(kernel.abs().unique()) == 9 and kernel.abs().max() <= 9


@pytest.mark.parametrize("case", [readable(4, 3), checks.example(5, 6, seed=2)])
def test_the_numbers_as_code_give_the_case_again(case):
    """What is offered to be typed has just the numbers of the case, fractions too."""
    given = []
    eval(code(case), {"torch": torch, "conv2d": lambda *arguments: given.extend(arguments)})
    assert torch.equal(case.before[0], given[0]) and torch.equal(case.before[1], given[1])
    assert torch.float32 == given[0].dtype == given[1].dtype


def test_many_random_numbers_are_given_by_their_seed():
    """A large case is not typed out; it has a call that makes it."""
    assert "checks.example(8, 8, seed=3)" in code(checks.example(8, 8, seed=3))
    assert code(readable(8, 8)) == ""
