"""Fixes that grant permissions to a node role, with an inline policy or a managed policy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.iam_questions import (
    CHANNEL_ACTIONS,
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GET_BUCKET_ENCRYPTION,
    LOG_WRITE_ACTIONS,
    OBJECT_ENDING,
    UPDATE_INSTANCE_INFORMATION,
    bucket_arn,
)
from ssmtui.model.identity import AttachedPolicies, HostManagementRole, NodeRole, OwnGrants, RoleSource
from ssmtui.model.node_facts import Observation
from ssmtui.model.permissions import (
    BucketPermissions,
    CorePermissions,
    HostManagementPermissions,
    KeyPermissions,
    LogGroupPermissions,
    Permissions,
)
from ssmtui.model.plan import JSON, Call, FactChange, Guard, Plan, Reach, UndoPlan, json_text
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from ssmtui.remediation.plans.identity.roles import P, cannot_grant_reason, reach_note, with_allowed_actions
from ssmtui.remediation.plans.plan_parts import CREDENTIALS_REFUSED
from ssmtui.remediation.plans.registry import Draft, fix

STALE = (CorePermissions, HostManagementPermissions, AttachedPolicies, Observation)
ACTIONS = (UPDATE_INSTANCE_INFORMATION, *CHANNEL_ACTIONS)
"""The actions that sessions need from both AWS policies for managed nodes (docs/facts/nodes.md §6)."""

# docs/facts/nodes.md §6: the agent's credential refresher sleeps 25-30 minutes after AccessDeniedException.
_DELAY = translatable(
    "Up to 30 minutes: SSM Agent waits that long after a refusal before it retries. To speed this up, restart the "
    "agent or the node."
)


def managed_policy_plan(
    policy: str, scope: Scope, node_role: NodeRole, permissions: Permissions, held: AttachedPolicies
) -> Draft:
    """Return the plan that attaches the policy, or why this is impossible or would not help."""
    role = node_role.role
    arn = f"arn:{scope.partition}:iam::aws:policy/{policy}"
    why = cannot_grant_reason(role, permissions, ACTIONS)
    if why:
        return why
    if arn in held.policy_arns:
        return say(
            "{policy} is already attached to the role {role}: another policy denies the action",
            policy=policy,
            role=role.name,
        )
    before, after = "\n".join(held.policy_arns), "\n".join(sorted((*held.policy_arns, arn)))
    parameters = {"RoleName": role.name, "PolicyArn": arn}
    return Plan(
        title=say("Attach {policy} to the role {role}", policy=policy, role=role.name),
        scope=scope,
        subject=Subject(SubjectKind.ROLE, role.arn),
        calls=(Call("iam", "AttachRolePolicy", parameters, "iam:AttachRolePolicy", role.arn),),
        before=before,
        after=after,
        guards=(_attached_guard(role.name, before),),
        way_back=UndoPlan(
            (_attached_guard(role.name, after),),
            (Call("iam", "DetachRolePolicy", parameters, "iam:DetachRolePolicy", role.arn),),
        ),
        reach=Reach.SUBJECT,
        undo=say("The policy is detached."),
        facts_after=tuple(
            FactChange(kind, with_allowed_actions(now, ACTIONS), replaces=now)
            for kind in (CorePermissions, HostManagementPermissions)
            for now in (kind(permissions.principal, permissions.answers),)
        ),
        settles_within=CREDENTIALS_REFUSED,
        delay=say(_DELAY),
        notes=(reach_note(node_role),),
    )


def _attached_guard(role_name: str, expected: str) -> Guard:
    which = {"RoleName": role_name}
    path = "AttachedPolicies.*.PolicyArn"
    return Guard(say("the policies attached to the role"), "iam", "ListAttachedRolePolicies", which, path, expected)


@fix(slug="attach-core-policy", stale=STALE)
def attach_core_policy(
    scope: Scope, node_role: NodeRole, permissions: CorePermissions, held: AttachedPolicies
) -> Draft:
    """Attach the policy."""
    return managed_policy_plan("AmazonSSMManagedInstanceCore", scope, node_role, permissions, held)


@fix(slug="grant-host-management-role", stale=STALE)
def grant_host_management_role(
    scope: Scope,
    shared: HostManagementRole,
    node_role: NodeRole,
    permissions: HostManagementPermissions,
    held: AttachedPolicies,
) -> Draft:
    """Attach the policy. The policies of the role are known if the node uses the role."""
    if node_role.role != shared.role:
        return say("{role} is not the role that this node uses", role=shared.role.name)
    return managed_policy_plan(
        "AmazonSSMManagedEC2InstanceDefaultPolicy",
        scope,
        NodeRole(shared.role, RoleSource.HOST_MANAGEMENT),
        permissions,
        held,
    )


DELAY = translatable(
    "A few seconds: IAM is eventually consistent. SSM Agent keeps its current credentials, and nothing is restarted."
)

StatementJSON = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission for a role: the statements of the inline policy `policy`, and the actions that they allow.

    `title` continues "Let the role NAME …".
    """

    title: str
    policy: str
    statements: tuple[StatementJSON, ...]
    actions: tuple[str, ...]


def allow(actions: Sequence[str], *resources: str) -> StatementJSON:
    """Return a statement that allows these actions only on these resources."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def inline_grant_plan(grant: Grant, scope: Scope, node_role: NodeRole, held: OwnGrants, permissions: P) -> Draft:
    """Return the plan that grants the policy to the role, or why this is impossible or would not help."""
    role = node_role.role
    why = cannot_grant_reason(role, permissions, grant.actions)
    if why:
        return why
    before = held.document(grant.policy)
    after = _with_statements(before, grant.statements)
    if after is None:
        return say(
            "ssmtui did not write the current text of the role's policy {policy}: edit the policy by hand",
            policy=grant.policy,
        )
    if after == before:
        return say("the role already has the policy {policy}: another policy denies the action", policy=grant.policy)
    return Plan(
        title=say("Allow the role {role} to {title}", role=role.name, title=grant.title),
        scope=scope,
        subject=Subject(SubjectKind.ROLE, role.arn),
        calls=(_put(role.name, role.arn, grant.policy, after),),
        before=before or "",
        after=after,
        guards=(_guard(role.name, grant.policy, before),),
        way_back=UndoPlan(
            (_guard(role.name, grant.policy, after),),
            (_delete(role.name, role.arn, grant.policy),)
            if before is None
            else (_put(role.name, role.arn, grant.policy, before),),
        ),
        reach=Reach.SUBJECT,
        undo=_undo(grant.policy, before),
        facts_after=(
            FactChange(type(permissions), with_allowed_actions(permissions, grant.actions), replaces=permissions),
        ),
        delay=say(DELAY),
        notes=(reach_note(node_role),),
    )


def _with_statements(before: str | None, statements: Sequence[StatementJSON]) -> str | None:
    """Add the missing statements to the document; return None if the document does not have the expected form."""
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
    return say("The inline policy {policy} gets its previous statements again.", policy=policy)


@fix(slug="grant-node-bucket-lookup", stale=(BucketPermissions, OwnGrants))
def grant_node_bucket_lookup(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: BucketPermissions,
    held: OwnGrants,
) -> Draft:
    """Grant the role s3:GetEncryptionConfiguration on the log bucket."""
    grant = Grant(
        title=say("read the encryption of the log bucket {s3_bucket}", s3_bucket=preferences.s3_bucket),
        policy="ssmtui-log-bucket-lookup",
        statements=(allow((GET_BUCKET_ENCRYPTION,), bucket_arn(scope, preferences)),),
        actions=(GET_BUCKET_ENCRYPTION,),
    )
    return inline_grant_plan(grant, scope, node_role, held, permissions)


@fix(slug="grant-node-bucket-write", stale=(BucketPermissions, OwnGrants))
def grant_node_bucket_write(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: BucketPermissions,
    held: OwnGrants,
) -> Draft:
    """Grant the role the missing permissions to write an object, on the prefix and key that IAM was asked about."""
    denied = [each.question for each in permissions.denied() if each.question.action != GET_BUCKET_ENCRYPTION]
    # The agent chooses the names of its objects, so the grant is for the whole prefix.
    lacking = [replace(each, resource=each.resource.removesuffix(OBJECT_ENDING)) for each in denied]
    resources = dict.fromkeys(each.resource for each in lacking)
    by_resource = {each: [asked.action for asked in lacking if asked.resource == each] for each in resources}
    grant = Grant(
        title=say("write session logs to {s3_bucket}", s3_bucket=preferences.s3_bucket),
        policy="ssmtui-log-bucket-write",
        statements=tuple(allow(actions, resource) for resource, actions in by_resource.items()),
        actions=tuple(each.action for each in lacking) or ("s3:PutObject",),
    )
    return inline_grant_plan(grant, scope, node_role, held, permissions)


@fix(slug="grant-node-key-access", stale=(KeyPermissions, OwnGrants))
def grant_node_key_access(
    scope: Scope, node_role: NodeRole, key: Key, permissions: KeyPermissions, held: OwnGrants
) -> Draft:
    """Grant the role kms:Decrypt on the session key: a key policy that only names the account delegates this to IAM."""
    grant = Grant(
        title=say("decrypt with the session key {key}", key=key.arn.rpartition("/")[2]),
        policy="ssmtui-session-key",
        statements=(allow((DECRYPT,), key.arn),),
        actions=(DECRYPT,),
    )
    return inline_grant_plan(grant, scope, node_role, held, permissions)


@fix(slug="grant-node-log-lookup", stale=(LogGroupPermissions, OwnGrants))
def grant_node_log_lookup(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: LogGroupPermissions,
    held: OwnGrants,
) -> Draft:
    """Grant the role logs:DescribeLogGroups on `*`: the action has no resource (docs/facts/preferences.md §8)."""
    grant = Grant(
        title=say("describe the log group {log_group}", log_group=preferences.log_group),
        policy="ssmtui-log-group-lookup",
        statements=(allow((DESCRIBE_LOG_GROUPS,), "*"),),
        actions=(DESCRIBE_LOG_GROUPS,),
    )
    return inline_grant_plan(grant, scope, node_role, held, permissions)


@fix(slug="grant-node-log-write", stale=(LogGroupPermissions, OwnGrants))
def grant_node_log_write(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    permissions: LogGroupPermissions,
    held: OwnGrants,
) -> Draft:
    """Grant the role the permissions to write a log stream, on the log group and its streams."""
    group = scope.arn("logs", f"log-group:{preferences.log_group}")
    grant = Grant(
        title=say("write session logs to {log_group}", log_group=preferences.log_group),
        policy="ssmtui-log-group-write",
        statements=(allow(LOG_WRITE_ACTIONS, group, f"{group}:*"),),
        actions=LOG_WRITE_ACTIONS,
    )
    return inline_grant_plan(grant, scope, node_role, held, permissions)
