"""What the organization denies to requests as they are: IAM is told what they have, and never asked for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from ssmtui.evidence.readers.simulation import RequestsOfRole, apply_organization_policies
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, EvaluationResult, Question
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import a_result

ROLE = "arn:aws:iam::123456789012:role/web"
OPENING = Question("ssmmessages:OpenDataChannel", "*")
TAGGED: Context = {"aws:PrincipalTag/team": ("red",)}
PRESENT: Context = {"aws:UserAgent": ("an agent",), "aws:TokenIssueTime": ("2100-01-01T00:00:00Z",)}
EVERYTHING_ELSE: Context = dict.fromkeys(
    (
        *("aws:PrincipalOrgID", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SourceIp", "aws:SourceVpc"),
        *("aws:SourceVpce", "aws:VpcSourceIp", "aws:VpceAccount", "aws:VpceOrgID", "ec2:SourceInstanceARN"),
    ),
    ("x",),
)

Denies = Callable[[Mapping[str, object]], bool]


def organization(denies: Denies) -> FakeAws:
    """An account whose policies allow everything, under an organization that denies by the keys it is told."""

    def answer(**asked: Any) -> dict[str, Any]:
        told = {each["ContextKeyName"]: each["ContextKeyValues"] for each in asked["ContextEntries"]}
        denied = denies(told) and not asked.get("PolicyExclusionList")
        more = {"EvalDecision": "explicitDeny" if denied else "allowed"}
        detail = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": not denied}}
        return {"EvaluationResults": [a_result(each, "*", **more, **detail) for each in asked["ActionNames"]]}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


def _always(context: Context, _question: Question) -> Context:
    return context


async def told(aws: FakeAws, *besides: Context) -> EvaluationResult:
    ways = tuple(partial(_always, each) for each in besides)
    of_role = RequestsOfRole(aws, ROLE, lambda _: {**EVERYTHING_ELSE, **TAGGED}, lambda _: PRESENT, ways)
    (answer,) = await apply_organization_policies(of_role, (), (OPENING,))
    return answer


async def test_what_nothing_denies_costs_one_simulation_more() -> None:
    aws = organization(lambda _: False)
    answer = await told(aws)
    assert (answer.permits, answer.governed, aws.calls.total()) == (Truth.YES, True, 1)


async def test_a_key_that_is_there_and_known_is_denied_for() -> None:
    answer = await told(organization(lambda keys: "aws:PrincipalTag/team" in keys))
    assert (answer.permits, answer.decision, answer.denials) == (
        Truth.NO,
        Decision.EXPLICIT_DENY,
        (DenyingPolicy(Denier.ORGANIZATION, explicit=True),),
    )


async def test_a_key_that_every_request_has_is_never_missing() -> None:
    assert (await told(organization(lambda keys: "aws:UserAgent" not in keys))).permits is Truth.YES


@pytest.mark.parametrize(
    ("denies", "perhaps", "keys"),
    [
        pytest.param(lambda keys: "aws:UserAgent" in keys, {}, ("aws:UserAgent",), id="one that is there"),
        pytest.param(
            lambda keys: {"aws:UserAgent", "aws:TokenIssueTime"} <= set(keys),
            {},
            ("aws:TokenIssueTime", "aws:UserAgent"),
            id="two together",
        ),
        pytest.param(
            lambda keys: "aws:Whose" not in keys, {"aws:Whose": ("ours",)}, ("aws:Whose",), id="one that may be there"
        ),
    ],
)
async def test_what_hangs_on_a_value_that_nobody_knows_is_undecided_and_names_it(
    denies: Denies, perhaps: Context, keys: tuple[str, ...]
) -> None:
    answer = await told(organization(denies), perhaps)
    assert (answer.permits, answer.missing_context, answer.only_by_organization) == (Truth.PERHAPS, keys, True)


@pytest.mark.parametrize(
    "denies", [lambda keys: "aws:Other" in keys, lambda keys: "aws:Other" not in keys], ids=["denies", "spares"]
)
async def test_each_way_that_a_request_may_be_is_tried_alone_and_the_one_that_decides_is_named(denies: Denies) -> None:
    answer = await told(organization(denies), {"aws:Whose": ("ours",)}, {}, {"aws:Other": ("x",)})
    assert (answer.permits, answer.missing_context) == (Truth.PERHAPS, ("aws:Other",))


async def test_a_key_of_two_values_is_told_with_either() -> None:
    spared = organization(lambda keys: keys.get("ec2:RoleDelivery") != ["2.0"])
    of_role = RequestsOfRole(spared, ROLE, lambda _: EVERYTHING_ELSE, lambda _: {"ec2:RoleDelivery": ("1.0",)}, ())
    (answer,) = await apply_organization_policies(of_role, (), (OPENING,))
    assert (answer.permits, answer.missing_context) == (Truth.PERHAPS, ("ec2:RoleDelivery",))


async def test_what_is_denied_with_such_a_key_and_without_is_denied() -> None:
    answer = await told(organization(lambda _: True), {"aws:Whose": ("ours",)})
    assert (answer.permits, answer.only_by_organization) == (Truth.NO, True)
