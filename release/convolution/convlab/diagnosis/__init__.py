"""What a wrong answer misunderstood: names, facts that are true of the function, and hints."""

from .explain import diagnose
from .failing_calls.errors import handed_over
from .isolation import diagnose_isolated
from .result import Diagnosis, diagnosed

__all__ = ["Diagnosis", "diagnose", "diagnose_isolated", "diagnosed", "handed_over"]
