"""Whether explanations are sought in their order, and said of one image size where that holds."""

import pytest
import torch
from convlab import checks
from convlab.diagnosis import diagnose
from convlab.messages import message
from convlab.mistakes import WrongType
from samples import correlated

SECONDS = 10


def found(conv2d, case):
    """The Diagnosis of a function that is wrong on this case."""
    return diagnose(conv2d, checks.mistake(conv2d, case), case, SECONDS)


def at_8x8(image, kernel):
    """A conv2d that flips the kernel for images of 8×8."""
    return correlated(image, kernel.flip(0, 1) if image.shape == (8, 8) else kernel)


def at_other_than_12x8(image, kernel):
    """A conv2d that flips the kernel for all graded images but one."""
    return correlated(image, kernel if image.shape == (12, 8) else kernel.flip(0, 1))


def everywhere(image, kernel):
    """A conv2d that flips the kernel."""
    return correlated(image, kernel.flip(0, 1))


@pytest.mark.parametrize(
    "conv2d, limited", [(at_8x8, True), (at_other_than_12x8, True), (everywhere, False)]
)
def test_what_is_so_at_some_image_sizes_is_said_of_one(conv2d, limited):
    """The size is told where another graded one is right, and not where all are wrong."""
    diagnosis = found(conv2d, checks.example(8, 8))
    assert diagnosis.names == ("kernel-flipped",)
    assert diagnosis.image_size == ((8, 8) if limited else None)
    assert diagnosis.text("en").startswith("On an image of size 8×8: ") == limited


def test_what_is_so_for_some_numbers_is_not_said_of_one_image_size():
    """Where random numbers are right at every size, the size does not matter."""

    def conv2d(image, kernel):
        kept = torch.where(kernel == 0, 1, kernel) if (kernel == 0).any() else kernel
        return correlated(image, kept)

    diagnosis = found(conv2d, checks.example(12, 10, few_values=True))
    assert diagnosis is not None
    assert diagnosis.image_size is None


class Odd:
    """An object that cannot be looked at."""

    def __getattribute__(self, name):
        raise ZeroDivisionError(name)


def test_an_object_that_cannot_be_looked_at_does_no_harm():
    """What comes back may do anything when it is asked for its class."""
    mistake = WrongType(message("mistakes", "stub"))
    diagnosis = diagnose(lambda image, kernel: Odd(), mistake, checks.example(8, 8), SECONDS)
    assert diagnosis is None or diagnosis.names == ("not-a-tensor",)


def test_what_a_function_changes_is_told_before_what_is_wrong_in_its_map():
    """A map of a changed kernel has its own explanation, which the taps would not show."""

    def conv2d(image, kernel):
        return correlated(image, kernel.copy_(kernel.flip(0, 1)))

    names = found(conv2d, checks.example(8, 8)).names
    assert names == ("argument-changed", "kernel-flipped")


def test_an_image_that_is_written_over_and_returned_is_told_as_changed():
    """A changed argument is the reason of a wrong size where nothing else has a name."""

    def conv2d(image, kernel):
        for i in range(image.shape[0] - 2):
            for j in range(image.shape[1] - 2):
                image[i, j] = (image[i : i + 3, j : j + 3] * kernel).sum()
        return image

    assert found(conv2d, checks.example(8, 8)).names[0] == "argument-changed"
