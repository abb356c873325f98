"""What IAM is asked, how often, and what its answers mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import MalformedAnswer
from ssmtui.evidence.readers.simulation import simulate, simulate_on_many
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.finding import Confidence
from ssmtui.model.permissions import Decision, EvaluationResult, Question
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import a_result, allowing

ROLE = "arn:aws:iam::123456789012:role/web"
KEY_ARN = "arn:aws:kms:eu-west-3:123456789012:key/k"


def judged(**more: Any) -> FakeAws:
    return FakeAws(iam_SimulatePrincipalPolicy={"EvaluationResults": [a_result("kms:Decrypt", KEY_ARN, **more)]})


async def the_answer(aws: FakeAws) -> EvaluationResult:
    (answer,) = await simulate(aws, ROLE, [Question("kms:Decrypt", KEY_ARN)])
    return answer


async def test_questions_in_one_context_are_one_call() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    tagged = (("ssm:resourceTag/Env", "prod"),)
    questions = [
        Question("logs:PutLogEvents", "group"),
        Question("logs:DescribeLogStreams", "all"),
        Question("logs:CreateLogStream", "group"),
        Question("logs:PutLogEvents", "group", tagged),
        Question("logs:PutLogEvents", "group"),
    ]
    answers = await simulate(aws, ROLE, questions)
    assert [each.question for each in answers] == questions
    asked = aws.parameters("iam:SimulatePrincipalPolicy")
    assert [(each["ActionNames"], each["ResourceArns"]) for each in asked] == [
        (["logs:PutLogEvents"], ["group"]),
        (["logs:PutLogEvents", "logs:CreateLogStream", "logs:DescribeLogStreams"], ["group", "all"]),
    ]
    assert [each["ContextEntries"] for each in asked] == [
        [{"ContextKeyName": "ssm:resourceTag/Env", "ContextKeyValues": ["prod"], "ContextKeyType": "string"}],
        [],
    ]
    assert {each["PolicySourceArn"] for each in asked} == {ROLE}


async def test_answers_are_collected_over_all_pages() -> None:
    aws = FakeAws(
        iam_SimulatePrincipalPolicy=[
            {"EvaluationResults": [a_result("a:A", "*")], "IsTruncated": True, "Marker": "more"},
            {"EvaluationResults": [a_result("a:B", "*", EvalDecision="explicitDeny")]},
        ]
    )
    answers = await simulate(aws, ROLE, [Question("a:A", "*"), Question("a:B", "*")])
    assert [each.decision for each in answers] == [Decision.ALLOWED, Decision.EXPLICIT_DENY]


async def test_results_of_resources_within_that_of_an_action_are_read_too() -> None:
    arns = ("arn:one", "arn:two")
    within = [
        {"EvalResourceName": arns[0], "EvalResourceDecision": "allowed"},
        {"EvalResourceName": arns[1], "EvalResourceDecision": "implicitDeny", "MissingContextValues": ["aws:SourceIp"]},
    ]
    whole = {"EvalActionName": "ssm:StartSession", "EvalDecision": "implicitDeny", "ResourceSpecificResults": within}
    aws = FakeAws(iam_SimulatePrincipalPolicy={"EvaluationResults": [whole]})
    answers = await simulate_on_many(aws, ROLE, ["ssm:StartSession"], arns)
    assert [(each.question.resource, each.allowed, each.missing_context) for each in answers.values()] == [
        ("arn:one", True, ("aws:SourceIp",)),
        ("arn:two", False, ("aws:SourceIp",)),
    ]


async def test_an_answer_that_hangs_on_an_unknown_condition_is_likely_only() -> None:
    answer = await the_answer(judged(MissingContextValues=["kms:ViaService", "aws:SourceVpc"]))
    assert answer.missing_context == ("aws:SourceVpc", "kms:ViaService")
    assert (answer.denier, answer.confidence) == (None, Confidence.LIKELY)


async def test_a_denial_that_hangs_on_an_unknown_condition_decides_nothing() -> None:
    silent = await the_answer(judged(EvalDecision="implicitDeny", MissingContextValues=["aws:SourceVpc"]))
    assert (silent.permits, silent.may_be_barred) == (Truth.PERHAPS, False)
    barred = await the_answer(judged(EvalDecision="explicitDeny", MissingContextValues=["aws:SourceVpc"]))
    assert (barred.permits, barred.may_be_barred, barred.is_final) == (Truth.PERHAPS, True, False)


async def test_keys_that_iam_misses_may_stand_with_the_resource() -> None:
    specific = {"EvalResourceName": KEY_ARN, "EvalResourceDecision": "implicitDeny", "MissingContextValues": ["aws:x"]}
    answer = await the_answer(judged(EvalDecision="implicitDeny", ResourceSpecificResults=[specific]))
    assert answer.missing_context == ("aws:x",)


DENIED, NO_ACTION = "sts:GetCallerIdentity", "ssmtui:noaction"
LACKED = "aws:SourceVpc"


class Iam:
    """IAM: a role with a policy that allows some actions on all resources, and a denial that hangs on a key."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed
        self.asked: list[tuple[list[str], list[str]]] = []

    def __call__(self, **parameters: Any) -> dict[str, Any]:
        actions, resources = parameters["ActionNames"], parameters["ResourceArns"]
        self.asked.append((actions, resources))
        return {"EvaluationResults": [self.result(each, resources) for each in actions]}

    def result(self, action: str, resources: list[str]) -> dict[str, Any]:
        allowed = (action in self.allowed or "*" in self.allowed) and (action != DENIED or resources == ["*"])
        decision = {"EvalDecision": "allowed"} if allowed else {"EvalDecision": "implicitDeny"}
        specific = [{"EvalResourceName": each, "EvalResourceDecision": decision["EvalDecision"]} for each in resources]
        missing = [] if allowed else [LACKED]
        return a_result(action, "*", MissingContextValues=missing, ResourceSpecificResults=specific, **decision)


class PlainAws(FakeAws):
    """AWS with only this IAM."""

    ANSWERS_ADDED_ACTIONS = False

    def __init__(self, iam: Callable[..., dict[str, Any]]) -> None:
        super().__init__(iam_SimulatePrincipalPolicy=iam)


START, NODE = "ssm:StartSession", "arn:aws:ec2:eu-west-3:123456789012:instance/i-0a"
CHANNEL, SESSION = "ssmmessages:OpenDataChannel", "arn:aws:ssm:eu-west-3:123456789012:session/s-1"


@pytest.mark.parametrize(
    ("allowed", "questions", "calls"),
    [
        pytest.param((START,), [(START, NODE)], [([START, DENIED], [NODE])], id="an action on an ARN"),
        pytest.param((START,), [(START, "*")], [([START, NO_ACTION], ["*"])], id="an action on everything"),
        pytest.param(
            ("*",),
            [(START, "*")],
            [([START, NO_ACTION], ["*"]), ([DENIED], [ROLE])],
            id="everything is allowed, also an action that does not exist",
        ),
        pytest.param(
            (CHANNEL.lower(),),
            [(CHANNEL, SESSION)],
            [([CHANNEL.lower(), NO_ACTION], [SESSION])],
            id="an action without a resource type on an ARN",
        ),
        pytest.param(
            (CHANNEL.lower(), "ssm:ResumeSession"),
            [(CHANNEL, SESSION), ("ssm:ResumeSession", SESSION)],
            [(["ssm:ResumeSession", DENIED], [SESSION]), ([CHANNEL.lower()], [SESSION])],
            id="IAM knows one of two actions on an ARN",
        ),
        pytest.param(
            ("*",),
            [(CHANNEL, SESSION), (START, NODE)],
            [([START, DENIED], [NODE]), ([CHANNEL.lower()], [SESSION])],
            id="a call shows the keys for the next",
        ),
        pytest.param(
            ("*",),
            [(CHANNEL, SESSION), (START, NODE), ("ssm:ResumeSession", NODE)],
            [([CHANNEL.lower(), NO_ACTION], [SESSION]), ([START, "ssm:ResumeSession", DENIED], [NODE])],
            id="the smaller call goes first, and the waiting one shows its keys",
        ),
    ],
)
async def test_a_request_that_iam_denies_shows_the_keys_that_an_allowed_one_lacks(
    allowed: tuple[str, ...], questions: list[tuple[str, str]], calls: list[tuple[list[str], list[str]]]
) -> None:
    iam = Iam(*allowed)
    answers = await simulate(PlainAws(iam), ROLE, [Question(*each) for each in questions])
    assert [(each.allowed, each.missing_context, each.may_be_barred) for each in answers] == [
        (True, (LACKED,), True)
    ] * len(questions)
    assert iam.asked == calls


async def test_the_keys_are_shown_by_a_call_of_their_own_beside_a_thousand_pairs() -> None:
    iam, arns = Iam(START), [f"arn:aws:ec2:eu-west-3:123456789012:instance/i-{number}" for number in range(2000)]
    answers = await simulate_on_many(PlainAws(iam), ROLE, [START], arns)
    assert {(each.allowed, each.missing_context) for each in answers.values()} == {(True, (LACKED,))}
    asked = [(actions, len(resources)) for actions, resources in iam.asked]
    assert asked == [([DENIED], 1), ([START], 1000), ([START], 1000)]


async def test_what_is_known_of_the_request_is_told_and_is_not_missing() -> None:
    known = {"aws:RequestedRegion": ("eu-west-3",), "aws:SecureTransport": ("true",), "kms:ViaService": ()}
    aws = judged(EvalDecision="implicitDeny", MissingContextValues=["kms:viaservice"])
    (answer,) = await simulate(aws, ROLE, [Question("kms:Decrypt", KEY_ARN)], known=lambda _: known)
    assert (answer.permits, answer.missing_context) == (Truth.NO, ())
    (asked,) = aws.parameters("iam:SimulatePrincipalPolicy")
    assert asked["ContextEntries"] == [
        {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": ["eu-west-3"], "ContextKeyType": "string"},
        {"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["true"], "ContextKeyType": "boolean"},
    ]


async def test_an_action_without_an_answer_is_no_permission() -> None:
    with pytest.raises(MalformedAnswer):
        await simulate(judged(), ROLE, [Question("kms:Encrypt", KEY_ARN)])


async def test_where_the_organization_denies_that_request_it_is_asked_without_its_policies() -> None:
    excluded: list[bool] = []

    def iam(**parameters: Any) -> dict[str, Any]:
        excluded.append("PolicyExclusionList" in parameters)
        answer = Iam(START)(**parameters)
        if not excluded[-1]:
            above = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}, "MissingContextValues": []}
            answer["EvaluationResults"] = [
                each | above if each["EvalActionName"] == DENIED else each for each in answer["EvaluationResults"]
            ]
        return answer

    (answer,) = await simulate(PlainAws(iam), ROLE, [Question(START, NODE)])
    assert (answer.allowed, answer.missing_context, excluded) == (True, (LACKED,), [False, False, True])
