"""What an inline policy or an attached one can and cannot do for a role, in common to the fixes that give one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from ssmtui.language import marked, say
from ssmtui.model.identity import NodeRole, Role, RoleSource
from ssmtui.model.permissions import Decision, EvaluationResult, Permissions
from ssmtui.model.reserved_roles import is_reserved, linked_service_of

_SUPPOSED = marked("the policy that this change adds")

P = TypeVar("P", bound=Permissions)


def cannot_be_given(role: Role, permissions: Permissions, actions: Collection[str]) -> str:
    """Why a policy of the role's own would not help towards these actions; empty where it would."""
    denials = permissions.denied(*actions)
    if not denials:
        return say("the role {role} is not denied {actions}", role=role.name, actions=" or ".join(actions))
    if why := kept_by_another(role):
        return why
    final = next((each for each in denials if each.is_final), None)
    if final is None:
        return ""
    who = final.denier.value if final.denier is not None else say("a policy")
    how = say("explicitly denied") if final.decision is Decision.EXPLICIT_DENY else say("not allowed")
    return say(
        "{action} is {how} by {who}, which a policy of the role does not overrule",
        action=final.question.action,
        how=how,
        who=who,
    )


def kept_by_another(role: Role) -> str:
    """Why nobody in the account can change the role; empty where it can be changed."""
    if linked_service_of(role.arn) is not None:
        return say("{role} is a service-linked role, whose policies belong to its service", role=role.name)
    if is_reserved(role.arn):
        return say("{role} is a role of IAM Identity Center, which changes it by its permission set", role=role.name)
    return ""


def allowed_after(permissions: P, actions: Collection[str]) -> P:
    """The permissions as they would be with these actions allowed: likely, since IAM has not been asked."""
    answers = tuple(
        EvaluationResult(each.question, Decision.ALLOWED, source=say(_SUPPOSED))
        if each.question.action in actions and not each.allowed
        else each
        for each in permissions.answers
    )
    return replace(permissions, answers=answers)


def reach_note(node_role: NodeRole) -> str:
    """Whom a change of the role reaches, in a sentence."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        return say(
            "{role} is the role of default host management: it reaches every node under it, in every "
            "Region whose setting names this role.",
            role=node_role.role.name,
        )
    return say("It reaches every node that uses the role {role}, in other Regions too.", role=node_role.role.name)
