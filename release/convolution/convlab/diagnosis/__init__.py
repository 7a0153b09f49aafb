"""What a wrong answer misunderstood: names, facts that are true of the function, and hints."""

from .diagnosis import Diagnosis, diagnosed
from .errors import handed_over
from .explain import diagnose
from .isolation import diagnose_isolated

__all__ = ["Diagnosis", "diagnose", "diagnose_isolated", "diagnosed", "handed_over"]
