"""What a wrong answer misunderstood: a name, a sentence that is true of the function, and hints."""

from .diagnosis import Diagnosis, diagnosed
from .errors import handed_over
from .explain import diagnose
from .isolation import diagnosed_there

__all__ = ["Diagnosis", "diagnose", "diagnosed", "diagnosed_there", "handed_over"]
