"""How property tests are run everywhere: the same examples each time, and without a clock.

`pytest --hypothesis-profile=searching` looks for new ones instead.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("searching"), derandomize=True)
settings.load_profile("repeatable")
