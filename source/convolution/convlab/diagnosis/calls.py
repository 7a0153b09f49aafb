"""Owns asking a wrong function further questions: on fresh copies, unseen, in limited time, with no answer as an answer."""

import time

import torch

from .. import calling
from ..taps.questions import quiet


class Asked:
    """Calls `conv2d` as long as there are `seconds` left in all; `calls` counts them."""

    def __init__(self, conv2d, seconds=1.0):
        self.conv2d, self.calls, self.deadline = conv2d, 0, time.perf_counter() + seconds

    @property
    def left(self):
        """The seconds that are left."""
        return self.deadline - time.perf_counter()

    def answer(self, *arguments):
        """Whatever the function returns for copies of these tensors, or the BaseException it raised (TimeIsUp if too late)."""
        return self.raw(*(tensor.clone() for tensor in arguments))

    def raw(self, *arguments):
        """As `answer`, but the function gets these very tensors, and may change them."""
        if self.left <= 0:
            return calling.TimeIsUp()
        self.calls += 1
        try:
            with quiet(), calling.at_most(self.left):
                return self.conv2d(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return error

    def map(self, image, kernel):
        """The function's map as a float64 copy (rows, columns), or None if it returned no 2-D table of real numbers."""
        result = self.answer(image, kernel)
        try:
            if (
                not isinstance(result, torch.Tensor)
                or result.ndim != 2
                or result.is_complex()
                or not result.numel()
            ):
                return None
            if result.numel() > 16 * image.numel() + 1000:  # far from any feature map
                return None
            return result.detach().to(torch.float64, copy=True)
        except BaseException:  # a subclass may do anything
            return None
