"""Seeding of roles, instance profiles and the caller."""

from __future__ import annotations

from typing import Final

from ssmtui.simulator.scenario import Role, Scenario
from ssmtui.simulator.seeding.clients import Clients
from ssmtui.simulator.seeding.references import References
from ssmtui.simulator.state import ACCOUNT, CALLER_ACCESS_KEY, give_access_key

_MANAGED: Final = "arn:aws:iam::aws:policy/"
_SESSION_NAME: Final = "alex"


def make_roles(clients: Clients, scenario: Scenario, references: References) -> None:
    """Make every role and instance profile, and give the caller its access key."""
    # IAM is one for all Regions.
    iam = clients.of("iam", scenario.regions[0].name)
    for role in (*scenario.roles, scenario.caller):
        trust = references.document([_trust(principal) for principal in role.trusted])
        iam.create_role(RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=trust, **_boundary(role))
        if role.tags:
            tags = [{"Key": key, "Value": value} for key, value in role.tags.items()]
            iam.tag_role(RoleName=role.name, Tags=tags)
        for name in role.managed:
            iam.attach_role_policy(RoleName=role.name, PolicyArn=_MANAGED + name)
        for policy in role.inline:
            document = references.document(policy.statements)
            iam.put_role_policy(RoleName=role.name, PolicyName=policy.name, PolicyDocument=document)
    for profile in scenario.profiles:
        iam.create_instance_profile(InstanceProfileName=profile.name)
        if profile.role is not None:
            iam.add_role_to_instance_profile(InstanceProfileName=profile.name, RoleName=profile.role)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{scenario.caller.name}/{_SESSION_NAME}"
    give_access_key(CALLER_ACCESS_KEY, session)


def _trust(principal: str) -> dict[str, object]:
    kind = "AWS" if principal.startswith("arn:") else "Service"
    return {"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole"}


def _boundary(role: Role) -> dict[str, str]:
    return {"PermissionsBoundary": _MANAGED + role.boundary} if role.boundary else {}
