"""What fixes would need is read in the time of a Region, however many fixes there are and whatever does not answer."""

from __future__ import annotations

import asyncio

import pytest

from ssmtui.checks.registry import all_checks
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.planning import prefetch_facts
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.scopes import OpenScope, open_scope
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.scope import ScopeName
from ssmtui.model.scope_request import DEFAULT_TIMEOUT
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis import remembered_aws
from tests.simulated_diagnosis.remembered_aws import Fault, RememberedAws, RememberedClients, hanging, throttled
from tests.simulated_diagnosis.virtual_time import VirtualLoop


async def seconds_of_looking_ahead(aws: RememberedAws, fault: Fault) -> float:
    """How long it takes to look ahead where nothing but the diagnosis itself was answered."""
    loop = asyncio.get_running_loop()
    clients = RememberedClients(aws, clock=loop.time)
    state = FleetState()
    opened = await open_scope(clients, ScopeName(None, aws.region))
    assert isinstance(opened, OpenScope)
    diagnosis = ScopeDiagnosis(opened.scope, opened.aws, state.apply, all_checks(), seconds=DEFAULT_TIMEOUT)
    await diagnosis.run()
    clients.faults = dict.fromkeys(all_reads(), fault)
    begun = loop.time()
    await prefetch_facts(diagnosis)
    return loop.time() - begun


@pytest.mark.parametrize("fault", [hanging, throttled])
def test_looking_ahead_ends_in_the_time_of_a_region(
    fault: Fault, at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)
    at_simulator.load("log-group-unreadable")
    world = RememberedAws(at_simulator.endpoint_url, at_simulator.regions[0])
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(seconds_of_looking_ahead(world, fault)) <= DEFAULT_TIMEOUT + 0.2
