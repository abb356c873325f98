"""What is asked about remote desktops and access requests, and of whom."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ssmtui.evidence.readers.caller import CallerIdentity
from ssmtui.evidence.readers.roles import CallerPolicies
from ssmtui.iam_policy.document import Effect, Policy, Statement
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.iam_questions import DESKTOP_ACTIONS, OPEN_DATA_CHANNEL
from ssmtui.model.node import PlatformFamily
from ssmtui.model.permissions import CallerDesktopPermissions
from ssmtui.model.sessions import JustInTimeAccess
from ssmtui.model.storage import Key
from tests.checks.agent.nodes import managed
from tests.checks.outcome import node_of
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws, refused

WINDOWS = managed(family=PlatformFamily.WINDOWS)
ALEX = CallerIdentity("AROAEXAMPLE:alex", "alex", is_user=False)
KEY = Key("arn:aws:kms:eu-west-3:123456789012:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
ANOTHERS = Key("arn:aws:kms:eu-west-3:210987654321:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")


def all_but(*denied: str) -> FakeAws:
    def answer(**asked: Any) -> dict[str, Any]:
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": "implicitDeny" if action in map(str.lower, denied) else "allowed",
                }
                for action in asked["ActionNames"]
                for resource in asked["ResourceArns"]
            ]
        }

    return FakeAws(
        iam_SimulatePrincipalPolicy=answer,
        iam_GetRole={
            "Role": {
                "Path": "/",
                "RoleName": "Engineer",
                "RoleId": "AROAENGINEER00000000",
                "Arn": "arn:aws:iam::123456789012:role/Engineer",
                "CreateDate": "2026-01-01T00:00:00Z",
            }
        },
        iam_ListRolePolicies={"PolicyNames": []},
        iam_ListAttachedRolePolicies={"AttachedPolicies": []},
    )


async def test_desktops_are_judged_on_no_resource_and_their_channel_on_ones_own_sessions() -> None:
    aws = all_but(OPEN_DATA_CHANNEL)
    found = await fact(aws, CallerDesktopPermissions, node_of(WINDOWS), WINDOWS, ALEX)
    assert isinstance(found, CallerDesktopPermissions)
    assert [each.question.action for each in found.answers] == [*DESKTOP_ACTIONS, OPEN_DATA_CHANNEL]
    assert [each.question.action for each in found.denied()] == [OPEN_DATA_CHANNEL]
    asked: list[Any] = aws.parameters("iam:SimulatePrincipalPolicy")
    (desktop,) = [each for each in asked if DESKTOP_ACTIONS[0] in each["ActionNames"]]
    (channel,) = [each for each in asked if OPEN_DATA_CHANNEL.lower() in each["ActionNames"]]
    assert desktop["ResourceArns"] == ["*"]
    told = {
        each["ContextKeyName"]: (each["ContextKeyType"], *each["ContextKeyValues"])
        for each in channel["ContextEntries"]
    }
    assert told["aws:userid"] == ("string", "AROAEXAMPLE:alex")
    assert told["aws:CalledVia"] == ("stringList", "ssm-guiconnect.amazonaws.com")
    assert told["aws:ViaAWSService"] == ("boolean", "true")
    assert len(told) == len(channel["ContextEntries"])


async def test_nobody_is_asked_where_no_node_runs_windows() -> None:
    aws = FakeAws()
    linux = managed()
    assert isinstance(await fact(aws, CallerDesktopPermissions, node_of(linux), linux, ALEX), NotApplicable)
    assert aws.asked == []


async def test_where_simulating_is_refused_the_callers_policies_are_read() -> None:
    statement = Statement(Effect.ALLOW, actions=("ssm-guiconnect:*", "ssmmessages:*"), resources=("*",))
    aws = FakeAws(iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    policies = CallerPolicies((Policy((statement,)),), None)
    found = await fact(aws, CallerDesktopPermissions, node_of(WINDOWS), WINDOWS, ALEX, policies)
    assert isinstance(found, CallerDesktopPermissions)
    assert found.denied() == ()


def documents(*names: str) -> FakeAws:
    """An account with a Session document, and approval policies of both types."""
    types = itertools.cycle(("ManualApprovalPolicy", "AutoApprovalPolicy"))
    listed = [{"Name": name, "DocumentType": kind} for name, kind in zip(names, types, strict=False)]
    session = {"Name": "Acme-Shell", "DocumentType": "Session"}
    return FakeAws(ssm_ListDocuments={"DocumentIdentifiers": [session, *listed]})


async def test_an_approval_policy_of_the_account_says_that_access_can_be_asked_for() -> None:
    aws = documents("ops-approval", "night-approval")
    found = await fact(aws, JustInTimeAccess, None, KEY)
    assert found == JustInTimeAccess(("night-approval", "ops-approval"))
    assert aws.parameters("ssm:ListDocuments")[0]["Filters"] == [
        {"Key": "DocumentType", "Values": ["Session", "ManualApprovalPolicy", "AutoApprovalPolicy"]},
        {"Key": "Owner", "Values": ["Self"]},
    ]


@pytest.mark.parametrize(("aws", "key"), [(documents(), KEY), (documents("ops-approval"), ANOTHERS)])
async def test_without_one_and_of_anothers_key_it_is_no_question(aws: FakeAws, key: Key) -> None:
    assert isinstance(await fact(aws, JustInTimeAccess, None, key), NotApplicable)


async def test_a_refusal_names_the_action() -> None:
    found = await fact(FakeAws(ssm_ListDocuments=refused("ssm:ListDocuments")), JustInTimeAccess, None, KEY)
    assert isinstance(found, Unreadable)
    assert found.action == "ssm:ListDocuments"
