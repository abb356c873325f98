"""The simulated AWS for tests of what is read and written, not of how it is sent: asked without a connection.

A conftest takes the fixtures with ``from tests.simulated_here import aws, simulated_aws``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssmtui.simulator.in_thread import SimulatedAws, serving
from tests.answered_in_process import answering_here
from tests.simulated_aws import aws, one_sdk_for_all_sessions

__all__ = ["aws", "simulated_aws"]


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[SimulatedAws]:
    """The simulated AWS of this folder in this process. It listens as well, for other programs."""
    with one_sdk_for_all_sessions(), serving() as served, answering_here(served):
        yield served
