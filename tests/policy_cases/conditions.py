"""Condition operators, single- and multi-valued keys, missing keys."""

from __future__ import annotations

from tests.policy_cases.case import (
    ALLOWED,
    CANNOT_TELL,
    EXPLICIT,
    IAM,
    IMPLICIT,
    Case,
    Expected,
    Values,
    allow,
    deny,
    where,
)

_OPERATORS = f"{IAM}reference_policies_elements_condition_operators.html"
_SETS = f"{IAM}reference_policies_condition-single-vs-multi-valued-context-keys.html"
_LOGIC = f"{IAM}reference_policies_condition-logic-multiple-context-keys-or-values.html"
_TOPIC = "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"
_DISTRIBUTIONS = ["arn:aws:cloudfront::123456789012:distribution/*", "arn:aws:cloudfront::123456789012:distribution/s*"]
_DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/costcenter"
_TAG_KEYS = ["environment", "cost-center"]


def _test(
    operator: str,
    wanted: object,
    actual: Values | None,
    *,
    holds: bool,
    source: str = _OPERATORS,
    key: str = "test:Key",
) -> Case:
    """An allowance on one condition; `actual` is None where the request lacks the key."""
    return Case(
        f"{operator} {wanted!r}, asked with {actual!r}",
        source,
        ALLOWED if holds else IMPLICIT,
        (allow(**where(operator, key, wanted)),),
        context={} if actual is None else {key: actual},
    )


def _both(wanted: dict[str, object], actual: dict[str, Values], *, holds: bool, source: str) -> Case:
    return Case(
        f"{wanted!r}, asked with {actual!r}",
        source,
        ALLOWED if holds else IMPLICIT,
        (allow(Condition=wanted),),
        context=actual,
    )


def _unsure(operator: str, wanted: object, *settled: tuple[Values | None, Expected], effect: str = "Allow") -> Case:
    condition = where(operator, "test:Key", wanted)
    statements = (allow(**condition),) if effect == "Allow" else (allow(), deny(**condition))
    return Case(
        f"{effect} on {operator} {wanted!r}, and nobody knows the key",
        _OPERATORS,
        CANNOT_TELL,
        statements,
        unknown=("test:Key",),
        settled=settled,
    )


_TAGGED: dict[str, object] = {
    "StringEqualsIgnoreCase": {"aws:RequestTag/environment": ["preprod", "storage"]},
    "ForAnyValue:StringEquals": {"aws:TagKeys": "environment"},
}
_DELETING: dict[str, object] = {
    "ForAllValues:StringEquals": {"aws:TagKeys": _TAG_KEYS},
    "Null": {"aws:TagKeys": "false"},
}

CONDITIONS: tuple[Case, ...] = (
    _test("StringEquals", "iamuser-admin", "iamuser-admin", holds=True, key="aws:PrincipalTag/job-category"),
    _test("StringEquals", "iamuser-admin", "dev-ops", holds=False, key="aws:PrincipalTag/job-category"),
    _test("StringEquals", "iamuser-admin", None, holds=False, key="aws:PrincipalTag/job-category"),
    _test("StringEquals", "prod", "Prod", holds=False),
    _test("StringEquals", "pro*", "prod", holds=False),
    _test("StringEquals", "pro*", "pro*", holds=True),
    _test("StringEquals", ["dev", "prod"], "prod", holds=True),
    _test("StringNotEquals", "prod", "dev", holds=True),
    _test("StringNotEquals", "prod", "prod", holds=False),
    _test("StringNotEquals", ["prod", "dev"], "dev", holds=False),
    _test("StringNotEquals", "prod", None, holds=True),
    _test("StringEqualsIgnoreCase", "PreProd", "preprod", holds=True),
    _test("StringEqualsIgnoreCase", "PreProd", "prod", holds=False),
    _test("StringNotEqualsIgnoreCase", "PROD", "prod", holds=False),
    _test("StringNotEqualsIgnoreCase", "PROD", "dev", holds=True),
    _test("StringLike", "home/*", "home/ann", holds=True),
    _test("StringLike", "home/?nn", "home/ann", holds=True),
    _test("StringLike", "home/*", "Home/ann", holds=False),
    _test("StringLike", "home", "home/ann", holds=False),
    _test("StringNotLike", "home/*", "home/ann", holds=False),
    _test("StringNotLike", "home/*", None, holds=True),
    _test("NumericLessThanEquals", "10", "10", holds=True, key="s3:max-keys"),
    _test("NumericLessThanEquals", "10", "11", holds=False, key="s3:max-keys"),
    _test("NumericLessThanEquals", "10", None, holds=False, key="s3:max-keys"),
    _test("NumericLessThan", "10", "9.5", holds=True),
    _test("NumericLessThan", "10", "10", holds=False),
    _test("NumericGreaterThan", "10", "9", holds=False),
    _test("NumericGreaterThan", "9", "10", holds=True),
    _test("NumericGreaterThanEquals", 10, "10", holds=True),
    _test("NumericEquals", "10", "10.0", holds=True),
    _test("NumericNotEquals", "10", "10", holds=False),
    _test("NumericNotEquals", "10", "11", holds=True),
    _test("DateGreaterThan", "2020-01-01T00:00:01Z", "2026-11-25T00:00:00Z", holds=True, key="aws:TokenIssueTime"),
    _test("DateGreaterThan", "2020-01-01T00:00:01Z", None, holds=False, key="aws:TokenIssueTime"),
    _test("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", holds=False),
    _test("DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", holds=True),
    _test("DateLessThan", "2020-01-01T00:00:00Z", "2020-01-01T00:30:00+01:00", holds=True),
    _test("DateLessThanEquals", "2020-01-01", "2020-01-01T00:00:00Z", holds=True),
    _test("DateEquals", "1577836800", "2020-01-01T00:00:00Z", holds=True, key="aws:EpochTime"),
    _test("DateEquals", "2020-01", "2020-01-01T00:00:00Z", holds=True),
    _test("DateNotEquals", "2020-01-01T00:00:00Z", "1577836800", holds=False),
    _test("Bool", "false", "false", holds=True, key="aws:SecureTransport"),
    _test("Bool", "false", "true", holds=False, key="aws:SecureTransport"),
    _test("Bool", False, "false", holds=True, key="aws:SecureTransport"),
    _test("Bool", "false", None, holds=False, key="aws:SecureTransport"),
    _test("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", holds=True),
    _test("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "ASIAIOSFODNN7EXAMPLE", holds=False),
    _test("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", None, holds=False),
    _test("IpAddress", "203.0.113.0/24", "203.0.113.1", holds=True, key="aws:SourceIp"),
    _test("IpAddress", "203.0.113.0/24", "198.51.100.1", holds=False, key="aws:SourceIp"),
    _test("IpAddress", "203.0.113.0/24", None, holds=False, key="aws:SourceIp"),
    _test("IpAddress", "203.0.113.7", "203.0.113.7", holds=True, key="aws:SourceIp"),
    _test("IpAddress", "203.0.113.7", "203.0.113.8", holds=False, key="aws:SourceIp"),
    _test("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", holds=True),
    _test("IpAddress", "2001:DB8:1234:5678::/64", "203.0.113.1", holds=False),
    _test("NotIpAddress", "203.0.113.0/24", "203.0.113.1", holds=False, key="aws:SourceIp"),
    _test("NotIpAddress", "203.0.113.0/24", "198.51.100.1", holds=True, key="aws:SourceIp"),
    _test("NotIpAddress", "203.0.113.0/24", None, holds=True, key="aws:SourceIp"),
    _test("ArnEquals", _TOPIC, _TOPIC, holds=True, key="aws:SourceArn"),
    _test("ArnEquals", _TOPIC, _TOPIC.replace("123456789012", "777788889999"), holds=False, key="aws:SourceArn"),
    _test("ArnEquals", _TOPIC, None, holds=False, key="aws:SourceArn"),
    _test("ArnEquals", "arn:aws:sns:*:123456789012:TOPIC-*", _TOPIC, holds=True, key="aws:SourceArn"),
    _test("ArnLike", "arn:aws:sns:*:123456789012:TOPIC-??", _TOPIC, holds=True, key="aws:SourceArn"),
    _test("ArnLike", "arn:aws:sns:*:123456789012:topic-id", _TOPIC, holds=False, key="aws:SourceArn"),
    _test("ArnNotEquals", _TOPIC, _TOPIC, holds=False, key="aws:SourceArn"),
    _test("ArnNotLike", "arn:aws:sns:*:123456789012:*", _TOPIC, holds=False, key="aws:SourceArn"),
    _test("ArnNotLike", "arn:aws:sns:*:123456789012:*", None, holds=True, key="aws:SourceArn"),
    _test("StringEqualsIfExists", "prod", None, holds=True),
    _test("StringEqualsIfExists", "prod", "dev", holds=False),
    _test("StringLikeIfExists", ["t1.*", "m3.*"], "m3.large", holds=True, key="ec2:InstanceType"),
    _test("StringNotEqualsIfExists", "prod", None, holds=True),
    _test("BoolIfExists", "true", None, holds=True, key="aws:MultiFactorAuthPresent"),
    _test("BoolIfExists", "true", "false", holds=False, key="aws:MultiFactorAuthPresent"),
    _test("NumericLessThanIfExists", "10", None, holds=True),
    _test("DateLessThanIfExists", "2020-01-01T00:00:00Z", None, holds=True),
    _test("IpAddressIfExists", "203.0.113.0/24", None, holds=True),
    _test("ArnLikeIfExists", "arn:aws:sns:*:123456789012:*", None, holds=True),
    _test("Null", "true", None, holds=True, key="aws:TokenIssueTime"),
    _test("Null", "true", "2026-11-25T00:00:00Z", holds=False, key="aws:TokenIssueTime"),
    _test("Null", "false", None, holds=False, key="aws:TokenIssueTime"),
    _test("Null", "false", "2026-11-25T00:00:00Z", holds=True, key="aws:TokenIssueTime"),
    _test("Null", False, "x", holds=True),
    _test("ForAllValues:StringEquals", _TAG_KEYS, _TAG_KEYS, holds=True, source=_SETS, key="aws:TagKeys"),
    _test("ForAllValues:StringEquals", _TAG_KEYS, ["environment", "dept"], holds=False, source=_SETS),
    _test("ForAllValues:StringEquals", _TAG_KEYS, None, holds=True, source=_SETS, key="aws:TagKeys"),
    _test("ForAnyValue:StringEquals", _TAG_KEYS, ["environment", "dept"], holds=True, source=_SETS),
    _test("ForAnyValue:StringEquals", _TAG_KEYS, ["dept"], holds=False, source=_SETS, key="aws:TagKeys"),
    _test("ForAnyValue:StringEquals", _TAG_KEYS, None, holds=False, source=_SETS, key="aws:TagKeys"),
    _test("ForAllValues:StringNotEquals", _TAG_KEYS, ["dept"], holds=True),
    _test("ForAllValues:StringNotEquals", _TAG_KEYS, ["dept", "environment"], holds=False),
    _test("ForAnyValue:StringNotEquals", _TAG_KEYS, ["dept", "environment"], holds=True),
    _test("ForAnyValue:StringNotEquals", _TAG_KEYS, ["environment"], holds=False),
    _test("ForAllValues:StringLike", "cost-*", ["cost-center", "cost-unit"], holds=True),
    _test("ForAnyValue:StringLike", "cost-*", ["dept", "cost-unit"], holds=True),
    _test("ForAllValues:StringNotLike", "o-a/r-b/*", ["o-a/r-b/ou-1/"], holds=False, key="aws:ResourceOrgPaths"),
    _test("ForAllValues:ArnLike", _DISTRIBUTIONS, [_DISTRIBUTION], holds=True),
    _test("ForAllValues:ArnLike", _DISTRIBUTIONS, None, holds=True),
    _test("ForAllValues:ArnLike", _DISTRIBUTIONS, [_DISTRIBUTION, _TOPIC], holds=False),
    _test("ForAllValues:Bool", "true", ["true", "false"], holds=False),
    _test("ForAnyValue:Bool", "true", ["true", "false"], holds=True),
    _both(
        _TAGGED, {"aws:TagKeys": ["environment"], "aws:RequestTag/environment": "preprod"}, holds=True, source=_LOGIC
    ),
    _both(
        _TAGGED,
        {"aws:TagKeys": ["environment", "costcenter"], "aws:RequestTag/environment": "PreProd"},
        holds=True,
        source=_LOGIC,
    ),
    _both(
        _TAGGED, {"aws:TagKeys": ["Environment"], "aws:RequestTag/environment": "preprod"}, holds=False, source=_LOGIC
    ),
    _both(_TAGGED, {"aws:RequestTag/environment": "storage"}, holds=False, source=_LOGIC),
    _both(_TAGGED, {"aws:TagKeys": ["environment"]}, holds=False, source=_LOGIC),
    _both(_DELETING, {"aws:TagKeys": ["cost-center"]}, holds=True, source=_SETS),
    _both(_DELETING, {}, holds=False, source=_SETS),
    Case(
        "key names have no case",
        f"{IAM}reference_policies_condition-keys.html",
        ALLOWED,
        (allow(**where("StringEquals", "AWS:requestedregion", "eu-west-3")),),
        context={"aws:RequestedRegion": "eu-west-3"},
    ),
    Case(
        "a denial on a negated operator meets a request without the key",
        _OPERATORS,
        EXPLICIT,
        (allow(), deny(**where("StringNotEquals", "aws:RequestedRegion", "eu-west-3"))),
    ),
    Case(
        "a denial with IfExists on a negated operator does too",
        _OPERATORS,
        EXPLICIT,
        (allow(), deny(**where("StringNotEqualsIfExists", "aws:RequestedRegion", "eu-west-3"))),
    ),
    Case(
        "ForAnyValue in a denial does not meet a request without the key",
        _SETS,
        ALLOWED,
        (allow(), deny(**where("ForAnyValue:StringEquals", "aws:TagKeys", "secret"))),
    ),
    _unsure("StringEquals", "prod", ("prod", ALLOWED), ("dev", IMPLICIT), (None, IMPLICIT)),
    _unsure("StringNotEquals", "prod", ("prod", IMPLICIT), (None, ALLOWED)),
    _unsure("StringEqualsIfExists", "prod", ("dev", IMPLICIT), (None, ALLOWED)),
    _unsure("Null", "true", ("x", IMPLICIT), (None, ALLOWED)),
    _unsure("Bool", "true", ("true", ALLOWED), ("false", IMPLICIT)),
    _unsure("NumericLessThan", "10", ("9", ALLOWED), ("10", IMPLICIT)),
    _unsure("DateLessThan", "2020-01-01", ("2019-12-31", ALLOWED), ("2020-01-02", IMPLICIT)),
    _unsure("IpAddress", "10.0.0.0/8", ("10.1.2.3", ALLOWED), ("192.0.2.1", IMPLICIT)),
    _unsure("ArnLike", "arn:aws:sns:*:*:*", (_TOPIC, ALLOWED), (None, IMPLICIT)),
    _unsure("ForAllValues:StringEquals", "a", (["a"], ALLOWED), (["a", "b"], IMPLICIT), (None, ALLOWED)),
    _unsure("ForAnyValue:StringEquals", "a", (["a", "b"], ALLOWED), (None, IMPLICIT)),
    _unsure("StringEquals", "vpc-1", ("vpc-1", EXPLICIT), (None, ALLOWED), effect="Deny"),
    _unsure("StringNotEquals", "vpc-1", ("vpc-1", ALLOWED), ("vpc-2", EXPLICIT), (None, EXPLICIT), effect="Deny"),
    _unsure("StringNotEqualsIfExists", "vpc-1", ("vpc-1", ALLOWED), (None, EXPLICIT), effect="Deny"),
    _unsure("NotIpAddress", "10.0.0.0/8", ("10.1.2.3", ALLOWED), ("192.0.2.1", EXPLICIT), effect="Deny"),
    Case(
        "what nobody knows is of no consequence where a denial holds in any case",
        _LOGIC,
        EXPLICIT,
        (allow(**where("StringEquals", "test:Key", "x")), deny()),
        unknown=("test:Key",),
        settled=(("x", EXPLICIT), (None, EXPLICIT)),
    ),
    Case(
        "what nobody knows is of no consequence where another statement allows",
        _LOGIC,
        ALLOWED,
        (allow(**where("StringEquals", "test:Key", "x")), allow("s3:Get*")),
        unknown=("test:Key",),
        settled=(("x", ALLOWED), (None, ALLOWED)),
    ),
    Case(
        "what nobody knows is of no consequence where the statement is about something else",
        _LOGIC,
        IMPLICIT,
        (allow("s3:PutObject", **where("StringEquals", "test:Key", "x")),),
        unknown=("test:Key",),
        settled=(("x", IMPLICIT), (None, IMPLICIT)),
    ),
    Case(
        "one condition that fails is enough, whatever another one would",
        _LOGIC,
        IMPLICIT,
        (allow(Condition={"StringEquals": {"test:Key": "x", "aws:RequestedRegion": "eu-west-3"}}),),
        context={"aws:RequestedRegion": "us-east-1"},
        unknown=("test:Key",),
        settled=(("x", IMPLICIT), (None, IMPLICIT)),
    ),
)
