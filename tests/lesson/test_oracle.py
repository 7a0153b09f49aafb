"""Whether the numbers that everything is held against are what the definition says."""

import pytest
import torch
from convlab import oracle


def test_the_target_is_the_sum_of_the_definition():
    """The oracle agrees with the definition, written out for every output and every weight."""
    chance = torch.Generator().manual_seed(0)
    image, kernel = torch.randn(6, 5, generator=chance), torch.randn(3, 2, generator=chance)
    result = oracle.feature_map(image, kernel)
    for i in range(4):
        for j in range(4):
            terms = [
                image[i + m, j + n].double() * kernel[m, n].double()
                for m in range(3)
                for n in range(2)
            ]
            assert float(result[i, j]) == pytest.approx(float(sum(terms)), abs=1e-12)


@pytest.mark.parametrize(
    "image, kernel, expected",
    [
        ((8, 8), (3, 3), (6, 6)),
        ((12, 10), (3, 3), (10, 8)),
        ((10, 10), (3, 3), (8, 8)),
        ((12, 8), (3, 3), (10, 6)),
        ((4, 4), (2, 2), (3, 3)),
        ((5, 7), (5, 1), (1, 7)),
    ],
)
def test_size_of_counts_positions(image, kernel, expected):
    """The size of a feature map is (H-M+1, W-N+1), and it is what the target has."""
    assert oracle.size_of(image, kernel) == expected
    assert tuple(oracle.feature_map(torch.zeros(image), torch.zeros(kernel)).shape) == expected


def test_a_kernel_larger_than_the_image_is_refused():
    """There is no position for a kernel that does not fit."""
    with pytest.raises(
        ValueError, match=r"size \(3, 3\) has no position on an image of size \(2, 2\)"
    ):
        oracle.feature_map(torch.zeros(2, 2), torch.zeros(3, 3))


def test_gradients_flow_through_the_target():
    """The kernel's weights can be learned through it."""
    kernel = torch.zeros(3, 3, requires_grad=True)
    oracle.feature_map(torch.ones(5, 5), kernel).sum().backward()
    assert kernel.grad.tolist() == [[9.0] * 3] * 3
