"""Create random policies, requests and hidden keys, as plain data: near the boundary between allow and deny."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

ACCOUNT, OTHER = "123456789012", "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
KEY = "arn:aws:kms:eu-west-3:{account}:key/red"
OBJECT = "arn:aws:s3:::logs/sessions/i-0.log"
BUCKET = "arn:aws:s3:::logs"

REQUESTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "key": (("kms:Decrypt", KEY), ("kms:GenerateDataKey", KEY)),
    "bucket": (("s3:PutObject", OBJECT), ("s3:GetEncryptionConfiguration", BUCKET)),
    "none": (
        ("ssm:UpdateInstanceInformation", f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/i-0123456789abcdef0"),
        ("ssmmessages:OpenDataChannel", "*"),
        ("logs:PutLogEvents", f"arn:aws:logs:eu-west-3:{ACCOUNT}:log-group:/sessions:log-stream:a"),
        ("kms:Decrypt", KEY.format(account=ACCOUNT)),
        ("s3:PutObject", OBJECT),
    ),
}

VALUES: Mapping[str, tuple[list[str] | None, ...]] = {
    "aws:SourceVpce": (["vpce-1"], ["vpce-1"], ["vpce-2"], None),
    "aws:SourceVpc": (["vpc-1"], ["vpc-2"], None),
    "aws:PrincipalTag/team": (["red"], ["red"], ["blue"], ["Red"], ["r*d"], None),
    "aws:PrincipalOrgID": (["o-1"], ["o-1"], None),
    "aws:SourceIp": (["10.1.2.3"], ["192.0.2.1"], ["2001:db8::7"], None),
    "aws:TagKeys": (["a"], ["a", "b"], ["c"], None),
    "aws:TokenIssueTime": (["2020-01-01T00:00:00Z"], ["2026-01-01T00:00:00Z"], None),
    "s3:max-keys": (["5"], ["10"], None),
    "aws:MultiFactorAuthPresent": (["true"], ["false"], None),
    "aws:userid": (["AROAEXAMPLE:i-0123456789abcdef0"],),
}
"""The values of possible keys; a request gets some of them."""

CERTAIN: Mapping[str, list[str]] = {
    "aws:PrincipalArn": [ROLE],
    "aws:PrincipalAccount": [ACCOUNT],
    "aws:RequestedRegion": ["eu-west-3"],
    "aws:SecureTransport": ["true"],
    "aws:PrincipalType": ["AssumedRole"],
    "aws:ViaAWSService": ["false"],
    "kms:CallerAccount": [ACCOUNT],
}
"""The keys of every direct request of a role's session."""

_VPCES = ["vpce-1", ["vpce-1", "vpce-3"], "vpce-*", "VPCE-1", "vpce-?"]
_STRINGS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase")
_ROLES = [ROLE, "arn:aws:iam::*:role/w*", "arn:aws:iam::*:role/other", f"arn:aws:iam::{ACCOUNT}:role/*"]
_DAYS = ("2025-01-01", "2020-01-01T00:00:00Z", "1577836800")

TESTS: tuple[tuple[str, tuple[str, ...], Sequence[object]], ...] = (
    ("aws:SourceVpce", (*_STRINGS, "StringNotEqualsIgnoreCase"), _VPCES),
    ("AWS:sourcevpc", _STRINGS, ["vpc-1", ["vpc-1", "vpc-2"], "vpc-*"]),
    ("aws:PrincipalTag/team", _STRINGS, ["red", "r?d", ["blue", "green"], "${aws:PrincipalTag/team}", "r${*}d"]),
    ("aws:PrincipalOrgID", ("StringEquals", "StringNotEquals"), ["o-1", "o-2"]),
    ("aws:SourceIp", ("IpAddress", "NotIpAddress"), ["10.0.0.0/8", ["192.0.2.0/24", "2001:db8::/32"], "10.1.2.3/32"]),
    (
        "aws:TagKeys",
        (
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringLike",
            "ForAnyValue:StringNotLike",
            "ForAllValues:StringLike",
        ),
        ["a", ["a", "b"], "a*", "b"],
    ),
    ("aws:TokenIssueTime", ("DateGreaterThan", "DateLessThan", "DateGreaterThanEquals", "DateEquals"), _DAYS),
    (
        "s3:max-keys",
        ("NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericEquals", "NumericNotEquals"),
        ["5", "10", 7],
    ),
    ("aws:MultiFactorAuthPresent", ("Bool",), ["true", "false"]),
    ("aws:PrincipalArn", ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike"), _ROLES),
    (
        "aws:RequestedRegion",
        ("StringEquals", "StringNotEquals"),
        ["eu-west-3", ["eu-west-1", "eu-west-3"], "eu-west-1"],
    ),
    ("aws:SecureTransport", ("Bool",), ["true", "false", False]),
    ("kms:ViaService", ("StringEquals", "StringNotEquals"), ["s3.eu-west-3.amazonaws.com"]),
    ("kms:CallerAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT, OTHER]),
    ("aws:SourceArn", ("ArnLike", "ArnNotLike"), ["arn:aws:sns:*:*:*"]),
    ("aws:ViaAWSService", ("Bool",), ["true", "false"]),
    ("aws:PrincipalAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT, OTHER]),
)

_SERVICES = ("ssm", "ssmmessages", "kms", "s3", "logs")


def _pattern_of(random: Random, action: str) -> str:
    service, _, name = action.partition(":")
    return random.choice(
        [
            "*",
            action,
            action.lower(),
            f"{service}:*",
            f"{service.upper()}:{name[:3]}*",
            f"{service}:?{name[1:]}",
            f"{service}:*{name[4:]}",
            f"{service}:{name}s",
            f"{random.choice(_SERVICES)}:*",
        ]
    )


def _resource_of(random: Random, resource: str) -> str:
    if resource == "*":
        return random.choice(["*", "*", "*", "arn:aws:ssm:*:*:*", "arn:aws:s3:::logs"])
    head, _, last = resource.rpartition(":")
    return random.choice(
        [
            "*",
            "*",
            resource,
            resource[:-1] + "?",
            f"{head}:*",
            f"{head}:{last[: len(last) // 2]}*",
            resource + "x",
            resource.replace("eu-west-3", "*"),
            resource.replace("eu-west-3", "us-*"),
            resource.replace("red", "${aws:PrincipalTag/team}"),
            resource.replace("sessions", "${aws:PrincipalTag/team, 'sessions'}"),
            resource.replace("red", "r${?}d"),
            "arn:aws:" + resource.split(":")[2] + ":*:*:*",
        ]
    )


def a_condition(random: Random) -> dict[str, dict[str, object]]:
    """Return a block of one or two tests, or a test of a key's presence."""
    block: dict[str, dict[str, object]] = {}
    for _ in range(random.choice([1, 1, 1, 2, 2, 3])):
        key, operators, values = random.choice(TESTS)
        operator = random.choice(operators)
        if random.random() < 0.15:
            block.setdefault("Null", {})[key] = random.choice(["true", "false", True])
            continue
        if random.random() < 0.2:
            operator += "IfExists"
        block.setdefault(operator, {})[key] = random.choice(list(values))
    return block


def a_statement(random: Random, action: str, resource: str, *, deny: float = 0.3) -> dict[str, Any]:
    """Return a statement that matches a request, or nearly."""
    statement: dict[str, Any] = {"Effect": "Deny" if random.random() < deny else "Allow"}
    element = "NotAction" if random.random() < 0.12 else "Action"
    actions = [_pattern_of(random, action) for _ in range(random.choice([1, 1, 1, 2]))]
    statement[element] = actions if len(actions) > 1 else actions[0]
    element = "NotResource" if random.random() < 0.12 else "Resource"
    resources = [_resource_of(random, resource) for _ in range(random.choice([1, 1, 1, 2]))]
    statement[element] = resources if len(resources) > 1 else resources[0]
    if random.random() < (0.75 if statement["Effect"] == "Deny" else 0.45):
        statement["Condition"] = a_condition(random)
    return statement


def statements(random: Random, action: str, resource: str, *, whole: float = 0.3) -> list[dict[str, Any]]:
    """Return some statements, often including one that allows everything."""
    made = [a_statement(random, action, resource) for _ in range(random.choice([0, 1, 1, 2, 2, 3]))]
    if random.random() < whole:
        made.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    random.shuffle(made)
    return made


_NAMES = (ROLE, ROLE, ROOT, ROOT, ACCOUNT, SESSION, f"{ROLE}-other", f"{SESSION}0", f"arn:aws:iam::{OTHER}:root")


def named(random: Random, made: list[dict[str, Any]], *, sparing: bool = True) -> list[dict[str, Any]]:
    """Return the statements with a Principal or, for some denies, a NotPrincipal."""
    for each in made:
        if sparing and each["Effect"] == "Deny" and random.random() < 0.25:
            spared = [ROLE, SESSION, random.choice([ROOT, ACCOUNT])]
            each["NotPrincipal"] = {"AWS": spared if random.random() < 0.5 else random.sample(_NAMES, 2)}
        elif random.random() < 0.35:
            each["Principal"] = random.choice(["*", {"AWS": "*"}])
        else:
            names = random.sample(_NAMES, random.choice([1, 1, 2]))
            each["Principal"] = {"AWS": names if len(names) > 1 else names[0]}
            if random.random() < 0.1:
                each["Principal"] = {"Service": "ec2.amazonaws.com"}
    return made


def a_request(random: Random, kind: str, account: str) -> dict[str, Any]:
    """Return a request with its keys."""
    action, resource = random.choice(REQUESTS[kind])
    drawn = random.sample(sorted(VALUES), random.choice([3, 4, 5, len(VALUES)]))
    keys = {key: random.choice(VALUES[key]) for key in drawn}
    has = {key: list(values) for key, values in keys.items() if values is not None}
    return {"action": action, "resource": resource.format(account=account), "keys": has}
