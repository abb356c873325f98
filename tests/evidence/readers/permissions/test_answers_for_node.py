"""What IAM says of a node's own requests, where what it goes by was not read."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from ssmtui.evidence.readers.node_permissions import (
    CoreAnswersForNode,
    KeyAnswersForNode,
    OpenOnCore,
    OpenOnKey,
    core_answers_for_node,
    key_answers_for_node,
)
from ssmtui.evidence.readers.role_permissions import key_permissions
from ssmtui.evidence.readers.roles import SimulatedKey
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.truth import Truth, truth_from_bool
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.identity import NodeRole, OrganizationId, Role, RoleSource, RoleTags
from ssmtui.model.node_facts import SampleNode
from ssmtui.model.node_requests import NodeRequests
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, KeyPermissions, Question
from ssmtui.model.request_context import RequestOrigin
from ssmtui.model.resource_attributes import KeyAttributes
from ssmtui.model.storage import Key
from tests.builders.fleet import a_node, a_scope
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import a_result

ROLE = "arn:aws:iam::123456789012:role/web"
NODE_ROLE = NodeRole(Role(ROLE, "web", Policy(())), RoleSource.INSTANCE_PROFILE)
DECRYPT = Question("kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/1")
EC2 = "arn:aws:ec2:eu-west-3:123456789012"
REGISTER = "ssm:UpdateInstanceInformation"
NO_TAGS = Unreadable("iam:ListRoleTags", "iam:ListRoleTags: refused", source="iam:ListRoleTags")


def silent_role_that_the_organization_denies() -> FakeAws:
    """The role's own policies say nothing; of a key, its policy may say all the same who may use it."""

    def answer(**asked: Any) -> dict[str, Any]:
        alone = bool(asked.get("PolicyExclusionList"))
        more = {"EvalDecision": "implicitDeny" if alone else "explicitDeny"}
        detail = {} if alone else {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
        results = [a_result(each, asked["ResourceArns"][0], **more, **detail) for each in asked["ActionNames"]]
        return {"EvaluationResults": results}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


def organization_that_denies_single_nodes_under_a_tag(nodes: str) -> FakeAws:
    """The role's own policies allow everything, and nothing of these nodes is denied without the tag."""

    def answer(**asked: Any) -> dict[str, Any]:
        tagged = "aws:PrincipalTag/Env" in {each["ContextKeyName"] for each in asked["ContextEntries"]}
        (resource,) = asked["ResourceArns"]
        denied = tagged and fnmatchcase(resource, nodes) and not asked.get("PolicyExclusionList")
        more = {"EvalDecision": "explicitDeny" if denied else "allowed"}
        detail = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": not denied}}
        return {"EvaluationResults": [a_result(each, resource, **more, **detail) for each in asked["ActionNames"]]}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


async def told_on_registering(aws: FakeAws, asked: OpenOnCore) -> EvaluationResult:
    tags = RoleTags((("Env", "prod"),))
    node = NodeRequests(ROLE, RequestOrigin(None), OrganizationId("o-1"), tags, None)
    told = await core_answers_for_node(
        aws, a_scope(), asked, node, SampleNode(a_node("i-0a")), NotApplicable("IAM may be asked")
    )
    assert isinstance(told, CoreAnswersForNode)
    (answer,) = told.answers.values()
    return answer


async def told(tags: RoleTags | Unreadable) -> EvaluationResult:
    node = NodeRequests(ROLE, RequestOrigin(None), OrganizationId("o-1"), tags, None)
    nothing = NotApplicable("IAM may be asked")
    told = await key_answers_for_node(
        silent_role_that_the_organization_denies(),
        a_scope(),
        OpenOnKey((DECRYPT,), (), (DECRYPT,)),
        node,
        SampleNode(a_node()),
        nothing,
        nothing,
        nothing,
    )
    assert isinstance(told, KeyAnswersForNode)
    return told.answers[DECRYPT]


def hangs_on_tags(answer: EvaluationResult) -> bool:
    (by_organization,) = (each for each in answer.denials if each.denier is Denier.ORGANIZATION)
    return "aws:PrincipalTag/*" in by_organization.hangs_on


async def test_what_the_organization_denies_is_not_in_doubt_for_tags_that_were_read() -> None:
    answer = await told(RoleTags(()))
    assert (hangs_on_tags(answer), answer.unread) == (False, ())


async def test_where_the_tags_were_not_read_the_organization_may_deny_for_one_and_a_resources_policy_may_allow() -> (
    None
):
    answer = await told(NO_TAGS)
    assert (answer.decision, answer.denier, answer.is_final) == (Decision.IMPLICIT_DENY, Denier.IDENTITY, False)
    assert (hangs_on_tags(answer), answer.may_be_barred, answer.unread) == (True, True, (NO_TAGS,))


AGENT = "aws:UserAgent"


async def test_a_key_of_the_roles_own_policies_is_open_although_the_organization_denies_already() -> None:
    """Its value is unknown: a placeholder for it would decide what the role's own policies say."""

    def answer(**asked: Any) -> dict[str, Any]:
        alone = bool(asked.get("PolicyExclusionList"))
        told = {
            "EvalDecision": "implicitDeny" if alone else "explicitDeny",
            "MissingContextValues": [AGENT] if alone else [],
        }
        detail = {} if alone else {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
        (resource,) = asked["ResourceArns"]
        return {"EvaluationResults": [a_result(each, resource, **told, **detail) for each in asked["ActionNames"]]}

    key = Key(DECRYPT.resource, "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
    found = await fact(FakeAws(iam_SimulatePrincipalPolicy=answer), OpenOnKey, a_node(), NODE_ROLE, key)
    assert isinstance(found, OpenOnKey)
    assert (found.questions, found.governed, found.keys) == ((DECRYPT,), (DECRYPT,), (AGENT,))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        pytest.param("*", f"{EC2}:instance/*", id="the role may register whatever node"),
        pytest.param(f"{EC2}:instance/*", f"{EC2}:instance/*", id="or nodes by their ARN, all alike"),
        pytest.param(f"{EC2}:instance/i-0a", f"{EC2}:instance/i-0a", id="or this one unlike others"),
    ],
)
async def test_what_the_organization_denies_to_single_nodes_is_seen(asked: str, named: str) -> None:
    register = Question(REGISTER, asked)
    aws = organization_that_denies_single_nodes_under_a_tag(f"{EC2}:instance/i-0*")
    for questions in (OpenOnCore((), (), (register,)), OpenOnCore((register,), (), (register,))):
        answer = await told_on_registering(aws, questions)
        # By which way it asks is not known here, and may spare it.
        assert (answer.permits, answer.only_by_organization) == (Truth.PERHAPS, True)
        assert answer.question == Question(REGISTER, named)


async def test_what_the_organization_denies_to_other_nodes_does_not_count() -> None:
    register = Question(REGISTER, "*")
    aws = organization_that_denies_single_nodes_under_a_tag(f"{EC2}:instance/i-1*")
    answer = await told_on_registering(aws, OpenOnCore((), (), (register,)))
    assert (answer.permits, answer.question, answer.denials) == (Truth.YES, register, ())


SESSION_ID = "kms:EncryptionContext:aws:ssm:SessionId"
TARGET_ID = "kms:EncryptionContext:aws:ssm:TargetId"


def organization_that_denies_unless(*wanted: str) -> FakeAws:
    """The role's own policies allow everything; the organization asks for condition keys."""

    def answer(**asked: Any) -> dict[str, Any]:
        had = {each["ContextKeyName"] for each in asked["ContextEntries"]}
        denied = not had.issuperset(wanted) and not asked.get("PolicyExclusionList")
        more = {"EvalDecision": "explicitDeny" if denied else "allowed"}
        detail = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": not denied}}
        results = [a_result(each, asked["ResourceArns"][0], **more, **detail) for each in asked["ActionNames"]]
        return {"EvaluationResults": results}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


def role_that_nothing_denies_and_nothing_allows(*, governed: bool) -> FakeAws:
    """The policy of a key may allow the role all the same."""
    detail = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": True}} if governed else {}

    def answer(**asked: Any) -> dict[str, Any]:
        (resource,) = asked["ResourceArns"]
        results = [a_result(each, resource, EvalDecision="implicitDeny", **detail) for each in asked["ActionNames"]]
        return {"EvaluationResults": results}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


async def told_of_key(aws: FakeAws, attributes: KeyAttributes | NotApplicable | Unreadable) -> EvaluationResult:
    node = NodeRequests(ROLE, RequestOrigin(None), OrganizationId("o-1"), RoleTags(()), None)
    nothing = NotApplicable("IAM may be asked")
    asked = OpenOnKey((DECRYPT,), (), (DECRYPT,))
    told = await key_answers_for_node(aws, a_scope(), asked, node, SampleNode(a_node()), nothing, nothing, attributes)
    assert isinstance(told, KeyAnswersForNode)
    return told.answers[DECRYPT]


NONE_ASKED = NotApplicable("no policy depends on them")


@pytest.mark.parametrize(
    ("aws", "attributes", "permits", "needs"),
    [
        pytest.param(
            organization_that_denies_unless(TARGET_ID), NONE_ASKED, Truth.YES, [], id="the node of the session"
        ),
        pytest.param(
            organization_that_denies_unless(SESSION_ID), NONE_ASKED, Truth.YES, [], id="the ID of the session"
        ),
        pytest.param(
            organization_that_denies_unless("aws:ResourceTag/Team"),
            KeyAttributes((), (("Team", "red"),)),
            Truth.YES,
            [],
            id="a tag",
        ),
        pytest.param(
            organization_that_denies_unless("aws:ResourceTag/Team"),
            KeyAttributes((), ()),
            Truth.PERHAPS,
            [],
            id="no tag: the origin is unknown, too",
        ),
        pytest.param(
            organization_that_denies_unless("aws:ResourceTag/Team"),
            KeyAttributes((), Unreadable("kms:ListResourceTags", "not authorized")),
            Truth.PERHAPS,
            ["kms:ListResourceTags"],
            id="unread tags",
        ),
        pytest.param(
            organization_that_denies_unless(),
            KeyAttributes((), Unreadable("kms:ListResourceTags", "not authorized")),
            Truth.PERHAPS,
            ["kms:ListResourceTags"],
            id="unread tags, for which it may deny what it allows without them",
        ),
        pytest.param(
            organization_that_denies_unless(),
            KeyAttributes(Unreadable("kms:ListAliases", "not authorized"), ()),
            Truth.PERHAPS,
            ["kms:ListAliases"],
            id="unread aliases",
        ),
        pytest.param(
            organization_that_denies_unless(),
            Unreadable("kms:ListAliases", "not within 120 s"),
            Truth.PERHAPS,
            ["kms:ListAliases"],
            id="neither was read in time",
        ),
        pytest.param(
            role_that_nothing_denies_and_nothing_allows(governed=True),
            KeyAttributes((), Unreadable("kms:ListResourceTags", "not authorized")),
            Truth.NO,
            ["kms:ListResourceTags"],
            id="unread tags, for which it may deny what the policy of the key allows",
        ),
        pytest.param(
            role_that_nothing_denies_and_nothing_allows(governed=False),
            KeyAttributes((), Unreadable("kms:ListResourceTags", "not authorized")),
            Truth.NO,
            [],
            id="unread tags, without an organization",
        ),
    ],
)
async def test_what_the_organization_asks_of_a_key_and_a_session_is_passed(
    aws: FakeAws, attributes: KeyAttributes | NotApplicable | Unreadable, permits: Truth, needs: list[str]
) -> None:
    told = await told_of_key(aws, attributes)
    assert (told.permits, told.may_be_barred) == (permits, permits is Truth.PERHAPS or bool(needs))
    assert list(dict.fromkeys(each.action for each in told.unread)) == needs


@pytest.mark.parametrize("governed", [True, False])
@pytest.mark.parametrize("decision", Decision)
def test_without_the_answer_for_the_nodes_own_request_the_organization_may_deny_it(
    decision: Decision,
    governed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    denier = None if decision is Decision.ALLOWED else Denier.IDENTITY
    first = EvaluationResult(DECRYPT, decision, denier, governed=governed)
    throttled = Unreadable("iam:SimulatePrincipalPolicy", "Rate exceeded")
    nothing = NotApplicable("no key was missing")
    permissions = key_permissions(a_scope(), SimulatedKey(ROLE, (first,)), throttled, nothing)
    assert isinstance(permissions, KeyPermissions)
    told = permissions.answer_to("kms:Decrypt")
    is_open = governed and decision is not Decision.EXPLICIT_DENY
    assert (told.may_be_barred, told.unread) == (is_open, (throttled,) if is_open else ())
    permits = truth_from_bool(decision is Decision.ALLOWED)
    assert told.permits is (Truth.PERHAPS if is_open and permits is Truth.YES else permits)
