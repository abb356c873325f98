"""The quick part of `make oracle`: some hundred accounts of a new seed, which is told where anything differs."""

from __future__ import annotations

from collections.abc import Mapping
from random import SystemRandom

import pytest

from ssmtui.iam_policy.truth import Truth
from tests.policy_cases import CASES as TABLE
from tests.policy_cases import Case, Expected
from tests.policy_cases.case import Values
from tools.trust.oracle.accounts import judged
from tools.trust.oracle.families import FAMILIES, Family
from tools.trust.oracle.policies import of_the_oracle
from tools.trust.oracle.policy_language import every, some
from tools.trust.oracle.random_policies import CERTAIN
from tools.trust.oracle.running import chance, run
from tools.trust.oracle.trial import Trial, shrunk

CASES = 400
"""Of all families together."""


*COMMON, IPV6, WHOLE = FAMILIES


@pytest.mark.long
@pytest.mark.parametrize("family", COMMON, ids=lambda each: each.name)
def test_nobody_says_the_contrary_of_what_aws_documents(family: Family) -> None:
    seed = SystemRandom().getrandbits(32)
    told = run(family, seed, family.count(CASES))
    assert not told.differences, f"seed {seed}"
    assert told.unknown + told.undocumented < told.tried / 2


def test_nor_of_ipv6_of_which_half_is_anybodys_guess() -> None:
    seed = SystemRandom().getrandbits(32)
    told = run(IPV6, seed, CASES // 2)
    assert not told.differences, f"seed {seed}"
    assert told.unknown + told.undocumented < told.tried * 3 / 4


@pytest.mark.long
def test_a_whole_check_says_nothing_contrary_to_what_becomes_of_sessions() -> None:
    seed = SystemRandom().getrandbits(32)
    told = run(WHOLE, seed, 1)
    assert (told.tried, told.differences) == (1, []), f"seed {seed}"


def test_a_network_that_hangs_on_what_nobody_sees_is_counted_apart() -> None:
    (networks,) = (each for each in FAMILIES if each.name == "networks")
    told = run(networks, 11, 60)
    assert 0 < told.hidden <= told.unknown
    assert told.share_hidden <= told.share_unknown


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.name)
def test_a_seed_makes_the_same_case_again(family: Family) -> None:
    assert family.made(chance(7)) == family.made(chance(7))


def test_the_oracle_answers_the_table_of_cases_as_aws_documents() -> None:
    wrong = [case.name for case in TABLE if not case.unknown and _answer(case) not in (_expected(case.expected), None)]
    assert wrong == []


def _expected(expected: Expected) -> bool:
    return expected is Expected.ALLOWED


def _answer(case: Case) -> bool | None:
    """The oracle's answer to a case of the table."""
    keys = {key: _texts(value) for key, value in case.context.items()}
    on_resource = case.on_resource
    return of_the_oracle(
        {
            "action": case.action,
            "resource": case.resource,
            "keys": keys,
            "version": case.version,
            "identity": list(case.identity),
            "boundary": None if case.boundary is None else list(case.boundary),
            "organization": [list(level) for level in case.organization],
            "endpoint": None if case.endpoint is None else list(case.endpoint),
            "on_resource": None
            if on_resource is None
            else {
                "statements": list(on_resource.statements),
                "governs": on_resource.governs,
                "granted": list(on_resource.granted),
                "account": on_resource.account,
            },
        },
        {key: values for key, values in CERTAIN.items() if key != "aws:RequestedRegion"},
    )


def _texts(value: Values) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_what_aws_documents_neither_way_is_held_against_nobody() -> None:
    assert [every([True, None]), every([None, False]), some([None, True]), some([False, None])] == [
        None,
        False,
        True,
        None,
    ]
    assert Trial(None, Truth.YES, simulated=False).difference is None
    assert Trial(True, Truth.PERHAPS, simulated=True).difference is None
    assert Trial(True, Truth.NO).difference == "the product says no where the oracle allows"
    assert Trial(False, Truth.YES).difference == "the product says yes where the oracle denies"
    assert Trial(False, Truth.NO, simulated=True).difference == "the simulator allows where the oracle denies"


def test_a_difference_is_told_by_the_smallest_case_that_has_it() -> None:
    case = {
        "identity": [{"Effect": "Allow", "Condition": {"Bool": {"a": "true"}}}, {"Effect": "Deny"}],
        "keys": {"a": ["b"]},
    }
    smallest = shrunk(case, lambda each: any(one["Effect"] == "Deny" for one in each["identity"]))
    assert smallest == {"identity": [{"Effect": "Deny"}], "keys": {}}


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ACCOUNT: dict[str, object] = {
    "way": "nat",
    "elsewhere": {},
    "endpoints": {},
    "managed": [],
    "inline": [[ALL]],
    "boundary": None,
    "organization": [],
    "organization_id": None,
    "tags": {},
    "key_account": "123456789012",
    "aliases": [],
    "key_tags": {},
    "key_policy": [],
    "grants": [],
    "bucket_policy": None,
    "agent": "amazon-ssm-agent",
    "simulates": True,
    "unread": [],
    "question": "write objects",
}
"""An account whose role may do everything."""


def denying(**statement: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", **statement}


BY_AGENT = {"StringLike": {"aws:UserAgent": "*ssm*"}}
UNLESS_PRODUCTIVE = {"StringNotEquals": {"aws:PrincipalTag/Env": "prod"}}
ENDING = "arn:aws:s3:::logs/sessions/*.log"
# https://github.com/aws-samples/data-perimeter-policy-examples, the service control policies there, in short.
FROM_OUR_NETWORKS = {
    "BoolIfExists": {"aws:ViaAWSService": "false"},
    "NotIpAddressIfExists": {"aws:SourceIp": ["192.0.2.0/24"]},
    "StringNotEqualsIfExists": {"aws:PrincipalTag/dp:exclude:network": "true", "aws:SourceVpc": ["vpc-2"]},
    "StringEquals": {"aws:PrincipalTag/dp:include:network": "true"},
}
OF_OUR_ENDPOINTS = {
    "BoolIfExists": {"aws:ViaAWSService": "false"},
    "StringNotEqualsIfExists": {"aws:PrincipalTag/dp:exclude:network": "true", "aws:VpceOrgID": "o-1"},
}
TO_OUR_RESOURCES = {
    "StringNotEqualsIfExists": {"aws:ResourceOrgID": "o-1", "aws:PrincipalTag/dp:exclude:resource": "true"}
}
FROM_THE_INSTANCE = {
    "BoolIfExists": {"aws:ViaAWSService": "false"},
    "StringNotEqualsIfExists": {"aws:SourceVpc": ["vpc-2"]},
    "Null": {"ec2:SourceInstanceARN": "false"},
}
OF_THE_OTHER_REGION = {
    "StringEquals": {"aws:SourceVpc": "vpc-1"},
    "StringNotEqualsIfExists": {"aws:RequestedRegion": "eu-west-1"},
}
BY_OLD_METADATA = {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}
FOR_ITS_TAG = {"StringEquals": {"aws:ResourceTag/data": "red"}}
WITHOUT_ITS_TAG = {"StringNotEquals": {"aws:ResourceTag/data": "red"}}
OPEN = [{**ALL, "Principal": "*"}]
ROOT_MAY = [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": "123456789012"}}]
BY_THE_KEY: dict[str, object] = {"inline": [], "key_policy": OPEN, "question": "decrypt"}
DECRYPTING: dict[str, object] = {"key_policy": ROOT_MAY, "question": "decrypt"}


def governed(condition: Mapping[str, object], **more: object) -> dict[str, object]:
    """A member of an organization that denies everything on a condition."""
    return {"organization": [[ALL, denying(Condition=condition)]], "organization_id": "o-1", **more}


ANY_INSTANCE = "arn:aws:ec2:*:123456789012:instance/*"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        pytest.param({}, Truth.YES, id="everything is allowed"),
        pytest.param({"inline": [[{**ALL, "Resource": ENDING}]]}, Truth.YES, id="objects are allowed by their ending"),
        pytest.param({"inline": [[ALL, denying(Resource=ENDING)]]}, Truth.NO, id="objects are denied by their ending"),
        pytest.param({"inline": [[ALL, denying(Condition=BY_AGENT)]]}, Truth.PERHAPS, id="denied for a key untold"),
        pytest.param(
            {
                "organization": [[ALL, denying(Condition=UNLESS_PRODUCTIVE)]],
                "tags": {"Env": "prod"},
                "unread": ["tags"],
            },
            Truth.PERHAPS,
            id="spared by the organization for a tag that could not be read",
        ),
        pytest.param(
            {"organization": [[ALL, denying(Resource=ANY_INSTANCE)]], "question": "register"},
            Truth.NO,
            id="denied by the organization on the instance and not on everything",
        ),
        pytest.param(
            governed({"StringEquals": {"aws:PrincipalTag/Env": "prod"}}, tags={"Env": "prod"}),
            Truth.NO,
            id="denied by the organization for a tag that the role has",
        ),
        pytest.param(
            governed({"StringEquals": {"aws:PrincipalTag/Env": "prod"}}, tags={"Env": "test"}),
            Truth.YES,
            id="denied by the organization for a tag that the role has not",
        ),
        pytest.param(
            governed({"StringEquals": {"aws:PrincipalTag/Env": "prod"}}, tags={"Env": "prod"}, unread=["tags"]),
            Truth.PERHAPS,
            id="denied by the organization for a tag that could not be read",
        ),
        pytest.param(
            governed(FOR_ITS_TAG, key_tags={"data": "red"}, **DECRYPTING),
            Truth.NO,
            id="denied by the organization for a tag of the key",
        ),
        *(
            pytest.param(
                governed(FOR_ITS_TAG, key_tags={"data": tag}, unread=[part], **DECRYPTING),
                Truth.PERHAPS,
                id=f"{tag}: perhaps denied by the organization, the {part} being unread",
            )
            for part in ("key tags", "aliases")
            for tag in ("red", "blue")
        ),
        *(
            pytest.param(
                governed(condition, group_tags={"data": "red"}, bucket_tags={"data": "red"}, question=question, **more),
                expected,
                id=f"{question}: by a tag of the log group or the bucket, {condition}, {more}",
            )
            for question, condition, more, expected in (
                ("write lines", FOR_ITS_TAG, {}, Truth.NO),
                ("write lines", WITHOUT_ITS_TAG, {}, Truth.YES),
                ("write lines", FOR_ITS_TAG, {"unread": ["group tags"]}, Truth.PERHAPS),
                ("look up group", FOR_ITS_TAG, {}, Truth.YES),
                ("look up group", WITHOUT_ITS_TAG, {}, Truth.NO),
                ("write objects", FOR_ITS_TAG, {"bucket_abac": True}, Truth.NO),
                ("write objects", WITHOUT_ITS_TAG, {"bucket_abac": True}, Truth.YES),
                ("write objects", FOR_ITS_TAG, {"bucket_abac": False}, Truth.YES),
                ("write objects", WITHOUT_ITS_TAG, {"bucket_abac": False}, Truth.NO),
                ("write objects", FOR_ITS_TAG, {"bucket_abac": True, "unread": ["bucket tags"]}, Truth.PERHAPS),
                ("look up bucket", FOR_ITS_TAG, {"bucket_abac": True}, Truth.NO),
                ("look up bucket", FOR_ITS_TAG, {"unread": ["bucket abac"]}, Truth.PERHAPS),
            )
        ),
        *(
            pytest.param(
                governed(condition, simulates=False, **DECRYPTING),
                Truth.PERHAPS,
                id=f"perhaps denied by the organization, simulation being refused: {condition}",
            )
            for condition in ({}, FOR_ITS_TAG)
        ),
        pytest.param(
            {"simulates": False, **DECRYPTING}, Truth.YES, id="simulation is refused, without an organization"
        ),
        pytest.param(
            governed({"StringEquals": {"aws:SourceVpce": "vpce-kms"}}, endpoints={"kms": OPEN}, **DECRYPTING),
            Truth.NO,
            id="denied by the organization for the endpoint that is passed",
        ),
        pytest.param(
            governed(OF_THE_OTHER_REGION, endpoints={"ssmmessages": OPEN}, question="channels"),
            Truth.NO,
            id="denied by the organization to a VPC in this Region",
        ),
        pytest.param(
            governed(FROM_OUR_NETWORKS, tags={"dp:include:network": "true"}),
            Truth.NO,
            id="within the network perimeter by its tag, and outside by its way",
        ),
        pytest.param(governed(FROM_OUR_NETWORKS), Truth.YES, id="not within the network perimeter, for want of a tag"),
        pytest.param(governed(FROM_THE_INSTANCE), Truth.NO, id="an instance outside of the network perimeter"),
        pytest.param(
            governed(OF_OUR_ENDPOINTS, endpoints={"kms": OPEN}, **DECRYPTING),
            Truth.YES,
            id="by an endpoint of the organization's own",
        ),
        pytest.param(
            governed(OF_OUR_ENDPOINTS, **DECRYPTING),
            Truth.NO,
            id="by no endpoint, where the organization wants one of its own",
        ),
        pytest.param(
            governed(TO_OUR_RESOURCES, **DECRYPTING),
            Truth.YES,
            id="a key of the account, where the organization wants resources of its own",
        ),
        pytest.param(
            governed(TO_OUR_RESOURCES, question="channels"),
            Truth.YES,
            id="no resource, where the organization wants resources of its own",
        ),
        pytest.param(
            governed(TO_OUR_RESOURCES, key_policy=OPEN, key_account="444455556666", question="decrypt"),
            Truth.PERHAPS,
            id="a key of who knows which organization",
        ),
        pytest.param(
            governed({"StringEquals": {"aws:VpceAccount": "123456789012"}}, endpoints={"kms": OPEN}, **BY_THE_KEY),
            Truth.NO,
            id="denied by the organization what the key policy gives",
        ),
        pytest.param(
            governed({"StringEquals": {"aws:PrincipalTag/Env": "prod"}}, tags={"Env": "test"}, **BY_THE_KEY),
            Truth.YES,
            id="not denied by the organization what the key policy gives",
        ),
        pytest.param(
            governed(BY_AGENT, **BY_THE_KEY),
            Truth.PERHAPS,
            id="perhaps denied by the organization what the key policy gives",
        ),
        pytest.param(
            {"organization": [[]], "unread": ["tags"], "key_policy": OPEN, "question": "decrypt"},
            Truth.PERHAPS,
            id="perhaps allowed by the organization, whatever the key policy gives",
        ),
        pytest.param(
            governed({"Null": {"aws:UserAgent": "true"}}),
            Truth.YES,
            id="denied by the organization to who names no agent",
        ),
        pytest.param(
            governed(BY_AGENT), Truth.PERHAPS, id="denied by the organization for the agent's name, which nobody tells"
        ),
        pytest.param(
            governed({"Null": {"aws:TokenIssueTime": "true"}}),
            Truth.YES,
            id="denied by the organization to long-lived credentials",
        ),
        pytest.param(
            governed(BY_OLD_METADATA), Truth.YES, id="denied by the organization to credentials by the old metadata"
        ),
        pytest.param(
            governed(
                {"Null": {"aws:VpcSourceIp": "true"}},
                boundary=[ALL, denying(Condition=BY_AGENT)],
                endpoints={"s3": OPEN},
                question="look up bucket",
            ),
            Truth.PERHAPS,
            id="denied by the boundary for the agent's name, and by the organization until IAM knows the endpoint",
        ),
        pytest.param(
            governed({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}),
            Truth.PERHAPS,
            id="denied by the organization for a path that nobody can look up",
        ),
    ],
)
def test_what_the_oracle_found_is_told_right(case: dict[str, object], said: Truth) -> None:
    trial = judged({**ACCOUNT, **case})
    assert (trial.product, trial.difference) == (said, None)


LACKED = [
    pytest.param({"StringLike": {"aws:UserAgent": "*ssm*"}}, id="an agent"),
    pytest.param({"StringLikeIfExists": {"aws:UserAgent": "*ssm*"}}, id="an agent, if any"),
    pytest.param({"StringNotLike": {"aws:UserAgent": "*ssm*"}}, id="not an agent"),
    pytest.param({"StringNotLikeIfExists": {"aws:UserAgent": "*ssm*"}}, id="not an agent, if any"),
    pytest.param({"NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}, id="not a network, if any"),
    pytest.param({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, id="a network"),
    pytest.param({"DateLessThanIfExists": {"aws:TokenIssueTime": "2026-11-27T07:00:00Z"}}, id="an older token, if any"),
    pytest.param({"DateGreaterThan": {"aws:TokenIssueTime": "2026-11-27T07:00:00Z"}}, id="a newer token"),
]
"""Conditions on keys that every request of a node has, and whose values nobody can tell."""
SILENT = [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]
BY_RESOURCE = {"write objects": {"bucket_policy": OPEN}, "decrypt": {"key_policy": OPEN}}
MEMBER: dict[str, object] = {"organization": [[ALL]], "organization_id": "o-1"}


@pytest.mark.parametrize("membership", [{}, MEMBER], ids=["no organization", "a member"])
@pytest.mark.parametrize("who", ["role", "boundary", "role within a silent boundary"])
@pytest.mark.parametrize("condition", LACKED)
def test_a_denial_for_a_key_that_iam_lacked_leaves_open_what_the_resource_allows(
    condition: dict[str, object], who: str, membership: dict[str, object]
) -> None:
    denies = denying(Condition=condition)
    case = {**ACCOUNT, **membership, "way": "tgw", "elsewhere": {"aws:SourceIp": "192.0.2.77"}}
    case["boundary"] = {"role": None, "boundary": [ALL, denies]}.get(who, SILENT)
    case["inline"] = [SILENT if who == "boundary" else [denies]]
    for question, opened in BY_RESOURCE.items():
        trials = [judged({**case, "question": question, **more}) for more in (opened, {})]
        assert [(each.product, each.difference) for each in trials] == [(Truth.PERHAPS, None), (Truth.NO, None)]
