from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.iam_policy.document import Effect, MalformedPolicy, Policy, Statement, policy_from_data
from ssmtui.iam_policy.evaluation import (
    AuthorizationRequest,
    PolicyResult,
    evaluate_request,
    is_role_session,
    undecided_keys,
)
from ssmtui.iam_policy.patterns import UNKNOWN_VALUE, matches
from ssmtui.iam_policy.truth import Truth
from tests.builders.policies import a_policy, allow, deny, statement

ACTION, RESOURCE, ROLE = "kms:Decrypt", "arn:aws:kms:eu-west-3:1:key/k", "arn:aws:iam::1:role/web"
REQUEST = AuthorizationRequest(ACTION, RESOURCE, (ROLE,), {"aws:SecureTransport": ("true",), "kms:ViaService": ()})
YES, PERHAPS, NO = Truth.YES, Truth.PERHAPS, Truth.NO


def reading(*statements: Statement) -> PolicyResult:
    return evaluate_request((a_policy(*statements),), REQUEST)


@pytest.mark.parametrize(
    ("statement_", "applies"),
    [
        pytest.param(allow(ACTION, RESOURCE, ROLE), YES, id="named exactly"),
        pytest.param(allow("KMS:decrypt", RESOURCE, ROLE), YES, id="actions have no case"),
        pytest.param(allow("kms:*", "*", "*"), YES, id="wildcards"),
        pytest.param(allow("kms:Dec?ypt", "arn:aws:kms:*:1:key/*", ROLE), YES, id="a question mark is one character"),
        pytest.param(allow(ACTION, RESOURCE.upper(), ROLE), NO, id="resources have case"),
        pytest.param(allow("kms:Encrypt", "*", ROLE), NO, id="another action"),
        pytest.param(allow(ACTION, "*", "arn:aws:iam::1:role/other"), NO, id="another role"),
        pytest.param(allow(ACTION, "*"), NO, id="nobody is named"),
        pytest.param(replace(allow("x", "*", ROLE), actions=(), not_actions=("kms:Encrypt",)), YES, id="NotAction"),
        pytest.param(replace(allow("x", "*", ROLE), actions=(), not_actions=("kms:*",)), NO, id="NotAction names it"),
        pytest.param(replace(allow(ACTION, "", ROLE), not_resources=(RESOURCE,)), NO, id="NotResource names it"),
        pytest.param(replace(allow(ACTION, "", ROLE), not_resources=("arn:x",)), YES, id="NotResource names others"),
        pytest.param(replace(allow(ACTION, "*"), not_principals=("arn:other",)), YES, id="NotPrincipal names others"),
        pytest.param(replace(allow(ACTION, "*"), not_principals=(ROLE,)), PERHAPS, id="NotPrincipal spares the role"),
        pytest.param(allow(ACTION, "arn:aws:kms:eu-west-3:1:key/${aws:username}", ROLE), PERHAPS, id="policy variable"),
        pytest.param(allow(ACTION, "arn:aws:s3:::${aws:username}", ROLE), NO, id="variable in another resource"),
    ],
)
def test_a_statement_applies_by_who_does_what_to_which(statement_: Statement, applies: Truth) -> None:
    denial = replace(statement_, effect=Effect.DENY)
    assert (reading(statement_), reading(denial)) == (PolicyResult(applies, NO), PolicyResult(NO, applies))


@pytest.mark.parametrize(
    ("operator", "key", "value", "applies"),
    [
        ("Bool", "aws:SecureTransport", "true", YES),
        ("Bool", "aws:securetransport", "True", YES),
        ("Bool", "aws:SecureTransport", "false", NO),
        ("StringEquals", "kms:ViaService", "secretsmanager.eu-west-3.amazonaws.com", NO),
        ("StringNotEquals", "kms:ViaService", "secretsmanager.eu-west-3.amazonaws.com", YES),
        ("StringEqualsIfExists", "kms:ViaService", "s3.eu-west-3.amazonaws.com", YES),
        ("ForAllValues:StringEquals", "kms:ViaService", "s3.eu-west-3.amazonaws.com", YES),
        ("ForAnyValue:StringEquals", "kms:ViaService", "s3.eu-west-3.amazonaws.com", NO),
        ("Null", "kms:ViaService", "true", YES),
        ("Null", "kms:ViaService", "false", NO),
        ("Null", "aws:SecureTransport", "false", YES),
        ("StringEquals", "aws:PrincipalOrgID", "o-1", PERHAPS),
        ("Null", "aws:PrincipalOrgID", "true", PERHAPS),
        ("StringEquals", "aws:SecureTransport", "${aws:username}", PERHAPS),
        ("IpAddress", "aws:SecureTransport", "10.0.0.0/8", PERHAPS),
        ("StringNotLike", "aws:SecureTransport", "t*", NO),
    ],
)
def test_a_condition_holds_by_what_is_known_of_the_request(operator: str, key: str, value: str, applies: Truth) -> None:
    assert reading(allow(ACTION, "*", ROLE, (operator, key, value))) == PolicyResult(applies, NO)


@pytest.mark.parametrize(
    ("operator", "value", "applies"),
    [
        ("Null", "false", YES),
        ("Null", "true", NO),
        ("StringLike", "*", YES),
        ("StringNotLike", "*", NO),
        ("StringEquals", "*", PERHAPS),
        ("StringLike", "alex-*", PERHAPS),
        ("StringNotEquals", "alex-1", PERHAPS),
        ("StringEqualsIfExists", "alex-1", PERHAPS),
        ("ForAnyValue:StringLike", "*", YES),
        ("ForAllValues:StringEquals", "alex-1", PERHAPS),
        ("NumericEquals", "1", PERHAPS),
    ],
)
def test_a_key_that_the_request_has_with_an_unknown_value(operator: str, value: str, applies: Truth) -> None:
    request = replace(REQUEST, context={"aws:userid": (UNKNOWN_VALUE,)})
    policy = a_policy(allow(ACTION, "*", ROLE, (operator, "aws:userid", value)))
    assert evaluate_request((policy,), request).allows is applies
    assert undecided_keys((policy,), request) == (("aws:userid",) if applies is PERHAPS else ())


def test_a_variable_with_an_unknown_value_fits_any_text() -> None:
    request = replace(REQUEST, context={"aws:userid": (UNKNOWN_VALUE,), "aws:username": ("alex-1",)})
    policy = a_policy(allow(ACTION, "*", ROLE, ("StringLike", "aws:username", "${aws:userid}-*")))
    assert evaluate_request((policy,), request).allows is PERHAPS


def test_whether_an_arn_condition_reaches_over_a_colon_cannot_be_told() -> None:
    request = replace(REQUEST, context={"aws:SourceArn": ("arn:aws:ssm:eu-west-3:1:activation/a",)})

    def allowed(pattern: str) -> Truth:
        return evaluate_request(
            (a_policy(allow(ACTION, "*", ROLE, ("ArnLike", "aws:SourceArn", pattern))),), request
        ).allows

    assert [allowed("arn:aws:ssm:*:1:*"), allowed("arn:aws:ssm:*"), allowed("arn:aws:*:1:activation/a")] == [
        YES,
        PERHAPS,
        PERHAPS,
    ]


@pytest.mark.parametrize(
    ("operator", "wanted", "values"),
    [
        pytest.param("StringResembles", "x", ("x",), id="an operator that is not known here"),
        pytest.param("ForSomeValues:StringEquals", "x", ("x",), id="a set operator that is not known here"),
        pytest.param("StringEquals", "x", ("x", "y"), id="several values without a set operator"),
        pytest.param("NumericEquals", "ten", ("10",), id="a number that is none"),
        pytest.param("NumericLessThan", "NaN", ("10",), id="not a number"),
        pytest.param("DateLessThan", "tomorrow", ("2026-11-25",), id="a date that is none"),
        pytest.param("DateLessThan", "2026", ("2026-11-25",), id="a year, or seconds since 1970"),
        pytest.param("IpAddress", "somewhere", ("10.0.0.1",), id="a network that is none"),
        pytest.param("IpAddress", "2001:db8::1", ("2001:db8::2",), id="an IPv6 address without a prefix"),
        pytest.param("Bool", "yes", ("true",), id="a boolean that is none"),
        pytest.param("ArnLike", "*", (ROLE,), id="an ARN pattern without parts"),
    ],
)
def test_what_aws_does_not_document_is_left_open(operator: str, wanted: str, values: tuple[str, ...]) -> None:
    request = replace(REQUEST, context={"test:Key": values})
    policy = a_policy(allow(ACTION, "*", ROLE, (operator, "test:Key", wanted)))
    assert evaluate_request((policy,), request).allows is PERHAPS


@pytest.mark.parametrize("pattern", ["arn:aws:kms:*:key/k", "arn:*:key/k", "arn:aws:kms:eu-*1:key/k"])
def test_a_wildcard_that_would_have_to_reach_over_a_colon_is_left_open(pattern: str) -> None:
    assert reading(allow(ACTION, pattern, ROLE)).allows is PERHAPS


def test_the_keys_on_which_it_hangs_are_named() -> None:
    on_condition = allow(ACTION, "*", ROLE, ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalTag/org, 'o-1'}"))
    by_name = allow(ACTION, "arn:aws:kms:eu-west-3:1:key/${aws:username}", ROLE)
    elsewhere = allow("s3:*", "*", ROLE, ("StringEquals", "aws:SourceVpc", "vpc-1"))
    settled = allow(ACTION, "*", ROLE, ("Bool", "aws:SecureTransport", "true"))
    policy = a_policy(on_condition, by_name, elsewhere, settled)
    assert undecided_keys((policy,), REQUEST) == ("aws:PrincipalOrgID", "aws:PrincipalTag/org", "aws:username")


@pytest.mark.parametrize("condition", ["aws:SourceVpc", {"StringEquals": "aws:SourceVpc"}])
def test_a_condition_that_is_none_is_no_policy(condition: object) -> None:
    statement_ = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    with pytest.raises(MalformedPolicy):
        policy_from_data({"Version": "2012-10-17", "Statement": statement_})


def test_an_explicit_denial_wins_over_an_allowance() -> None:
    assert reading(allow(ACTION, "*", "*"), deny(ACTION, "*", "*")).permits is NO


def test_an_identity_policy_names_nobody() -> None:
    identity = replace(REQUEST, principals=())
    assert evaluate_request((a_policy(allow(ACTION, RESOURCE)),), identity).permits is YES


patterns = st.text(alphabet="ab*?", max_size=8)


@given(pattern=patterns, text=st.text(alphabet="ab", max_size=8))
def test_wildcards_match_as_regular_expressions_would(pattern: str, text: str) -> None:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert matches(pattern, text) == bool(re.fullmatch(expression, text, re.DOTALL))


statements = st.builds(
    statement,
    effect=st.sampled_from(Effect),
    action=st.sampled_from(["kms:*", ACTION, "kms:Encrypt"]),
    resource=st.sampled_from(["*", RESOURCE, "arn:other", "arn:aws:kms:eu-west-3:1:key/${aws:username}"]),
    principal=st.sampled_from(["*", ROLE, "arn:other"]),
    condition=st.sampled_from(
        [
            None,
            ("Bool", "aws:SecureTransport", "true"),
            ("Bool", "aws:SecureTransport", "false"),
            ("StringEquals", "aws:PrincipalOrgID", "o-1"),
        ]
    ),
)
policies = st.lists(statements, max_size=5).map(lambda found: Policy(tuple(found)))
RANK = {NO: 0, PERHAPS: 1, YES: 2}


@given(policy=policies, extra=statements)
def test_one_more_allowance_never_takes_anything_away(policy: Policy, extra: Statement) -> None:
    more = Policy((*policy.statements, replace(extra, effect=Effect.ALLOW)))
    before, after = evaluate_request((policy,), REQUEST), evaluate_request((more,), REQUEST)
    assert RANK[after.permits] >= RANK[before.permits]
    assert after.denies is before.denies


@given(policy=policies, extra=statements)
def test_one_more_denial_never_gives_anything(policy: Policy, extra: Statement) -> None:
    more = Policy((*policy.statements, replace(extra, effect=Effect.DENY)))
    assert RANK[evaluate_request((more,), REQUEST).permits] <= RANK[evaluate_request((policy,), REQUEST).permits]


@given(policy=policies)
def test_a_denial_of_everything_closes_every_policy(policy: Policy) -> None:
    closed = Policy((*policy.statements, deny("*", "*", "*")))
    assert evaluate_request((closed,), REQUEST).permits is NO


@given(policy=policies, organization=st.sampled_from(["o-1", "o-2"]))
def test_knowing_more_of_the_request_never_contradicts_what_was_sure(policy: Policy, organization: str) -> None:
    known = replace(REQUEST, context={**REQUEST.context, "aws:PrincipalOrgID": (organization,)})
    before, after = evaluate_request((policy,), REQUEST).permits, evaluate_request((policy,), known).permits
    assert before in (PERHAPS, after)


@pytest.mark.parametrize(("session", "expected"), [("alex-0123", YES), ("kim-0123", NO)])
def test_a_policy_variable_whose_value_is_known_is_filled_in(session: str, expected: Truth) -> None:
    policy = a_policy(allow("ssm:TerminateSession", "arn:aws:ssm:*:*:session/${aws:userid}-*"))
    resource = f"arn:aws:ssm:eu-west-3:123456789012:session/{session}"
    request = AuthorizationRequest("ssm:TerminateSession", resource, context={"aws:userid": ("alex",)})
    assert evaluate_request((policy,), request).allows is expected


@pytest.mark.parametrize(
    ("name", "role", "is_one"),
    [
        ("arn:aws:sts::1:assumed-role/web/i-1", "arn:aws:iam::1:role/web", True),
        ("arn:aws:sts::1:assumed-role/web/i-1", "arn:aws:iam::1:role/ops/web", True),
        ("arn:aws:sts::1:assumed-role/web/i-1", "arn:aws:iam::2:role/web", False),
        ("arn:aws:sts::1:assumed-role/web/i-1", "arn:aws:iam::1:role/i-1", False),
        ("arn:aws:iam::1:role/web", "arn:aws:iam::1:role/web", False),
        ("arn:aws:sts::1:assumed-role/web/i-1", "arn:aws:iam::1:user/web", False),
    ],
)
def test_a_session_is_of_the_role_of_its_name_and_account(name: str, role: str, is_one: object) -> None:
    assert is_role_session(name, role) is is_one
