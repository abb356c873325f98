"""A policy that denies a single node, on a condition that IAM's simulation does not have, is about this node alone."""

from __future__ import annotations

import pytest

from ssmtui.model.finding import Link, LinkState, VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Agent, StatementJSON
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    REGION,
    allow,
    node,
    node_role,
    preferences,
    small_world,
    with_key_statements,
)
from tests.simulated_diagnosis.fixtures import Diagnose

NAMES = [f"web-{number}" for number in range(3)]
UNREAD_KEY = {"Null": {"aws:SourceIp": "false"}}
DENIED_AND_ALSO = [(name, also) for name in NAMES for also in ("", "ssm:StartAccessRequest")]


def denied_on(name: str, action: str, condition: dict[str, dict[str, str]]) -> StatementJSON:
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/<id:{name}>"
    return {"Effect": "Deny", "Action": action, "Resource": arn, "Condition": condition}


@pytest.mark.parametrize(("name", "also"), DENIED_AND_ALSO)
def test_the_caller_may_be_denied_one_node(
    at_simulator: SimulatedAws, diagnose: Diagnose, name: str, also: str
) -> None:
    others = (denied_on(NAMES[0], also, {}),) if also else ()
    caller = with_key_statements(
        allow("kms:GenerateDataKey", f"arn:aws:kms:*:{ACCOUNT}:key/*"),
        denied_on(name, "ssm:StartSession", UNREAD_KEY),
        *others,
    )
    world = small_world(tuple(map(node, NAMES)), preferences=preferences(DESTINATIONS), caller=caller)
    at_simulator.load(world)
    state = diagnose()
    told = {node.name: state.verdict(key).status for key, node in state.nodes.items()}
    assert told == {each: VerdictStatus.UNKNOWN if each == name else VerdictStatus.OK for each in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_role_may_be_denied_the_registration_of_one_node(
    at_simulator: SimulatedAws, diagnose: Diagnose, name: str
) -> None:
    denial = denied_on(name, "ssm:UpdateInstanceInformation", {"StringLike": {"aws:UserAgent": "*windows*"}})
    role = node_role("single", (denial, *DESTINATIONS.everything()))
    silent = Agent(running=False, registered_before=False)
    nodes = tuple(node(each, profile=role.name, agent=silent) for each in NAMES)
    at_simulator.load(small_world(nodes, preferences=preferences(DESTINATIONS), roles=(role,)))
    state = diagnose()
    told = {node.name: state.verdict(key).link(Link.IDENTITY) for key, node in state.nodes.items()}
    assert told == {each: LinkState.UNKNOWN if each == name else LinkState.OK for each in NAMES}


@pytest.mark.parametrize("name", ["", NAMES[1]])
def test_a_condition_for_all_nodes_is_asked_about_once(
    at_simulator: SimulatedAws, diagnose: Diagnose, name: str
) -> None:
    def asked(number: int) -> int:
        condition = {"StringLike": {"aws:UserAgent": "*windows*"}}
        denial: StatementJSON = {
            "Effect": "Deny",
            "Action": "ssm:UpdateInstanceInformation",
            "Resource": "*",
            "Condition": condition,
        }
        single = (denied_on(name, "ssm:UpdateInstanceInformation", condition),) if name else ()
        role = node_role("single", (denial, *single, *DESTINATIONS.everything()))
        nodes = tuple(node(f"web-{each}", profile=role.name) for each in range(number))
        at_simulator.load(small_world(nodes, preferences=preferences(DESTINATIONS), roles=(role,)))
        state = diagnose()
        assert {state.verdict(key).status for key in state.nodes} == {VerdictStatus.OK}
        return sum(entry.operation == "SimulatePrincipalPolicy" for entry in at_simulator.journal.entries)

    assert asked(3) == asked(7)
