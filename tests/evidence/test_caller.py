"""What is asked about the caller: few simulations for many nodes, and what their answers come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.evidence.caller import CallerOnNodes
from ssmtui.evidence.roles import CallerPolicies
from ssmtui.evidence.simulation import RESOURCES_A_CALL, simulate_on_many
from ssmtui.model.answers import Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.node import Node
from ssmtui.model.permissions import CallerAtNode, CallerInSessions, CallerKeyPermissions, Decision
from ssmtui.model.policy import Condition, Effect, Policy, Statement
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from tests.builders.fleet import a_node, a_scope
from tests.evidence.facts import fact
from tests.evidence.fake_aws import FakeAws, refused

SCOPE = a_scope()
PRINCIPAL = SCOPE.principal or ""
KEY = Key("arn:aws:kms:eu-west-3:123456789012:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
ONLY_TAGGED = ("ssm:resourceTag/Env",)


def results(
    decide: Callable[[str, str, dict[str, str]], str], missing: tuple[str, ...] = ()
) -> Callable[..., dict[str, Any]]:
    """Answers an action and a resource at a time; `missing` are the context keys that were asked for and not given."""

    def answer(**asked: Any) -> dict[str, Any]:
        given = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in asked["ContextEntries"]}
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decide(action, resource, given),
                    "MissingContextValues": [key for key in missing if key not in given],
                }
                for action in asked["ActionNames"]
                for resource in asked["ResourceArns"]
            ]
        }

    return answer


def named(number: int, env: str | None = None) -> Node:
    return replace(a_node(f"i-{number:017x}", f"web-{number}"), tags=(("Env", env),) if env else ())


def fleet_of(*nodes: Node) -> ManagedFleet:
    return ManagedFleet(tuple(node.id for node in nodes), "", {})


async def at_node(aws: FakeAws, node: Node, *supposed: object) -> object:
    return await fact(aws, CallerAtNode, node, fleet_of(node), *supposed)


async def test_ten_thousand_nodes_take_a_few_simulations() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=results(lambda *_: "allowed"))
    fleet = fleet_of(*(named(number) for number in range(10_000)))
    found = await fact(aws, CallerOnNodes, None, fleet)
    assert isinstance(found, CallerOnNodes)
    assert len(found.answers) == 20_000
    assert aws.calls["iam:SimulatePrincipalPolicy"] == 10_000 // RESOURCES_A_CALL


async def test_a_single_node_that_a_policy_denies_is_told_from_the_others() -> None:
    closed = named(2)
    aws = FakeAws(
        iam_SimulatePrincipalPolicy=results(lambda _, arn, __: "explicitDeny" if arn.endswith(closed.id) else "allowed")
    )
    nodes = fleet_of(named(1), closed)
    one = await fact(aws, CallerAtNode, named(1), nodes)
    other = await fact(aws, CallerAtNode, closed, nodes)
    assert isinstance(one, CallerAtNode)
    assert isinstance(other, CallerAtNode)
    assert (one.start.allowed, other.start.decision) == (True, Decision.EXPLICIT_DENY)


async def test_results_of_resources_within_that_of_an_action_are_read_too() -> None:
    arns = ("arn:one", "arn:two")
    within = [
        {"EvalResourceName": arns[0], "EvalResourceDecision": "allowed"},
        {"EvalResourceName": arns[1], "EvalResourceDecision": "implicitDeny", "MissingContextValues": ["aws:SourceIp"]},
    ]
    whole = {"EvalActionName": "ssm:StartSession", "EvalDecision": "implicitDeny", "ResourceSpecificResults": within}
    aws = FakeAws(iam_SimulatePrincipalPolicy={"EvaluationResults": [whole]})
    answers = await simulate_on_many(aws, PRINCIPAL, ["ssm:StartSession"], arns)
    assert [(each.question.resource, each.allowed, each.missing_context) for each in answers.values()] == [
        ("arn:one", True, ()),
        ("arn:two", False, ("aws:SourceIp",)),
    ]


async def test_a_resource_that_the_answer_leaves_out_is_no_answer() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy={"EvaluationResults": []})
    found = await at_node(aws, named(1))
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(("env", "allowed"), [("test", True), ("prod", False), (None, False)])
async def test_a_condition_on_tags_is_asked_with_the_nodes_values(env: str | None, allowed: object) -> None:
    def decide(action: str, _: str, given: dict[str, str]) -> str:
        by_tag = action == "ssm:StartSession" and given.get("ssm:resourceTag/Env") == "test"
        return "allowed" if by_tag else "implicitDeny"

    aws = FakeAws(iam_SimulatePrincipalPolicy=results(decide, ONLY_TAGGED))
    found = await at_node(aws, named(1, env))
    assert isinstance(found, CallerAtNode)
    assert (found.start.allowed, found.start.missing_context, found.by_conditions) == (allowed, (), True)


async def test_the_tags_of_hybrid_nodes_are_not_known() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=results(lambda *_: "implicitDeny", ONLY_TAGGED))
    from tests.checks.agent.nodes import hybrid

    found = await at_node(aws, hybrid().node)
    assert isinstance(found, Unreadable)
    assert found.action == "ssm:ListTagsForResource"


async def test_that_documents_are_checked_is_told_by_the_condition() -> None:
    def decide(_: str, __: str, given: dict[str, str]) -> str:
        return "allowed" if given.get("ssm:SessionDocumentAccessCheck") == "true" else "implicitDeny"

    aws = FakeAws(iam_SimulatePrincipalPolicy=results(decide, ("ssm:SessionDocumentAccessCheck",)))
    found = await at_node(aws, named(1))
    assert isinstance(found, CallerAtNode)
    assert (found.start.allowed, found.document_checked) == (True, True)


def own_policy(*conditions: Condition) -> CallerPolicies:
    start = Statement(Effect.ALLOW, actions=("ssm:StartSession",), resources=("*",), conditions=conditions)
    own = Statement(Effect.ALLOW, actions=("ssm:*Session",), resources=("arn:aws:ssm:*:*:session/${aws:userid}-*",))
    return CallerPolicies((Policy((start, own)),), None)


@pytest.mark.parametrize(("env", "allowed"), [("test", True), ("prod", False)])
async def test_where_simulating_is_refused_the_callers_policies_are_read(env: str, allowed: object) -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    policies = own_policy(Condition("StringEquals", "ssm:resourceTag/Env", ("test",)))
    found = await at_node(aws, named(1, env), policies)
    assert isinstance(found, CallerAtNode)
    assert (found.start.allowed, found.request.allowed) == (allowed, False)


async def test_where_nothing_can_be_read_the_simulation_is_named() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    found = await at_node(aws, named(1), Moot("the caller is no role"))
    assert isinstance(found, Unreadable)
    assert found.action == "iam:SimulatePrincipalPolicy"


async def test_own_sessions_are_asked_by_both_names_that_they_may_have() -> None:
    def decide(_: str, arn: str, given: dict[str, str]) -> str:
        return "allowed" if f"session/{given.get('aws:userid', 'nobody')}-" in arn else "implicitDeny"

    aws = FakeAws(
        sts_GetCallerIdentity={"UserId": "AROAEXAMPLE:alex", "Account": SCOPE.account, "Arn": SCOPE.caller},
        iam_SimulatePrincipalPolicy=results(decide),
    )
    found = await fact(aws, CallerInSessions, None)
    assert isinstance(found, CallerInSessions)
    assert [each.allowed for each in found.own] == [True, True, True]
    assert not found.document.allowed
    asked = aws.parameters("iam:SimulatePrincipalPolicy")[0]["ResourceArns"]
    assert asked == [
        SCOPE.arn("ssm", "session/AROAEXAMPLE:alex-0123456789abcdef0"),
        SCOPE.arn("ssm", "session/alex-0123456789abcdef0"),
    ]


async def test_own_sessions_by_the_callers_policies_where_simulating_is_refused() -> None:
    aws = FakeAws(
        sts_GetCallerIdentity={"UserId": "AROAEXAMPLE:alex", "Account": SCOPE.account, "Arn": SCOPE.caller},
        iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"),
    )
    found = await fact(aws, CallerInSessions, None, own_policy())
    assert isinstance(found, CallerInSessions)
    assert {each.question.action: each.allowed for each in found.own} == {
        "ssmmessages:OpenDataChannel": False,
        "ssm:TerminateSession": True,
        "ssm:ResumeSession": True,
    }


async def test_data_keys_are_asked_on_the_keys_arn() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=results(lambda *_: "allowed"))
    found = await fact(aws, CallerKeyPermissions, None, KEY)
    assert isinstance(found, CallerKeyPermissions)
    assert found.answer_to("kms:GenerateDataKey").question.resource == KEY.arn


@pytest.mark.parametrize("kind", [CallerAtNode, CallerInSessions, CallerKeyPermissions])
async def test_of_a_caller_that_iam_does_not_simulate_nothing_is_asked(kind: type) -> None:
    root = replace(SCOPE, caller="arn:aws:iam::123456789012:root", principal=None)
    node = named(1)
    found = await fact(FakeAws(), kind, node, root, fleet_of(node), KEY)
    assert isinstance(root, Scope)
    assert isinstance(found, Moot)
