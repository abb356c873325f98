"""Reports of nodes that an AWS service manages, and of machines in other clouds."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.diagnosis.events import FindingChanged, NodeListed, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.fact import Absent
from ssmtui.model.finding import SERVICE_MANAGED, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import Instance, Node, NodeKind, Registration
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code
from ssmtui.report.format import Report, all_formats
from ssmtui.report.model import report_node
from ssmtui.report.report_diagnosis import key_of, node_of
from ssmtui.report.schema import Schema
from tests.builders.fleet import NOON, a_finding, a_node, a_registration, a_scope, a_verdict, held
from tests.report.schemas import hold
from tests.report.whole_document import report_document

SCOPE = a_scope()
AZURE = "Microsoft.Compute/virtualMachines"


def managed_by(service: str) -> Node:
    node = a_node("i-0a", "auto-1", ping=None)
    assert isinstance(node.instance, Instance)
    return replace(node, instance=replace(node.instance, managed_by=service))


def machine(source_type: str) -> Node:
    node = a_node("mi-0b", "till-1")
    registration = replace(a_registration("mi-0b"), source_type=source_type)
    return replace(node, kind=NodeKind.HYBRID, instance=Absent("an EC2 instance", "ssm"), registration=registration)


AUTO, TILL = managed_by("eks.amazonaws.com"), machine(AZURE)
NOTE = held(
    a_finding(SERVICE_MANAGED, Status.INFO, subject=Subject(SubjectKind.NODE, AUTO.id)), AUTO, link=Link.INSTANCE
)


def fleet() -> FleetState:
    state = FleetState()
    for event in (
        ScopeOpened(SCOPE),
        NodeListed(SCOPE, AUTO),
        NodeListed(SCOPE, TILL),
        FindingChanged(NOTE),
        VerdictChanged(AUTO.key, a_verdict(VerdictStatus.RESTRICTED, finding_ids=(NOTE.id,))),
        VerdictChanged(TILL.key, a_verdict()),
        ScopeSettled(SCOPE.name),
    ):
        state.apply(event)
    return state


def written(name: str) -> str:
    return "\n".join(all_formats()[name].lines(Report(fleet(), dict, NOON, lambda text, _: text)))


def test_the_document_has_the_service_and_the_source_of_each_and_fits_the_schema() -> None:
    document: dict[str, Any] = json.loads(json.dumps(report_document(fleet(), NOON)))
    hold(document, Schema.REPORT)
    auto, till = document["nodes"]
    assert (auto["verdict"], auto["operator"], "source_type" in auto) == ("restricted", "eks.amazonaws.com", False)
    assert (till["kind"], till["source_type"], "operator" in till) == ("hybrid", AZURE, False)
    assert document["summary"]["restricted"] == 1


@pytest.mark.parametrize("fail_on", FailOn)
def test_a_restricted_node_never_counts(fail_on: FailOn) -> None:
    assert exit_code(fleet(), fail_on) is ExitCode.DONE


@pytest.mark.parametrize("node", [AUTO, TILL, machine("Another.Cloud/machine")])
def test_a_node_of_a_report_is_shown_as_it_was(node: Node) -> None:
    state = FleetState(nodes={node.key: node}, verdicts={node.key: a_verdict()})
    told = report_node(state, node.key)
    shown = node_of(told, key_of(told))
    assert (shown.service, shown.cloud, shown.source_type) == (node.service, node.cloud, node.source_type)
    assert isinstance(shown.registration, Registration) == node.managed


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("table", "instance-service-managed"),
        ("table", "Azure"),
        ("markdown", "1 restricted"),
        ("github", "1 ok, 0 stopped, 1 restricted"),
        ("junit", "an AWS service manages the instance"),
        ("html", "restricted"),
    ],
)
def test_every_format_says_so(name: str, said: str) -> None:
    assert said in written(name)


def test_a_spreadsheet_has_it_in_its_last_columns() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv"))))
    assert {(row["node"], row["source_type"], row["operator"]) for row in rows} == {
        (AUTO.id, "", "eks.amazonaws.com"),
        (TILL.id, AZURE, ""),
    }
