"""How often IAM is asked about thousands of nodes, and what their policies decide about that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.readers.policy_evaluation import simulate_on_fleet
from ssmtui.evidence.readers.simulation_queue import PAIRS_A_CALL
from ssmtui.model.permissions import Question
from tests.evidence.fake_aws import FakeAws, refused
from tests.evidence.readers.permissions.simulation_results import a_result

ROLE, USER = "arn:aws:iam::123456789012:role/ops/web", "arn:aws:iam::123456789012:user/alex"
START = "ssm:StartSession"
PREFIX = "arn:aws:ec2:eu-west-3:123456789012:instance/i-"
MANY = [f"{PREFIX}{number:08x}" for number in range(PAIRS_A_CALL + 1)]
ALL_CALLS = 2 + 1
"""Those for the nodes, and one that shows the keys that IAM does not have."""
ONE = MANY[7]

Decide = Callable[[str], str]


def allowed(_: str) -> str:
    return "allowed"


def an_account(decide: Decide, *resources: str, details: Mapping[str, Any] | None = None, **more: Any) -> FakeAws:
    """A role whose policies name these resources, and IAM's decision about each."""

    def simulated(**asked: Any) -> dict[str, Any]:
        specific = [{"EvalResourceName": each, "EvalResourceDecision": decide(each)} for each in asked["ResourceArns"]]
        whole = {"EvalDecision": "allowed", "ResourceSpecificResults": specific, **(details or {})}
        return {"EvaluationResults": [a_result(each, "*", **whole) for each in asked["ActionNames"]]}

    statements = [{"Effect": "Allow", "Action": "ssm:*", "Resource": each} for each in resources]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    answers = {
        "iam_SimulatePrincipalPolicy": simulated,
        "iam_GetRole": {
            "Role": {
                "Path": "/",
                "RoleName": "web",
                "RoleId": "AROAROLEWEB000000",
                "Arn": ROLE,
                "CreateDate": "2026-01-01T00:00:00Z",
            }
        },
        "iam_ListRolePolicies": {"PolicyNames": ["sessions"]},
        "iam_GetRolePolicy": {"RoleName": "web", "PolicyName": "sessions", "PolicyDocument": document},
        "iam_ListAttachedRolePolicies": {"AttachedPolicies": []},
    }
    return FakeAws(**{**answers, **more})


async def calls(aws: FakeAws, principal: str = ROLE) -> int:
    """The simulations for all nodes. Each node has an answer of its own, which is IAM's."""
    told = await simulate_on_fleet(aws, principal, [START], MANY, known={})
    on_all = told.on_all([START])
    assert {question: each.question for question, each in on_all.items()} == {each: each for each in on_all}
    assert on_all.keys() == {Question(START, each) for each in MANY}
    assert all(each.allowed for each in on_all.values())
    return aws.calls["iam:SimulatePrincipalPolicy"]


async def test_one_node_stands_for_those_that_no_policy_tells_apart() -> None:
    assert await calls(an_account(allowed, "*")) == 1


async def test_a_node_that_a_policy_names_is_asked_about() -> None:
    aws = an_account(allowed, "*", ONE)
    assert await calls(aws) == 1
    (asked,) = aws.parameters("iam:SimulatePrincipalPolicy")
    assert asked["ResourceArns"] == [MANY[0], ONE]


@pytest.mark.parametrize(
    ("aws", "principal"),
    [
        pytest.param(an_account(allowed, f"{PREFIX[:-2]}${{aws:PrincipalTag/node}}"), ROLE, id="a policy variable"),
        pytest.param(an_account(allowed, "*", iam_GetRolePolicy=refused("iam:GetRolePolicy")), ROLE, id="refused"),
        pytest.param(an_account(allowed, "*", iam_GetRole=AwsError("NoSuchEntity", "")), ROLE, id="no role"),
        pytest.param(an_account(allowed, "*"), USER, id="a user, whose groups are not read"),
    ],
)
async def test_every_node_is_asked_about_where_policies_may_tell_them_apart(aws: FakeAws, principal: str) -> None:
    assert await calls(aws, principal) == ALL_CALLS


async def test_every_node_is_asked_about_where_the_organization_has_policies() -> None:
    """Service control policies cannot be read: they could deny single nodes."""
    aws = an_account(allowed, "*", details={"OrganizationsDecisionDetail": {"AllowedByOrganizations": True}})
    assert await calls(aws) == ALL_CALLS


async def test_a_node_that_a_policy_denies_is_told_from_the_others() -> None:
    aws = an_account(lambda resource: "explicitDeny" if resource == ONE else "allowed", "*", ONE)
    on_all = (await simulate_on_fleet(aws, ROLE, [START], MANY, known={})).on_all([START])
    assert [question.resource for question, each in on_all.items() if not each.allowed] == [ONE]


async def test_iam_judges_every_node_that_is_denied() -> None:
    aws = an_account(lambda _: "implicitDeny", "*")
    told = await simulate_on_fleet(aws, ROLE, [START], MANY, known={})
    assert len(told.answers) == len(MANY)
    assert told.others == {}


async def test_policies_are_not_read_if_one_call_has_room_for_all_nodes() -> None:
    aws = an_account(allowed, "*")
    await simulate_on_fleet(aws, ROLE, [START], MANY[:-1], known={})
    assert aws.calls == {"iam:SimulatePrincipalPolicy": 1 + 1}


async def test_a_refused_simulation_is_no_answer() -> None:
    aws = an_account(allowed, "*", iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    with pytest.raises(ReadFailed):
        await simulate_on_fleet(aws, ROLE, [START], MANY, known={})
