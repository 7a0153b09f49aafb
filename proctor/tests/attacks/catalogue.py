"""The list of all attacks."""

from . import (
    cases_choice,
    cases_harm,
    cases_notebook,
    cases_others,
    cases_points,
    cases_reading,
    cases_trust,
    cases_values,
    cases_wire,
)

ATTACKS = [
    attack
    for module in (
        cases_points,
        cases_values,
        cases_reading,
        cases_harm,
        cases_others,
        cases_notebook,
        cases_wire,
        cases_trust,
        cases_choice,
    )
    for attack in module.ATTACKS
]
