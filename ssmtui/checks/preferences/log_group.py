"""Check the log group of sessions, its encryption, streaming, and the permissions of the node's role for it."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import (
    actions_in_words,
    condition_finding,
    denial_evidence,
    fixes_for,
    most_sure,
    status_by_switch,
    the_document,
    the_log_group,
    the_role,
    unread_finding,
)
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import JOURNAL, Confidence, Evidence, Finding, Findings, Link, Status, Subject
from ssmtui.model.iam_questions import (
    DESCRIBE_LOG_GROUPS,
    LOG_WRITE_ACTIONS,
)
from ssmtui.model.identity import NodeRole
from ssmtui.model.node import PlatformFamily
from ssmtui.model.node_facts import ManagedNode
from ssmtui.model.permissions import LogGroupPermissions
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    LogGroup,
)

_LOG_GROUP_SOURCE = "logs:DescribeLogGroups"
_ENCRYPT, _TOGGLE = "encrypt-log-group", "toggle-cloudwatch-encryption"


@check(
    link=Link.PREFERENCES,
    causes=("log-group-missing",),
    subject=the_log_group,
    after=("role-may-decrypt-with-session-key",),
)
def log_group_exists(scope: Scope, preferences: SessionPreferences, group: LogGroup | Absent) -> Findings:
    """Whether the log group exists."""
    if isinstance(group, LogGroup):
        return ()
    status, needs = status_by_switch(preferences.log_group_encrypted_only)
    effect = say("sessions open, and their logs are lost") if status is Status.WARN else say("no session opens")
    named = preferences.log_group
    kind = say("an ARN instead of a name") if named.startswith("arn:") else say("a log group that does not exist")
    return (
        Finding(
            cause="log-group-missing",
            status=status,
            confidence=Confidence.POSSIBLE if status is Status.UNKNOWN else Confidence.PROVED,
            subject=the_log_group(scope, preferences),
            summary=say("The preferences contain {kind}, {named}: {effect}.", kind=kind, named=named, effect=effect),
            evidence=(
                Evidence(
                    say("the log group {named} does not exist in {region}", region=scope.region, named=named),
                    _LOG_GROUP_SOURCE,
                ),
            ),
            fixes=("create-log-group", "edit-preferences"),
            needs=needs,
        ),
    )


@check(link=Link.PREFERENCES, causes=("log-group-unencrypted",), subject=the_log_group, after=("log-group-exists",))
def log_group_is_encrypted(
    scope: Scope, preferences: SessionPreferences, group: LogGroup | Unreadable, change: ChangeDelay | NotApplicable
) -> Findings | NotApplicable:
    """Whether the log group is encrypted, if only encrypted log groups are allowed."""
    status, needs = status_by_switch(preferences.log_group_encrypted_only)
    subject, cause = the_log_group(scope, preferences), "log-group-unencrypted"
    if status is Status.WARN:
        return NotApplicable(say("the preferences allow a log group without encryption"))
    if isinstance(group, Unreadable):
        return (
            unread_finding(
                cause,
                subject,
                say("Cannot determine whether {log_group} is encrypted.", log_group=preferences.log_group),
                group,
            ),
        )
    if group.key_arn is not None:
        if isinstance(change, ChangeDelay) and change.fix == _ENCRYPT:
            return (_key_awaited(subject, group, change),)
        return ()
    return (
        Finding(
            cause=cause,
            status=status,
            confidence=Confidence.POSSIBLE if status is Status.UNKNOWN else Confidence.PROVED,
            subject=subject,
            summary=say(
                "The preferences require an encrypted log group, and {group} has no KMS key.", group=group.name
            ),
            evidence=(
                _encrypted_log_group_evidence(),
                Evidence(say("{group} has no kmsKeyId", group=group.name), _LOG_GROUP_SOURCE),
            ),
            fixes=(_ENCRYPT, _TOGGLE),
            needs=needs,
        ),
    )


def _key_awaited(subject: Subject, group: LogGroup, change: ChangeDelay) -> Finding:
    return Finding(
        cause="log-group-unencrypted",
        status=Status.WARN,
        confidence=Confidence.LIKELY,
        subject=subject,
        summary=say(
            "{group} got its KMS key at {made} UTC: AWS uses the key by {until} at the latest.",
            group=group.name,
            made=f"{change.made:%H:%M}",
            until=f"{change.until:%H:%M}",
        ),
        evidence=(Evidence(say("applied from here: {title}", title=change.title), JOURNAL),),
        until=change.until,
    )


@check(
    link=Link.PREFERENCES,
    causes=("log-group-unreadable",),
    subject=the_role,
    after=("log-group-exists", "log-group-is-encrypted"),
    without={LogGroup: "whatever the group is, the lookup must be allowed"},
)
def role_may_look_up_log_group(
    node_role: NodeRole,
    preferences: SessionPreferences,
    group: LogGroup | Unreadable,
    permissions: LogGroupPermissions | Unreadable,
) -> Findings | NotApplicable:
    """Whether the node's role is allowed to describe the log group, if only encrypted log groups are allowed."""
    status, needs = status_by_switch(preferences.log_group_encrypted_only)
    role, cause = node_role.role, "log-group-unreadable"
    if status is Status.WARN:
        return NotApplicable(say("the preferences allow a log group without encryption"))
    if isinstance(group, LogGroup) and group.key_arn is None:
        return NotApplicable(say("the log group has no KMS key"))
    if isinstance(permissions, Unreadable):
        summary = say(
            "Cannot determine whether the role {role} is allowed to describe {log_group}.",
            role=role.name,
            log_group=preferences.log_group,
        )
        return (unread_finding(cause, the_role(node_role), summary, permissions),)
    denials = permissions.denied(DESCRIBE_LOG_GROUPS)
    if not denials:
        summary = say(
            "Cannot determine whether the role {role} is allowed to describe {log_group}.",
            role=role.name,
            log_group=preferences.log_group,
        )
        unsure = permissions.undecided(DESCRIBE_LOG_GROUPS)
        return condition_finding(cause, the_role(node_role), summary, unsure)
    return (
        Finding(
            cause=cause,
            status=status,
            confidence=(
                Confidence.POSSIBLE if status is Status.UNKNOWN else most_sure(each.confidence for each in denials)
            ),
            subject=the_role(node_role),
            summary=say(
                "The role {role} is not allowed to describe the log group {log_group}, so its nodes treat it as "
                "unencrypted.",
                role=role.name,
                log_group=preferences.log_group,
            ),
            evidence=(_encrypted_log_group_evidence(), *(denial_evidence(each) for each in denials)),
            fixes=fixes_for(denials, "grant-node-log-lookup", _TOGGLE),
            needs=needs,
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("cloudwatch-logs-lost",),
    subject=the_role,
    after=("role-may-look-up-log-group",),
    without={LogGroup: "whatever the group is, writing must be allowed"},
)
def role_may_write_session_logs(
    node_role: NodeRole, preferences: SessionPreferences, group: LogGroup | Unreadable, permissions: LogGroupPermissions
) -> Findings:
    """Whether the role of the node is allowed to write session logs to the log group."""
    denials = permissions.denied(*LOG_WRITE_ACTIONS)
    if not denials:
        summary = say(
            "Cannot determine whether the role {role} is allowed to write session logs to {log_group}: the policies "
            "have conditions.",
            role=node_role.role.name,
            log_group=preferences.log_group,
        )
        unsure = permissions.undecided(*LOG_WRITE_ACTIONS)
        return condition_finding("cloudwatch-logs-lost", the_role(node_role), summary, unsure)
    encrypted_only = preferences.log_group_encrypted_only is EncryptedOnly.ON
    toggle_would_open = encrypted_only and bool(
        permissions.denied(DESCRIBE_LOG_GROUPS) or (isinstance(group, LogGroup) and group.key_arn is None)
    )
    return (
        Finding(
            cause="cloudwatch-logs-lost",
            # If the encrypted-only switch were turned off for this role, its sessions would open without logs.
            status=Status.FAIL if toggle_would_open else Status.WARN,
            confidence=most_sure(each.confidence for each in denials),
            subject=the_role(node_role),
            summary=say(
                "The role {role} is not allowed to write session logs to {log_group}: missing {actions}.",
                role=node_role.role.name,
                log_group=preferences.log_group,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "grant-node-log-write"),
        ),
    )


def _encrypted_log_group_evidence() -> Evidence:
    return Evidence(say("the preferences require an encrypted log group"), "ssm:GetDocument")


# Windows Server includes PowerShell 5.1 from 2016 on.
_BEFORE_POWERSHELL_5_1 = ("Server 2008", "Server 2012")


@check(
    link=Link.PREFERENCES,
    causes=("streaming-unsupported",),
    subject=the_document,
    after=("role-may-write-session-logs",),
)
def windows_can_stream_logs(
    scope: Scope, managed: ManagedNode, preferences: SessionPreferences
) -> Findings | NotApplicable:
    """Whether a Windows node can stream its session logs."""
    windows = managed.registration.platform_family is PlatformFamily.WINDOWS
    if not (windows and preferences.log_group and preferences.log_streaming):
        return NotApplicable(say("no session logs are streamed from Windows"))
    old = any(each in managed.registration.platform for each in _BEFORE_POWERSHELL_5_1)
    return (
        Finding(
            cause="streaming-unsupported",
            status=Status.WARN if old else Status.INFO,
            confidence=Confidence.LIKELY if old else Confidence.POSSIBLE,
            subject=the_document(scope),
            summary=(
                say(
                    "Session logs are streamed, but Windows Server before 2016 does not support streaming: no logs "
                    "are written."
                )
                if old
                else say(
                    "Session logs are streamed. On Windows, this works only without a PowerShell transcription policy."
                )
            ),
            evidence=(
                Evidence(say("cloudWatchStreamingEnabled is true"), "ssm:GetDocument"),
                Evidence(
                    say("a managed node runs Windows Server before 2016")
                    if old
                    else say("some managed nodes run Windows"),
                    "ssm:DescribeInstanceProperties",
                ),
            ),
            fixes=("edit-preferences",),
        ),
    )
