"""A process's own memory goes to large pages, and nothing in it changes."""

import pytest

from proctor.kernel import pages

LARGE = pages.LARGE


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("00200000-00800000 rw-p 00000000 00:00 0 ", (0x200000, 3 * LARGE)),
        ("00200000-00800000 rw-p 00000000 00:00 0      [heap]", (0x200000, 3 * LARGE)),
        ("001ff000-00601000 rw-p 00000000 00:00 0 ", (0x200000, 2 * LARGE)),
        ("00201000-005ff000 rw-p 00000000 00:00 0 ", None),
        ("00200000-00800000 r--p 00000000 00:00 0 ", None),
        ("00200000-00800000 rw-s 00000000 00:01 7    /dev/zero (deleted)", None),
        ("00200000-00800000 rw-p 00003000 fe:00 99   /usr/lib/libc.so.6", None),
        ("00200000-00800000 rw-p 00000000 00:00 0      [stack]", None),
    ],
)
def test_what_is_own_memory(line: str, place: tuple[int, int] | None) -> None:
    """Whole large pages of memory that belongs to no file, no other process and no stack."""
    assert pages.places_in(f"{line}\n") == ([] if place is None else [place])


def test_gathering_changes_nothing() -> None:
    """What was in memory before is there afterwards, as often as it is gathered."""
    values = [bytes([number % 251]) * 4096 for number in range(4096)]
    for _ in range(2):
        pages.gather()
    assert all(value == bytes([number % 251]) * 4096 for number, value in enumerate(values))
