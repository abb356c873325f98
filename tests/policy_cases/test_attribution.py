"""Who denies, by IAM's simulation: asked of the simulated AWS as ssmtui asks, over policies that nobody wrote.

What ssmtui takes for sure is so whatever the request has of the keys that nobody told; and where every key is known, it
names exactly the kinds of policies that deny.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.evidence.readers.simulation import simulate_on_many
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.permissions import Denier, EvaluationResult, Question
from ssmtui.model.request_context import open_organization_keys
from ssmtui.simulator import authorisation
from ssmtui.simulator.authorisation import Context, Policies, Policy
from ssmtui.simulator.operations.identity import Simulation
from tests.examples import examples
from tests.policy_cases.case import ACCOUNT, ROLE, StatementJSON

ACTION = "ssm:UpdateInstanceInformation"
INSTANCES = tuple(f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/i-{number}" for number in (1, 2, 3))

POSSIBLE: Mapping[str, tuple[str | None, ...]] = {
    "aws:SourceVpc": ("vpc-1", "vpc-2", None),
    "aws:SourceIp": ("203.0.113.9", "192.0.2.1", None),
    "aws:PrincipalOrgID": ("o-1", None),
    "aws:PrincipalTag/team": ("red", "blue", None),
}
TESTS = (
    ("StringEquals", "aws:SourceVpc", "vpc-1"),
    ("StringNotEquals", "aws:SourceVpc", "vpc-1"),
    ("StringNotEqualsIfExists", "aws:SourceVpc", ["vpc-1"]),
    ("NotIpAddressIfExists", "aws:SourceIp", "203.0.113.0/24"),
    ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("Null", "aws:SourceVpc", "true"),
    ("StringNotEquals", "aws:PrincipalOrgID", "o-1"),
    ("StringEquals", "aws:PrincipalOrgID", "o-1"),
)
OWN_TESTS = (
    *TESTS,
    ("StringEquals", "aws:PrincipalTag/team", "red"),
    ("StringNotEquals", "aws:PrincipalTag/team", "red"),
)
RESOURCES = st.sampled_from(["*", *INSTANCES[:2], f"arn:aws:ec2:*:{ACCOUNT}:instance/*"])


def statements(tests: Sequence[tuple[str, str, object]]) -> st.SearchStrategy[StatementJSON]:
    def made(effect: str, on: str, resource: str, block: list[tuple[str, str, object]]) -> StatementJSON:
        condition: dict[str, dict[str, object]] = {}
        for operator, key, value in block:
            condition.setdefault(operator, {})[key] = value
        told = {"Condition": condition} if condition else {}
        return {"Effect": effect, "Action": "ssm:*", on: resource, **told}

    return st.builds(
        made,
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]),
        RESOURCES,
        st.lists(st.sampled_from(tests), max_size=2),
    )


EVERYTHING: StatementJSON = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def documents(tests: Sequence[tuple[str, str, object]]) -> st.SearchStrategy[Policy]:
    first = st.sampled_from([(), (EVERYTHING,), (EVERYTHING,)])
    more = st.lists(statements(tests), max_size=2)
    return st.builds(lambda one, others: parsed((*one, *others)), first, more)


def parsed(found: Sequence[StatementJSON]) -> Policy:
    return Policy.parse("random", json.dumps({"Version": "2012-10-17", "Statement": list(found)}))


@st.composite
def accounts(draw: st.DrawFn) -> Policies:
    """A role's policies with those above it."""
    levels = draw(st.lists(documents(TESTS), max_size=2))
    return Policies(
        identity=(draw(documents(OWN_TESTS)),),
        boundary=draw(st.none() | documents(OWN_TESTS)),
        service_control=tuple((level,) for level in levels),
    )


@st.composite
def requests(draw: st.DrawFn) -> dict[str, str]:
    """The condition keys that a request has."""
    values = {key: draw(st.sampled_from(told)) for key, told in POSSIBLE.items()}
    return {key: value for key, value in values.items() if value is not None}


class SimulatingAws:
    """IAM's simulation of one role, by the evaluator of the simulated AWS."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        raise NotImplementedError

    async def pages(self, service: str, operation: str, **asked: Any) -> AsyncIterator[Answer]:
        out = {each["PolicyType"] for each in asked.get("PolicyExclusionList", ())}
        left = replace(
            self._policies,
            service_control=() if "scp" in out else self._policies.service_control,
            boundary=None if "permission-boundary" in out else self._policies.boundary,
        )
        context = Context.of({each["ContextKeyName"]: each["ContextKeyValues"] for each in asked["ContextEntries"]})
        simulation = Simulation(authorisation.principal_of(ROLE), left, context)
        told = [simulation.result(each, asked["ResourceArns"]) for each in asked["ActionNames"]]
        yield Answer(f"{service}:{operation}", {"EvaluationResults": told})


async def asked(
    policies: Policies, known: Mapping[str, tuple[str, ...]], resources: Sequence[str]
) -> dict[str, EvaluationResult]:
    found = await simulate_on_many(SimulatingAws(policies), ROLE, [ACTION], resources, known=known)
    return {arn: found[Question(ACTION, arn)] for arn in resources}


def allowed(policies: Policies, resource: str, told: Mapping[str, str]) -> bool:
    request = authorisation.AuthorizationRequest(
        authorisation.principal_of(ROLE), ACTION, resource, Context.of(dict(told))
    )
    return authorisation.evaluate(request, policies).allowed


def deniers(policies: Policies, resource: str, told: Mapping[str, str]) -> set[Denier]:
    """The kinds of policies that would deny it if all others allowed everything."""
    free = parsed([EVERYTHING])
    alone = {
        Denier.IDENTITY: Policies(identity=policies.identity),
        Denier.BOUNDARY: Policies(identity=(free,), boundary=policies.boundary),
        Denier.ORGANIZATION: Policies(identity=(free,), service_control=policies.service_control),
    }
    return {denier for denier, each in alone.items() if not allowed(each, resource, told)}


OTHER_KEYS = {key: ("x",) for key in open_organization_keys({}) if key not in POSSIBLE}
"""The keys that no policy here asks for."""


@pytest.mark.long
@given(policies=accounts(), request=requests(), count=st.sampled_from([1, 3]))
@settings(max_examples=examples(120), deadline=None)
async def test_where_every_key_is_known_exactly_those_that_deny_are_named(
    policies: Policies, request: dict[str, str], count: int
) -> None:
    known = {**OTHER_KEYS, **{key: (request[key],) if key in request else () for key in POSSIBLE}}
    for arn, answer in (await asked(policies, known, INSTANCES[:count])).items():
        named = {each.denier for each in answer.denials}
        event("+".join(sorted(each.name for each in named)) or "allowed")
        assert answer.allowed == allowed(policies, arn, request)
        assert named == deniers(policies, arn, request)
        assert not answer.undecided


@pytest.mark.long
@given(policies=accounts(), request=requests(), hidden=st.sets(st.sampled_from(sorted(POSSIBLE)), min_size=1))
@settings(max_examples=examples(120), deadline=None)
async def test_what_is_sure_is_so_whatever_the_keys_are_that_nobody_told(
    policies: Policies, request: dict[str, str], hidden: set[str]
) -> None:
    told = {key: (request[key],) if key in request else () for key in POSSIBLE if key not in hidden}
    open_keys = sorted(hidden)
    possible = [
        {
            **{key: value for key, value in request.items() if key not in hidden},
            **dict(zip(open_keys, values, strict=True)),
        }
        for values in product(*(POSSIBLE[key] for key in open_keys))
    ]
    real = [{key: value for key, value in each.items() if value is not None} for each in possible]
    for arn, answer in (await asked(policies, {**OTHER_KEYS, **told}, INSTANCES[:2])).items():
        event(answer.permits.value)
        if answer.permits is Truth.NO:
            assert not any(allowed(policies, arn, each) for each in real)
        for denial in answer.denials:
            if not denial.hangs_on:
                assert all(denial.denier in deniers(policies, arn, each) for each in real), denial
