"""Import nbformat quickly: without the grammars of web addresses that its validator would build.

They take 0.7 seconds in each process, and nothing here needs them.
"""

import sys

GRAMMARS = "rfc3987_syntax"  # jsonschema does without it where it is not installed


def import_nbformat() -> None:
    """Import nbformat; whoever imports the grammars later gets them."""
    if GRAMMARS in sys.modules:
        return
    sys.modules[GRAMMARS] = None  # type: ignore[assignment]
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules[GRAMMARS]
