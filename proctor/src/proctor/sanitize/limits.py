"""Owns how much of an output is kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much of one cell's outputs is kept; lengths in characters, pictures in bytes and pixels."""

    outputs: int = 200
    text: int = 1_000_000
    html: int = 2_000_000
    image: int = 8_000_000
    total: int = 16_000_000
    pixels: int = 50_000_000
    elements: int = (
        20_000  # of one piece of HTML; parsers need time that grows with the square of it
    )
