"""What a wrong answer misunderstood: a name, a sentence that is true of the function, and hints."""

from .afar import diagnosed_there
from .diagnose import diagnose
from .diagnosis import Diagnosis, diagnosed

__all__ = ["Diagnosis", "diagnose", "diagnosed", "diagnosed_there"]
