"""How tests are run everywhere: property tests by the same examples each time, without a clock, and French as written.

`pytest --hypothesis-profile=searching` looks for new examples instead, `--hypothesis-profile=quick` at a few.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from hypothesis import HealthCheck, settings

from hatch_build import make_all
from tests.loop_at_rest import until_the_loop_rests
from tests.textual_caches import suit_tests

settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("searching"), derandomize=True)
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)
settings.load_profile("repeatable")


def pytest_configure() -> None:
    """Hear what whoever starts the tests had turned off (`nohup`, `&` in a script): what they start inherits that."""
    for name, heard in (("SIGHUP", signal.SIG_DFL), ("SIGINT", signal.default_int_handler)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, heard)
    for module in (textual.app, textual.pilot):
        vars(module)["wait_for_idle"] = until_the_loop_rests
    suit_tests()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what was translated since the environment was made; once, before the processes of a run share it."""
    if not hasattr(session.config, "workerinput"):
        make_all(Path(__file__).parents[1])


_LONGEST = Path(__file__).parent / "walks"
"""The folder whose tests take longest, each of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process does it last, alone.

    And mark what starts the simulated AWS: whatever takes its fixture, or is in a module that starts one itself.
    """
    items.sort(key=lambda item: _LONGEST not in item.path.parents)
    for item in items:
        if isinstance(item, pytest.Function) and _starts_the_simulated_aws(item):
            item.add_marker(pytest.mark.simulated)


def _starts_the_simulated_aws(item: pytest.Function) -> bool:
    return "simulated_aws" in item.fixturenames or not vars(item.module).keys().isdisjoint(("serving", "Simulator"))
