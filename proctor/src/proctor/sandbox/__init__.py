"""Owns the names of the sandbox that the rest of proctor uses."""

from proctor.sandbox.confined import Confined, fork_confined, prepare
from proctor.sandbox.limits import Ended, Limits, SandboxError
from proctor.sandbox.probe import Protection, doctor_text, probe, refusal

__all__ = [
    "Confined",
    "Ended",
    "Limits",
    "Protection",
    "SandboxError",
    "doctor_text",
    "fork_confined",
    "prepare",
    "probe",
    "refusal",
]
