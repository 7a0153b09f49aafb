"""What a wrong answer misunderstood: names, facts that are true of the function, and hints."""

from .diagnosis import Diagnosis, diagnosed
from .explain import diagnose
from .failing_calls.errors import handed_over
from .isolation import diagnose_isolated

__all__ = ["Diagnosis", "diagnose", "diagnose_isolated", "diagnosed", "handed_over"]
