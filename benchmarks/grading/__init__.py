"""How fast proctor grades, beside stock nbgrader: `python -m benchmarks.grading`."""
