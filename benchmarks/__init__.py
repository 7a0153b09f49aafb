"""What is measured of the lesson and of grading, and what it is measured against."""
