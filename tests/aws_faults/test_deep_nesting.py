"""Policies and documents that nest deeper than anybody writes them: unknown, no defect and no false word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.aws import sdk
from ssmtui.model.finding import VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from tests.aws_faults.test_failing_operations import verdicts
from tests.simulated_diagnosis import remembered_aws
from tests.simulated_diagnosis.all_facts import all_facts
from tests.simulated_diagnosis.fixtures import without_source
from tests.simulated_diagnosis.remembered_aws import Operation, RememberedAws

LEVELS = 5_000


def as_data() -> object:
    held: object = "x"
    for _ in range(LEVELS):
        held = [held]
    return held


def has_documents(value: Any) -> bool:
    """Whether an answer holds documents: texts of JSON, or what the SDK has made of them."""
    match value:
        case str():
            return value.lstrip().startswith("{") and isinstance(json.loads(value), dict)
        case Mapping():
            return "Statement" in value or any(map(has_documents, value.values()))
        case list():
            return any(map(has_documents, value))
    return False


def nested(value: Any) -> Any:
    """An answer whose documents have a member that nests deeply."""
    match value:
        case str() if has_documents(value):
            return f'{value.rstrip()[:-1]}, "Unknown": {"[" * LEVELS}{"]" * LEVELS}}}'
        case {"Statement": _}:
            return {**value, "Unknown": as_data()}
        case Mapping():
            return {name: nested(each) for name, each in value.items()}
        case list():
            return [nested(each) for each in value]
    return value


def wrongs(told: FleetState, truth: FleetState) -> Iterator[str]:
    if told.crashes or without_source(told):
        yield f"crashed {told.crashes}, without a source {without_source(told)}"
    before = verdicts(truth)
    for key, status in verdicts(told).items():
        if status not in {before[key], VerdictStatus.UNKNOWN}:
            yield f"{told.nodes[key].name} is {before[key].value} and told as {status.value}"


def test_documents_that_nest_deeply_are_unknown(at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)
    at_simulator.load(all_facts())
    world = RememberedAws(at_simulator.endpoint_url, at_simulator.regions[0])
    nodes = sorted(key.id for key in world.diagnosed().state.nodes)
    truth = world.diagnosed(nodes=nodes).state
    with_documents: set[Operation] = set()

    def noted(operation: Operation, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        if has_documents(answer):
            with_documents.add(operation)
        return answer

    world.diagnosed(nodes=nodes, strike=noted)
    assert {("ssm", "GetDocument"), ("kms", "GetKeyPolicy"), ("iam", "GetRole")} <= with_documents
    wrong: list[str] = []
    for struck in sorted(with_documents):

        def strike(operation: Operation, answer: Mapping[str, Any], struck: Operation = struck) -> Mapping[str, Any]:
            deep: Mapping[str, Any] = nested(answer) if operation == struck else answer
            return deep

        told = world.diagnosed(nodes=nodes, strike=strike)
        wrong += [f"{':'.join(struck)}: {each}" for each in wrongs(told.state, truth)]
    assert wrong == []
