"""Whether the rule that most taps follow is written as one writes it."""

import pytest
from convlab.taps.rule import term


@pytest.mark.parametrize(
    "rule, text",
    [
        ([1, 0, 1, 0, 0], "i + m"),
        ([2, 0, -1, 0, 2], "2i − m + 2"),
        ([0, -1, 0, 0, -3], "−j − 3"),
        ([0, 0, 0, 0, 0], "0"),
        ([0, 0, 0, 0, -1], "−1"),
        ([-2, 1, 3, -1, 0], "−2i + j + 3m − n"),
    ],
)
def test_a_rule_is_written_as_one_writes_it(rule, text):
    """Factors of 1 and terms of 0 are left out, and minus is a true minus."""
    assert text == term(rule)
