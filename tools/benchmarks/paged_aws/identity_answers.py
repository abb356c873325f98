"""Return the responses of IAM and STS as prebuilt XML: the caller, the roles with policies, their simulations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from tools.benchmarks.paged_aws.ground import ACCOUNT, CALLER_ARN, CALLER_ROLE, ROLES, Role
from tools.benchmarks.paged_aws.wire import Failure

_IAM: Final = "https://iam.amazonaws.com/doc/2010-05-08/"
_STS: Final = "https://sts.amazonaws.com/doc/2011-06-15/"
_POLICY: Final = "sessions"
_ENDED: Final = "<IsTruncated>false</IsTruncated>"
_CALLER: Final = Role(CALLER_ROLE, trusted=f"arn:aws:iam::{ACCOUNT}:root")
_BY_NAME: Final[Mapping[str, Role]] = {role.name: role for role in (*ROLES, _CALLER)}
_DENIED: Final[frozenset[tuple[str, str]]] = frozenset(
    (role.arn, action.casefold()) for role in ROLES for action in role.denied
)
"""The actions that a simulation denies, by role; it allows all others."""


def caller_identity() -> bytes:
    """Return the caller."""
    told = f"<Arn>{CALLER_ARN}</Arn><UserId>AROAOPERATOR00000001:bench</UserId><Account>{ACCOUNT}</Account>"
    return _answer("GetCallerIdentity", told, _STS)


def role_answer(operation: str, asked: Mapping[str, str]) -> bytes | Failure:
    """Return the response about one role, or the profile of the same name."""
    name = asked.get("RoleName") or asked.get("InstanceProfileName", "")
    role = _BY_NAME.get(name)
    if role is None:
        return Failure("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    match operation:
        case "GetRole":
            told = f"<Role>{_role(role)}</Role>"
        case "GetInstanceProfile":
            told = f"<InstanceProfile>{_profile(role)}</InstanceProfile>"
        case "ListRolePolicies":
            told = f"<PolicyNames><member>{_POLICY}</member></PolicyNames>{_ENDED}"
        case "ListAttachedRolePolicies":
            told = f"<AttachedPolicies/>{_ENDED}"
        case "ListRoleTags":
            told = f"<Tags/>{_ENDED}"
        case _:
            document = quote(_inline_policy(role), safe="")
            told = (
                f"<RoleName>{role.name}</RoleName><PolicyName>{_POLICY}</PolicyName>"
                f"<PolicyDocument>{document}</PolicyDocument>"
            )
    return _answer(operation, told)


def all_roles() -> bytes:
    """Return all roles."""
    return _answer(
        "ListRoles", f"<Roles>{''.join(f'<member>{_role(each)}</member>' for each in ROLES)}</Roles>{_ENDED}"
    )


def all_profiles() -> bytes:
    """Return all profiles."""
    profiles = "".join(f"<member>{_profile(each)}</member>" for each in ROLES)
    return _answer("ListInstanceProfiles", f"<InstanceProfiles>{profiles}</InstanceProfiles>{_ENDED}")


_NEVER_ALLOWED: Final = frozenset({"sts:GetCallerIdentity", "ssmtui:noaction"})
"""The actions that ssmtui adds to simulations because IAM denies them (docs/facts/permissions.md §1)."""


def simulated(principal: str, actions: Sequence[str], resources: Sequence[str]) -> bytes:
    """Return the table's decision on each action, the same for every resource."""
    results = "".join(_result(principal, action, resources) for action in actions)
    told = f"<EvaluationResults>{results}</EvaluationResults>{_ENDED}"
    return _answer("SimulatePrincipalPolicy", told)


def _result(principal: str, action: str, resources: Sequence[str]) -> str:
    denied = (principal, action.casefold()) in _DENIED or action in _NEVER_ALLOWED
    decision = "implicitDeny" if denied else "allowed"
    matched = (
        "<MatchedStatements/>"
        if denied
        else f"<MatchedStatements><member><SourcePolicyId>role_{_POLICY}</SourcePolicyId>"
        "<SourcePolicyType>role</SourcePolicyType></member></MatchedStatements>"
    )
    each = "".join(
        f"<member><EvalResourceName>{escape(resource)}</EvalResourceName><EvalResourceDecision>{decision}"
        f"</EvalResourceDecision>{matched}<MissingContextValues/></member>"
        for resource in resources
        if resource != "*"
    )
    named = escape(resources[0]) if len(resources) == 1 else "*"
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{named}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision>{matched}<MissingContextValues/>"
        f"<ResourceSpecificResults>{each}</ResourceSpecificResults></member>"
    )


def _answer(operation: str, within: str, namespace: str = _IAM) -> bytes:
    request = "<ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8e00000000</RequestId></ResponseMetadata>"
    result = f"<{operation}Result>{within}</{operation}Result>"
    return f'<{operation}Response xmlns="{namespace}">{result}{request}</{operation}Response>'.encode()


def _role(role: Role) -> str:
    principal = {"Service": role.trusted} if role.trusted.endswith(".com") else {"AWS": role.trusted}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = quote(json.dumps({"Version": "2012-10-17", "Statement": [trust]}), safe="")
    return (
        f"<Path>/</Path><RoleName>{role.name}</RoleName><RoleId>AROA{role.name.upper():X<16.16}</RoleId>"
        f"<Arn>{role.arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        f"<AssumeRolePolicyDocument>{document}</AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration>"
    )


def _profile(role: Role) -> str:
    return (
        f"<Path>/</Path><InstanceProfileName>{role.name}</InstanceProfileName>"
        f"<InstanceProfileId>AIPA{role.name.upper():X<16.16}</InstanceProfileId>"
        f"<Arn>arn:aws:iam::{ACCOUNT}:instance-profile/{role.name}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        f"<Roles><member>{_role(role)}</member></Roles>"
    )


def _inline_policy(role: Role) -> str:
    actions = ["*"] if role is _CALLER else [*role.allowed, "s3:ListAllMyBuckets"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
