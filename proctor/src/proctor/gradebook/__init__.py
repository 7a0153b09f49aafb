"""nbgrader's gradebook: what it knows of an assignment, and the points that grading enters."""
