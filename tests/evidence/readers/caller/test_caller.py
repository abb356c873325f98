"""What is asked about the caller: few simulations for many nodes, and what their answers come to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import Answer, AwsError
from ssmtui.evidence.readers.caller import JudgedCaller
from ssmtui.evidence.readers.node_access import CallerOnNodes
from ssmtui.evidence.readers.roles import CallerPolicies
from ssmtui.evidence.readers.session_permissions import (
    SimulatedCallerKey,
    caller_key_permissions,
    data_key_dry_run,
)
from ssmtui.evidence.readers.simulation_queue import PAIRS_A_CALL
from ssmtui.iam_policy.document import Condition, Effect, Policy, Statement
from ssmtui.iam_policy.truth import Truth, truth_from_bool
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.iam_questions import document_question
from ssmtui.model.node import Node
from ssmtui.model.node_facts import InspectedNode, ManagedFleet
from ssmtui.model.permissions import (
    CallerAtNode,
    CallerInSessions,
    CallerKeyPermissions,
    CallerPreferencesPermissions,
    DataKeyDryRun,
    Decision,
    Denier,
    EvaluationResult,
    Permissions,
    Question,
)
from ssmtui.model.scope import OtherPrincipal, Scope
from ssmtui.model.storage import Key, KeyPolicy
from tests.builders.fleet import a_node, a_scope
from tests.builders.policies import a_policy, allow
from tests.evidence.fact_builders import fact, preferences, store
from tests.evidence.fake_aws import FakeAws, refused

SCOPE = a_scope()
PRINCIPAL = SCOPE.principal or ""
KEY = Key("arn:aws:kms:eu-west-3:123456789012:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
WITH_KEY = preferences(kms_key=KEY.arn)
ALEX = {"UserId": "AROAEXAMPLE:alex", "Account": SCOPE.account, "Arn": SCOPE.caller}


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


def answers_in(found: object) -> tuple[EvaluationResult, ...]:
    match found:
        case CallerAtNode():
            return found.start, found.request
        case CallerInSessions():
            return *found.own, found.document
        case CallerKeyPermissions():
            return found.answers
        case _:
            return ()


@pytest.mark.parametrize("governed", [True, False])
@pytest.mark.parametrize("decision", Decision)
def test_without_the_answer_with_the_attributes_of_the_key_the_organization_may_deny_it(
    decision: Decision,
    governed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    question = Question("kms:GenerateDataKey", KEY.arn)
    denier = None if decision is Decision.ALLOWED else Denier.IDENTITY
    first = SimulatedCallerKey(PRINCIPAL, (EvaluationResult(question, decision, denier, governed=governed),))
    throttled, nothing = Unreadable("iam:SimulatePrincipalPolicy", "Rate exceeded"), NotApplicable("no key was missing")
    identity = Unreadable("iam:GetRole", "not authorized")
    told = caller_key_permissions(SCOPE, JudgedCaller(PRINCIPAL), identity, first, KEY, throttled, nothing, nothing)
    assert isinstance(told, CallerKeyPermissions)
    (answer,) = told.answers
    is_open = governed and decision is not Decision.EXPLICIT_DENY
    assert (answer.may_be_barred, answer.unread) == (is_open, (throttled,) if is_open else ())
    permits = truth_from_bool(decision is Decision.ALLOWED)
    assert answer.permits is (Truth.PERHAPS if is_open and permits is Truth.YES else permits)


@pytest.mark.long
@pytest.mark.heavy
async def test_ten_thousand_nodes_take_a_few_simulations() -> None:
    # Its policies could show that no node differs, but they cannot be read.
    aws = FakeAws(iam_SimulatePrincipalPolicy=results(lambda *_: "allowed"), iam_GetRole=refused("iam:GetRole"))
    fleet = fleet_of(*(named(number) for number in range(10_000)))
    found = await fact(aws, CallerOnNodes, named(1), fleet)
    assert isinstance(found, CallerOnNodes)
    assert (len(found.answers), {action: told.allowed for action, told in found.of_all.items()}) == (
        0,
        {"ssm:StartSession": True, "ssm:StartAccessRequest": True},
    )
    # One of them shows the keys that IAM does not have.
    assert aws.calls["iam:SimulatePrincipalPolicy"] == 2 * 10_000 // PAIRS_A_CALL + 1


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


async def test_a_resource_that_the_answer_leaves_out_is_no_answer() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy={"EvaluationResults": []})
    found = await at_node(aws, named(1))
    assert isinstance(found, Unreadable)


async def test_that_documents_are_checked_is_told_by_the_condition() -> None:
    def decide(_: str, __: str, given: dict[str, str]) -> str:
        return "allowed" if given.get("ssm:SessionDocumentAccessCheck") == "true" else "implicitDeny"

    aws = FakeAws(iam_SimulatePrincipalPolicy=results(decide, ("ssm:SessionDocumentAccessCheck",)))
    found = await at_node(aws, named(1))
    assert isinstance(found, CallerAtNode)
    assert (found.start.allowed, found.document_checked) == (True, True)


GOVERNED = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": True}}


@pytest.mark.parametrize(
    ("missing", "details", "with_key", "allowed"),
    [
        pytest.param((), {}, 0, True, id="no policy has the key"),
        pytest.param(("aws:SourceIp",), {}, 0, True, id="a policy has another key"),
        pytest.param(("ssm:sessiondocumentaccesscheck",), {}, 1, False, id="a policy has the key"),
        pytest.param((), GOVERNED, 1, False, id="the organization's policies, which IAM does not show"),
    ],
)
async def test_the_document_takes_a_call_of_its_own_only_if_a_policy_can_require_permission_for_it(
    missing: tuple[str, ...], details: dict[str, Any], with_key: int, *, allowed: bool
) -> None:
    def decide(_: str, __: str, given: dict[str, str]) -> str:
        return "implicitDeny" if "ssm:SessionDocumentAccessCheck" in given else "allowed"

    def iam(**asked: Any) -> dict[str, Any]:
        answer = results(decide, missing)(**asked)
        return {"EvaluationResults": [each | details for each in answer["EvaluationResults"]]}

    aws = FakeAws(sts_GetCallerIdentity=ALEX, iam_SimulatePrincipalPolicy=iam, iam_GetRole=refused("iam:GetRole"))
    found = await fact(aws, CallerInSessions, None)
    assert isinstance(found, CallerInSessions)
    asked = [
        "ssm:SessionDocumentAccessCheck" in {entry["ContextKeyName"] for entry in each["ContextEntries"]}  # type: ignore[attr-defined]
        for each in aws.parameters("iam:SimulatePrincipalPolicy")
    ]
    assert asked.count(True) == with_key
    assert (found.document.question, found.document.allowed) == (document_question(SCOPE), allowed)


async def test_a_denial_by_that_condition_strikes_a_session_that_is_allowed_without_it() -> None:
    def decide(_: str, __: str, given: dict[str, str]) -> str:
        return "explicitDeny" if given.get("ssm:SessionDocumentAccessCheck") == "true" else "allowed"

    aws = FakeAws(iam_SimulatePrincipalPolicy=results(decide, ("ssm:SessionDocumentAccessCheck",)))
    found = await at_node(aws, named(1))
    assert isinstance(found, CallerAtNode)
    assert (found.start.decision, found.document_checked) == (Decision.EXPLICIT_DENY, True)


def own_policy(*conditions: Condition) -> CallerPolicies:
    start = Statement(Effect.ALLOW, actions=("ssm:StartSession",), resources=("*",), conditions=conditions)
    own = Statement(Effect.ALLOW, actions=("ssm:*Session",), resources=("arn:aws:ssm:*:*:session/${aws:userid}-*",))
    return CallerPolicies((Policy((start, own)),), None)


@pytest.mark.parametrize(("env", "allowed"), [("test", True), ("prod", False), (None, False)])
async def test_where_simulating_is_refused_the_callers_policies_are_read(env: str | None, allowed: object) -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    policies = own_policy(Condition("StringEquals", "ssm:resourceTag/Env", ("test",)))
    found = await at_node(aws, named(1, env), policies)
    assert isinstance(found, CallerAtNode)
    assert (found.start.allowed, found.start.undecided, found.request.allowed) == (allowed, False, False)


@pytest.mark.parametrize("kind", [CallerAtNode, CallerInSessions, CallerKeyPermissions])
async def test_iam_is_told_what_is_known_of_the_callers_own_requests(kind: type) -> None:
    aws = FakeAws(
        sts_GetCallerIdentity={"UserId": "AROAEXAMPLE:alex", "Account": SCOPE.account, "Arn": SCOPE.caller},
        iam_SimulatePrincipalPolicy=results(lambda *_: "implicitDeny", ("aws:username", "aws:MultiFactorAuthPresent")),
        iam_GetRole=refused("iam:GetRole"),
    )
    node = named(1)
    found = await fact(aws, kind, node, fleet_of(node), KEY, WITH_KEY)
    asked: list[Any] = aws.parameters("iam:SimulatePrincipalPolicy")
    for each in asked:
        told = {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in each["ContextEntries"]}
        assert told["aws:RequestedRegion"] == [SCOPE.region]
        assert told["aws:SecureTransport"] == ["true"]
        assert told["aws:PrincipalArn"] == [PRINCIPAL]
        assert len(told) == len(each["ContextEntries"])
    answers = answers_in(found)
    # A role's session has no user name, which is known; whether it came with MFA is not.
    assert {each.missing_context for each in answers} == {("aws:MultiFactorAuthPresent",)}


async def test_a_long_term_access_key_is_known_to_have_no_mfa() -> None:
    aws = FakeAws(
        sts_GetCallerIdentity={"UserId": "AIDAEXAMPLE", "Account": SCOPE.account, "Arn": SCOPE.caller},
        iam_SimulatePrincipalPolicy=results(lambda *_: "implicitDeny", ("aws:MultiFactorAuthPresent",)),
    )
    node = named(1)
    with_a_key = replace(SCOPE, has_long_term_key=True)
    found = await fact(aws, CallerAtNode, node, fleet_of(node), KEY, WITH_KEY, with_a_key)
    assert {each.missing_context for each in answers_in(found)} == {()}


@pytest.mark.parametrize(("region", "allowed"), [(SCOPE.region, True), ("eu-north-1", False)])
async def test_the_callers_policies_are_read_for_its_own_requests(region: str, allowed: object) -> None:
    aws = FakeAws(
        sts_GetCallerIdentity={"UserId": "AROAEXAMPLE:alex", "Account": SCOPE.account, "Arn": SCOPE.caller},
        iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"),
    )
    in_region = Condition("StringEquals", "aws:RequestedRegion", (region,))
    everything = Statement(Effect.ALLOW, actions=("*",), resources=("*",), conditions=(in_region,))
    policies = CallerPolicies((Policy((everything,)),), None)
    node = named(1)
    at = await fact(aws, CallerAtNode, node, fleet_of(node), policies)
    within = await fact(aws, CallerInSessions, None, policies)
    key = await fact(aws, CallerKeyPermissions, None, KEY, WITH_KEY, policies)
    answers = [answer for each in (at, within, key) for answer in answers_in(each)]
    assert [(each.allowed, each.undecided) for each in answers] == [(allowed, False)] * 7


async def test_a_denial_by_one_name_does_not_hide_a_condition_by_the_other() -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        by_id = "session/AROAEXAMPLE:alex-"
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": arn,
                    "EvalDecision": "implicitDeny",
                    "MissingContextValues": ["aws:MultiFactorAuthPresent"] if by_id in arn else [],
                }
                for action in asked["ActionNames"]
                for arn in asked["ResourceArns"]
            ]
        }

    aws = FakeAws(
        sts_GetCallerIdentity={"UserId": "AROAEXAMPLE:alex", "Account": SCOPE.account, "Arn": SCOPE.caller},
        iam_SimulatePrincipalPolicy=answer,
        iam_GetRole=refused("iam:GetRole"),
    )
    found = await fact(aws, CallerInSessions, None)
    assert isinstance(found, CallerInSessions)
    assert [each.undecided for each in found.own] == [True, True, True]


async def test_where_nothing_can_be_read_the_simulation_is_named() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    found = await at_node(aws, named(1), NotApplicable("the caller is not a role"))
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
    arns = [
        SCOPE.arn("ssm", "session/AROAEXAMPLE:alex-0123456789abcdef0"),
        SCOPE.arn("ssm", "session/alex-0123456789abcdef0"),
    ]
    assert arns in [each["ResourceArns"] for each in aws.parameters("iam:SimulatePrincipalPolicy")]


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


@pytest.mark.parametrize(
    "named",
    [pytest.param(KEY.arn, id="by its ARN"), "k", "alias/sessions", "arn:aws:kms:eu-west-3:123456789012:alias/a"],
)
async def test_data_keys_are_asked_on_the_keys_arn(named: str) -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=results(lambda *_: "allowed"))
    found = await fact(aws, CallerKeyPermissions, None, KEY, preferences(kms_key=named))
    assert isinstance(found, CallerKeyPermissions)
    assert found.answer_to("kms:GenerateDataKey").question.resource == KEY.arn


@pytest.mark.parametrize("named", ["", "arn:aws:kms:us-east-1:123456789012:key/k"])
async def test_no_data_key_is_asked_about_without_a_key_in_the_region(named: str) -> None:
    found = await fact(FakeAws(), CallerKeyPermissions, None, preferences(kms_key=named))
    assert isinstance(found, NotApplicable)


async def test_the_question_about_a_key_that_the_preferences_name_by_its_arn_does_not_wait_for_the_key() -> None:
    described = asyncio.Event()

    class SlowKey(FakeAws):
        async def call(self, service: str, operation: str, **parameters: object) -> Answer:
            if operation == "DescribeKey":
                await described.wait()
            return await super().call(service, operation, **parameters)

    def allowed(**asked: Any) -> dict[str, Any]:
        described.set()
        return results(lambda *_: "allowed")(**asked)

    metadata = {"KeyId": "k", "Arn": KEY.arn, "KeyState": KEY.state, "KeyUsage": KEY.usage, "KeySpec": KEY.spec}
    aws = SlowKey(
        sts_GetCallerIdentity=ALEX,
        iam_SimulatePrincipalPolicy=allowed,
        kms_DescribeKey={"KeyMetadata": metadata},
    )
    path = store(aws, WITH_KEY, fleet_of()).concurrent_resolver(None)
    both = await asyncio.gather(path.fact(CallerPreferencesPermissions), path.fact(CallerKeyPermissions))
    assert all(isinstance(each.value, Permissions) for each in both)
    assert aws.calls["iam:SimulatePrincipalPolicy"] == 1


@pytest.mark.parametrize("kind", [CallerAtNode, CallerInSessions, CallerKeyPermissions])
async def test_of_a_caller_that_iam_does_not_simulate_nothing_is_asked(kind: type) -> None:
    root = replace(SCOPE, caller="arn:aws:iam::123456789012:root", principal=None)
    node = named(1)
    found = await fact(FakeAws(), kind, node, root, fleet_of(node), KEY, WITH_KEY)
    assert isinstance(root, Scope)
    assert isinstance(found, NotApplicable)


def forbidding(*forbidden: str) -> Callable[..., dict[str, Any]]:
    """An organization that denies these actions, and nothing in the account that does."""

    def answer(**asked: Any) -> dict[str, Any]:
        above = not asked.get("PolicyExclusionList")
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": "*",
                    "EvalDecision": decision,
                    "OrganizationsDecisionDetail": {"AllowedByOrganizations": decision == "allowed"},
                    "ResourceSpecificResults": [
                        {"EvalResourceName": arn, "EvalResourceDecision": decision} for arn in asked["ResourceArns"]
                    ],
                }
                for action in asked["ActionNames"]
                for decision in ["explicitDeny" if above and action in forbidden else "allowed"]
            ]
        }

    return answer


LISTING = ("ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation")


async def test_what_the_organization_is_said_to_deny_hangs_on_keys_that_nobody_told() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=forbidding("ssm:StartSession"))
    found = await at_node(aws, named(1))
    assert isinstance(found, CallerAtNode)
    assert (found.start.permits, found.start.only_by_organization) == (Truth.PERHAPS, True)
    assert "aws:SourceIp" in found.start.missing_context


async def test_what_it_is_said_to_deny_as_well_as_what_the_caller_was_let_do_is_not_denied() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=forbidding("ssm:StartSession", *LISTING))
    found = await at_node(aws, named(1))
    assert isinstance(found, CallerAtNode)
    assert (found.start.permits, found.start.confidence) == (Truth.YES, Confidence.LIKELY)


async def test_of_somebody_else_nothing_was_seen_to_be_let() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=forbidding("ssm:StartSession", *LISTING))
    other = replace(SCOPE, judged=OtherPrincipal(PRINCIPAL, PRINCIPAL))
    found = await at_node(aws, named(1), other)
    assert isinstance(found, CallerAtNode)
    assert found.start.permits is Truth.PERHAPS


ROOT_DECIDES = KeyPolicy(KEY.arn, a_policy(allow("kms:*", principal="arn:aws:iam::123456789012:root")))
ALLOWED = CallerKeyPermissions(
    PRINCIPAL, (EvaluationResult(Question("kms:GenerateDataKey", KEY.arn), Decision.ALLOWED),)
)
DENIED = CallerKeyPermissions(
    PRINCIPAL, (EvaluationResult(Question("kms:GenerateDataKey", KEY.arn), Decision.IMPLICIT_DENY),)
)
NO_SIMULATION = Unreadable("iam:SimulatePrincipalPolicy", "not authorized")
NO_POLICY = Unreadable("kms:GetKeyPolicy", "not authorized")


def dry(**asked: Any) -> AwsError:
    assert asked["DryRun"] is True
    return AwsError("DryRunOperationException", "the DryRun option is set", "kms:GenerateDataKey")


@pytest.mark.parametrize(
    ("permissions", "policy", "key", "is_asked"),
    [
        pytest.param(ALLOWED, ROOT_DECIDES, KEY, False, id="the policies settle it"),
        pytest.param(DENIED, ROOT_DECIDES, KEY, True, id="IAM denies it"),
        pytest.param(NO_SIMULATION, ROOT_DECIDES, KEY, True, id="simulating is refused"),
        pytest.param(ALLOWED, NO_POLICY, KEY, True, id="the key policy cannot be read"),
        pytest.param(NO_SIMULATION, NO_POLICY, replace(KEY, state="Disabled"), False, id="the key is disabled"),
    ],
)
async def test_kms_is_asked_only_if_policies_do_not_settle_the_question(
    permissions: CallerKeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
    key: Key,
    *,
    is_asked: bool,
) -> None:
    aws, node = FakeAws(kms_GenerateDataKey=dry), named(1)
    found = await data_key_dry_run(aws, SCOPE, InspectedNode(node), key, permissions, policy)
    assert aws.calls["kms:GenerateDataKey"] == int(is_asked)
    assert (found == DataKeyDryRun(key.arn)) is is_asked
    if is_asked:
        (asked,) = aws.parameters("kms:GenerateDataKey")
        session = f"{SCOPE.caller.rpartition('/')[2]}-00000000000000000"
        assert asked["EncryptionContext"] == {"aws:ssm:SessionId": session, "aws:ssm:TargetId": node.id}


async def test_a_dry_run_that_kms_refuses_is_an_answer_and_one_without_an_answer_is_none() -> None:
    pointed = InspectedNode(named(1))
    denied = FakeAws(kms_GenerateDataKey=refused("kms:GenerateDataKey", "explicit deny"))
    found = await data_key_dry_run(denied, SCOPE, pointed, KEY, NO_SIMULATION, ROOT_DECIDES)
    assert found == DataKeyDryRun(KEY.arn, "AccessDeniedException: explicit deny")
    busy = FakeAws(kms_GenerateDataKey=AwsError("KMSInternalException", "later", "kms:GenerateDataKey"))
    with pytest.raises(AwsError):
        await data_key_dry_run(busy, SCOPE, pointed, KEY, NO_SIMULATION, ROOT_DECIDES)
