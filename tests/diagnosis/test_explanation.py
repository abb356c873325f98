from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ssmtui.causes.matching import Match
from ssmtui.diagnosis.events import FindingChanged, NodeListed, NodesNotFound, VerdictChanged
from ssmtui.diagnosis.explanation import PossibleCause, confirm_causes, opening_sentence, possible_causes, rank_causes
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import FleetFinding, Link, LinkState, Status, Verdict, VerdictStatus
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


@pytest.mark.parametrize(("listed_all", "told"), [(True, False), (False, None)])
def test_a_comparison_with_all_nodes_is_only_false_if_all_are_listed(listed_all: object, told: object) -> None:
    some = state()
    some.apply(NodesNotFound(a_scope().name, (), (), listed_all=bool(listed_all)))
    assert confirm_causes(some, ["agent-outdated", "agent-too-old"]) == {"agent-outdated": told, "agent-too-old": False}


def test_without_a_node_nothing_is_told() -> None:
    assert confirm_causes(FleetState(), ["kms-node-denied"]) == {"kms-node-denied": None}


def test_of_the_nodes_named_only_their_own_findings_count() -> None:
    found = state(held(a_finding("kms-node-denied"), API))
    assert confirm_causes(found, ["kms-node-denied"], [API.key]) == {"kms-node-denied": True}
    assert confirm_causes(found, ["kms-node-denied"], [WEB.key]) == {"kms-node-denied": False}


NOT_CONNECTED = ("instance-profile-missing", "connection-lost", "wrong-region-or-account", "role-core-denied")
"""Some of the causes of TargetNotConnected, in the order of the text."""


def red(*findings: FleetFinding, root_cause: str, broken: Link) -> FleetState:
    """A node that these findings stop; its other links are in order."""
    ids = tuple(each.id for each in findings)
    verdict = a_verdict(VerdictStatus.FAIL, root_cause=root_cause, finding_ids=ids)
    links = tuple(LinkState.FAIL if link is broken else LinkState.OK for link in Link)
    return state(*findings, verdict=replace(verdict, links=links))


def on_web(cause: str, link: Link, status: Status = Status.FAIL) -> FleetFinding:
    return held(a_finding(cause, status), WEB, link=link)


@pytest.mark.parametrize(
    ("told", "causes", "ranked"),
    [
        pytest.param(
            red(on_web("role-core-denied", Link.IDENTITY), root_cause="role-core-denied", broken=Link.IDENTITY),
            NOT_CONNECTED,
            {
                "role-core-denied": True,
                "instance-profile-missing": None,
                "wrong-region-or-account": None,
                "connection-lost": False,
            },
            id="true, cannot tell, not here",
        ),
        pytest.param(
            red(
                on_web("connection-lost", Link.AGENT),
                on_web("role-core-denied", Link.IDENTITY),
                root_cause="role-core-denied",
                broken=Link.IDENTITY,
            ),
            NOT_CONNECTED,
            {
                "role-core-denied": True,
                "connection-lost": True,
                "instance-profile-missing": None,
                "wrong-region-or-account": None,
            },
            id="the root cause before the other true causes",
        ),
        pytest.param(
            red(
                on_web("egress-blocked", Link.NETWORK),
                on_web("log-group-unencrypted", Link.PREFERENCES),
                on_web("agent-outdated", Link.AGENT, Status.WARN),
                root_cause="egress-blocked",
                broken=Link.NETWORK,
            ),
            NOT_CONNECTED,
            {
                "egress-blocked": True,
                "wrong-region-or-account": None,
                "instance-profile-missing": False,
                "connection-lost": False,
                "role-core-denied": False,
            },
            id="a failure that explains the lost connection, and that the text does not name",
        ),
        pytest.param(
            red(on_web("egress-blocked", Link.NETWORK), root_cause="egress-blocked", broken=Link.NETWORK),
            ("kms-node-denied", "role-core-denied"),
            {"kms-node-denied": False, "role-core-denied": False},
            id="a text that does not say that the node is not connected",
        ),
    ],
)
def test_the_causes_of_a_node_are_ranked(
    told: FleetState, causes: tuple[str, ...], ranked: Mapping[str, bool | None]
) -> None:
    assert list(rank_causes(told, causes, [WEB.key]).items()) == list(ranked.items())


def test_without_a_named_node_nothing_is_added_to_the_causes_of_the_text() -> None:
    told = red(on_web("egress-blocked", Link.NETWORK), root_cause="egress-blocked", broken=Link.NETWORK)
    assert set(rank_causes(told, NOT_CONNECTED)) == set(NOT_CONNECTED)


def test_a_cause_that_only_the_checks_found_has_no_likelihood() -> None:
    told = red(on_web("egress-blocked", Link.NETWORK), root_cause="egress-blocked", broken=Link.NETWORK)
    match = Match("connection-lost", 0.4, {"instance_id": WEB.id})
    added = Match("egress-blocked", 0.0, {"instance_id": WEB.id})
    assert possible_causes(told, (match,), [WEB.key]) == {
        "egress-blocked": PossibleCause(added, here=True),
        "connection-lost": PossibleCause(match, here=False),
    }
    assert (match.percentage, added.percentage) == ("40%", "")


def test_a_text_that_hardly_says_that_a_node_is_not_connected_gets_no_cause_of_the_checks() -> None:
    told = red(on_web("egress-blocked", Link.NETWORK), root_cause="egress-blocked", broken=Link.NETWORK)
    assert list(possible_causes(told, (Match("connection-lost", 0.2, {}),), [WEB.key])) == ["connection-lost"]


NO_CONNECTION = "This means that the node is not connected to Session Manager; check, in this order:"
SEVERAL = "This text can have several causes; check, in this order:"


@pytest.mark.parametrize(
    ("causes", "sentence"),
    [
        ({}, ""),
        ({"instance-profile-missing": (0.5, None), "connection-lost": (0.4, None)}, NO_CONNECTION),
        ({"instance-profile-missing": (0.5, None), "connection-lost": (0.4, False)}, NO_CONNECTION),
        ({"egress-blocked": (0.0, True), "connection-lost": (0.4, False)}, ""),
        ({"root-volume-full": (0.5, None), "log-endpoint-missing": (0.4, None)}, SEVERAL),
        ({"session-terminated": (0.5, None), "connection-lost": (0.2, None)}, SEVERAL),
        ({"root-volume-full": (0.5, None)}, ""),
        ({"kms-node-denied": (0.9, None), "kms-key-missing": (0.4, None)}, ""),
    ],
)
def test_a_text_that_fits_several_causes_opens_with_what_it_means(
    causes: Mapping[str, tuple[float, bool | None]], sentence: str
) -> None:
    possible = {slug: PossibleCause(Match(slug, likelihood, {}), here) for slug, (likelihood, here) in causes.items()}
    assert opening_sentence(possible) == sentence


def test_a_cause_that_is_true_somewhere_in_the_fleet_need_not_be_that_of_the_text() -> None:
    match = Match("connection-lost", 0.4, {})
    possible = {each: PossibleCause(match, here=True) for each in ("connection-lost", "role-core-denied")}
    assert (opening_sentence(possible, is_fleet=True), opening_sentence(possible)) == (NO_CONNECTION, "")
