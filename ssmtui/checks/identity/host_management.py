"""Check whether default host management can serve the instances that rely on it."""

from __future__ import annotations

import re

from ssmtui.analysis.access import is_trusted
from ssmtui.analysis.finding_parts import (
    condition_finding,
    denial_evidence,
    fixes_for,
    most_sure,
    the_host_management_setting,
    the_node,
    unknown_finding,
    unread_finding,
)
from ssmtui.checks.registry import check
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status, Subject
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import HostManagementRole, UsedHostManagement
from ssmtui.model.node import MetadataTokens, Node, Registration
from ssmtui.model.node_facts import ConsoleOutput, HostManagedInstance, Observation, UnconnectedNode, UnmanagedInstance
from ssmtui.model.permissions import HostManagementPermissions
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import is_older_version

_SINCE = "3.2.582.0"
"""The first version of SSM Agent that supports default host management (docs/facts/nodes.md §7)."""

_SERVICES = ("ssm.amazonaws.com",)
_START_LINE = re.compile(r"Amazon SSM Agent v(\d+(?:\.\d+)+) is running")


@check(
    link=Link.IDENTITY,
    causes=("dhmc-role-broken",),
    subject=the_host_management_setting,
    after=("instance-profile-holds-a-role",),
    without={HostManagementPermissions: "it denies, and does not allow"},
)
def host_management_role_works(
    relying: HostManagedInstance,  # noqa: ARG001 - a precondition
    scope: Scope,
    observation: Observation,
    setting: UsedHostManagement,
    role: HostManagementRole | Absent,
    permissions: HostManagementPermissions | Absent | NotApplicable | Unreadable,
) -> Findings:
    """Whether the role of Default Host Management exists, trusts Systems Manager and is allowed to register nodes."""
    cause, subject = "dhmc-role-broken", the_host_management_setting(setting)
    faults, fixes, confidence = _faults(scope, setting, role, permissions, online=observation.online)
    if not faults:
        return () if observation.online else _doubts(cause, subject, scope, setting, role, permissions)
    return (
        Finding(
            cause=cause,
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=confidence,
            subject=subject,
            summary=say(
                "Default host management does not work with the role {role_name}: {fact}.",
                role_name=setting.role_name,
                fact=faults[0].fact,
            ),
            evidence=faults,
            fixes=fixes,
        ),
    )


@check(
    link=Link.IDENTITY,
    causes=("dhmc-agent-too-old",),
    subject=the_node,
    after=("role-may-open-channels",),
    without={ConsoleOutput: "the version is asked for, and unknown without"},
)
def agent_knows_host_management(
    relying: HostManagedInstance,  # noqa: ARG001 - a precondition
    away: UnconnectedNode,
    console: ConsoleOutput | Absent | Unreadable,
    node: Node,
) -> Findings:
    """Whether SSM Agent is new enough for Default Host Management."""
    cause = "dhmc-agent-too-old"
    if away.observation.online:
        return ()  # it reports with the role of host management
    if isinstance(node.registration, Registration):
        version, source, sure = node.registration.agent_version, "ssm:DescribeInstanceProperties", Confidence.PROVED
    else:
        started = _START_LINE.search(console.text) if isinstance(console, ConsoleOutput) else None
        if started is None:
            summary = say(
                "{node} relies on default host management, but the version of its SSM Agent is unknown.",
                node=node.name,
            )
            if isinstance(console, Unreadable):
                return (unread_finding(cause, the_node(node), summary, console),)
            evidence = (Evidence(say("the console does not show the version of SSM Agent"), "ec2:GetConsoleOutput"),)
            return (unknown_finding(cause, the_node(node), summary, evidence),)
        version, source, sure = started.group(1), "ec2:GetConsoleOutput", Confidence.LIKELY
    if not is_older_version(version, _SINCE):
        return ()
    return (
        Finding(
            cause=cause,
            status=Status.FAIL,
            confidence=sure,
            subject=the_node(node),
            summary=say(
                "SSM Agent {version} of {node} is too old for default host management.", version=version, node=node.name
            ),
            evidence=(
                Evidence(
                    say(
                        "SSM Agent is {version}; default host management requires {since}",
                        version=version,
                        since=_SINCE,
                    ),
                    source,
                ),
                Evidence(say("{node} has no working instance profile", node=node.id), "ec2:DescribeInstances"),
            ),
            fixes=("attach-instance-profile", "update-agent", "steps-install-agent"),
        ),
    )


@check(link=Link.IDENTITY, causes=("dhmc-needs-imdsv2",), subject=the_node, after=("agent-knows-host-management",))
def metadata_suits_host_management(
    relying: HostManagedInstance,
    unmanaged: UnmanagedInstance,  # noqa: ARG001 - a precondition
    node: Node,
) -> Findings:
    """Whether the instance metadata service meets the requirements of Default Host Management."""
    metadata = relying.instance.metadata
    if metadata.endpoint_enabled and metadata.tokens is MetadataTokens.REQUIRED:
        return ()
    # HttpTokens: optional allows both versions, so it is only a hint (docs/facts/nodes.md §5).
    off = not metadata.endpoint_enabled
    fact = say("MetadataOptions.HttpEndpoint is disabled") if off else say("MetadataOptions.HttpTokens is optional")
    what = say("is off") if off else say("does not require IMDSv2")
    return (
        Finding(
            cause="dhmc-needs-imdsv2",
            status=Status.FAIL if off else Status.WARN,
            confidence=Confidence.PROVED if off else Confidence.POSSIBLE,
            subject=the_node(node),
            summary=say(
                "Default host management requires IMDSv2, but the metadata service of {node} {what}.",
                node=node.name,
                what=what,
            ),
            evidence=(Evidence(fact, "ec2:DescribeInstances"),),
            fixes=("enable-instance-metadata", "require-imdsv2") if off else ("require-imdsv2",),
        ),
    )


def _faults(
    scope: Scope,
    setting: UsedHostManagement,
    role: HostManagementRole | Absent,
    permissions: HostManagementPermissions | Absent | NotApplicable | Unreadable,
    *,
    online: bool,
) -> tuple[tuple[Evidence, ...], tuple[str, ...], Confidence]:
    """Return the errors of the setting's role, the fixes that help, and the confidence."""
    if isinstance(role, Absent):
        fact = say("the role {role_name} does not exist", role_name=setting.role_name)
        return (Evidence(fact, role.source),), ("enable-host-management",), Confidence.PROVED
    faults: list[Evidence] = []
    fixes: list[str] = []
    confidences: list[Confidence] = []
    created = say("Systems Manager created the role {role} (permission model SERVICE_MANAGED)", role=role.role.arn)
    origin = (Evidence(created, "iam:GetRole"),) if role.service_managed else ()
    known = permissions if isinstance(permissions, HostManagementPermissions) else None
    denials = known.denied(UPDATE_INSTANCE_INFORMATION) if known else ()
    if online:
        # The node reports, although the organization seems to deny it.
        denials = tuple(each for each in denials if not each.only_by_organization)
    if is_trusted(role.role, _SERVICES, scope) is Truth.NO:
        faults.append(
            Evidence(
                say("the trust policy of the role does not allow {services}", services=_SERVICES[0]), "iam:GetRole"
            )
        )
        fixes.append("repair-role-trust")
        confidences.append(Confidence.PROVED)
    if denials:
        faults.extend(denial_evidence(each) for each in denials)
        fixes = [*fixes_for(denials, "grant-host-management-role"), *fixes]
        confidences.extend(each.confidence for each in denials)
    # Only Systems Manager can change a role that it created.
    offered = ("enable-host-management",) if origin else (*fixes, "enable-host-management")
    return (*faults, *origin) if faults else (), offered, most_sure(confidences)


def _doubts(
    cause: str,
    subject: Subject,
    scope: Scope,
    setting: UsedHostManagement,
    role: HostManagementRole | Absent,
    permissions: HostManagementPermissions | Absent | NotApplicable | Unreadable,
) -> Findings:
    """Return why it is unknown whether the setting's role works."""
    if isinstance(permissions, Unreadable):
        summary = say(
            "Cannot determine whether the role {role_name} of default host management is allowed to register nodes.",
            role_name=setting.role_name,
        )
        return (unread_finding(cause, subject, summary, permissions),)
    known = permissions if isinstance(permissions, HostManagementPermissions) else None
    unsure = known.undecided(UPDATE_INSTANCE_INFORMATION) if known else ()
    if unsure:
        summary = say(
            "Cannot determine whether the role {role_name} is allowed to register nodes: its policies have conditions.",
            role_name=setting.role_name,
        )
        return condition_finding(cause, subject, summary, unsure)
    if isinstance(role, HostManagementRole) and is_trusted(role.role, _SERVICES, scope) is Truth.PERHAPS:
        summary = say(
            "Cannot determine whether Systems Manager is allowed to assume the role {role_name}: the trust policy "
            "has conditions.",
            role_name=setting.role_name,
        )
        return (
            unknown_finding(
                cause, subject, summary, (Evidence(say("the trust policy of the role has conditions"), "iam:GetRole"),)
            ),
        )
    return ()
