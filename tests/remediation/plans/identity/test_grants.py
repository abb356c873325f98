from __future__ import annotations

import json

import pytest

from ssmtui.model.finding import Confidence
from ssmtui.model.iam_questions import bucket_questions, key_questions, log_group_questions
from ssmtui.model.identity import NodeRole, OwnGrants, RoleSource
from ssmtui.model.permissions import (
    BucketPermissions,
    Decision,
    Denier,
    KeyPermissions,
    LogGroupPermissions,
    Question,
)
from ssmtui.model.plan import FactChange, FixNotApplicable, Plan, Reach, json_text
from ssmtui.model.preferences import SessionPreferences
from ssmtui.remediation.plans.identity.grants import (
    grant_node_bucket_lookup,
    grant_node_bucket_write,
    grant_node_key_access,
    grant_node_log_lookup,
    grant_node_log_write,
)
from tests.builders.fleet import ACCOUNT, a_scope
from tests.builders.identity import ROLE_ARN, a_node_role, a_role, answers
from tests.builders.storage import a_bucket, a_key, encrypted_with

SCOPE = a_scope()
KEY = a_key()
NOTHING = OwnGrants(ROLE_ARN, ())
PREFERENCES = SessionPreferences("", True, s3_bucket="audit", s3_prefix="logs", log_group="/ssm/sessions")
BUCKET_KEY = f"arn:aws:kms:eu-west-3:{ACCOUNT}:key/of-the-bucket"
BUCKET_QUESTIONS = bucket_questions(SCOPE, PREFERENCES, a_bucket(), encrypted_with("aws:kms", BUCKET_KEY))
LOG_QUESTIONS = log_group_questions(SCOPE, PREFERENCES)


def key_plan(
    held: OwnGrants = NOTHING, node_role: NodeRole | None = None, permissions: KeyPermissions | None = None
) -> Plan | FixNotApplicable:
    denied = answers(KeyPermissions, key_questions(KEY), "kms:Decrypt")
    return grant_node_key_access(SCOPE, node_role or a_node_role(), KEY, permissions or denied, held)


def a_key_plan(held: OwnGrants = NOTHING, node_role: NodeRole | None = None) -> Plan:
    plan = key_plan(held, node_role)
    assert isinstance(plan, Plan)
    return plan


def statements(plan: Plan | FixNotApplicable) -> list[tuple[list[str], list[str]]]:
    assert isinstance(plan, Plan)
    document = json.loads(plan.after)
    assert document["Version"] == "2012-10-17"
    assert all(each["Effect"] == "Allow" for each in document["Statement"])
    return [(each["Action"], each["Resource"]) for each in document["Statement"]]


def test_the_role_gets_one_inline_policy_on_that_key_alone() -> None:
    plan = a_key_plan()
    assert statements(plan) == [(["kms:Decrypt"], [KEY.arn])]
    assert (plan.before, plan.reach, plan.confirmation, plan.costs) == ("", Reach.SUBJECT, "", "")
    (call,) = plan.calls
    assert (call.service, call.operation, call.action, call.resource) == (
        *("iam", "PutRolePolicy", "iam:PutRolePolicy"),
        ROLE_ARN,
    )
    assert call.parameters == {"RoleName": "web", "PolicyName": "ssmtui-session-key", "PolicyDocument": plan.after}
    assert [guard.expected for guard in plan.guards] == [None]
    assert [each.operation for each in plan.way_back.calls] == ["DeleteRolePolicy"]
    assert [guard.expected for guard in plan.way_back.guards] == [plan.after]
    assert "eventually consistent" in plan.delay


def test_what_another_region_was_granted_stays_and_comes_back() -> None:
    theirs = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["arn:aws:kms:eu-central-1:1:key/other"]}
    before = json_text({"Version": "2012-10-17", "Statement": [theirs]})
    plan = a_key_plan(OwnGrants(ROLE_ARN, (("ssmtui-session-key", before),)))
    assert json.loads(plan.after)["Statement"][0] == theirs
    assert statements(plan)[1:] == [(["kms:Decrypt"], [KEY.arn])]
    assert [guard.expected for guard in plan.guards] == [before]
    (back,) = plan.way_back.calls
    assert (back.operation, back.parameters["PolicyDocument"]) == ("PutRolePolicy", before)


def test_only_the_denied_answers_of_that_role_turn_and_are_no_more_than_likely() -> None:
    permissions = answers(BucketPermissions, BUCKET_QUESTIONS, "s3:GetEncryptionConfiguration", "s3:PutObject")
    plan = grant_node_bucket_lookup(SCOPE, PREFERENCES, a_node_role(), permissions, NOTHING)
    assert isinstance(plan, Plan)
    (change,) = plan.facts_after
    assert (change.kind, change.replaces) == (BucketPermissions, permissions)
    assert isinstance(change.value, BucketPermissions)
    assert [each.question.action for each in change.value.denied()] == ["s3:PutObject"]
    assert change.value.answer_to("s3:GetEncryptionConfiguration").confidence is Confidence.LIKELY
    assert isinstance(change, FactChange)


def test_looking_up_is_granted_on_the_bucket_and_writing_on_its_prefix_and_key() -> None:
    denied = ("s3:GetEncryptionConfiguration", "s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt")
    permissions = answers(BucketPermissions, BUCKET_QUESTIONS, *denied)
    lookup = grant_node_bucket_lookup(SCOPE, PREFERENCES, a_node_role(), permissions, NOTHING)
    assert statements(lookup) == [(["s3:GetEncryptionConfiguration"], ["arn:aws:s3:::audit"])]
    write = grant_node_bucket_write(SCOPE, PREFERENCES, a_node_role(), permissions, NOTHING)
    assert statements(write) == [
        (["s3:PutObject"], ["arn:aws:s3:::audit/logs/*"]),
        (["kms:GenerateDataKey", "kms:Decrypt"], [BUCKET_KEY]),
    ]


def test_the_lookup_of_log_groups_cannot_be_scoped_and_the_writes_are() -> None:
    permissions = answers(LogGroupPermissions, LOG_QUESTIONS, "logs:DescribeLogGroups", "logs:PutLogEvents")
    lookup = grant_node_log_lookup(SCOPE, PREFERENCES, a_node_role(), permissions, NOTHING)
    assert statements(lookup) == [(["logs:DescribeLogGroups"], ["*"])]
    write = grant_node_log_write(SCOPE, PREFERENCES, a_node_role(), permissions, NOTHING)
    group = SCOPE.arn("logs", "log-group:/ssm/sessions")
    assert statements(write) == [
        (["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [group, f"{group}:*"])
    ]


@pytest.mark.parametrize("source", list(RoleSource))
def test_the_lookup_is_granted_alike_to_the_role_of_a_profile_of_a_hybrid_node_and_of_host_management(
    source: RoleSource,
) -> None:
    permissions = answers(LogGroupPermissions, LOG_QUESTIONS, "logs:DescribeLogGroups")
    plan = grant_node_log_lookup(SCOPE, PREFERENCES, a_node_role(source), permissions, NOTHING)
    assert isinstance(plan, Plan)
    assert statements(plan) == [(["logs:DescribeLogGroups"], ["*"])]
    assert plan.calls[0].parameters["RoleName"] == "web"
    assert plan.subject.id == ROLE_ARN


def test_the_role_of_host_management_reaches_every_node_under_it() -> None:
    plan = a_key_plan(node_role=a_node_role(RoleSource.HOST_MANAGEMENT))
    assert "all nodes under default host management" in plan.notes[0]
    assert "all nodes that use the role" in a_key_plan().notes[0]


@pytest.mark.parametrize(
    ("decision", "denier", "words"),
    [
        (Decision.EXPLICIT_DENY, Denier.IDENTITY, "explicitly denied by the identity-based policies"),
        (Decision.IMPLICIT_DENY, Denier.BOUNDARY, "not allowed by the permissions boundary"),
        (Decision.IMPLICIT_DENY, Denier.ORGANIZATION, "not allowed by a service control policy"),
    ],
)
def test_a_denial_that_no_policy_of_the_role_overrules_is_not_granted_over(
    decision: Decision, denier: Denier, words: str
) -> None:
    permissions = answers(KeyPermissions, key_questions(KEY), "kms:Decrypt", decision=decision, denier=denier)
    plan = key_plan(permissions=permissions)
    assert plan == FixNotApplicable(
        "grant-node-key-access", f"kms:Decrypt is {words}, which a policy of the role cannot override"
    )


def test_what_is_allowed_held_already_or_not_ours_is_not_granted() -> None:
    held = a_key_plan().after
    not_ours = a_role("aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM")
    cases = {
        "the role web already has kms:Decrypt": key_plan(
            permissions=answers(KeyPermissions, (Question("kms:Decrypt", KEY.arn),))
        ),
        "already has the policy": key_plan(OwnGrants(ROLE_ARN, (("ssmtui-session-key", held),))),
        "edit the policy by hand": key_plan(OwnGrants(ROLE_ARN, (("ssmtui-session-key", '{"Statement": {}}'),))),
        "service-linked": key_plan(node_role=a_node_role(role=not_ours)),
    }
    for words, plan in cases.items():
        assert isinstance(plan, FixNotApplicable)
        assert words in plan.why
