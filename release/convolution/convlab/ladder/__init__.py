"""The ladder: one small question after the other, and a report that shows how far it went."""

from .checking import check, told

__all__ = ["check", "told"]
