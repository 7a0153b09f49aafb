"""What the first cells show is drawn once, kept, and read back the same."""

import json
from typing import Any

import pytest
from run_notebook import run, task, template
from small_notebook import checks, given

from proctor.pool.bases import Bases
from proctor.pool.pool import Pool
from proctor.pool.shown import Shown

PREFIX = given("""
import random, sys, wave
from IPython.display import display, Image
class Picture:
    def _repr_png_(self):
        return b"\\x89PNG\\r\\n" + random.randbytes(4)
print("\\udc80 is no character", random.random())
print("warned", file=sys.stderr)
display(Picture())
Picture()""")


class Kept:
    """Keeps it as text, as a file would."""

    def __init__(self) -> None:
        self.text = ""

    def read(self) -> Shown | None:
        return Shown.from_json(json.loads(self.text)) if self.text else None

    def write(self, shown: Shown) -> None:
        self.text = json.dumps(shown.to_json())


def test_kept_pictures(bases: Bases) -> None:
    """They equal those that were drawn, nobody draws them again, and modules are known."""
    kept = Kept()
    with Pool(bases, template(PREFIX), 1, kept) as pool:
        assert pool.drawing
        drawn = run(pool, PREFIX, checks("pass")).outputs(0)
    with Pool(bases, template(PREFIX), 1, kept) as pool:
        assert not pool.drawing
        again = run(pool, PREFIX, checks("pass")).outputs(0)
    assert drawn == again and [one.output_type for one in drawn][-1] == "execute_result"
    assert "image/png" in drawn[-1].data
    shown = kept.read()
    assert shown is not None and "wave" in shown.modules


def test_errors_are_not_kept(bases: Bases) -> None:
    """A cell that ended with an error is run and told of each time."""
    kept = Kept()
    bad = given("class Bad:\n    def _ipython_display_(self):\n        raise SystemExit\nBad()")
    for _ in range(2):
        with Pool(bases, template(bad), 1, kept) as pool:
            assert pool.warnings() == ["This instructor's cell ends with an error."]
    assert kept.text == ""


def test_what_was_kept_of_other_cells(bases: Bases) -> None:
    """It is drawn anew if what is kept has other places."""
    kept = Kept()
    kept.write(Shown({0: [], 1: []}))
    with Pool(bases, template(PREFIX), 1, kept) as pool:
        assert pool.drawing
        list(pool.examine([(0, task(PREFIX))]))
        assert pool.prefix.keys() == {0}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"outputs": [], "modules": None},
        {"outputs": {"0": []}, "modules": []},
        {"outputs": [[0, [{"output_type": "stream"}]]], "modules": []},
        {"outputs": [[0, [{"output_type": "stream", "name": "x", "text": ""}]]], "modules": []},
        {"outputs": [[0, ["text"]]], "modules": []},
    ],
)
def test_data_that_is_not_what_was_written(data: Any) -> None:
    """It is refused as a whole."""
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        Shown.from_json(data)
