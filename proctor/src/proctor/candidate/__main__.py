"""The start of the base process that candidates come from."""

import os
import sys

from proctor.candidate import forkserver
from proctor.kernel import environment


def start(descriptor: int, root: str, home: str) -> None:
    """Let go of the standard input, look like a kernel, serve."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    environment.look_like_a_kernel(home)
    forkserver.serve(descriptor, root)


if __name__ == "__main__":
    start(int(sys.argv[1]), sys.argv[2], sys.argv[3])
