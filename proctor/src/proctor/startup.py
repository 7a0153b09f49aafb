"""Import quickly: without what nobody here needs, and without looking for garbage meanwhile."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

# What jsonschema would check the forms of texts with, and does without where it is not installed:
# grammars of web addresses take 0.7 seconds in each process, and nothing here checks such forms.
FORMATS = ("rfc3987_syntax", "rfc3986_validator", "isoduration", "uri_template", "webcolors")


def import_nbformat() -> None:
    """Import nbformat; whoever imports the other packages later gets them."""
    left_out = [name for name in FORMATS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(left_out))  # type: ignore[arg-type]
    try:
        import nbformat  # noqa: F401
    finally:
        for name in left_out:
            del sys.modules[name]


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Import in here: what imports make stays, so that looking for garbage among it takes time only,
    now and later."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()
