"""How all tests run: examples that are the same in every run, and a garbage collector that seldom looks.

`--hypothesis-profile=search` looks for new examples; what fails otherwise has to fail for whoever looks.
"""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow]
_OBJECTS, _YOUNG, _OLD = 200_000, 20, 100
"""How many new objects, and how many rounds over young ones, lead to the next round (gc.set_threshold)."""

settings.register_profile("labs", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("search", deadline=None, max_examples=1000, suppress_health_check=_SLOW)
settings.load_profile("labs")


def pytest_collection_finish() -> None:
    """Leaves all that was imported and collected out of every later round: a third of the tests' time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS, _YOUNG, _OLD)
