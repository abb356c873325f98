"""`repair-role-trust`: the service that hands out a role is let in again, beside whoever takes the role already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ssmtui.fixes.frame.delays import CREDENTIALS_REFUSED
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.role_policy import kept_by_another, reach_note
from ssmtui.fixes.identity.role_trust import TAKE, service_of, trust_in
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import HostManagementRole, NodeRole, Role, RoleSource
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack, json_text
from ssmtui.model.policy import policy_of
from ssmtui.model.policy_reading import Truth
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "repair-role-trust"
_STALE = (NodeRole, HostManagementRole, Observation)

# docs/facts/nodes.md §6: the agent's credential refresher sleeps 25-30 minutes after it was refused.
_DELAY = marked(
    "Up to 30 minutes: an SSM Agent that got no credentials waits that long before it asks again. Restarting the "
    "agent, or the node, shortens it."
)


@fix(slug=_SLUG, stale=_STALE)
def repair_role_trust(
    scope: Scope,
    subject: Subject,
    node_role: NodeRole | Absent | Moot | Unreadable,
    shared: HostManagementRole | Absent | Moot | Unreadable,
) -> Plan | NotApplicable:
    """Add one statement to the trust policy; every other stays as it is."""
    found = _role_meant(subject, node_role, shared)
    if found is None:
        return NotApplicable(_SLUG, say("the role is not to be seen"))
    role, service = found.role, service_of(found.source, scope)
    if why := kept_by_another(role):
        return NotApplicable(_SLUG, why)
    reading = trust_in(role, service, scope)
    if reading.denies is not Truth.NO:
        why = say(
            "the trust policy of {role} denies {service}, which another statement does not overrule",
            role=role.name,
            service=service,
        )
        return NotApplicable(_SLUG, why)
    if reading.allows is Truth.YES:
        return NotApplicable(_SLUG, say("the trust policy of {role} admits {service}", role=role.name, service=service))
    before = json.loads(role.trust.text)
    after = _admitting(before, service)
    return Plan(
        fix=_SLUG,
        title=say("Let {service} take the role {role}", service=service, role=role.name),
        scope=scope,
        subject=Subject(SubjectKind.ROLE, role.arn),
        calls=(_write(role, after),),
        before=json_text(before),
        after=json_text(after),
        guards=(_guard(role, before),),
        way_back=WayBack((_guard(role, after),), (_write(role, before),)),
        reach=Reach.SUBJECT,
        undo=say("The trust policy is written as it was before, with the same statements."),
        facts_after=(_after(found, replace(role, trust=policy_of(after, json.dumps(after, indent=2)))),),
        stale=_STALE,
        settles_within=CREDENTIALS_REFUSED,
        delay=say(_DELAY),
        notes=(
            reach_note(found),
            say("Whoever may pass the role to {service} can then let it act as the role.", service=service),
        ),
    )


def _role_meant(
    subject: Subject,
    node_role: NodeRole | Absent | Moot | Unreadable,
    shared: HostManagementRole | Absent | Moot | Unreadable,
) -> NodeRole | None:
    """The role that the finding is about: that of host management, where the setting is at fault."""
    if subject.kind is SubjectKind.SERVICE_SETTING:
        return NodeRole(shared.role, RoleSource.HOST_MANAGEMENT) if isinstance(shared, HostManagementRole) else None
    return node_role if isinstance(node_role, NodeRole) else None


def _admitting(document: Mapping[str, JSON], service: str) -> Mapping[str, JSON]:
    statements = document.get("Statement", [])
    there = list(statements) if isinstance(statements, list) else [statements]
    added: Mapping[str, JSON] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": TAKE}
    return {**document, "Statement": [*there, added]}


def _after(found: NodeRole, repaired: Role) -> FactChange:
    if found.source is RoleSource.HOST_MANAGEMENT:
        return FactChange(HostManagementRole, HostManagementRole(repaired), replaces=HostManagementRole(found.role))
    return FactChange(NodeRole, replace(found, role=repaired), replaces=found)


def _write(role: Role, document: Mapping[str, JSON]) -> Call:
    action = "iam:UpdateAssumeRolePolicy"
    parameters = {"RoleName": role.name, "PolicyDocument": json_text(document)}
    return Call("iam", "UpdateAssumeRolePolicy", parameters, action, role.arn)


def _guard(role: Role, expected: Mapping[str, JSON]) -> Guard:
    which = {"RoleName": role.name}
    path = "Role.AssumeRolePolicyDocument"
    return Guard(say("the trust policy of the role"), "iam", "GetRole", which, path, json_text(expected))
