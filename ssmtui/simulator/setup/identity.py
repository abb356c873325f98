"""Set up roles, instance profiles and the caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ssmtui.simulator import organization
from ssmtui.simulator.environment import CALLER_ACCESS_KEY
from ssmtui.simulator.scenario import InstanceProfile, Role, Scenario
from ssmtui.simulator.setup.clients import Clients, References
from ssmtui.simulator.state import ACCOUNT, ORGANIZATION, give_access_key

_MANAGED: Final = "arn:aws:iam::aws:policy/"
_SESSION_NAME: Final = "alex"
_FULL_ACCESS: Final = (
    organization.FULL_ACCESS,
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
)


def make_roles(
    clients: Clients, roles: Sequence[Role], profiles: Sequence[InstanceProfile], references: References
) -> None:
    """Make every role and instance profile of an account."""
    # IAM is one for all Regions.
    iam = clients.of("iam", references.home)
    for role in roles:
        trust = references.document([_trust(principal, role.external_id) for principal in role.trusted])
        iam.create_role(
            RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=trust, **_boundary(role, references)
        )
        if role.tags:
            tags = [{"Key": key, "Value": value} for key, value in role.tags.items()]
            iam.tag_role(RoleName=role.name, Tags=tags)
        for name in role.managed:
            iam.attach_role_policy(RoleName=role.name, PolicyArn=references.resolved(_MANAGED + name))
    for profile in profiles:
        iam.create_instance_profile(InstanceProfileName=profile.name)
        if profile.role is not None:
            iam.add_role_to_instance_profile(InstanceProfileName=profile.name, RoleName=profile.role)


def give_key(caller: Role, references: References) -> None:
    """Give the caller its access key."""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{caller.name}/{_SESSION_NAME}"
    give_access_key(CALLER_ACCESS_KEY, references.resolved(session))


def write_policies(clients: Clients, roles: Sequence[Role], references: References) -> None:
    """Write the roles' own policies, which may name networks and nodes."""
    iam = clients.of("iam", references.home)
    for role in roles:
        for policy in role.inline:
            document = references.document(policy.statements)
            iam.put_role_policy(RoleName=role.name, PolicyName=policy.name, PolicyDocument=document)


def join_organization(scenario: Scenario, references: References) -> None:
    """Set the organization's policies on the account, and tell it the other accounts."""
    if scenario.organization is None:
        return
    accounts = [
        organization.Account(ACCOUNT, "acme-platform"),
        *(organization.Account(each.account, each.name, each.state) for each in scenario.members),
    ]
    organization.set_accounts(accounts, (ACCOUNT,) if scenario.members else ())
    levels = tuple(
        (_FULL_ACCESS, *((policy.name, references.document(policy.statements)) for policy in policies))
        for policies in (scenario.organization.root_policies, scenario.organization.account_policies)
    )
    organization.set_control_policies(ACCOUNT, organization.ControlPolicies(service=levels, organization=ORGANIZATION))
    for member in scenario.members:
        organization.set_control_policies(member.account, organization.ControlPolicies(organization=ORGANIZATION))


def _trust(principal: str, external_id: str | None) -> dict[str, object]:
    kind = "AWS" if principal.startswith("arn:") else "Service"
    asked = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id is not None else {}
    return {"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole", **asked}


def _boundary(role: Role, references: References) -> dict[str, str]:
    return {"PermissionsBoundary": references.resolved(_MANAGED + role.boundary)} if role.boundary else {}
