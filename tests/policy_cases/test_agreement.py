"""The two evaluators on policies that nobody wrote: where one is sure, the other never says the contrary.

What nobody knows is tried out: the product may be sure only where every value that the request could have makes the
simulated AWS answer the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ssmtui.iam_policy.truth import Truth
from tests.examples import examples
from tests.policy_cases.answers import of_the_product, of_the_product_unread, of_the_simulator
from tests.policy_cases.case import (
    ACCOUNT,
    ALLOWED,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SESSION,
    Case,
    Expected,
    OnResource,
    StatementJSON,
    Values,
    allow,
    deny,
    where,
)

KEY = "arn:aws:kms:eu-west-3:123456789012:key/red"
POSSIBLE: dict[str, tuple[Values | None, ...]] = {
    "aws:SourceVpc": ("vpc-1", "vpc-2", None),
    "aws:PrincipalTag/team": ("red", "blue", None),
    "aws:TagKeys": (("a",), ("a", "b"), None),
    "s3:max-keys": ("5", "10", None),
    "aws:SourceIp": ("10.1.2.3", "192.0.2.1", None),
    "aws:TokenIssueTime": ("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", None),
    "aws:SourceArn": ("arn:aws:sns:eu-west-3:123456789012:red", None),
    "aws:MultiFactorAuthPresent": ("true", "false", None),
}

TESTS = (
    ("StringEquals", "aws:SourceVpc", "vpc-1"),
    ("StringNotEquals", "aws:SourceVpc", ["vpc-1", "vpc-3"]),
    ("StringEqualsIfExists", "aws:SourceVpc", "VPC-1"),
    ("StringNotEqualsIfExists", "AWS:sourcevpc", "vpc-1"),
    ("StringEqualsIgnoreCase", "aws:SourceVpc", "VPC-1"),
    ("StringNotEqualsIgnoreCase", "aws:SourceVpc", "VPC-1"),
    ("StringLike", "aws:SourceVpc", "vpc-?"),
    ("StringNotLike", "aws:SourceVpc", "*-1"),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}"),
    ("StringLike", "aws:SourceVpc", "vpc-${aws:PrincipalTag/team, '1'}"),
    ("StringNotLike", "aws:SourceVpc", "*${aws:PrincipalTag/team}*"),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "c"]),
    ("ForAnyValue:StringEquals", "aws:TagKeys", "b"),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", "b"),
    ("ForAnyValue:StringNotLike", "aws:TagKeys", "a*"),
    ("ForAnyValue:StringLikeIfExists", "aws:TagKeys", "b*"),
    ("Null", "aws:TagKeys", "true"),
    ("Null", "aws:SourceVpc", "false"),
    ("NumericLessThan", "s3:max-keys", "10"),
    ("NumericGreaterThanEqualsIfExists", "s3:max-keys", 10),
    ("NumericNotEquals", "s3:max-keys", "5"),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
    ("DateGreaterThan", "aws:TokenIssueTime", "2025-01-01"),
    ("DateLessThanEqualsIfExists", "aws:TokenIssueTime", "1577836800"),
    ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:r*"),
    ("ArnNotEquals", "aws:SourceArn", "arn:aws:sns:*:123456789012:${aws:PrincipalTag/team}"),
    ("ArnEquals", "aws:PrincipalArn", ROLE),
    ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/o*"),
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/w*"),
    ("Bool", "aws:MultiFactorAuthPresent", "true"),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
)

ACTION_PATTERNS = st.sampled_from(["*", "kms:*", "KMS:decrypt", "kms:De?rypt", "s3:*", "kms:Encrypt", "*:Decrypt"])
RESOURCE_PATTERNS = st.sampled_from(
    [
        "*",
        KEY,
        "arn:aws:kms:*:123456789012:key/*",
        "arn:aws:kms:eu-*:*:key/r?d",
        "arn:aws:kms:*",
        "arn:aws:kms",
        "arn:aws:s3:::b/*",
        "arn:aws:kms:*:key/*",
        "arn:*:key/red",
        "arn:aws:kms:eu-west-3:123456789012:key/${aws:PrincipalTag/team}",
        "arn:aws:kms:*:*:key/${aws:PrincipalTag/team, 'red'}",
        "arn:aws:kms:*:*:key/r${*}",
    ]
)
NAMES = [
    {"AWS": "*"},
    {"AWS": ROLE},
    {"AWS": ROOT},
    {"AWS": [ACCOUNT, f"{ROLE}-other"]},
    {"AWS": [ROLE, ROOT]},
    {"AWS": SESSION},
    {"AWS": f"{ROLE}-other"},
    {"Service": "ec2.amazonaws.com"},
]
PRINCIPALS = st.sampled_from(["*", *NAMES])
CONDITION_BLOCKS = st.lists(st.sampled_from(TESTS), max_size=2)


def statement(
    effect: str, act: tuple[str, str], on: tuple[str, str], tests: list[tuple[str, str, object]]
) -> StatementJSON:
    block: dict[str, dict[str, object]] = {}
    for operator, key, value in tests:
        block.setdefault(operator, {})[key] = value
    condition = {"Condition": block} if block else {}
    return {"Effect": effect, act[0]: act[1], on[0]: on[1], **condition}


STATEMENTS = st.builds(
    statement,
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.tuples(st.sampled_from(["Action", "Action", "NotAction"]), ACTION_PATTERNS),
    st.tuples(st.sampled_from(["Resource", "Resource", "NotResource"]), RESOURCE_PATTERNS),
    CONDITION_BLOCKS,
)
# Without a word that allows nearly everything would be denied, and nothing learned.
FIRST_WORDS = st.sampled_from([(), (allow(),), (allow("kms:*"),), (allow("kms:Decrypt", KEY),)])
DOCUMENTS = st.builds(lambda first, more: (*first, *more), FIRST_WORDS, st.lists(STATEMENTS, max_size=3))
NAMED_STATEMENTS = st.builds(lambda found, who: {**found, "Principal": who}, STATEMENTS, PRINCIPALS)
SPARING_STATEMENTS = st.builds(
    lambda found, who: {**found, "Effect": "Deny", "NotPrincipal": who}, STATEMENTS, st.sampled_from(NAMES)
)
NAMED_DOCUMENTS = st.builds(
    lambda first, who, more: (*({**each, "Principal": who} for each in first), *more),
    FIRST_WORDS,
    PRINCIPALS,
    st.lists(st.one_of(NAMED_STATEMENTS, NAMED_STATEMENTS, SPARING_STATEMENTS), max_size=2),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A request that lacks some keys, has some, and of which some nobody knows."""
    kept = draw(st.lists(st.sampled_from(sorted(POSSIBLE)), unique=True, max_size=5))
    unknown = tuple(kept[:2])
    values = {key: draw(st.sampled_from(POSSIBLE[key])) for key in kept[2:]}
    return Case(
        "random",
        "",
        ALLOWED,
        draw(DOCUMENTS),
        "kms:Decrypt",
        KEY,
        {"aws:PrincipalArn": ROLE, **{key: value for key, value in values.items() if value is not None}},
        unknown=unknown,
        version=draw(st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17", None])),
        boundary=draw(st.none() | DOCUMENTS),
    )


def every_request(case: Case) -> Iterator[Mapping[str, Values]]:
    for values in product(*(POSSIBLE[key] for key in case.unknown)):
        yield {key: value for key, value in zip(case.unknown, values, strict=True) if value is not None}


def never_contradicted(case: Case) -> None:
    permits, _ = of_the_product(case)
    event(permits.value)
    answers = {of_the_simulator(case, told) is Expected.ALLOWED for told in every_request(case)}
    if permits is not Truth.PERHAPS:
        assert answers == {permits is Truth.YES}


@pytest.mark.long
@given(case=cases())
@settings(max_examples=examples(400))
def test_what_is_sure_of_policies_and_boundary_is_so_whatever_the_request_is(case: Case) -> None:
    never_contradicted(case)


@given(case=cases(), levels=st.lists(DOCUMENTS, max_size=2), endpoint=st.none() | NAMED_DOCUMENTS)
def test_what_is_sure_of_organization_and_endpoint_is_so_whatever_the_request_is(
    case: Case, levels: list[tuple[StatementJSON, ...]], endpoint: tuple[StatementJSON, ...] | None
) -> None:
    never_contradicted(replace(case, organization=tuple(levels), endpoint=endpoint))


@pytest.mark.long
@given(
    case=cases(),
    on_key=NAMED_DOCUMENTS,
    granted=st.sampled_from([(), (), ("kms:Decrypt",)]),
    governs=st.booleans(),
    account=st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
)
@settings(max_examples=examples(300))
def test_what_is_sure_with_a_resource_policy_is_so_whatever_the_request_is(
    case: Case, on_key: tuple[StatementJSON, ...], granted: tuple[str, ...], account: str, *, governs: bool
) -> None:
    # A direct request of the role's: of such a one the product knows these keys itself.
    known = {key: value for key, value in case.context.items() if key not in ("aws:SourceArn",)}
    unknown = tuple(key for key in case.unknown if key != "aws:SourceArn")
    on_resource = OnResource(on_key, governs=governs or account != ACCOUNT, granted=granted, account=account)
    never_contradicted(replace(case, context=known, unknown=unknown, on_resource=on_resource))


EVERY_IDENTITY: tuple[tuple[tuple[StatementJSON, ...], tuple[StatementJSON, ...] | None], ...] = (
    ((), None),
    ((allow(),), None),
    ((), (allow(),)),
    ((allow(),), (allow("s3:*"),)),
    ((allow(), deny("kms:*")), None),
    ((), (allow(), deny("kms:*"))),
)
EVERY_KEY_POLICY: tuple[tuple[StatementJSON, ...], ...] = (
    (),
    (allow(Principal={"AWS": ROOT}),),
    (allow(Principal={"AWS": ROLE}),),
    (allow(Principal={"AWS": SESSION}),),
    (allow(Principal="*", **where("ArnLike", "aws:PrincipalArn", ROLE)),),
    (allow(Principal={"AWS": ROLE}), deny(Principal="*")),
    (allow(Principal={"AWS": ROOT}), {**deny(), "NotPrincipal": {"AWS": [ROLE, ROOT]}}),
)


def every_completion(case: Case, unread: frozenset[str]) -> Iterator[Case]:
    """The case with everything that could have been read in the place of what was not."""
    on_key = case.on_resource
    assert on_key is not None
    identities = EVERY_IDENTITY if "identity" in unread else ((case.identity, case.boundary),)
    policies = EVERY_KEY_POLICY if "resource" in unread else (on_key.statements,)
    grants: tuple[tuple[str, ...], ...] = ((), ("kms:Decrypt",)) if "grants" in unread else (on_key.granted,)
    for (identity, boundary), statements, granted in product(identities, policies, grants):
        on_resource = replace(on_key, statements=statements, granted=granted)
        yield replace(case, identity=identity, boundary=boundary, on_resource=on_resource)


@given(
    case=cases(),
    on_key=NAMED_DOCUMENTS,
    granted=st.sampled_from([(), ("kms:Decrypt",)]),
    account=st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
    unread=st.frozensets(st.sampled_from(["identity", "resource", "grants"]), min_size=1),
)
@settings(max_examples=examples(150))
def test_what_was_not_read_never_decides(
    case: Case, on_key: tuple[StatementJSON, ...], granted: tuple[str, ...], account: str, unread: frozenset[str]
) -> None:
    known = {key: value for key, value in case.context.items() if key != "aws:SourceArn"}
    on_resource = OnResource(on_key, governs=True, granted=granted, account=account)
    settled = replace(case, context=known, unknown=(), on_resource=on_resource)
    judged = of_the_product_unread(settled, unread)
    event(judged.allowed.value)
    answers = {of_the_simulator(each, {}) is Expected.ALLOWED for each in every_completion(settled, unread)}
    if judged.allowed is not Truth.PERHAPS:
        assert answers == {judged.allowed is Truth.YES}
    elif len(answers) > 1:
        assert judged.needs


PLAIN_TESTS = [each for each in TESTS if "${" not in str(each[2])]
PLAIN_RESOURCES = st.sampled_from(["*", KEY, "arn:aws:kms:*:123456789012:key/*", "arn:aws:kms:*", "arn:aws:s3:::b/*"])
PLAIN_STATEMENTS = st.builds(
    statement,
    st.sampled_from(["Allow", "Deny"]),
    st.tuples(st.sampled_from(["Action", "NotAction"]), ACTION_PATTERNS),
    st.tuples(st.sampled_from(["Resource", "NotResource"]), PLAIN_RESOURCES),
    st.lists(st.sampled_from(PLAIN_TESTS), max_size=2),
)
PLAIN_DOCUMENTS = st.lists(PLAIN_STATEMENTS, max_size=4).map(tuple)


@given(case=cases(), identity=PLAIN_DOCUMENTS, boundary=st.none() | PLAIN_DOCUMENTS)
def test_where_every_key_is_known_the_two_answer_the_same(
    case: Case, identity: tuple[StatementJSON, ...], boundary: tuple[StatementJSON, ...] | None
) -> None:
    known = replace(case, identity=identity, boundary=boundary, unknown=())
    assert of_the_product(known)[1] is of_the_simulator(known, {})
