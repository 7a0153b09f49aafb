"""Owns the start of the zygote: it reads what to do from its standard input and hides where it comes from."""

import json
import os
import sys

from proctor.candidate import environment as neutral, forkserver as zygote


def start():
    """Read the configuration, let go of the standard streams, be the zygote."""
    config = json.load(sys.stdin)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(config["environment"])
    neutral.look_like_a_kernel(config["home"])
    sys.path += [path for path in config["paths"] if path not in sys.path]
    zygote.main(config, config["lines"])


if __name__ == "__main__":
    start()
