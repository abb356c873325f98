"""The simulated AWS for tests of any folder: one server a process, started over by `aws.load(…)`.

A conftest takes the fixtures with ``from tests.simulated_aws import aws, simulated_aws``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssmtui.simulator.in_thread import SimulatedAws, serving


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[SimulatedAws]:
    """The server of this process."""
    with serving() as served:
        yield served


@pytest.fixture
def aws(simulated_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """The simulated AWS, without faults and with an empty journal; a test loads the scenario that it wants."""
    simulated_aws.clear_faults()
    simulated_aws.journal.clear()
    yield simulated_aws
    simulated_aws.clear_faults()
