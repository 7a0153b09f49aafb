"""Owns a quick start: nbformat without the grammars of web addresses, which its validator would build in each process (0.7 seconds)."""

import sys

GRAMMARS = "rfc3987_syntax"  # jsonschema does without it where it is not installed


def nbformat():
    """Import nbformat; whoever wants the grammars later gets them."""
    if GRAMMARS in sys.modules:
        return
    sys.modules[GRAMMARS] = None
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules[GRAMMARS]
