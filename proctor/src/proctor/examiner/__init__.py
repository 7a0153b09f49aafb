"""The trusted process that runs the instructor's tests, and asks the candidate for the answers."""
