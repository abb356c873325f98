"""Build the minimal IAM policy for a set of actions, on the narrowest resources."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ssmtui.model.iam_questions import DOCUMENT_ACCESS_CHECK
from ssmtui.model.plan import JSON
from ssmtui.model.scope import DOCUMENT_NAME
from ssmtui.model.scope_request import OWN_ACCOUNTS, OtherAccounts

TABLE = Path(__file__).with_name("resource_types.json")
EVERYTHING = "*"
NO_ACCOUNT = "ACCOUNT_ID"
"""Stands for an unknown account ID: a policy with it grants nothing until it is replaced."""


TAKING_ROLES = "sts:AssumeRole"
"""The action that gives access to other accounts."""


class Purpose(Enum):
    """The purpose of a policy."""

    READ = "read"
    FIXES = "fixes"
    SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class PolicyTarget:
    """The target of a policy. `*` is every partition; no Regions are all Regions.

    `others` are the accounts of roles to assume.
    """

    account: str = NO_ACCOUNT
    regions: tuple[str, ...] = ()
    partition: str = "*"
    others: OtherAccounts = OWN_ACCOUNTS

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles to assume, by ARN or pattern."""
        if self.others.organization is None:
            return self.others.roles
        accounts = self.others.accounts or ("*",)
        return (*self.others.roles, *(self.others.role_in(self.partition, each) for each in accounts))

    @property
    def region(self) -> str:
        """Return the Region for an ARN."""
        return self.regions[0] if len(self.regions) == 1 else "*"


@dataclass(frozen=True, slots=True)
class ActionGrant:
    """The resources of an action. `condition` is JSON, empty if there is none."""

    resources: tuple[str, ...]
    condition: Mapping[str, JSON]


def grant_for(action: str, target: PolicyTarget, purpose: Purpose) -> ActionGrant:
    """Return the resources and the condition of an action for a purpose."""
    if action == TAKING_ROLES:
        return ActionGrant(tuple(sorted(target.roles)), {})
    templates = _OF_PURPOSE[purpose].get(action) or _NARROWER.get(action) or _by_reference(action)
    resources = tuple(sorted({_filled(each, target) for each in templates})) or (EVERYTHING,)
    own = _CONDITIONS.get(action, _none)(target)
    return ActionGrant(resources, _both(_in_regions(action, resources, target), own))


def _both(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Merge two conditions: keys with the same operator go into one member."""
    merged = dict(one)
    for operator, keys in other.items():
        before = merged.get(operator)
        merged[operator] = {**before, **keys} if isinstance(before, Mapping) and isinstance(keys, Mapping) else keys
    return merged


def kinds_of(action: str) -> tuple[str, ...]:
    """Return the ARN formats of an action's resources, as AWS writes them (`…:role/${RoleNameWithPath}`)."""
    service, _, name = action.partition(":")
    known = _reference()[service]
    return tuple(known["kinds"][kind] for kind in known["actions"].get(name, ()))


@cache
def _reference() -> Mapping[str, Any]:
    services: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))["services"]
    return services


def _by_reference(action: str) -> tuple[str, ...]:
    return tuple(_VARIABLE.sub(_template, arn) for arn in kinds_of(action))


_VARIABLE = re.compile(r"\$\{(\w+)\}")


def _template(variable: re.Match[str]) -> str:
    known = {"Partition": "{partition}", "Region": "{region}", "Account": "{account}"}
    return known.get(variable[1], "*")


def _filled(template: str, target: PolicyTarget) -> str:
    return template.format(partition=target.partition, region=target.region, account=target.account)


def _arn(service: str, resource: str, account: str = "{account}") -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{account}:{resource}"


_DOCUMENTS = (_arn("ssm", "document/*"), _arn("ssm", "document/*", account=""))
_PREFERENCES = (_arn("ssm", f"document/{DOCUMENT_NAME}"),)
_NODES = (_arn("ec2", "instance/*"), _arn("ssm", "managed-instance/*"))
_SETTINGS = tuple(
    _arn("ssm", f"servicesetting/ssm/managed-instance/{name}")
    for name in ("activation-tier", "default-ec2-instance-management-role")
)
_BUCKETS = ("arn:{partition}:s3:::*",)
_POLICIES = tuple(f"arn:{{partition}}:iam::{owner}:policy/*" for owner in ("aws", "{account}"))
_MANAGEMENT_ROLE = "arn:{partition}:iam::{account}:role/service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
# The documents for Run Command belong to AWS: their ARNs have no account.
_COMMANDS = tuple(
    _arn("ssm", f"document/AWS-{name}", account="")
    for name in ("RunPowerShellScript", "RunShellScript", "UpdateSSMAgent")
)

# The sessions that ssmtui opens: a shell with the preferences, and AWS's documents for commands, ports and SSH.
_SESSION_DOCUMENTS = (
    *_PREFERENCES,
    *(
        _arn("ssm", f"document/AWS-{name}", account="")
        for name in (
            "StartInteractiveCommand",
            "StartNonInteractiveCommand",
            "StartPortForwardingSession",
            "StartPortForwardingSessionToRemoteHost",
            "StartSSHSession",
        )
    ),
)

_NARROWER: Mapping[str, tuple[str, ...]] = {
    # The VPC of a shared subnet, and the prefix lists in routes and rules, can belong to another account or to AWS.
    "ec2:DescribeVpcAttribute": (_arn("ec2", "vpc/*", account="*"),),
    "ec2:GetManagedPrefixListEntries": (_arn("ec2", "prefix-list/*", account="*"),),
    # Calls name the rules and give no tags to new ones; of endpoints, only the private DNS changes.
    "ec2:AuthorizeSecurityGroupEgress": (_arn("ec2", "security-group/*"),),
    "ec2:AuthorizeSecurityGroupIngress": (_arn("ec2", "security-group/*"),),
    # Only endpoints get tags, when they are created.
    "ec2:CreateTags": (_arn("ec2", "vpc-endpoint/*"),),
    "ec2:ModifyVpcEndpoint": (_arn("ec2", "vpc-endpoint/*"),),
    "ec2:StartInstances": (_arn("ec2", "instance/*"),),
    "iam:CreateRole": (_MANAGEMENT_ROLE,),
    "iam:DeleteRole": (_MANAGEMENT_ROLE,),
    # AWS's managed policies belong to no account, and the session key can belong to another account.
    "iam:GetPolicy": _POLICIES,
    "iam:GetPolicyVersion": _POLICIES,
    "iam:SimulatePrincipalPolicy": tuple(f"arn:{{partition}}:iam::{{account}}:{kind}/*" for kind in ("role", "user")),
    "kms:DescribeKey": (_arn("kms", "key/*", account="*"),),
    "kms:GenerateDataKey": (_arn("kms", "key/*", account="*"),),
    "logs:ListTagsForResource": (_arn("logs", "log-group:*"),),
    "s3:GetBucketLocation": _BUCKETS,
    "s3:GetBucketPolicy": _BUCKETS,
    "s3:ListBucket": _BUCKETS,
    "ssm:CreateDocument": _PREFERENCES,
    "ssm:DeleteDocument": _PREFERENCES,
    "ssm:DescribeDocument": _DOCUMENTS,
    "ssm:GetConnectionStatus": _NODES,
    # Other Session documents than the preferences are read too, and AWS's documents if they are asked for.
    "ssm:GetDocument": _DOCUMENTS,
    "ssm:GetServiceSetting": _SETTINGS,
    "ssm:ListTagsForResource": (*_PREFERENCES, _arn("ssm", "managed-instance/*")),
    "ssm:ResetServiceSetting": _SETTINGS,
    "ssm:SendCommand": (*_COMMANDS, *_NODES),
    "ssm:StartSession": (*_SESSION_DOCUMENTS, *_NODES),
    "ssm:UpdateDocument": _PREFERENCES,
    "ssm:UpdateDocumentDefaultVersion": _PREFERENCES,
    "ssm:UpdateServiceSetting": _SETTINGS,
}
_OWN_SESSIONS = (_arn("ssm", "session/${{aws:userid}}-*"),)
_OF_PURPOSE: Mapping[Purpose, Mapping[str, tuple[str, ...]]] = {
    Purpose.READ: {},
    # Fixes need fewer resources of these actions than reads.
    Purpose.FIXES: {"ssm:DescribeDocument": _PREFERENCES, "ssm:GetDocument": _PREFERENCES},
    # The ID of a session says whose session it is (docs/facts/sessions.md §2).
    Purpose.SESSIONS: {
        "ssm:ResumeSession": _OWN_SESSIONS,
        "ssm:TerminateSession": _OWN_SESSIONS,
        "ssmmessages:OpenDataChannel": _OWN_SESSIONS,
    },
}
"""Narrower resources for some purposes."""


def _none(_target: PolicyTarget) -> Mapping[str, JSON]:
    return {}


def _passed_to(target: PolicyTarget) -> Mapping[str, JSON]:
    """Limit the services that roles are passed to. China has an additional service (docs/facts/permissions.md §7)."""
    services: list[JSON] = ["ec2.amazonaws.com", "ssm.amazonaws.com"]
    if target.partition in {"*", "aws-cn"}:
        services.insert(1, "ec2.amazonaws.com.cn")
    return {"StringEquals": {"iam:PassedToService": services}}


def _attached_ones(target: PolicyTarget) -> Mapping[str, JSON]:
    names = ("AmazonSSMManagedEC2InstanceDefaultPolicy", "AmazonSSMManagedInstanceCore")
    return {"ArnEquals": {"iam:PolicyARN": [f"arn:{target.partition}:iam::aws:policy/{name}" for name in names]}}


def _by_a_document_of_these(_target: PolicyTarget) -> Mapping[str, JSON]:
    """Limit sessions to these documents.

    Otherwise, a caller could name no document and open a shell (docs/facts/sessions.md §1).
    """
    return {"BoolIfExists": {DOCUMENT_ACCESS_CHECK: "true"}}


def _as_endpoints_are_created(_target: PolicyTarget) -> Mapping[str, JSON]:
    """Limit tags to new endpoints. Otherwise any tag of an endpoint could be changed (docs/facts/nodes.md §4)."""
    return {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}}


_CONDITIONS = {
    "ec2:CreateTags": _as_endpoints_are_created,
    "iam:AttachRolePolicy": _attached_ones,
    "iam:DetachRolePolicy": _attached_ones,
    "iam:PassRole": _passed_to,
    "ssm:StartSession": _by_a_document_of_these,
}

_REGIONAL = frozenset({"cloudtrail", "ec2", "kms", "logs", "ssm"})
_ASKED_AT_HOME = frozenset({"ec2:DescribeRegions"})


def _in_regions(action: str, resources: Sequence[str], target: PolicyTarget) -> Mapping[str, JSON]:
    """Return a condition on the Regions if the ARNs do not contain them."""
    told = target.region != "*" and resources != (EVERYTHING,)
    if not target.regions or told or action.partition(":")[0] not in _REGIONAL or action in _ASKED_AT_HOME:
        return {}
    return {"StringEquals": {"aws:RequestedRegion": list(target.regions)}}


VERSION = "2012-10-17"
"""The current version of the policy language."""

PERMITTED_TO_ALL = frozenset({"sts:GetCallerIdentity"})
"""Actions that need no permission and cannot be denied.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

MANAGED_POLICY_HOLDS = 6144
"""Maximum length of a managed policy, without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

ANYBODY = PolicyTarget()


def policy_document(actions: Mapping[Purpose, Collection[str]], target: PolicyTarget = ANYBODY) -> Mapping[str, JSON]:
    """Return the policy for these actions: one statement for each set of resources, sorted actions, the widest first.

    Reading includes the previews of fixes; `FIXES` has only what applying and undoing a change needs in addition,
    `SESSIONS` what starting, resuming and ending a session needs.
    """
    grants: dict[str, ActionGrant] = {}
    for purpose, needed in actions.items():
        for action in needed:
            more = grant_for(action, target, purpose)
            grants[action] = _widened(grants[action], more) if action in grants else more
    alike: defaultdict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for action, grant in grants.items():
        alike[grant.resources, json.dumps(grant.condition)].append(action)
    in_order = sorted(alike.items(), key=lambda each: (each[0][0] != (EVERYTHING,), sorted(each[1])))
    statements: list[JSON] = [
        _statement(sorted(each), resources, json.loads(condition)) for (resources, condition), each in in_order
    ]
    return {"Version": VERSION, "Statement": statements}


def size_of(policy: Mapping[str, JSON]) -> int:
    """Return the length of a policy as IAM counts it: without white space."""
    return len(json.dumps(policy, separators=(",", ":")))


def _statement(actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, JSON]) -> Mapping[str, JSON]:
    statement: dict[str, JSON] = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }
    return statement | ({"Condition": condition} if condition else {})


def _widened(one: ActionGrant, other: ActionGrant) -> ActionGrant:
    """Merge two grants; a resource that a wider resource covers is left out."""
    both = dict.fromkeys((*one.resources, *other.resources))
    kept = [each for each in both if not any(each != wider and fnmatchcase(each, wider) for wider in both)]
    return ActionGrant(tuple(sorted(kept)), one.condition if one.condition == other.condition else {})
