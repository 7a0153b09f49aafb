"""Assembling the notebook that is graded: the instructor's cells with the student's text."""
