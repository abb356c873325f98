"""Which simulations share a call, and that each gets the answer that it would get alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.readers.simulation import simulate, simulate_on_many
from ssmtui.evidence.readers.simulation_queue import PAIRS_A_CALL
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Question
from tests.evidence.fake_aws import FakeAws, refused
from tests.evidence.readers.permissions.simulation_results import a_result, allowing

ROLE = "arn:aws:iam::123456789012:role/web"
KEY, GROUP, BUCKET = "arn:aws:kms:::key/k", "arn:aws:logs:::log-group:g", "arn:aws:s3:::b"
DECRYPT, WRITE, READ = (
    Question("kms:Decrypt", KEY),
    Question("logs:PutLogEvents", GROUP),
    Question("s3:GetObject", BUCKET),
)

Asked = list[tuple[list[str], list[str]]]


def asked_of(aws: FakeAws) -> Asked:
    return [(each["ActionNames"], each["ResourceArns"]) for each in aws.parameters("iam:SimulatePrincipalPolicy")]  # type: ignore[misc]


async def ask(aws: FakeAws, *questions: Question) -> list[EvaluationResult]:
    """The answers to questions that are asked in the same turn of the loop."""
    return [answer for (answer,) in await asyncio.gather(*(simulate(aws, ROLE, [each]) for each in questions))]


async def test_questions_of_the_same_turn_share_a_call() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    answers = await ask(aws, DECRYPT, WRITE)
    assert [(each.question, each.allowed) for each in answers] == [(DECRYPT, True), (WRITE, True)]
    assert asked_of(aws) == [(["kms:Decrypt", "logs:PutLogEvents"], [KEY, GROUP])]


async def test_questions_during_a_call_share_the_next() -> None:
    under_way, later = asyncio.Event(), [DECRYPT, WRITE]

    def answer(**parameters: Any) -> dict[str, Any]:
        under_way.set()
        return allowing(**parameters)

    async def ask_later(question: Question) -> None:
        await under_way.wait()
        await ask(aws, question)

    aws = FakeAws(iam_SimulatePrincipalPolicy=answer)
    await asyncio.gather(ask(aws, READ), *map(ask_later, later))
    assert [len(actions) for actions, _ in asked_of(aws)] == [1, 2]


async def test_a_smaller_call_goes_first_so_that_more_questions_can_join_the_larger_one() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    smaller = simulate(aws, ROLE, [READ], lambda _: {"aws:RequestedRegion": ("eu-west-3",)})
    await asyncio.gather(ask(aws, DECRYPT, WRITE), smaller)
    assert asked_of(aws) == [(["s3:GetObject"], [BUCKET]), (["kms:Decrypt", "logs:PutLogEvents"], [KEY, GROUP])]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"principal": "arn:aws:iam::123456789012:role/other"}, id="another role"),
        pytest.param({"added": ("{}",)}, id="more policies"),
        pytest.param({"known": lambda _: {"aws:RequestedRegion": ("eu-west-3",)}}, id="another context"),
        pytest.param({"questions": [Question("kms:Decrypt", "*")]}, id="all resources: IAM refuses * beside ARNs"),
    ],
)
async def test_what_iam_would_answer_otherwise_is_another_call(other: Mapping[str, Any]) -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    more: dict[str, Any] = {"principal": ROLE, "questions": [WRITE], **other}
    await asyncio.gather(ask(aws, DECRYPT), simulate(aws, **more))
    assert [len(actions) for actions, _ in asked_of(aws)] == [1, 1]


async def test_a_call_has_a_thousand_pairs_at_most() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    arns = [f"arn:aws:ec2:::instance/i-{number}" for number in range(900)]
    await asyncio.gather(
        simulate_on_many(aws, ROLE, ["ssm:StartSession", "ssm:StartAccessRequest"], arns), ask(aws, DECRYPT)
    )
    assert [(len(actions), len(resources)) for actions, resources in asked_of(aws)] == [
        (0, 1),
        (2, 500),
        (2, 400),
        (1, 1),
    ]
    assert all(len(actions) * len(resources) <= PAIRS_A_CALL for actions, resources in asked_of(aws))


def summing(
    decide: Callable[[str, str], str],
    whole: Mapping[str, Any],
    own: Callable[[str, str], Mapping[str, Any]] = lambda _, __: {},
) -> Callable[..., dict[str, Any]]:
    """IAM's answer for several resources: each has its own decision and `own` details; `whole` is about the sum.

    `whole` is only told where one of the resources is denied.
    """

    def answer(**parameters: Any) -> dict[str, Any]:
        resources = parameters["ResourceArns"]

        def result(action: str) -> dict[str, Any]:
            decisions = [decide(action, each) for each in resources]
            strictest = min(decisions, key=["explicitDeny", "implicitDeny", "allowed"].index)
            specific = [
                {"EvalResourceName": each, "EvalResourceDecision": decision, **own(action, each)}
                for each, decision in zip(resources, decisions, strict=True)
            ]
            told = whole if strictest != "allowed" else {}
            return a_result(action, "*", EvalDecision=strictest, ResourceSpecificResults=specific, **told)

        return {"EvaluationResults": [result(each) for each in parameters["ActionNames"]]}

    return answer


DENIED_ABOVE = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
DENIED_BY_BOUNDARY = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}


def only_own_pairs(action: str, resource: str) -> str:
    return "allowed" if (action, resource) in {("kms:Decrypt", KEY), ("logs:PutLogEvents", GROUP)} else "implicitDeny"


async def test_a_pair_that_nobody_asked_about_denies_nothing() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=summing(only_own_pairs, DENIED_ABOVE))
    answers = await ask(aws, DECRYPT, WRITE)
    assert [(each.allowed, each.governed) for each in answers] == [(True, True)] * 2
    assert len(asked_of(aws)) == 1


def of_an_organization(above: Mapping[str, str], own: Mapping[str, str], *, excludes: bool = True) -> FakeAws:
    """An account whose organization and whose own policies deny these actions, each in its way.

    IAM says of all resources together whether the organization allows the action. What nobody asked about is denied by
    both.
    """

    def answer(**asked: Any) -> dict[str, Any] | AwsError:
        left_out = bool(asked.get("PolicyExclusionList"))
        if left_out and not excludes:
            return AwsError("InvalidInput", "no such parameter")
        asked_for = {"kms:Decrypt": KEY, "logs:PutLogEvents": GROUP}

        def decided(policies: Mapping[str, str], action: str, resource: str) -> str:
            return policies.get(action, "allowed") if asked_for[action] == resource else "implicitDeny"

        def decide(action: str, resource: str) -> str:
            organization = "allowed" if left_out else decided(above, action, resource)
            return organization if organization != "allowed" else decided(own, action, resource)

        def result(action: str) -> dict[str, Any]:
            specific = [
                {"EvalResourceName": each, "EvalResourceDecision": decide(action, each)}
                for each in asked["ResourceArns"]
            ]
            allowed = left_out or all(decided(above, action, each) == "allowed" for each in asked["ResourceArns"])
            detail = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": allowed}}
            strictest = min(
                (each["EvalResourceDecision"] for each in specific),
                key=["explicitDeny", "implicitDeny", "allowed"].index,
            )
            return a_result(action, "*", EvalDecision=strictest, ResourceSpecificResults=specific, **detail)

        return {"EvaluationResults": [result(each) for each in asked["ActionNames"]]}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


ALLOWED: Mapping[str, str] = {}
SILENT, EXPLICIT = {"kms:Decrypt": "implicitDeny"}, {"kms:Decrypt": "explicitDeny"}


@pytest.mark.parametrize("excludes", [True, False], ids=["", "an older IAM"])
@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("own", [ALLOWED, SILENT, EXPLICIT], ids=["own allow", "own silent", "own deny"])
@pytest.mark.parametrize("above", [ALLOWED, SILENT, EXPLICIT], ids=["above allow", "above silent", "above deny"])
async def test_whom_a_denial_comes_from_does_not_hang_on_what_shares_the_call(
    above: Mapping[str, str], own: Mapping[str, str], *, again: bool, excludes: bool
) -> None:
    merged, alone = (of_an_organization(above, own, excludes=excludes) for _ in range(2))
    together = await asyncio.gather(*(simulate(merged, ROLE, [each], asked_again=again) for each in (DECRYPT, WRITE)))
    apart = [await simulate(alone, ROLE, [each], asked_again=again) for each in (DECRYPT, WRITE)]
    assert together == apart
    assert asked_of(merged)[0] == (["kms:Decrypt", "logs:PutLogEvents"], [KEY, GROUP])


async def test_a_denial_by_the_account_needs_no_second_call() -> None:
    decide = summing(lambda _, __: "implicitDeny", {})
    aws = FakeAws(iam_SimulatePrincipalPolicy=decide)
    answers = await ask(aws, DECRYPT, WRITE)
    assert [(each.decision, each.denier) for each in answers] == [(Decision.IMPLICIT_DENY, Denier.IDENTITY)] * 2
    assert len(asked_of(aws)) == 1


@pytest.mark.parametrize(
    ("whole", "own", "calls"),
    [
        pytest.param(DENIED_BY_BOUNDARY, {}, 3, id="a boundary that is told for all resources together"),
        pytest.param(
            DENIED_BY_BOUNDARY,
            {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": True}},
            1,
            id="a boundary that is told for each",
        ),
        pytest.param({"MissingContextValues": ["aws:x"]}, {}, 1, id="missing keys that are told for all together"),
        pytest.param(
            {"MissingContextValues": ["aws:x"]},
            {"MissingContextValues": ["aws:x"]},
            1,
            id="missing keys that are told for each",
        ),
    ],
)
async def test_details_that_may_be_of_another_resource_are_asked_about_alone(
    whole: Mapping[str, Any], own: Mapping[str, Any], calls: int
) -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=summing(lambda _, __: "implicitDeny", whole, lambda _, __: own))
    merged = await ask(aws, DECRYPT, WRITE)
    assert (
        len([each for each in aws.parameters("iam:SimulatePrincipalPolicy") if "PolicyExclusionList" not in each])
        == calls
    )
    alone = FakeAws(iam_SimulatePrincipalPolicy=summing(lambda _, __: "implicitDeny", whole, lambda _, __: own))
    assert merged == [(await ask(alone, each))[0] for each in (DECRYPT, WRITE)]


def splitting(*groups: tuple[str, ...]) -> Callable[..., dict[str, Any] | AwsError]:
    """IAM, which does not simulate actions of different groups together."""

    def answer(**parameters: Any) -> dict[str, Any] | AwsError:
        met = [
            ", ".join(named)
            for group in groups
            if (named := [each for each in parameters["ActionNames"] if each in group])
        ]
        if len(met) > 1:
            told = " and ".join(f"[{each}]" for each in met)
            return AwsError(
                "InvalidInput", f"Invalid Input Actions: {told} require different authorization information."
            )
        return allowing(**parameters)

    return answer


async def test_actions_that_iam_does_not_simulate_together_are_asked_about_apart() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=splitting(("kms:Decrypt", "logs:PutLogEvents"), ("s3:GetObject",)))
    assert all(each.allowed for each in await ask(aws, DECRYPT, READ, WRITE))
    await ask(aws, READ, DECRYPT, WRITE)
    # It is refused once, and known from then on.
    assert [actions for actions, _ in asked_of(aws)] == [
        ["kms:Decrypt", "s3:GetObject", "logs:PutLogEvents"],
        ["kms:Decrypt", "logs:PutLogEvents"],
        ["s3:GetObject"],
        ["s3:GetObject"],
        ["kms:Decrypt", "logs:PutLogEvents"],
    ]


async def test_a_resource_that_iam_refuses_spoils_no_other_answer() -> None:
    def answer(**parameters: Any) -> dict[str, Any] | AwsError:
        return (
            AwsError("InvalidInput", "not an ARN") if BUCKET in parameters["ResourceArns"] else allowing(**parameters)
        )

    aws = FakeAws(iam_SimulatePrincipalPolicy=answer)
    told = await asyncio.gather(*(simulate(aws, ROLE, [each]) for each in (DECRYPT, READ)), return_exceptions=True)
    assert [isinstance(each, AwsError) for each in told] == [False, True]
    # The resource is to blame, not that it was asked about with others.
    await ask(aws, DECRYPT, WRITE)
    assert [len(actions) for actions, _ in asked_of(aws)] == [2, 1, 1, 2]


async def test_calls_are_not_merged_where_iam_refuses_just_that() -> None:
    def answer(**parameters: Any) -> dict[str, Any] | AwsError:
        return AwsError("InvalidInput", "too many") if len(parameters["ActionNames"]) > 1 else allowing(**parameters)

    aws = FakeAws(iam_SimulatePrincipalPolicy=answer)
    await ask(aws, DECRYPT, WRITE)
    await ask(aws, DECRYPT, WRITE)
    assert [len(actions) for actions, _ in asked_of(aws)] == [2, 1, 1, 1, 1]


async def test_an_answer_that_lacks_a_pair_spoils_no_other() -> None:
    def answer(**parameters: Any) -> dict[str, Any]:
        told = allowing(**parameters)["EvaluationResults"]
        return {"EvaluationResults": [each for each in told if each["EvalActionName"] != "s3:GetObject"]}

    aws = FakeAws(iam_SimulatePrincipalPolicy=answer)
    told = await asyncio.gather(*(simulate(aws, ROLE, [each]) for each in (DECRYPT, READ)), return_exceptions=True)
    assert [isinstance(each, MalformedAnswer) for each in told] == [False, True]


async def test_a_refusal_is_that_of_all() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=refused("iam:SimulatePrincipalPolicy"))
    told = await asyncio.gather(*(simulate(aws, ROLE, [each]) for each in (DECRYPT, WRITE)), return_exceptions=True)
    assert all(isinstance(each, ReadFailed) for each in told)
    assert len(asked_of(aws)) == 1


async def test_a_caller_that_gives_up_takes_nothing_from_the_others() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    one, other = (asyncio.ensure_future(simulate(aws, ROLE, [each])) for each in (DECRYPT, WRITE))
    await asyncio.sleep(0)
    one.cancel()
    (answer,) = await other
    assert answer.allowed
    assert asked_of(aws) == [(["logs:PutLogEvents"], [GROUP])]
