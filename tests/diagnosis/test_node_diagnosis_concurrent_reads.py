"""A node that is checked alone: its facts are read at the same time, by the same calls as one after another.

A failure is told as soon as it is found.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from operator import itemgetter
from unittest.mock import patch

import pytest

from ssmtui.diagnosis.check_runner import CheckRunner
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.node_classes import PathCheck
from ssmtui.diagnosis.reading_ahead import ReadAhead
from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Now, needs_of
from ssmtui.model.finding import Findings, Link
from ssmtui.model.identity import UsedHostManagement
from ssmtui.model.node import Node
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import world
from tests.builders.fleet import NOON, a_check, a_finding, a_node, a_scope
from tests.evidence.fake_aws import Answering, FakeAws
from tests.simulated_diagnosis.all_facts import all_facts
from tests.simulated_diagnosis.fixtures import Diagnose


def calls(aws: SimulatedAws, diagnose: Diagnose, node: str) -> tuple[Counter[str], FleetState]:
    """The calls of a check of one node, each with its parameters, and the results.

    Simulations are left out: those that wait at the same time can be made by one call.
    """
    aws.journal.clear()
    state = diagnose(node)
    assert state.crashes == []
    told_of = (f"{entry.operation} {_TIME.sub('', str(entry.parameters))}" for entry in aws.journal.entries)
    made = Counter(each for each in told_of if not each.startswith("SimulatePrincipalPolicy"))
    return made, state


def results(state: FleetState) -> object:
    """What a report says of nodes, but for sentences, which have times."""
    findings = [(id_, each.finding.status, each.finding.needs, each.nodes) for id_, each in state.findings.items()]
    return dict(state.verdicts), sorted(findings, key=itemgetter(0))


_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+")

WORLDS = {"all facts": all_facts(), **{name: world(name) for name in ("healthy-small", "root-volume-filled")}}


@contextmanager
def one_after_another() -> Iterator[None]:
    """Meanwhile the facts of a node are read in order, after the scope is open and the nodes are listed."""
    with (
        patch.object(FactStore, "concurrent_resolver", FactStore.resolver),
        patch.object(ReadAhead, "begin", lambda _ahead, _opened: None),
    ):
        yield


@pytest.mark.parametrize("name", WORLDS)
def test_a_node_that_is_named_takes_the_same_calls_as_one_after_another(
    name: str, at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    scenario: Scenario = WORLDS[name]
    at_simulator.load(scenario)
    for node in scenario.nodes:
        at_once, state = calls(at_simulator, diagnose, node.name)
        with one_after_another():
            in_order, before = calls(at_simulator, diagnose, node.name)
        assert at_once == in_order, node.name
        assert results(state) == results(before), node.name


AHEAD = {"DescribeInstances", "DescribeInstanceProperties", "DescribeDocument", "GetDocument", "DescribeKey"}


async def test_the_region_is_read_before_iam_has_told_the_role_of_the_caller(at_simulator: SimulatedAws) -> None:
    at_simulator.load(all_facts())
    at_simulator.fault("latency", "iam", "GetRole", milliseconds=2000)
    live = LiveDiagnosis.start(
        DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url, nodes=("web-1",))
    )
    try:
        for _ in range(100):
            await asyncio.sleep(0.01)
            if {entry.operation for entry in at_simulator.journal.entries} >= AHEAD:
                break
        assert {entry.operation for entry in at_simulator.journal.entries} >= AHEAD
        assert not live.opened.done()
    finally:
        live.close()


def test_a_region_without_the_node_is_only_listed_if_there_are_several(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load("two-regions-one-role")
    node = world("two-regions-one-role").regions[0].nodes[0]
    state = diagnose(node.name)
    assert {key.region for key in state.nodes} == {at_simulator.regions[0]}
    elsewhere = {each.operation for each in at_simulator.journal.entries if each.region == at_simulator.regions[1]}
    assert "DescribeInstances" in elsewhere
    assert "GetDocument" not in elsewhere


class SlowAws(FakeAws):
    """Answers an operation only after `gate` is set."""

    def __init__(self, operation: str, **answers: Answering) -> None:
        super().__init__(**answers)
        self.gate = asyncio.Event()
        self._slow = operation

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        if operation == self._slow:
            await self.gate.wait()
        return await super().call(service, operation, **parameters)


def failing(node: Node) -> Findings:
    return (a_finding("role-core-denied"),)


def waiting(setting: UsedHostManagement) -> Findings:
    return ()


@pytest.mark.parametrize(("last_resort", "told_of"), [(False, 1), (True, 0)])
async def test_a_failure_that_no_other_explains_is_told_while_checks_of_its_link_still_wait(
    *, last_resort: bool, told_of: int
) -> None:
    checks = [
        replace(a_check(of.__name__, Link.IDENTITY, last_resort=last_resort), judge=of, needs=needs_of(of))
        for of in (waiting, failing)
    ]
    aws = SlowAws(
        "GetServiceSetting",
        ssm_GetServiceSetting={"ServiceSetting": {"SettingValue": "$None", "Status": "Default"}},
        ssm_GetConnectionStatus={"Target": "i-1", "Status": "connected"},
    )
    resolver = FactStore(aws, a_scope(), Now(NOON)).concurrent_resolver(a_node("i-1"))
    look = PathCheck(resolver, CheckRunner(), {link: checks if link is Link.IDENTITY else () for link in Link}, 0)
    failed: list[Collection[str]] = []
    taking = asyncio.ensure_future(
        look.run(observed=lambda _: None, judged=lambda: None, failed=lambda: failed.append(set(look.judgements)))
    )
    for _ in range(50):
        await asyncio.sleep(0.001)
    assert failed == [{"failing"}] * told_of
    aws.gate.set()
    await taking
    assert set(look.judgements) == {"failing", "waiting"}
