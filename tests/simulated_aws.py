"""The simulated AWS for tests of any folder: one server a folder, one world a process, started over by `aws.load(…)`.

A conftest takes the fixtures with ``from tests.simulated_aws import aws, simulated_aws``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
from botocore.loaders import create_loader

from ssmtui.simulator.in_thread import SimulatedAws, serving


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[SimulatedAws]:
    """The server of this folder in this process.

    Every session of the SDK parses the models of AWS's services anew, which takes longer than what most tests ask for:
    here all sessions read them from one loader.
    """
    with patch("botocore.session.create_loader", cache(create_loader)), serving() as served:
        yield served


@pytest.fixture
def aws(simulated_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """The simulated AWS, without faults and with an empty journal; a test loads the scenario that it wants."""
    simulated_aws.clear_faults()
    simulated_aws.journal.clear()
    yield simulated_aws
    simulated_aws.clear_faults()
