"""Create worlds at random: nodes with their own roles, tags and networks, in an organization, with log destinations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from ssmtui.simulator.scenario import (
    Bucket,
    Endpoint,
    InlinePolicy,
    Instance,
    Key,
    Metadata,
    Network,
    Organization,
    Role,
    Scenario,
    StatementJSON,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    CORE,
    DESTINATIONS,
    ENCRYPTED_GROUPS,
    ENGINEER,
    KEYS,
    Destinations,
    endpoint_network,
    nat_network,
    node,
    node_role,
    preferences,
    small_world,
)

_NETWORKS = ("main", "vault")
_SUBNETS = {"main": ("private-a", "public"), "vault": ("isolated",)}
_INTERFACES = ("ssm", "ssmmessages", "kms", "logs")
_BUCKET = f"arn:aws:s3:::{DESTINATIONS.bucket}"
_BUCKET_KEY = "audit"
_REGISTRATION = "ssm:UpdateInstanceInformation"
_ACTIONS = (
    *(
        _REGISTRATION,
        "ssmmessages:*",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
    ),
    *("kms:Decrypt", "s3:GetEncryptionConfiguration", "s3:PutObject", "logs:DescribeLogGroups", "logs:PutLogEvents"),
    *("kms:GenerateDataKey", "logs:*", "s3:*"),
)
_KEYED = ("kms:Decrypt",)
_ON_BUCKET = ("s3:GetEncryptionConfiguration", "s3:PutObject", "s3:*")
_TESTS: tuple[tuple[str, tuple[str, ...], Sequence[object]], ...] = (
    ("aws:SourceVpc", ("StringEquals", "StringNotEquals"), ["<id:vault>", "<id:main>", "vpc-0"]),
    ("aws:SourceIp", ("IpAddress", "NotIpAddress"), ["0.0.0.0/0", "10.0.0.0/8"]),
    ("aws:VpcSourceIp", ("IpAddress", "NotIpAddress"), ["10.0.0.0/8", "192.0.2.0/24"]),
    ("aws:PrincipalTag/team", ("StringEquals", "StringNotEquals", "StringLike"), ["red", "blue", "r*"]),
    ("aws:PrincipalOrgID", ("StringEquals", "StringNotEquals"), ["o-simulated01", "o-2"]),
    ("aws:ResourceOrgID", ("StringEquals", "StringNotEquals"), ["o-simulated01", "${aws:PrincipalOrgID}"]),
    ("aws:ResourceAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT, "444455556666"]),
    ("aws:PrincipalArn", ("ArnLike", "ArnNotLike"), ["arn:aws:iam::*:role/role-1", "arn:aws:iam::*:role/role-*"]),
    ("aws:RequestedRegion", ("StringEquals", "StringNotEquals"), ["eu-west-3", "eu-west-1"]),
    ("aws:ViaAWSService", ("Bool",), ["true", "false"]),
    ("ec2:SourceInstanceARN", ("ArnLike",), ["arn:aws:ec2:*:*:instance/*"]),
    ("ec2:RoleDelivery", ("NumericLessThan",), ["2.0"]),
    ("aws:UserAgent", ("StringLike",), ["*amazon-ssm-agent*", "*Boto3*"]),
    ("aws:TokenIssueTime", ("DateLessThan",), ["2020-01-01T00:00:00Z"]),
    ("aws:VpceOrgID", ("StringEquals", "StringNotEquals"), ["o-simulated01"]),
    ("aws:VpceAccount", ("StringEquals", "StringNotEquals"), [ACCOUNT]),
    ("aws:ResourceTag/data", ("StringEquals", "StringNotEquals"), ["red", "blue"]),
    ("s3:BucketTag/data", ("StringEquals", "StringNotEquals"), ["red", "blue"]),
)
_RESOURCE_TAGS: tuple[Mapping[str, str], ...] = ({}, {"data": "red"}, {"data": "blue"})
_OF_CALLER = (
    *("ssm:StartSession", "ssm:StartSession", "ssm:StartAccessRequest", "ssmmessages:OpenDataChannel"),
    *("ssm:TerminateSession", "ssm:ResumeSession", "kms:GenerateDataKey"),
)
_TESTS_OF_CALLER: tuple[tuple[str, tuple[str, ...], Sequence[object]], ...] = (
    ("ssm:resourceTag/Env", ("StringEquals", "StringNotEquals", "StringLike"), ["test", "prod", "t*"]),
    ("ssm:resourceTag/Owner", ("StringEquals", "StringNotEquals"), ["kim"]),
    ("aws:PrincipalArn", ("ArnLike", "ArnNotLike"), [f"arn:aws:iam::{ACCOUNT}:role/Engineer"]),
    ("aws:RequestedRegion", ("StringEquals", "StringNotEquals"), ["eu-west-3", "eu-west-1"]),
    ("aws:SourceIp", ("IpAddress", "NotIpAddress"), ["203.0.113.0/24", "192.0.2.0/24"]),
    ("ssm:SessionDocumentAccessCheck", ("Bool",), ["true"]),
)
_NODES = (f"arn:aws:ec2:*:{ACCOUNT}:instance/*", f"arn:aws:ec2:*:{ACCOUNT}:instance/<id:node-0>", "*")
_BOUNDARIES = (None, None, None, None, CORE, "ReadOnlyAccess")


def a_world(random: Random) -> dict[str, Any]:
    """Return a world as plain data: three roles, and six nodes with them."""
    bucket_key = random.random() < 0.3
    roles = [_role(random, number, _destinations(bucket_key=bucket_key)) for number in range(3)]
    places = [(network, subnet) for network in _NETWORKS for subnet in _SUBNETS[network]]
    nodes = [
        {
            "role": random.randrange(len(roles)),
            "place": list(random.choice(places)),
            "tokens": random.random() < 0.7,
        }
        for _ in range(6)
    ]
    levels = random.choice([0, 1, 1, 2])
    return {
        "caller": [_about_caller(random) for _ in range(random.choice([0, 0, 0, 1, 1, 2]))],
        "nodes": nodes,
        "roles": roles,
        "organization": [[_statement(random, _ACTIONS, deny=1.0)] for _ in range(levels)],
        "endpoints": {
            each: [_for_all(_statement(random, _ACTIONS, deny=1.0)), _for_all(_allow("*"))]
            for each in (*_INTERFACES, "s3")
            if random.random() < 0.15
        },
        "without": [each for each in (*_INTERFACES[1:], "s3") if random.random() < 0.08],
        "beside": [each for each in (*_INTERFACES, "s3") if random.random() < 0.15],
        "key": [_named(random, _statement(random, _KEYED, deny=0.5)) for _ in range(random.choice([0, 0, 1]))],
        "granted": [0] if random.random() < 0.2 else [],
        "bucket": [_named(random, _statement(random, _ON_BUCKET, deny=0.7)) for _ in range(random.choice([0, 0, 1]))],
        "bucket_key": bucket_key,
        "bucket_abac": random.random() < 0.5,
        **{f"{each}_tags": random.choice(_RESOURCE_TAGS) for each in ("group", "bucket", "bucket_key")},
    }


def _destinations(*, bucket_key: bool) -> Destinations:
    return replace(DESTINATIONS, bucket_key=_BUCKET_KEY) if bucket_key else DESTINATIONS


def _role(random: Random, number: int, to: Destinations) -> dict[str, Any]:
    whole = list(to.everything())
    kept = [each for each in whole if random.random() < 0.9]
    more = [_statement(random, _ACTIONS, deny=0.7) for _ in range(random.choice([0, 0, 1]))]
    for each in more:
        if each["Action"] == _REGISTRATION:
            each["Resource"] = random.choice(_NODES)
    return {
        "name": f"role-{number}",
        "statements": [*kept, *more],
        "core": random.random() < 0.92,
        "boundary": random.choice(_BOUNDARIES),
        "tags": random.choice([{}, {"team": "red"}, {"team": "blue"}]),
    }


def _statement(random: Random, actions: Sequence[str], *, deny: float) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": "Deny" if random.random() < deny else "Allow",
        "Action": random.choice(actions),
        "Resource": "*",
    }
    if random.random() < 0.85:
        made["Condition"] = _condition(random)
    return made


def _about_caller(random: Random) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": random.choice(["Deny", "Deny", "Allow"]),
        "Action": random.choice(_OF_CALLER),
        "Resource": random.choice(_NODES),
    }
    if random.random() < 0.8:
        made["Condition"] = _condition(random, _TESTS_OF_CALLER)
    return made


def _condition(
    random: Random, tests: Sequence[tuple[str, tuple[str, ...], Sequence[object]]] = _TESTS
) -> dict[str, dict[str, object]]:
    block: dict[str, dict[str, object]] = {}
    for _ in range(random.choice([1, 1, 2])):
        key, operators, values = random.choice(tests)
        if random.random() < 0.1:
            block.setdefault("Null", {})[key] = random.choice(["true", "false"])
        else:
            operator = random.choice(operators) + ("IfExists" if random.random() < 0.3 else "")
            block.setdefault(operator, {})[key] = random.choice(list(values))
    return block


def _allow(action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def _for_all(statement: dict[str, Any]) -> dict[str, Any]:
    return {**_without_ids(statement), "Principal": "*"}


def _without_ids(statement: dict[str, Any]) -> dict[str, Any]:
    """Return a statement for keys, buckets and endpoints, whose policies are written before there are networks."""
    text = json.dumps(statement).replace("<id:vault>", "vpc-1").replace("<id:main>", "vpc-2")
    told: dict[str, Any] = json.loads(text)
    return told


def _named(random: Random, statement: dict[str, Any]) -> dict[str, Any]:
    names = ["*", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-0"}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}]
    return {**_without_ids(statement), "Principal": random.choice(names)}


def scenario_of(world: Mapping[str, Any]) -> Scenario:
    """Return the world as a scenario of the simulated AWS."""
    roles = tuple(_as_role(each) for each in world["roles"])
    levels = [(InlinePolicy(f"level-{at}", tuple(each)),) for at, each in enumerate(world["organization"])]
    session_key = replace(
        KEYS[0], statements=tuple(world["key"]), granted_to=tuple(roles[each].name for each in world["granted"])
    )
    to = _destinations(bucket_key=world["bucket_key"])
    bucket = Bucket(
        str(to.bucket),
        to.bucket_key,
        statements=tuple(_on_bucket(each) for each in world["bucket"]),
        tags=world["bucket_tags"],
        has_abac=world["bucket_abac"],
    )
    return small_world(
        tuple(_as_node(at, each, roles) for at, each in enumerate(world["nodes"])),
        preferences=preferences(to),
        roles=roles,
        caller=_caller(world["caller"]),
        networks=(_main(world["beside"]), _vault(world)),
        keys=(session_key, *KEYS[1:], Key(_BUCKET_KEY, tags=world["bucket_key_tags"])),
        buckets=(bucket,),
        log_groups=(replace(ENCRYPTED_GROUPS[0], tags=world["group_tags"]),),
        organization=Organization(*levels) if levels else None,
    )


def _caller(statements: Sequence[StatementJSON]) -> Role:
    if not statements:
        return ENGINEER
    return replace(ENGINEER, inline=(*ENGINEER.inline, InlinePolicy("more", tuple(statements))))


def _as_role(held: Mapping[str, Any]) -> Role:
    made = node_role(held["name"], tuple(held["statements"]), managed=(CORE,) if held["core"] else ())
    return replace(made, boundary=held["boundary"], tags=held["tags"])


def _as_node(at: int, held: Mapping[str, Any], roles: Sequence[Role]) -> Instance:
    network, subnet = held["place"]
    return node(
        f"node-{at}",
        profile=roles[held["role"]].name,
        network=network,
        subnet=subnet,
        metadata=Metadata(tokens_required=held["tokens"]),
    )


def _on_bucket(statement: StatementJSON) -> StatementJSON:
    return {**statement, "Resource": [_BUCKET, f"{_BUCKET}/*"]}


def _main(beside: Sequence[str]) -> Network:
    """Return the network with paths to the internet; some services also have an endpoint there."""
    network = nat_network("main", "10.30")
    subnet, group = "main-private-a", "main-nodes"
    more = tuple(
        Endpoint(each, (subnet,)) if each == "s3" else Endpoint(each, (subnet,), "main-endpoints") for each in beside
    )
    nodes = network.security_groups[0]
    endpoints = replace(nodes, name="main-endpoints", https_from=("10.30.0.0/16",))
    assert nodes.name == group
    return replace(network, endpoints=more, security_groups=(nodes, endpoints))


def _vault(world: Mapping[str, Any]) -> Network:
    policies = {service: tuple(statements) for service, statements in world["endpoints"].items()}
    return endpoint_network("vault", "10.31", without=tuple(world["without"]), policies=policies)
