"""The change that gives a role one inline policy: every grant to a node's role is made of it.

A policy of that name which is there already is kept and added to, because IAM's roles are of no Region: what was
granted for one Region's key must not be lost to another's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssmtui.fixes.identity.role_policy import P, allowed_after, cannot_be_given, reach_note
from ssmtui.language import marked, say
from ssmtui.model.grants import OwnGrants
from ssmtui.model.identity import NodeRole
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack, json_text
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

DELAY = marked(
    "Seconds: IAM is eventually consistent. SSM Agent goes on with the credentials that it has; nothing is restarted."
)

StatementJSON = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role is given: the statements of the inline policy `policy`, and the actions that they allow.

    `title` goes on from "Let the role NAME …".
    """

    fix: str
    title: str
    policy: str
    statements: tuple[StatementJSON, ...]
    actions: tuple[str, ...]


def allow(actions: Sequence[str], *resources: str) -> StatementJSON:
    """A statement that allows these actions on these resources and no others."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def granted(grant: Grant, scope: Scope, node_role: NodeRole, held: OwnGrants, permissions: P) -> Plan | NotApplicable:
    """The plan that gives the role the policy, or why that cannot be done or would not help."""
    role = node_role.role
    why = cannot_be_given(role, permissions, grant.actions)
    if why:
        return NotApplicable(grant.fix, why)
    before = held.document(grant.policy)
    after = _with_statements(before, grant.statements)
    if after is None:
        return NotApplicable(
            grant.fix,
            say("the role's policy {policy} is not as ssmtui writes it: edit it by hand", policy=grant.policy),
        )
    if after == before:
        return NotApplicable(
            grant.fix, say("the role has that policy ({policy}) already: something else denies it", policy=grant.policy)
        )
    return Plan(
        fix=grant.fix,
        title=say("Let the role {role} {title}", role=role.name, title=grant.title),
        scope=scope,
        subject=Subject(SubjectKind.ROLE, role.arn),
        calls=(_put(role.name, role.arn, grant.policy, after),),
        before=before or "",
        after=after,
        guards=(_guard(role.name, grant.policy, before),),
        way_back=WayBack(
            (_guard(role.name, grant.policy, after),),
            (_delete(role.name, role.arn, grant.policy),)
            if before is None
            else (_put(role.name, role.arn, grant.policy, before),),
        ),
        reach=Reach.SUBJECT,
        undo=_undo(grant.policy, before),
        facts_after=(FactChange(type(permissions), allowed_after(permissions, grant.actions), replaces=permissions),),
        stale=(type(permissions), OwnGrants),
        delay=say(DELAY),
        notes=(reach_note(node_role),),
    )


def _with_statements(before: str | None, statements: Sequence[StatementJSON]) -> str | None:
    """The document with the statements added that it lacks; None where it is not of a form that can be added to."""
    document: JSON = json.loads(before) if before is not None else {"Version": "2012-10-17", "Statement": []}
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list):
        return None
    there = document["Statement"]
    added = [each for each in statements if each not in there]
    return json_text({**document, "Statement": [*there, *added]})


def _put(role_name: str, role_arn: str, policy: str, document: str) -> Call:
    parameters = {"RoleName": role_name, "PolicyName": policy, "PolicyDocument": document}
    return Call("iam", "PutRolePolicy", parameters, "iam:PutRolePolicy", role_arn)


def _delete(role_name: str, role_arn: str, policy: str) -> Call:
    parameters = {"RoleName": role_name, "PolicyName": policy}
    return Call("iam", "DeleteRolePolicy", parameters, "iam:DeleteRolePolicy", role_arn)


def _guard(role_name: str, policy: str, expected: str | None) -> Guard:
    which = {"RoleName": role_name, "PolicyName": policy}
    return Guard(
        say("the inline policy {policy}", policy=policy), "iam", "GetRolePolicy", which, "PolicyDocument", expected
    )


def _undo(policy: str, before: str | None) -> str:
    if before is None:
        return say("The inline policy {policy} is deleted.", policy=policy)
    return say("The inline policy {policy} is written as it was before, with the same statements.", policy=policy)
