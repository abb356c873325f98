"""Fixes of role trust policies, and the shared parts of fixes of roles."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from ssmtui.iam_policy.document import policy_from_data
from ssmtui.iam_policy.evaluation import AuthorizationRequest, PolicyResult, evaluate_request
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say, translatable
from ssmtui.model.fact import NoFact
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.identity import (
    IDENTITY_CENTER,
    HostManagementRole,
    NodeRole,
    Role,
    RoleSource,
    keeping_service,
    linked_service,
)
from ssmtui.model.node_facts import Observation
from ssmtui.model.permissions import Decision, EvaluationResult, Permissions
from ssmtui.model.plan import JSON, Call, FactChange, Guard, Plan, Reach, UndoPlan, json_text
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.plan_parts import CREDENTIALS_REFUSED
from ssmtui.remediation.plans.registry import Draft, fix

_SUPPOSED = translatable("the policy that this change adds")

P = TypeVar("P", bound=Permissions)


def cannot_grant_reason(role: Role, permissions: Permissions, actions: Collection[str]) -> str:
    """Return why a policy of the role would not help to allow these actions; empty if it would."""
    denials = permissions.denied(*actions)
    if not denials:
        return say("the role {role} already has {actions}", role=role.name, actions=" or ".join(actions))
    if why := protected_role_reason(role):
        return why
    final = next((each for each in denials if each.is_final), None)
    if final is None:
        return ""
    who = final.denier.value if final.denier is not None else say("a policy")
    how = say("explicitly denied") if final.decision is Decision.EXPLICIT_DENY else say("not allowed")
    return say(
        "{action} is {how} by {who}, which a policy of the role cannot override",
        action=final.question.action,
        how=how,
        who=who,
    )


def protected_role_reason(role: Role) -> str:
    """Return why the role cannot be changed in this account; empty if it can."""
    if linked_service(role.arn) is not None:
        return say("{role} is a service-linked role: only its service manages its policies", role=role.name)
    service = keeping_service(role.arn)
    if service is None:
        return ""
    if service == IDENTITY_CENTER:
        return say("{role} is a role of IAM Identity Center: change its permission set instead", role=role.name)
    return say("{role} is managed by {service}, which alone can change it", role=role.name, service=service or "AWS")


def with_allowed_actions(permissions: P, actions: Collection[str]) -> P:
    """Return the permissions with these actions allowed: likely, because IAM was not asked."""
    answers = tuple(
        EvaluationResult(each.question, Decision.ALLOWED, source=say(_SUPPOSED))
        if each.question.action in actions and not each.allowed
        else each
        for each in permissions.answers
    )
    return replace(permissions, answers=answers)


def reach_note(node_role: NodeRole) -> str:
    """Return a sentence about the nodes that a change of the role affects."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        return say(
            "{role} is a role of default host management. This affects all nodes under default host management, in "
            "every Region whose setting uses this role.",
            role=node_role.role.name,
        )
    return say("This affects all nodes that use the role {role}, also in other Regions.", role=node_role.role.name)


TAKE = "sts:AssumeRole"
SYSTEMS_MANAGER = "ssm.amazonaws.com"


def service_of(source: RoleSource, scope: Scope) -> str:
    """Return the service that assumes the role. In China, EC2 has its own name (docs/facts/permissions.md §7)."""
    return f"ec2.{scope.dns_suffix}" if source is RoleSource.INSTANCE_PROFILE else SYSTEMS_MANAGER


def trust_in(role: Role, service: str, scope: Scope) -> PolicyResult:
    """Evaluate the trust policy for a service of this account."""
    context = {"aws:SourceAccount": (scope.account,)}
    return evaluate_request((role.trust,), AuthorizationRequest(TAKE, role.arn, (service,), context))


# docs/facts/nodes.md §6: the agent's credential refresher sleeps 25-30 minutes after a refusal.
_DELAY = translatable(
    "Up to 30 minutes: SSM Agent waits that long before it asks for credentials again. To speed this up, restart the "
    "agent or the node."
)


@fix(slug="repair-role-trust", stale=(NodeRole, HostManagementRole, Observation))
def repair_role_trust(
    scope: Scope,
    subject: Subject,
    node_role: NodeRole | NoFact,
    shared: HostManagementRole | NoFact,
) -> Draft:
    """Add one statement to the trust policy; the other statements stay unchanged."""
    found = _role_meant(subject, node_role, shared)
    if found is None:
        return say("the role was not found or could not be read")
    role, service = found.role, service_of(found.source, scope)
    if why := protected_role_reason(role):
        return why
    reading = trust_in(role, service, scope)
    if reading.denies is not Truth.NO:
        return say(
            "the trust policy of {role} denies {service}, which another statement cannot override",
            role=role.name,
            service=service,
        )
    if reading.allows is Truth.YES:
        return say("the trust policy of {role} already allows {service}", role=role.name, service=service)
    before = json.loads(role.trust.text)
    after = _admitting(before, service)
    return Plan(
        title=say("Allow {service} to assume the role {role}", service=service, role=role.name),
        scope=scope,
        subject=Subject(SubjectKind.ROLE, role.arn),
        calls=(_write(role, after),),
        before=json_text(before),
        after=json_text(after),
        guards=(_guard(role, before),),
        way_back=UndoPlan((_guard(role, after),), (_write(role, before),)),
        reach=Reach.SUBJECT,
        undo=say("The trust policy gets its previous statements again."),
        facts_after=(_after(found, replace(role, trust=policy_from_data(after, json.dumps(after, indent=2)))),),
        settles_within=CREDENTIALS_REFUSED,
        delay=say(_DELAY),
        notes=(
            reach_note(found),
            say(
                "Principals that are allowed to pass the role to {service} can then let the service act as this role.",
                service=service,
            ),
        ),
    )


def _role_meant(
    subject: Subject,
    node_role: NodeRole | NoFact,
    shared: HostManagementRole | NoFact,
) -> NodeRole | None:
    """Return the role of the finding: the role of default host management if the setting is wrong."""
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
