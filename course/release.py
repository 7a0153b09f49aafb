"""The command behind `make release` and `make check`: builds what is generated, or compares it."""

import argparse
import sys

from . import layout
from .generated import build, check

COMMAND = "make release"


def main(arguments: list[str] | None = None) -> int:
    """Write release/, solution/ and what docs/ shows; with --check, exit 1 if they differ."""
    parser = argparse.ArgumentParser(prog="course.release", description=main.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if what is committed is not fresh"
    )
    only_check = parser.parse_args(arguments).check
    print("Building release and solution from source/ (about 20 seconds) ...", flush=True)
    if not only_check:
        build.everything(layout.ROOT)
        build.build_picture(layout.ROOT / build.PICTURE)
        print(f"Wrote release/convolution, solution/convolution, {build.PICTURE} and the pages.")
        return 0
    found = check.problems()
    for problem in found:
        print("✗", problem)
    if found:
        print(
            f"Run `{COMMAND}` and commit what it changes "
            "(after correcting source/ where a line above names it)."
        )
        return 1
    print(f"✓ release/, solution/, {build.PICTURE} and the pages are what source/ makes them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
