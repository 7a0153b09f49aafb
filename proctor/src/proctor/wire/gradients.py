"""Owns that gradients flow between the sides: a tensor that was computed there knows whom to ask for them here."""

import contextlib
import sys
from functools import lru_cache

from proctor.codecs import arrays

MOST_STEPS = 20_000  # of a computation that is looked through
MOST_LEAVES, MOST_BYTES = (
    200,
    8 << 20,
)  # of a computation, which are handed over beside what it gave


def off():
    """Whether this side computes without gradients at the moment."""
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "is_grad_enabled") and not torch.is_grad_enabled()


def mode(body):
    """What a request is served in: without gradients, if whoever asks computes without them."""
    torch = sys.modules.get("torch")
    return torch.no_grad() if torch and body.get("without gradients") else contextlib.nullcontext()


def leaves(value):
    """The tensors that `value` was computed from, directly or not, and that gather gradients."""
    found, seen, left = [], set(), [value.grad_fn]
    while left and len(seen) < MOST_STEPS:
        step = left.pop()
        if step is None or step in seen:
            continue
        seen.add(step)
        if (
            type(step).__name__ == "AccumulateGrad"
            and step.variable.requires_grad
            and arrays.kind(step.variable)
        ):
            found.append(step.variable)
        left += [before for before, _ in step.next_functions]
    return found


def few(tensors):
    """Whether these are few enough to cross beside what was computed from them."""
    return len(tensors) <= MOST_LEAVES and sum(one.nbytes for one in tensors) <= MOST_BYTES


def gathered(tensor):
    """The gradient that a tensor has gathered, or None; one that was computed gathers none."""
    torch = sys.modules["torch"]
    if type(tensor) is torch.Tensor:
        return tensor.grad if tensor.is_leaf else None
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.grad if tensor.is_leaf else None


def gather(tensor, gradient):
    """Let a tensor have gathered this gradient, or None, unless it was computed here; ValueError or RuntimeError if it cannot have."""
    torch = sys.modules.get("torch")
    if (
        torch is None
        or not isinstance(tensor, torch.Tensor)
        or not isinstance(gradient, (torch.Tensor, type(None)))
    ):
        raise ValueError("a gradient of nothing")
    with torch._C.DisableTorchFunctionSubclass():
        if tensor.is_leaf:
            tensor.grad = gradient


def asked(value, sources):
    """What the other side calls with the gradient of `value` to get those of its sources, in order."""

    def gradients(gradient):
        torch = sys.modules["torch"]
        with torch.enable_grad():
            return torch.autograd.grad(
                value, sources, gradient, retain_graph=True, allow_unused=True
            )

    return gradients


def joined(value, told):
    """The tensor `value` as one computed from tensors of this side, of which `told` holds what to ask, and these."""
    ask, *sources = told
    torch = sys.modules["torch"]
    if not (
        callable(ask)
        and sources
        and all(isinstance(one, torch.Tensor) and one.requires_grad for one in sources)
    ):
        raise ValueError("a gradient of nothing")
    return bridge().apply([value], ask, *sources)


@lru_cache(maxsize=1)
def bridge():
    """The function by which a gradient goes over to the other side."""
    import torch

    class Bridge(torch.autograd.Function):
        """Computed on the other side; once differentiable."""

        @staticmethod
        def forward(ctx, made, ask, *sources):
            ctx.ask, ctx.like = ask, [(one.shape, one.dtype) for one in sources]
            return made[0]

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, gradient):
            told = ctx.ask(gradient.contiguous())
            if (
                type(told) is not tuple
                or len(told) != len(ctx.like)
                or not all(
                    one is None or isinstance(one, torch.Tensor) and (one.shape, one.dtype) == like
                    for one, like in zip(told, ctx.like)
                )
            ):
                raise RuntimeError(
                    "the gradients that were handed over do not fit the tensors they are of"
                )
            return None, None, *told

    return Bridge
