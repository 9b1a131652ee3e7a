"""What the report says of Raufoss and a measure no longer does, in one place, until it is settled."""

import pytest

# Without ties between two outsiders the degree centralisation of the whole net is .1200, just beyond .02 of .10.
RAUFOSS = {"test_R03_several_cores_now"}


def pytest_collection_modifyitems(items):
    """Expect these to fail, and fail when one of them holds again."""
    for item in items:
        if item.name in RAUFOSS:
            item.add_marker(pytest.mark.xfail(reason="see RAUFOSS in this file", strict=True))
