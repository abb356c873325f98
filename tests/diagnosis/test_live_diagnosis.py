from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.diagnosis import scope_opening
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest, Pause
from ssmtui.diagnosis.events import ScopeCrashed
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.scopes import OpenScope, identify_scope
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.node_facts import Observation
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import Diagnose


async def identify_all_but_frankfurt(clients: Clients, name: ScopeName, *options: Any) -> OpenScope | ScopeError:
    if name.region == "eu-central-1":
        raise ZeroDivisionError("a secret")
    return await identify_scope(clients, name, *options)


def test_a_defect_in_one_scope_is_told_by_its_place_and_the_others_go_on(
    at_simulator: SimulatedAws, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_simulator.load("demo")
    monkeypatch.setattr(scope_opening, "identify_scope", identify_all_but_frankfurt)
    told = diagnose()
    [crash] = told.crashes
    assert isinstance(crash, ScopeCrashed)
    assert crash.scope == ScopeName(None, "eu-central-1")
    assert "ZeroDivisionError" in crash.summary
    assert "secret" not in crash.summary
    assert {key.region for key in told.nodes} == {"eu-west-3"}
    assert all(told.verdict(key).settled for key in told.nodes)


def test_a_quiet_look_lists_the_nodes_and_asks_again_about_those_named_only(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    asked = DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    diagnosis = LiveDiagnosis.start(asked)
    try:
        state = follow(diagnosis)
        before = dict(state.verdicts)
        key = sorted(state.nodes, key=lambda each: each.id)[0]
        at_simulator.journal.clear()
        diagnosis.refresh_nodes(state.scope_of[key].name, [key], (Observation, Node))
        follow(diagnosis, state)
    finally:
        diagnosis.close()
    operations = [entry.operation for entry in at_simulator.journal.entries]
    assert operations.count("GetConnectionStatus") == 1
    assert set(operations) == {
        "GetConnectionStatus",
        "DescribeInstances",
        "DescribeInstanceProperties",
        "GetInventory",
    }
    assert state.verdicts == before


@pytest.mark.parametrize(
    ("pause", "listed"),
    [
        (Pause.AFTER_OPENING, frozenset[str]()),
        (Pause.AFTER_LISTING, frozenset({"DescribeInstances", "DescribeInstanceProperties"})),
    ],
)
def test_a_paused_diagnosis_checks_after_it_may_proceed(
    at_simulator: SimulatedAws, pause: Pause, listed: frozenset[str]
) -> None:
    at_simulator.load("healthy-small")
    requested = DiagnosisRequest(
        regions=at_simulator.regions[:1], endpoint_url=at_simulator.endpoint_url, nodes=("web-1",), pause=pause
    )
    state = FleetState()
    diagnosis = LiveDiagnosis.start(requested)
    try:
        while not (state.sought if listed else state.scopes):
            state.apply(diagnosis.events.get(timeout=30))
        assert {entry.operation for entry in at_simulator.journal.entries} == {"GetCallerIdentity", *listed}
        assert [node.name for node in state.nodes.values()] == (["web-1"] if listed else [])
        diagnosis.proceed()
        follow(diagnosis, state)
    finally:
        diagnosis.close()
    assert [state.verdict(key).status for key in state.nodes] == [VerdictStatus.OK]


def test_all_regions_are_in_error_until_they_can_be_listed(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_simulator.load("healthy-small")
    everywhere = ScopeName(None, "all")
    refused = ScopeError(everywhere, ScopeProblem.REFUSED, "ec2:DescribeRegions was refused", "", "ec2:DescribeRegions")
    listed: list[tuple[ScopeName | ScopeError, ...]] = [(refused,), (ScopeName(None, at_simulator.regions[0]),)]

    async def names(*_: object) -> AsyncGenerator[tuple[ScopeName | ScopeError, ...], None]:
        yield listed.pop(0)

    monkeypatch.setattr(scope_opening, "discover_scopes", names)
    diagnosis = LiveDiagnosis.start(DiagnosisRequest(regions=("all",), endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(diagnosis)
        assert state.errors == {everywhere: refused}
        diagnosis.refresh()
        follow(diagnosis, state)
    finally:
        diagnosis.close()
    assert (state.errors, [name.region for name in state.scopes]) == ({}, [at_simulator.regions[0]])


def test_a_node_that_registers_is_found_green_by_every_way_of_looking_again(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    hidden = at_simulator.hidden()
    key_of = {each: agent for each, agent in hidden.agents.items() if each.startswith("i-")}
    late = dict(zip(sorted(key_of)[:3], ("quietly", "what it observes", "all of it"), strict=True))
    for id_ in late:
        hidden.agents[id_] = replace(key_of[id_], running=False, registered_before=False)
    asked = DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    diagnosis = LiveDiagnosis.start(asked)
    try:
        state = follow(diagnosis)
        [scope] = state.scopes
        for id_, way in late.items():
            key = next(each for each in state.nodes if each.id == id_)
            assert state.verdict(key).status is VerdictStatus.FAIL
            hidden.agents[id_] = key_of[id_]
            match way:
                case "quietly":
                    diagnosis.refresh_nodes(scope, [key], (Observation, Node))
                case "what it observes":
                    diagnosis.recheck(scope, (Observation,))
                case _:
                    diagnosis.recheck(scope, ())
            follow(diagnosis, state)
            assert (way, state.verdict(key).status) == (way, VerdictStatus.OK)
    finally:
        diagnosis.close()


def test_what_is_ended_while_scopes_are_being_opened_ends_without_a_word(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at_simulator.load("healthy-small")
    begun = threading.Event()

    async def never(*_: object) -> OpenScope | ScopeError:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(scope_opening, "identify_scope", never)
    diagnosis = LiveDiagnosis.start(
        DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    )
    assert begun.wait(timeout=60)
    diagnosis.close()
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
