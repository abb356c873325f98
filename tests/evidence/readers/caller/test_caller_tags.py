"""Conditions on tags of nodes: asked once for each set of values, about every node by its own ARN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.evidence.readers.node_access import HybridNodesByTags, InstancesByTags, TagQuery
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import Node
from ssmtui.model.node_facts import ManagedFleet
from ssmtui.model.permissions import CallerAtNode, Decision
from tests.builders.fleet import NOON, a_node
from tests.checks.agent.nodes import hybrid
from tests.checks.outcome import node_of
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws, refused

ENV = "ssm:resourceTag/Env"
ASKED = TagQuery((ENV,))
Given = dict[str, str]
Decide = Callable[[str, Given], str]


def simulating(decide: Decide, *keys: str) -> Callable[..., dict[str, Any]]:
    """Answers about StartSession, a resource at a time; names those of the keys that were not given."""

    def answer(**asked: Any) -> dict[str, Any]:
        given = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in asked["ContextEntries"]}
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decide(resource, given) if action == "ssm:StartSession" else "implicitDeny",
                    "MissingContextValues": [key for key in keys if key not in given],
                }
                for action in asked["ActionNames"]
                for resource in asked["ResourceArns"]
            ]
        }

    return answer


def by_env(_: str, given: Given) -> str:
    return "allowed" if given.get(ENV) == "test" else "implicitDeny"


def web(number: int, **tags: str) -> Node:
    return replace(a_node(f"i-{number:017x}", f"web-{number}"), tags=tuple(tags.items()))


def listed(*nodes: Node) -> dict[str, Any]:
    return {
        "Reservations": [
            {
                "Instances": [
                    {
                        "InstanceId": node.id,
                        "State": {"Name": "running"},
                        "LaunchTime": NOON,
                        "Tags": [{"Key": key, "Value": value} for key, value in node.tags],
                    }
                ]
            }
            for node in nodes
        ]
    }


def account(decide: Decide, *nodes: Node, keys: tuple[str, ...] = (ENV,), **answers: Any) -> FakeAws:
    canned: dict[str, Any] = {
        "iam_SimulatePrincipalPolicy": simulating(decide, *keys),
        "ec2_DescribeInstances": listed(*nodes),
        "sts_GetCallerIdentity": {"UserId": "AROAEXAMPLE:alex"},
    }
    return FakeAws(**canned | answers)


def fleet_of(*nodes: Node) -> ManagedFleet:
    return ManagedFleet(tuple(node.id for node in nodes), "", {})


async def at(aws: FakeAws, *nodes: Node) -> list[CallerAtNode]:
    facts = store(aws, fleet_of(*nodes))
    found = [(await facts.resolver(node).fact(CallerAtNode)).value for node in nodes]
    assert all(isinstance(each, CallerAtNode) for each in found), found
    return [each for each in found if isinstance(each, CallerAtNode)]


async def test_nodes_are_asked_about_with_the_values_of_their_tags() -> None:
    nodes = [web(1, Env="test"), web(2, Env="prod"), web(3), web(4, env="test"), web(5, Env="test")]
    aws = account(by_env, *nodes)
    found = await at(aws, *nodes)
    assert [each.start.allowed for each in found] == [True, False, False, True, True]
    assert [(each.start.missing_context, each.start.undecided) for each in found] == [((), False)] * 5
    asked: list[Any] = [each["ActionNames"] for each in aws.parameters("iam:SimulatePrincipalPolicy")]
    assert sum("ssm:StartSession" in actions for actions in asked) == 1 + len({"test", "prod", None})
    assert aws.calls["ec2:DescribeInstances"] == 1


async def test_one_node_that_a_policy_names_besides_is_told_from_others_with_its_tags() -> None:
    open_, closed = web(1, Env="test"), web(2, Env="test")

    def decide(arn: str, given: Given) -> str:
        return "explicitDeny" if arn.endswith(closed.id) else by_env(arn, given)

    found = await at(account(decide, open_, closed), open_, closed)
    assert [each.start.decision for each in found] == [Decision.ALLOWED, Decision.EXPLICIT_DENY]


async def test_other_conditions_stay_open() -> None:
    node = web(1, Env="test")
    (found,) = await at(account(lambda *_: "implicitDeny", node, keys=(ENV, "aws:MultiFactorAuthPresent")), node)
    assert (found.start.missing_context, found.start.undecided) == (("aws:MultiFactorAuthPresent",), True)


async def test_where_no_policy_asks_for_tags_nobody_lists_them() -> None:
    node = web(1, Env="test")
    aws = account(lambda *_: "allowed", node, keys=())
    assert [each.start.allowed for each in await at(aws, node)] == [True]
    assert aws.calls["ec2:DescribeInstances"] == 0


def tagged_with(by_id: dict[str, dict[str, str]]) -> Callable[..., dict[str, Any]]:
    def answer(**asked: Any) -> dict[str, Any]:
        return {"TagList": [{"Key": key, "Value": value} for key, value in by_id[asked["ResourceId"]].items()]}

    return answer


STORE = node_of(hybrid())
OFFICE = replace(STORE, key=replace(STORE.key, id="mi-0000000000000002b"))


async def test_tags_of_hybrid_nodes_are_those_of_systems_manager() -> None:
    tags = tagged_with({STORE.id: {"Env": "test"}, OFFICE.id: {"Env": "prod"}})
    aws = account(by_env, ssm_ListTagsForResource=tags)
    assert [each.start.allowed for each in await at(aws, STORE, OFFICE)] == [True, False]
    assert aws.calls["ssm:ListTagsForResource"] == 2
    assert aws.calls["ec2:DescribeInstances"] == 0


async def test_tags_that_may_not_be_read_leave_it_open_and_are_named() -> None:
    for node, action in ((STORE, "ssm:ListTagsForResource"), (web(1), "ec2:DescribeInstances")):
        aws = account(by_env)
        aws.answers[action] = refused(action)
        found = await fact(aws, CallerAtNode, node, fleet_of(node))
        assert isinstance(found, Unreadable)
        assert found.action == action


@pytest.mark.parametrize("kind", [InstancesByTags, HybridNodesByTags])
async def test_an_instance_that_is_not_to_be_understood_has_no_known_tags(kind: type) -> None:
    node = web(1, Env="test") if kind is InstancesByTags else STORE
    garbled = {"Reservations": [{"Instances": [{"InstanceId": node.id}]}]}
    aws = account(by_env, ec2_DescribeInstances=garbled, ssm_ListTagsForResource={})
    found = await fact(aws, CallerAtNode, node, fleet_of(node))
    assert isinstance(found, Unreadable)


def test_a_condition_key_names_a_tag_in_any_case() -> None:
    asked = TagQuery(("aws:ResourceTag/team", "ssm:resourceTag/Env"))
    assert asked.values_in({"Team": "red", "env": "prod", "Name": "web-1"}) == ("red", "prod")
    assert asked.values_in({}) == (None, None)
    assert ASKED.values_in({"Env": ""}) == ("",)


async def test_a_node_that_is_in_no_listing_is_unknown_and_never_allowed() -> None:
    listed, late = web(1, Env="test"), web(2, Env="test")
    told = await fact(account(by_env, listed, late), CallerAtNode, late, fleet_of(listed))
    assert isinstance(told, Unreadable)
