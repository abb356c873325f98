"""Compare trust policies: whether the service that issues credentials can assume the role.

IAM User Guide: reference_policies_elements_principal, confused-deputy; Systems Manager: hybrid-multicloud-service-role.
The service calls directly, over TLS, for the role's own account; AWS documents no other keys of its request.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from ssmtui.analysis.access import is_trusted, trusted_services
from ssmtui.iam_policy.document import policy_from_data
from ssmtui.model.identity import Role, RoleSource
from tests.builders.fleet import a_scope
from tools.trust.oracle.policy_language import Reading, Request, every, is_about, listed, opposite, some
from tools.trust.oracle.random_policies import ACCOUNT, OTHER, ROLE, SESSION
from tools.trust.oracle.trial import Case, Trial

_TAKING = "sts:AssumeRole"
_NAMES: tuple[object, ...] = (
    {"Service": "ec2.amazonaws.com"},
    {"Service": "ec2.amazonaws.com"},
    {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]},
    {"Service": "ssm.amazonaws.com"},
    {"Service": "lambda.amazonaws.com"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": ACCOUNT, "Service": "ec2.amazonaws.com"},
    {"Federated": "cognito-identity.amazonaws.com"},
)
_TESTS: tuple[tuple[str, str, object], ...] = (
    ("StringEquals", "aws:SourceAccount", ACCOUNT),
    ("StringEquals", "aws:SourceAccount", OTHER),
    ("StringNotEquals", "aws:SourceAccount", [ACCOUNT, OTHER]),
    ("StringLike", "aws:SourceAccount", "1234*"),
    ("ArnLike", "aws:SourceArn", f"arn:aws:ec2:*:{ACCOUNT}:instance/*"),
    ("ArnEquals", "aws:SourceArn", f"arn:aws:ssm:eu-west-3:{ACCOUNT}:*"),
    ("Bool", "aws:SecureTransport", "true"),
    ("Bool", "aws:SecureTransport", "false"),
    ("StringEquals", "sts:ExternalId", "x"),
    ("Null", "sts:ExternalId", "true"),
    ("StringEqualsIfExists", "sts:ExternalId", "x"),
    ("StringEquals", "aws:PrincipalOrgID", "o-1"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
)
_OPEN: Mapping[str, tuple[list[str] | None, ...]] = {
    "aws:SourceArn": (None, [f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/i-1"], [f"arn:aws:ssm:eu-west-3:{ACCOUNT}:a"]),
    "aws:PrincipalOrgID": (None, ["o-1"]),
    "aws:PrincipalIsAWSService": (["true"],),
}
"""The possible keys of the service's request."""


def made(random: Random) -> Case:
    """Return a trust policy, and the source of the node's role."""
    statements = []
    for _ in range(random.choice([1, 1, 2, 3])):
        effect = "Deny" if random.random() < 0.25 else "Allow"
        principal = random.choice([*_NAMES, "*"] if effect == "Deny" else list(_NAMES))
        action = random.choice([_TAKING, _TAKING, _TAKING, "sts:*", "STS:assumerole", "sts:TagSession", "sts:Assume*"])
        each: dict[str, Any] = {"Effect": effect, "Principal": principal, "Action": action}
        if random.random() < 0.3:
            each["Action"] = ["sts:TagSession", action]
        if random.random() < 0.45:
            each["Condition"] = {}
            for operator, key, value in random.sample(_TESTS, random.choice([1, 1, 2])):
                each["Condition"].setdefault(operator, {})[key] = value
        statements.append(each)
    keys = {key: random.choice(values) for key, values in _OPEN.items()}
    return {
        "statements": statements,
        "source": random.choice(["INSTANCE_PROFILE", "INSTANCE_PROFILE", "HYBRID_ACTIVATION"]),
        "keys": {key: values for key, values in keys.items() if values is not None},
    }


def judged(case: Case) -> Trial:
    """Return whether the service can assume the role."""
    scope = a_scope()
    source = RoleSource[case["source"]]
    role = Role(ROLE, "web", policy_from_data({"Version": "2012-10-17", "Statement": case["statements"]}))
    return Trial(_may_take(case), is_trusted(role, trusted_services(source, scope), scope))


def _may_take(case: Case) -> Reading:
    service = "ec2.amazonaws.com" if case["source"] == "INSTANCE_PROFILE" else "ssm.amazonaws.com"
    has = {"aws:SourceAccount": [ACCOUNT], "aws:SecureTransport": ["true"], **case["keys"]}
    request = Request(_TAKING, ROLE, {key.lower(): tuple(values) for key, values in has.items()}, ROLE, SESSION)

    def applies(effect: str) -> Reading:
        return some(
            every((_is_named(each["Principal"], service), is_about(each, request, variables=True)))
            for each in case["statements"]
            if each["Effect"] == effect
        )

    return every((applies("Allow"), opposite(applies("Deny"))))


def _is_named(principal: object, service: str) -> bool:
    if isinstance(principal, Mapping):
        return service in listed(principal.get("Service"))
    return principal == "*"
