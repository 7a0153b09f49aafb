"""Both sides of a crossing, for each test anew."""

import pytest
from sides import Sides


@pytest.fixture
def sides():
    """Sides that hand over data only."""
    return Sides()


@pytest.fixture
def odd():
    """Sides that hand over the names of the types of what is no data."""
    return Sides(odd=True)
