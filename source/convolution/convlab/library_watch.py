"""Notices that a library's convolution did the work, whatever name it was called by."""

import atexit
import contextlib
import functools
import inspect
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from . import remote

LIBRARIES = ("torch", "numpy", "scipy", "cv2", "skimage", "PIL")
CONVOLUTION = re.compile(
    r"convol(?!ution_matrix)|conv(_depthwise)?[123]d|conv_t|_conv_forward|correlate|filter2d|"
    r"sepfir|upfirdn|lfilter",
    re.IGNORECASE,
)
NAME = re.compile(r"[\w.]{1,100}")
OURS = ("aten", "mkldnn", "quantized")  # torch's own operations, not a learner's
ALL_OPERATIONS = "_"  # what torch's dispatcher calls those of every library
FREE_KEY = "TESTING_ONLY_GenericMode"


class Operations:
    """Notes torch operations whose name says convolution, whatever Python calls them.

    Each of them gets a kernel for a dispatch key that torch leaves free, which notes the name and
    lets the operation run. Every other operation falls through, so that watching costs it nothing;
    and the key counts only in a `watched` block.
    """

    def __init__(self) -> None:
        self.used: list[str] = []
        key = torch._C._parse_dispatch_key(FREE_KEY)
        assert key is not None
        self.key, self.alone = key, torch._C.DispatchKeySet(key)
        self.libraries = {
            space: torch._C._dispatch_library("IMPL", space, FREE_KEY) for space in OURS
        }
        let_all_through(key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # if this module is loaded anew, kernels are replaced
            for name in torch._C._dispatch_get_all_op_names():
                space, _, own = name.partition("::")
                if space in OURS and is_named_convolution(own.split(".")[0]) and not composed(name):
                    self.libraries[space].impl(name, FREE_KEY, self.kernel(space, own))

    def kernel(self, space: str, name: str) -> Callable[..., Any]:
        """What is done in place of `space::name`: the same, noted."""
        name, _, overload = name.partition(".")

        def noted(*args: Any, **kwargs: Any) -> Any:
            note(self.used, "torch", name)
            packet = getattr(getattr(torch.ops, space), name)
            with torch._C._ExcludeDispatchKeyGuard(self.alone):
                return getattr(packet, overload or "default")(*args, **kwargs)

        return noted

    @contextlib.contextmanager
    def watched(self, used: list[str]) -> Iterator[None]:
        """Fill `used` while the block runs."""
        before, self.used = self.used, used
        try:
            with torch._C._IncludeDispatchKeyGuard(self.key):
                yield
        finally:
            self.used = before


def let_all_through(key: Any) -> None:
    """Let operations without a kernel for this dispatch key run as if it did not count.

    That is said once in a process, and holds to its end, also if this module is loaded anew.
    """
    if not torch._C._dispatch_has_backend_fallback(key):
        library = torch._C._dispatch_library("IMPL", ALL_OPERATIONS, FREE_KEY)
        library.fallback_fallthrough(FREE_KEY)
        atexit.register(id, library)  # which would take it back if nothing held it


def composed(name: str) -> bool:
    """Whether this operation is nothing but calls of others, which are noted themselves."""
    return torch._C._dispatch_has_kernel_for_dispatch_key(name, "CompositeImplicitAutograd")


def note(used: list[str], module: Any, name: Any) -> None:
    """Add `module.name` to `used` if it is a library's and its name says convolution."""
    if says_convolution(str(module or ""), str(name or "")):
        used.append(f"{module}.{name}".removesuffix("_dispatcher"))


def says_convolution(module: str, name: str) -> bool:
    """Whether a function of this module and name is a library's convolution."""
    return module.split(".")[0] in LIBRARIES and is_named_convolution(name)


@functools.cache
def is_named_convolution(name: str) -> bool:
    """Whether a function of this name is a convolution, whoever wrote it."""
    return bool(CONVOLUTION.search(name))


class Mode(TorchDispatchMode):
    """Notes the same, but sees every operation, so that plain loops take ten times longer."""

    def __init__(self, used: list[str]) -> None:
        super().__init__()
        self.used = used


def dispatch(mode: Mode, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """Note the operation, then let it run."""
    if operation.namespace in OURS and is_named_convolution(operation.__name__):
        note(mode.used, "torch", operation.__name__.split(".")[0])
    return operation(*args, **kwargs) if kwargs else operation(*args)


# Set afterwards: inside the class, torch would load its compiler, about a second, to wrap it.
Mode.__torch_dispatch__ = dispatch  # type: ignore[method-assign, assignment]


def watch_of_operations() -> Callable[[list[str]], contextlib.AbstractContextManager[Any]]:
    """What makes the watch of a block: the fast one, whose names torch keeps to itself, if they are
    those of this version.
    """
    try:
        return Operations().watched
    except Exception:
        return Mode


OPERATIONS = watch_of_operations()  # made at once, since a grader forks later


@contextlib.contextmanager
def library_convolutions() -> Iterator[list[str]]:
    """A list that fills, while the block runs, with the names of library convolutions called.

    Two watches, because neither sees all: Python's profiler sees every named function of torch,
    numpy and scipy, in threads started meanwhile too; torch's dispatcher sees the operation behind
    any alias or module.
    """
    used: list[str] = []

    def watch(frame: FrameType, event: str, function: Any) -> None:
        # Called for every function at work, so the name alone is asked first, which is known soon.
        if event == "c_call":
            if is_named_convolution(function.__name__):
                owner = (
                    getattr(function, "__module__", None)
                    or type(getattr(function, "__self__", None)).__module__
                )
                note(used, owner, function.__name__)
        elif event == "call":
            code = frame.f_code
            # a class being defined is a call too, of code that is not optimized
            if is_named_convolution(code.co_name) and code.co_flags & inspect.CO_OPTIMIZED:
                note(used, frame.f_globals.get("__name__"), code.co_name)

    before = sys.getprofile()
    with OPERATIONS(used):
        threading.setprofile(watch)
        sys.setprofile(watch)
        try:
            yield used
        finally:
            sys.setprofile(before)
            threading.setprofile(before)


def watched_call(
    conv2d: Callable[..., Any], image: torch.Tensor, kernel: torch.Tensor
) -> tuple[Any, str]:
    """What `conv2d(image, kernel)` returns, and which library's convolution it called, or "".

    The watch has to be where the function runs. In another process a false answer gains little:
    what comes back is judged as ever, and a library it hides would have cost one cell's points.
    """
    if remote.elsewhere(conv2d):
        near: Any = conv2d  # which has `__near__`
        return result_and_library(near.__near__(__name__, "watched_here", image, kernel))
    return watched_here(conv2d, image, kernel)


def watched_here(
    conv2d: Callable[..., Any], image: torch.Tensor, kernel: torch.Tensor
) -> tuple[Any, str]:
    """The same for a function of this process."""
    with library_convolutions() as used:
        result = conv2d(image, kernel)
    public = [name for name in used if not name.rpartition(".")[2].startswith("_")]
    return result, next(iter(public or used), "")


def result_and_library(answer: Any) -> tuple[Any, str]:
    """The two parts of an answer from another process; any other answer is the result itself."""
    if type(answer) not in (list, tuple) or len(answer) != 2 or type(answer[1]) is not str:
        return answer, ""
    result, library = answer
    return result, library if not library or NAME.fullmatch(library) else LIBRARIES[0]
