"""Owns the late penalty of the course on arrays: three points for each day that has begun."""

import math

from nbgrader.plugins import BasePlugin


class PerDay(BasePlugin):
    """Takes points by the day; `errors` and others in time never come here."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """The points to take away."""
        return 3 * math.ceil(total_seconds_late / 86400)
