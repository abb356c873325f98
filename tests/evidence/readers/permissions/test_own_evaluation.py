"""Permissions for callers who may not simulate: ssmtui reads the policies itself, and is likely right, never surely."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.readers.policy_evaluation import evaluate_role_policies
from ssmtui.evidence.readers.roles import RolePolicies
from ssmtui.iam_policy.document import Policy, parse_policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.permissions import (
    SIMULATION,
    CallerPreferencesPermissions,
    CorePermissions,
    Decision,
    Denier,
    EvaluationResult,
    KeyPermissions,
    Permissions,
    Question,
)
from ssmtui.model.storage import Key
from tests.builders.fleet import NOON, a_node
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws, refused
from tests.evidence.readers.identity.test_identity import a_profile, a_role, setting

KEY = Key("arn:aws:kms:eu-west-3:123456789012:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
DECRYPT = Question("kms:Decrypt", KEY.arn)


def a_policy(*statements: dict[str, Any]) -> Policy:
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def says(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource} | more


def the_answer(role: RolePolicies, question: Question = DECRYPT) -> EvaluationResult:
    (answer,) = evaluate_role_policies(role, [question])
    return answer


ALLOWS = a_policy(says("Allow", "kms:Decrypt", KEY.arn))
DENIES = a_policy(says("Deny", "kms:*"))
TAGGED: dict[str, Any] = {"Condition": {"StringEquals": {"aws:ResourceTag/Env": "prod"}}}


@pytest.mark.parametrize(
    ("role", "decision", "denier"),
    [
        (RolePolicies((ALLOWS,), None), Decision.ALLOWED, None),
        (RolePolicies((), None), Decision.IMPLICIT_DENY, Denier.IDENTITY),
        (RolePolicies((ALLOWS, DENIES), None), Decision.EXPLICIT_DENY, Denier.IDENTITY),
        (RolePolicies((ALLOWS,), ALLOWS), Decision.ALLOWED, None),
        (RolePolicies((ALLOWS,), a_policy()), Decision.IMPLICIT_DENY, Denier.BOUNDARY),
        (RolePolicies((ALLOWS,), DENIES), Decision.EXPLICIT_DENY, Denier.BOUNDARY),
        (RolePolicies((), ALLOWS), Decision.IMPLICIT_DENY, Denier.IDENTITY),
    ],
)
def test_policies_and_boundary_decide_as_iam_does(
    role: RolePolicies, decision: Decision, denier: Denier | None
) -> None:
    answer = the_answer(role)
    assert (answer.decision, answer.denier, answer.confidence) == (decision, denier, Confidence.LIKELY)
    assert SIMULATION not in answer.source


@pytest.mark.parametrize(
    ("role", "denials"),
    [
        (RolePolicies((), a_policy()), [(Denier.IDENTITY, False), (Denier.BOUNDARY, False)]),
        (RolePolicies((), DENIES), [(Denier.IDENTITY, False), (Denier.BOUNDARY, True)]),
        (RolePolicies((DENIES,), a_policy()), [(Denier.IDENTITY, True), (Denier.BOUNDARY, False)]),
        (RolePolicies((ALLOWS,), a_policy()), [(Denier.BOUNDARY, False)]),
    ],
)
def test_everything_that_denies_is_named(role: RolePolicies, denials: list[tuple[Denier, bool]]) -> None:
    assert [(each.denier, each.explicit) for each in the_answer(role).denials] == denials


def test_a_condition_that_is_not_known_to_hold_does_not_and_is_named() -> None:
    allowed = the_answer(RolePolicies((a_policy(says("Allow", "kms:Decrypt", **TAGGED)),), None))
    assert (allowed.decision, allowed.missing_context) == (Decision.IMPLICIT_DENY, ("aws:ResourceTag/Env",))
    denied = the_answer(RolePolicies((ALLOWS, a_policy(says("Deny", "kms:Decrypt", **TAGGED))), None))
    assert (denied.decision, denied.missing_context) == (Decision.ALLOWED, ("aws:ResourceTag/Env",))


def test_a_condition_that_the_question_knows_is_evaluated() -> None:
    question = Question("kms:Decrypt", KEY.arn, (("aws:ResourceTag/Env", "prod"),))
    answer = the_answer(RolePolicies((a_policy(says("Allow", "kms:Decrypt", **TAGGED)),), None), question)
    assert (answer.decision, answer.missing_context) == (Decision.ALLOWED, ())


def test_a_variable_in_a_resource_is_named_as_missing() -> None:
    policy = a_policy(says("Allow", "ssm:TerminateSession", "arn:aws:ssm:*:*:session/${aws:userid}-*"))
    question = Question("ssm:TerminateSession", "arn:aws:ssm:eu-west-3:123456789012:session/alex-1")
    answer = the_answer(RolePolicies((policy,), None), question)
    assert (answer.decision, answer.missing_context) == (Decision.IMPLICIT_DENY, ("aws:userid",))


ON_TAG, UNLESS_TAG = a_policy(says("Allow", "kms:*", **TAGGED)), a_policy(says("Deny", "kms:*", **TAGGED))


@pytest.mark.parametrize(
    ("role", "undecided", "may_be_barred"),
    [
        pytest.param(RolePolicies((ALLOWS,), None), False, False, id="allowed in any case"),
        pytest.param(RolePolicies((ON_TAG,), None), True, False, id="allowed on a condition"),
        pytest.param(RolePolicies((ALLOWS, ON_TAG), None), False, False, id="allowed in any case, and on a condition"),
        pytest.param(RolePolicies((ALLOWS, UNLESS_TAG), None), True, True, id="denied on a condition"),
        pytest.param(RolePolicies((UNLESS_TAG,), None), False, True, id="nothing allows it, and it may be denied too"),
        pytest.param(RolePolicies((ALLOWS, UNLESS_TAG, DENIES), None), False, False, id="denied in any case"),
        pytest.param(RolePolicies((ALLOWS,), ON_TAG), True, True, id="within the boundary on a condition"),
        pytest.param(RolePolicies((), ON_TAG), False, True, id="nothing allows it, whatever the boundary does"),
        pytest.param(RolePolicies((ON_TAG,), a_policy()), False, False, id="beyond the boundary in any case"),
    ],
)
def test_what_hangs_on_a_key_that_nobody_knows_is_not_decided(
    role: RolePolicies, *, undecided: bool, may_be_barred: bool
) -> None:
    answer = the_answer(role)
    assert (answer.undecided, answer.may_be_barred) == (undecided, may_be_barred)
    assert not (answer.undecided and answer.is_final)


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        pytest.param((("Team", "red"),), Truth.YES, id="has the tag"),
        pytest.param((("team", "red"),), Truth.YES, id="the tag's name has no case"),
        pytest.param((("Team", "blue"),), Truth.NO, id="has another value"),
        pytest.param((), Truth.NO, id="has no tag"),
        pytest.param(None, Truth.PERHAPS, id="its sessions may bring tags along"),
    ],
)
def test_the_tags_of_a_role_are_known_to_its_policies(tags: tuple[tuple[str, str], ...] | None, allowed: Truth) -> None:
    by_team = a_policy(says("Allow", "kms:*", Condition={"StringEquals": {"aws:PrincipalTag/Team": "red"}}))
    assert the_answer(RolePolicies((by_team,), None, tags)).permits is allowed


effects = st.sampled_from(["Allow", "Deny"])
actions = st.sampled_from(["kms:Decrypt", "kms:*", "*", "s3:PutObject"])
policies = st.lists(st.builds(says, effects, actions), max_size=3).map(lambda each: a_policy(*each))


@given(own=st.lists(policies, max_size=3), boundary=st.none() | policies)
def test_a_boundary_never_allows_more_and_a_denial_always_wins(own: list[Policy], boundary: Policy | None) -> None:
    without = the_answer(RolePolicies(tuple(own), None))
    within = the_answer(RolePolicies(tuple(own), boundary))
    assert without.allowed or not within.allowed
    assert not the_answer(RolePolicies((*own, DENIES), boundary)).allowed


CORE = a_policy(says("Allow", "ssm:UpdateInstanceInformation"), says("Allow", "ssmmessages:*"))
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def refusing(**answers: Any) -> FakeAws:
    """An account in which the caller may read policies and not simulate them."""
    canned: dict[str, Any] = {
        "iam_SimulatePrincipalPolicy": refused(SIMULATION),
        "iam_GetInstanceProfile": a_profile(a_role("web")),
        "iam_GetRole": lambda **asked: {"Role": a_role(asked["RoleName"])},
        "iam_ListRolePolicies": {"PolicyNames": ["key"]},
        "iam_GetRolePolicy": {"RoleName": "web", "PolicyName": "key", "PolicyDocument": ALLOWS.text},
        "iam_ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyName": "core", "PolicyArn": MANAGED}]},
        "iam_GetPolicy": {"Policy": {"DefaultVersionId": "v2", "CreateDate": NOON}},
        "iam_GetPolicyVersion": {"PolicyVersion": {"VersionId": "v2", "Document": CORE.text}},
        "ssm_GetServiceSetting": setting("$None"),
        "organizations_DescribeOrganization": AwsError("AWSOrganizationsNotInUseException", "not a member"),
    }
    return FakeAws(**canned | answers)


async def test_where_simulating_is_refused_the_policies_are_read() -> None:
    aws = refusing()
    core = await fact(aws, CorePermissions, a_node())
    assert isinstance(core, Permissions)
    assert all(answer.allowed and answer.confidence is Confidence.LIKELY for answer in core.answers)
    key = await fact(aws, KeyPermissions, a_node(), KEY)
    assert isinstance(key, KeyPermissions)
    assert [answer.decision for answer in key.answers] == [Decision.ALLOWED]
    assert aws.parameters("iam:GetPolicyVersion")[0] == {"PolicyArn": MANAGED, "VersionId": "v2"}


def a_member(management: str = "999988887777", features: str = "ALL") -> dict[str, Any]:
    return {"Organization": {"Id": "o-1", "MasterAccountId": management, "FeatureSet": features}}


UNREAD = refused("organizations:DescribeOrganization")


@pytest.mark.parametrize(
    ("organization", "needs"),
    [
        pytest.param(a_member(), (SIMULATION,), id="a member"),
        pytest.param(a_member(management="123456789012"), (), id="the management account: no such policy applies"),
        pytest.param(a_member(features="CONSOLIDATED_BILLING"), (), id="an organization without such policies"),
        pytest.param({"Organization": {"Id": "o-1"}}, (SIMULATION,), id="an organization that says no more"),
        pytest.param(UNREAD, (SIMULATION, "organizations:DescribeOrganization"), id="perhaps a member"),
    ],
)
@pytest.mark.parametrize(
    ("policy", "permits"),
    [
        pytest.param(ALLOWS, Truth.YES, id="allowed"),
        pytest.param(a_policy(), Truth.NO, id="not allowed"),
        pytest.param(DENIES, Truth.NO, id="denied"),
    ],
)
async def test_what_the_organization_may_deny_is_unknown_where_simulating_is_refused(
    policy: Policy, permits: Truth, organization: dict[str, Any] | ReadFailed, needs: tuple[str, ...]
) -> None:
    """Only IAM evaluates service control policies. They deny what the account allows, or its resource policies do."""
    own = {"RoleName": "web", "PolicyName": "key", "PolicyDocument": policy.text}
    aws = refusing(iam_GetRolePolicy=own, organizations_DescribeOrganization=organization)
    key = await fact(aws, KeyPermissions, a_node(), KEY)
    assert isinstance(key, KeyPermissions)
    (told,) = key.answers
    is_open = bool(needs) and policy is not DENIES
    assert (told.may_be_barred, tuple(each.action for each in told.unread)) == (is_open, needs if is_open else ())
    assert told.permits is (Truth.PERHAPS if is_open and permits is Truth.YES else permits)


async def test_what_is_known_of_the_agents_requests_decides_conditions() -> None:
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}, "Null": {"kms:ViaService": "true"}}
    by_team = {"StringEquals": {"aws:PrincipalTag/Team": "red"}}
    document = a_policy(says("Allow", "kms:*", Condition=here), says("Deny", "kms:*", Condition=by_team)).text
    aws = refusing(iam_GetRolePolicy={"RoleName": "web", "PolicyName": "key", "PolicyDocument": document})
    key = await fact(aws, KeyPermissions, a_node(), KEY)
    assert isinstance(key, KeyPermissions)
    assert [(answer.permits, answer.missing_context) for answer in key.answers] == [(Truth.YES, ())]


async def test_a_boundary_is_read_with_the_role() -> None:
    arn = "arn:aws:iam::123456789012:policy/boundary"
    bounded = a_role("web") | {
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    }
    key = await fact(refusing(iam_GetRole={"Role": bounded}), KeyPermissions, a_node(), KEY)
    assert isinstance(key, KeyPermissions)
    assert [answer.denier for answer in key.answers] == [Denier.BOUNDARY]


async def test_where_the_policies_are_refused_too_simulating_is_what_would_settle_it() -> None:
    for action in ("iam:ListRolePolicies", "iam:GetPolicyVersion"):
        aws = refusing(**{action.replace(":", "_"): refused(action)})
        core = await fact(aws, CorePermissions, a_node())
        assert isinstance(core, Unreadable)
        assert core.action == SIMULATION


async def test_a_role_that_only_its_policies_show_to_be_refused_falls_back_to_host_management() -> None:
    def policy(**asked: Any) -> dict[str, Any]:
        return {"PolicyNames": []}

    def attached(**asked: Any) -> dict[str, Any]:
        return {"AttachedPolicies": []}

    aws = refusing(
        iam_ListRolePolicies=policy, iam_ListAttachedRolePolicies=attached, ssm_GetServiceSetting=setting("shared")
    )
    role = await fact(aws, NodeRole, a_node())
    assert isinstance(role, NodeRole)
    assert (role.role.name, role.source) == ("shared", RoleSource.HOST_MANAGEMENT)


async def test_the_caller_is_judged_by_the_policies_of_its_role() -> None:
    found = await fact(refusing(), CallerPreferencesPermissions)
    assert isinstance(found, CallerPreferencesPermissions)
    assert {answer.decision for answer in found.answers} == {Decision.IMPLICIT_DENY}
    assert {answer.confidence for answer in found.answers} == {Confidence.LIKELY}


async def test_policies_are_read_anew_with_the_permissions_that_they_decide() -> None:
    aws = refusing()
    facts = store(aws)
    await facts.resolver(a_node()).fact(CorePermissions)
    before = aws.calls["iam:GetRolePolicy"]
    await facts.resolver(a_node()).fact(CorePermissions)
    assert aws.calls["iam:GetRolePolicy"] == before
    facts.forget({CorePermissions})
    await facts.resolver(a_node()).fact(CorePermissions)
    assert aws.calls["iam:GetRolePolicy"] == before + 1


async def test_where_simulating_is_allowed_no_policy_is_read() -> None:
    def allowing(**asked: Any) -> dict[str, Any]:
        return {
            "EvaluationResults": [
                {"EvalActionName": each, "EvalResourceName": "*", "EvalDecision": "allowed"}
                for each in asked["ActionNames"]
            ]
        }

    aws = refusing(iam_SimulatePrincipalPolicy=allowing)
    await fact(aws, KeyPermissions, a_node(), KEY)
    assert not {"iam:ListRolePolicies", "iam:GetPolicy", "iam:ListAttachedRolePolicies"} & aws.calls.keys()
