from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.events import FindingChanged, NodeListed, VerdictChanged
from ssmtui.diagnosis.explanation import confirm_causes
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import FleetFinding, Link, LinkState, Status, Verdict
from tests.builders.fleet import a_finding, a_node, a_scope, a_verdict, held

WEB, API = a_node("i-0a", "web-1"), a_node("i-0b", "api-1")
IN_ORDER = a_verdict()


def state(*findings: FleetFinding, verdict: Verdict = IN_ORDER) -> FleetState:
    told = FleetState()
    for node in (WEB, API):
        told.apply(NodeListed(a_scope(), node))
        told.apply(VerdictChanged(node.key, verdict))
    for finding in findings:
        told.apply(FindingChanged(finding))
    return told


def links(state_of_preferences: LinkState) -> Verdict:
    states = tuple(state_of_preferences if link is Link.PREFERENCES else LinkState.OK for link in Link)
    return replace(IN_ORDER, links=states)


def test_a_cause_that_was_found_on_one_of_the_nodes_is_true() -> None:
    found = held(a_finding("kms-node-denied"), API)
    assert confirm_causes(state(found), ["kms-node-denied"]) == {"kms-node-denied": True}


def test_a_finding_that_could_not_be_told_is_neither_true_nor_false() -> None:
    blind = held(a_finding("kms-node-denied", Status.UNKNOWN, needs=("kms:DescribeKey",)), WEB, API)
    told = state(blind, verdict=links(LinkState.UNKNOWN))
    assert confirm_causes(told, ["kms-node-denied"]) == {"kms-node-denied": None}


def test_what_was_not_found_is_false_only_where_its_link_is_in_order() -> None:
    told = {
        each: confirm_causes(state(verdict=links(each)), ["kms-node-denied"])["kms-node-denied"] for each in LinkState
    }
    assert told == {each: False if each is LinkState.OK else None for each in LinkState}


def test_a_cause_that_no_check_can_name_is_never_told() -> None:
    assert confirm_causes(state(), ["handshake-timed-out"]) == {"handshake-timed-out": None}


def test_that_nothing_was_asked_for_elsewhere_does_not_tell_where_a_node_is() -> None:
    assert confirm_causes(state(), ["wrong-region-or-account"]) == {"wrong-region-or-account": None}


def test_without_a_node_nothing_is_told() -> None:
    assert confirm_causes(FleetState(), ["kms-node-denied"]) == {"kms-node-denied": None}


def test_of_the_nodes_named_only_their_own_findings_count() -> None:
    found = state(held(a_finding("kms-node-denied"), API))
    assert confirm_causes(found, ["kms-node-denied"], [API.key]) == {"kms-node-denied": True}
    assert confirm_causes(found, ["kms-node-denied"], [WEB.key]) == {"kms-node-denied": False}
