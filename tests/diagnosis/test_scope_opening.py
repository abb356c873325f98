"""What is told while scopes are opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, ScopeCrashed, ScopeDelayed, ScopeFailed, ScopeOpened
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.pending_tasks import PendingTasks
from ssmtui.diagnosis.scope_opening import ScopeOpener
from ssmtui.evidence.aws import sdk
from ssmtui.model.scope import ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis import remembered_aws
from tests.simulated_diagnosis.remembered_aws import (
    Fault,
    RememberedAws,
    RememberedClients,
    hanging,
    known_world,
    throttled,
)
from tests.simulated_diagnosis.virtual_time import VirtualLoop

PARIS = ScopeName(None, "eu-west-3")
ASKED = ("sts:GetCallerIdentity",)


def told_of_opening(at_simulator: SimulatedAws, fault: Fault) -> list[Event]:
    """All that is told of a scope in which nobody says who is calling."""
    told: list[Event] = []

    async def opened() -> None:
        aws = RememberedAws(at_simulator.endpoint_url, PARIS.region)
        clients = RememberedClients(aws, clock=asyncio.get_running_loop().time)
        clients.faults = {("sts", "GetCallerIdentity"): fault}
        asked = DiagnosisRequest(regions=(PARIS.region,), endpoint_url=at_simulator.endpoint_url)
        opening = ScopeOpener(asked, clients, PendingTasks(told.append), told.append)
        await opening.open_and_check(Future(), Future())

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(opened())
    return told


@pytest.mark.parametrize("fault", [hanging, throttled])
def test_what_keeps_an_opening_waiting_is_told(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)
    told = told_of_opening(at_simulator, fault)
    slowed = fault is throttled
    delays = [each for each in told if isinstance(each, ScopeDelayed)]
    assert delays == [ScopeDelayed(PARIS, ASKED, slowed), ScopeDelayed(PARIS, (), throttled=False)]
    assert [each.error.name for each in told if isinstance(each, ScopeFailed)] == [PARIS]


async def at_once(function: Callable[[], object]) -> object:
    return function()


def test_of_those_who_try_again_while_it_is_tried_one_does_and_nothing_is_begun_from_the_start(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)
    # A loop whose time is virtual waits for no thread.
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    told: list[Event] = []

    async def tried() -> None:
        clients = RememberedClients(known_world(at_simulator, "healthy-small"), clock=asyncio.get_running_loop().time)
        clients.faults = {("sts", "GetCallerIdentity"): hanging}
        asked = DiagnosisRequest(regions=(PARIS.region,), endpoint_url=at_simulator.endpoint_url)
        opening = ScopeOpener(asked, clients, PendingTasks(told.append), told.append)
        await opening.open_and_check(Future(), Future())
        assert opening.must_begin
        first = asyncio.create_task(opening.retry(PARIS))
        await asyncio.sleep(1)
        assert not opening.must_begin
        given_up, *others = [asyncio.create_task(opening.retry(PARIS)) for _ in range(4)]
        await asyncio.sleep(1)
        given_up.cancel()
        last = asyncio.create_task(opening.retry(PARIS))
        await asyncio.sleep(1)
        clients.faults = {}
        await asyncio.gather(first, *others, last)
        await opening.retry(PARIS)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(tried())
    outcomes = [type(each) for each in told if isinstance(each, ScopeFailed | ScopeOpened)]
    assert outcomes == [ScopeFailed, ScopeFailed, ScopeOpened]
    assert not any(isinstance(each, ScopeCrashed) for each in told)


def test_who_has_answered_delays_nothing_any_more() -> None:
    state = FleetState()
    state.apply(ScopeDelayed(PARIS, ASKED, throttled=True))
    assert state.delayed[PARIS].waiting_for == ASKED
    state.apply(ScopeDelayed(PARIS, (), throttled=False))
    assert state.delayed[PARIS].waiting_for == ()
