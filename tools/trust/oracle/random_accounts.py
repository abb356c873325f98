"""Create small accounts at random: a node with its role, paths to five services, a key, a bucket and a log group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tools.trust.oracle.random_policies import ACCOUNT, OTHER, ROLE, ROOT, SESSION, named

NODE = "i-0123456789abcdef0"
INSTANCE = f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/{NODE}"
PRIVATE_IP, PUBLIC_IP, NAT_IP = "10.0.1.10", "198.51.100.10", "203.0.113.5"
SERVICES = ("ssm", "ssmmessages", "kms", "logs", "s3")
_KEY_ID = "1b9e2a44-3c07-4d7e-8f51-0a6d2c9b7e10"
BUCKET = "arn:aws:s3:::logs"
GROUP = f"arn:aws:logs:eu-west-3:{ACCOUNT}:log-group:/sessions"


def key_arn(account: str) -> str:
    """Return the session key, which can belong to another account."""
    return f"arn:aws:kms:eu-west-3:{account}:key/{_KEY_ID}"


CALLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "register": (("ssm:UpdateInstanceInformation", INSTANCE),),
    "channels": tuple(
        (f"ssmmessages:{each}", "*")
        for each in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    ),
    "decrypt": (("kms:Decrypt", "key"),),
    "look up bucket": (("s3:GetEncryptionConfiguration", BUCKET),),
    "write objects": (("s3:PutObject", f"{BUCKET}/sessions/alex-0a1b2c3d.log"),),
    "look up group": (("logs:DescribeLogGroups", f"arn:aws:logs:eu-west-3:{ACCOUNT}:log-group::log-stream:"),),
    "write lines": tuple(
        (f"logs:{each}", f"{GROUP}:log-stream:alex-0a1b2c3d")
        for each in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    ),
}
"""The questions to the product, as the calls that a node makes."""

_ACTIONS = tuple(dict.fromkeys(action for calls in CALLS.values() for action, _ in calls))

_VPCES = [f"vpce-{each}" for each in SERVICES]
_INSTANCES = [INSTANCE, f"{INSTANCE}1", "arn:aws:ec2:*:*:*"]
_CONTEXT_KEYS = ["aws:ssm:SessionId", "aws:ssm:TargetId"]
_OF_SETS = (
    "ForAnyValue:StringEquals",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotEquals",
    "ForAllValues:StringNotEquals",
)
_TAG_KEYS = ("aws:ResourceTag/data", "s3:BucketTag/data")
_OF_TAGS, _TAG_VALUES = ("StringEquals", "StringNotEquals", "StringLike"), ["red", ["red", "blue"], "r*"]
TESTS: tuple[tuple[str, tuple[str, ...], Sequence[object]], ...] = (
    ("aws:SourceVpce", ("StringEquals", "StringNotEquals"), [_VPCES, "vpce-kms", ["vpce-ssm", "vpce-ssmmessages"]]),
    ("aws:SourceVpc", ("StringEquals", "StringNotEquals", "StringLike"), ["vpc-1", "vpc-2", ["vpc-1", "vpc-2"]]),
    ("aws:SourceIp", ("IpAddress", "NotIpAddress"), [f"{NAT_IP}/32", f"{PUBLIC_IP}/32", "10.0.0.0/8", "0.0.0.0/0"]),
    ("aws:VpcSourceIp", ("IpAddress", "NotIpAddress"), ["10.0.1.0/24", "10.9.0.0/16"]),
    ("aws:PrincipalTag/team", ("StringEquals", "StringNotEquals", "StringLike"), ["red", "blue", "r*"]),
    ("aws:PrincipalTag/Env", ("StringEquals", "StringNotEquals"), ["prod", ["prod", "test"]]),
    ("aws:PrincipalOrgID", ("StringEquals", "StringNotEquals"), ["o-1", "o-2"]),
    ("aws:PrincipalArn", ("ArnLike", "ArnNotLike", "StringEquals"), [ROLE, "arn:aws:iam::*:role/w*", f"{ROLE}-x"]),
    ("aws:RequestedRegion", ("StringEquals", "StringNotEquals"), ["eu-west-3", ["eu-west-1", "eu-west-2"]]),
    ("aws:SecureTransport", ("Bool",), ["true", "false"]),
    ("aws:ViaAWSService", ("Bool",), ["true", "false"]),
    (
        "ec2:SourceInstanceARN",
        ("ArnLike", "ArnNotLike", "StringEquals"),
        [INSTANCE, f"{INSTANCE}1", "arn:aws:ec2:*:*:*"],
    ),
    ("aws:Ec2InstanceSourceVpc", ("StringEquals", "StringNotEquals"), ["vpc-1", "${aws:SourceVpc}"]),
    ("aws:UserAgent", ("StringLike",), ["*ssm*"]),
    ("aws:ResourceOrgID", ("StringEquals", "StringNotEquals"), ["o-1", "o-2", "${aws:PrincipalOrgID}"]),
    ("aws:ResourceAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT, [ACCOUNT, OTHER], OTHER]),
    ("s3:ResourceAccount", ("StringEquals", "StringNotEquals", "StringLike"), [ACCOUNT, [ACCOUNT, OTHER], OTHER]),
    ("aws:VpceOrgID", ("StringEquals", "StringNotEquals"), ["o-1", "o-2"]),
    ("aws:VpceAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT, OTHER]),
    ("aws:PrincipalOrgPaths", ("ForAnyValue:StringLike", "ForAllValues:StringNotLike"), ["o-1/*", "o-2/*"]),
    ("aws:TokenIssueTime", ("DateLessThan",), ["2020-01-01T00:00:00Z"]),
    ("aws:MultiFactorAuthPresent", ("Bool",), ["true", "false"]),
    ("ec2:RoleDelivery", ("NumericLessThan", "NumericGreaterThanEquals"), ["2.0"]),
    ("aws:PrincipalAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT, OTHER]),
    ("kms:ResourceAliases", _OF_SETS, ["alias/sessions", "alias/other", ["alias/sessions", "alias/more"], "alias/s*"]),
    *((key, _OF_TAGS, _TAG_VALUES) for key in _TAG_KEYS),
    (
        "kms:EncryptionContext:aws:ssm:TargetId",
        ("StringEquals", "StringNotEquals", "StringLike"),
        [NODE, f"{NODE}1", [NODE, f"{NODE}1"], "i-*"],
    ),
    ("kms:EncryptionContext:aws:ssm:SessionId", ("StringLike", "StringNotLike"), ["*", "alex-*", "nobody-*"]),
    ("kms:EncryptionContextKeys", _OF_SETS, [_CONTEXT_KEYS, _CONTEXT_KEYS[0], [*_CONTEXT_KEYS, "app"], "app"]),
    ("kms:ViaService", ("StringEquals", "StringNotEquals"), ["s3.eu-west-3.amazonaws.com"]),
)


def _everything() -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _condition(random: Random) -> dict[str, dict[str, object]]:
    block: dict[str, dict[str, object]] = {}
    for _ in range(random.choice([1, 1, 1, 2])):
        key, operators, values = random.choice(TESTS)
        operator = random.choice(operators)
        if random.random() < 0.12:
            block.setdefault("Null", {})[key] = random.choice(["true", "false"])
        else:
            operator += "IfExists" if random.random() < 0.25 else ""
            block.setdefault(operator, {})[key] = random.choice(list(values))
    return block


def _resources(account: str) -> list[str]:
    return [
        *["*"] * 8,
        INSTANCE,
        f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
        f"arn:aws:ec2:*:{ACCOUNT}:instance/i-0*",
        key_arn(account),
        f"arn:aws:kms:*:{account}:key/*",
        BUCKET,
        f"{BUCKET}/*",
        f"{BUCKET}/sessions/*",
        f"{BUCKET}/sessions/*.log",
        f"{BUCKET}/sessions/alex-*",
        "arn:aws:s3:::*",
        f"arn:aws:logs:*:{ACCOUNT}:*",
        f"{GROUP}:*",
        f"{GROUP}:log-stream:*",
        f"{GROUP}:log-stream:alex-*",
        f"arn:aws:logs:eu-west-3:{ACCOUNT}:log-group:*",
    ]


def _statement(random: Random, account: str, *, deny: float) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Deny" if random.random() < deny else "Allow"}
    patterns = [*_ACTIONS, "*", "ssm:*", "ssmmessages:*", "kms:*", "s3:*", "logs:*", "s3:Put*", "kms:De*", "*:Get*"]
    actions = random.sample(patterns, random.choice([1, 1, 2, 4]))
    element = "NotAction" if random.random() < 0.12 else "Action"
    statement[element] = actions if len(actions) > 1 else actions[0]
    element = "NotResource" if random.random() < 0.08 else "Resource"
    resources = [random.choice(_resources(account)) for _ in range(random.choice([1, 1, 2]))]
    statement[element] = resources if len(resources) > 1 else resources[0]
    if random.random() < (0.8 if statement["Effect"] == "Deny" else 0.35):
        statement["Condition"] = _condition(random)
    return statement


def _document(random: Random, account: str, *, whole: float, deny: float = 0.35) -> list[dict[str, Any]]:
    made = [_statement(random, account, deny=deny) for _ in range(random.choice([0, 1, 1, 2, 3]))]
    if random.random() < whole:
        made.append(_everything())
    random.shuffle(made)
    return made


def _on_key(random: Random, account: str) -> list[dict[str, Any]]:
    made = named(random, _document(random, account, whole=0.2))
    if random.random() < 0.6:
        made.append({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": ROOT}})
    return made


ELSEWHERE = ({"aws:SourceIp": "192.0.2.77"}, {"aws:SourceVpce": "vpce-9", "aws:SourceVpc": "vpc-9"})
"""Possible sources of requests through a transit gateway, which the account does not show."""


_CONSTRAINTS: Sequence[Mapping[str, str] | None] = (
    None,
    None,
    {},
    {"aws:ssm:TargetId": NODE},
    {"aws:ssm:TargetId": f"{NODE}1"},
    {"aws:ssm:targetid": NODE},
    {"aws:ssm:SessionId": "alex-0a1b2c3d"},
    {"aws:ssm:SessionId": "alex-0a1b2c3d", "aws:ssm:TargetId": NODE},
    {"app": "red"},
)


_RESOURCE_TAGS: Sequence[Mapping[str, str]] = ({}, {"data": "red"}, {"data": "blue", "team": "x"})


def an_account(random: Random) -> dict[str, Any]:
    """Return an account, including the parts that the product cannot read."""
    key_account = OTHER if random.random() < 0.15 else ACCOUNT
    endpoints = {
        each: named(random, _document(random, key_account, whole=0.9, deny=0.6), sparing=False)
        if random.random() < 0.4
        else [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]
        for each in SERVICES
        if random.random() < 0.45
    }
    grants = [
        {
            "grantee": random.choice([ROLE, ROLE, f"{ROLE}-other", SESSION]),
            "actions": random.choice([["kms:Decrypt"], ["kms:Decrypt", "kms:Encrypt"], ["kms:Encrypt"]]),
            "subset": random.choice(_CONSTRAINTS),
            "equals": random.choice([None, None, *_CONSTRAINTS]),
        }
        for _ in range(random.choice([0, 0, 1]))
    ]
    levels = random.choice([0, 0, 1, 2])
    tags = {key: random.choice(values) for key, values in (("team", ["red", "blue", ""]), ("Env", ["prod", ""]))}
    return {
        "way": random.choice(["nat", "nat", "nat", "igw", "tgw", "none"]),
        "elsewhere": random.choice(ELSEWHERE),
        "endpoints": endpoints,
        "s3_by": random.choice(["gateway", "interface"]),
        "managed": [_document(random, key_account, whole=0.4) for _ in range(random.choice([0, 1, 1]))],
        "inline": [_document(random, key_account, whole=0.3) for _ in range(random.choice([0, 1]))],
        "boundary": _document(random, key_account, whole=0.75) if random.random() < 0.25 else None,
        "organization": [_document(random, key_account, whole=0.95, deny=0.8) for _ in range(levels)],
        "organization_id": "o-1" if levels or random.random() < 0.3 else None,
        "tags": {key: value for key, value in tags.items() if value},
        "key_account": key_account,
        "bucket_account": OTHER if random.random() < 0.08 else ACCOUNT,
        "other_organization": random.choice(["o-1", "o-2", None]),
        "aliases": random.choice([[], ["alias/sessions"], ["alias/sessions", "alias/more"]]),
        "key_tags": random.choice(_RESOURCE_TAGS),
        "group_tags": random.choice(_RESOURCE_TAGS),
        "bucket_tags": random.choice(_RESOURCE_TAGS),
        "bucket_abac": random.random() < 0.5,
        "key_policy": _on_key(random, key_account),
        "grants": grants,
        "bucket_policy": named(random, _document(random, key_account, whole=0.0)) if random.random() < 0.5 else None,
        "agent": random.choice(["aws-sdk-go/1 amazon-ssm-agent", "other"]),
        "simulates": random.random() < 0.65,
        "unread": [each for each in UNREAD if random.random() < 0.05],
    }


def only_by_tags(random: Random) -> dict[str, Any]:
    """Return the policies of an account where only the organization denies, by tags of resources."""
    of_resources = [*(each for each in _ACTIONS if each.startswith(("kms:", "logs:", "s3:"))), "logs:*", "s3:*", "*"]
    denials = [
        {
            "Effect": "Deny",
            "Action": random.choice(of_resources),
            "Resource": "*",
            "Condition": {random.choice(_OF_TAGS): {random.choice(_TAG_KEYS): random.choice(_TAG_VALUES)}},
        }
        for _ in range(random.choice([1, 1, 2]))
    ]
    return {
        "managed": [[_everything()]],
        "inline": [],
        "boundary": None,
        "organization": [[_everything(), *denials]],
        "organization_id": "o-1",
        "bucket_policy": None,
    }


UNREAD = (
    *("organization", "tags", "key policy", "grants", "bucket policy", "nats", "policies"),
    *("aliases", "key tags", "group tags", "bucket tags", "bucket abac"),
)
