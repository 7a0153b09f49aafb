"""Owns naming what a wrong feature map is right for: the same image read with another kernel, or changed afterwards."""

from . import target


def variants(image, kernel):
    """Feature maps that a misreading of the definition gives: {what they are those of: float64 tensor}."""
    last = kernel.clone().fill_(0)
    last[-1, -1] = kernel[-1, -1]
    right = target.feature_map(image, kernel)
    other_kernels = {
        "the kernel turned upside down and left to right": kernel.flip(0, 1),
        "the kernel turned upside down": kernel.flip(0),
        "the kernel turned left to right": kernel.flip(1),
        "the kernel with rows and columns exchanged": kernel.T,
        "the matrix product of patch and kernel, added up": kernel.sum(dim=1).expand(kernel.shape[1], -1),
        "the last product alone": last,
    }
    maps = {name: target.feature_map(image, other) for name, other in other_kernels.items()
            if other.shape == kernel.shape}
    return maps | {"the mean instead of the sum": right / kernel.numel(), "the sum without its sign": right.abs(),
                   "the sum with negative values set to 0": right.clamp_min(0), "the rounded sum": right.round()}


def reading(result, case):
    """Where every number of a wrong result belongs to another reading, the words that say to which; else nothing."""
    for name, other in variants(*case.before).items():
        if ((result.detach().double() - other).abs() <= case.tolerance).all():
            return f": they are those of {name}"
    return ""
