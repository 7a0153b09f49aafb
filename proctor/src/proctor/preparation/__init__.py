"""How each test of an assignment is graded, found by running its reference solution."""

from proctor.preparation.decision import NotebookDecision, TestDecision
from proctor.preparation.prepare import prepared

__all__ = ["NotebookDecision", "TestDecision", "prepared"]
