"""The simulated AWS for tests of what is read and written, not of how it is sent: asked without a connection.

A conftest takes the fixtures with ``from tests.simulated_here import aws, simulated_aws``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from aiobotocore.endpoint import AioEndpoint

from ssmtui.evidence.aws import limits
from ssmtui.simulator.in_thread import SimulatedAws, serving
from tests.answered_in_process import answering_here
from tests.simulated_aws import in_order, one_sdk_for_all_sessions


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[SimulatedAws]:
    """The simulated AWS of this folder in this process. It listens as well, for other programs."""
    with one_sdk_for_all_sessions(), serving() as served, answering_here(served):
        yield served


@pytest.fixture
def aws(simulated_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """The simulated AWS in order, asked at any rate; a test loads the scenario that it wants."""
    with in_order(simulated_aws), at_any_rate():
        yield simulated_aws


@contextmanager
def at_any_rate() -> Iterator[None]:
    """AWS is asked as fast as can be, and asked again at once: what keeps its rates, and waits, is tried for itself."""

    async def at_once(_endpoint: AioEndpoint, _seconds: float) -> None:
        await asyncio.sleep(0)

    with (
        patch.object(AioEndpoint, "_sleep", at_once),
        patch.object(limits, "RATES", {}),
        patch.object(limits, "EC2_RATE", limits.Rate(a_second=1e6, at_once=1_000_000)),
    ):
        yield
