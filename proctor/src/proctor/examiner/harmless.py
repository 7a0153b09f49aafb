"""Owns what is shown of a submission's outputs: what came from a student's process, or speaks of it, is made harmless."""

from proctor.examiner import template_data as session
from proctor.sanitize import clean_outputs


def cleaned(plan, outcome):
    """The plan's notebook with what came out, harmless. Runs in the examiner's process, one for each submission."""
    for index, outputs in outcome.outputs.items():
        if index not in outcome.trusted:
            outcome.outputs[index] = clean_outputs(outputs)
    notebook = session.fill(plan, outcome)
    outcome.outputs = {}
    return notebook
