"""Confines students' code on Linux: namespaces, Landlock, seccomp and limits.

A fork server calls `fork_confined`; `probe` says whether this machine has what that needs.
"""

from proctor.sandbox.doctor import Protection, doctor_text, probe, refusal
from proctor.sandbox.fork import Confined, fork_confined, prepare
from proctor.sandbox.limits import Ended, Limits, SandboxError

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
