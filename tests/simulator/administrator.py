"""The root user of the simulated account: may everything, by API calls as anybody makes them."""

from __future__ import annotations

from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import client

_ACCESS_KEY: Final = "AKIASIMULATORROOT001"


def administrator(aws: SimulatedAws, service: str, region: str = "eu-west-3") -> Any:
    """A client of the root user."""
    state.give_access_key(_ACCESS_KEY, f"arn:aws:iam::{state.ACCOUNT}:root")
    return client(aws, service, region, access_key=_ACCESS_KEY)
