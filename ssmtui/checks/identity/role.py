"""Check the role of a node: trust, permissions, the principal that reports, and whether the role can be changed."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.analysis.access import is_trusted, trusted_services
from ssmtui.analysis.console_log import channel_refusal, registration_refusal
from ssmtui.analysis.finding_parts import (
    actions_in_words,
    condition_finding,
    denial_evidence,
    fixes_for,
    least_sure,
    most_sure,
    the_role,
    unknown_finding,
    unread_evidence,
    unread_finding,
)
from ssmtui.checks.registry import check
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import CHANNEL_ACTIONS, CONTROL_CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import IDENTITY_CENTER, HostManagement, NodeRole, Role, RoleSource, keeping_service
from ssmtui.model.node_facts import Observation, SilentConsole, UnconnectedNode
from ssmtui.model.permissions import CorePermissions, EvaluationResult
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import LastReport

_CAUSE = "role-trust-wrong"
_ROLE_SOURCE = "iam:GetRole"


@check(
    link=Link.IDENTITY,
    causes=(_CAUSE,),
    subject=the_role,
    after=("instance-profile-holds-a-role", "host-management-role-works"),
)
def role_may_be_taken(scope: Scope, node_role: NodeRole, observation: Observation) -> Findings | NotApplicable:
    """Whether the trust policy of the role allows the service that gives the role to the node."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        # Then the setting is checked: see host_management.
        return NotApplicable(say("the node has the role of default host management"))
    role, services = node_role.role, trusted_services(node_role.source, scope)
    trusted = is_trusted(role, services, scope)
    if trusted is Truth.YES or (trusted is Truth.PERHAPS and observation.online):
        return ()
    if trusted is Truth.PERHAPS:
        evidence = (
            Evidence(
                say(
                    "the trust policy of {role} allows {services} under conditions",
                    role=role.name,
                    services=services[0],
                ),
                _ROLE_SOURCE,
            ),
        )
        summary = say(
            "Cannot determine whether {services} is allowed to assume the role {role}: the trust policy has "
            "conditions.",
            services=services[0],
            role=role.name,
        )
        return (unknown_finding(_CAUSE, the_role(node_role), summary, evidence),)
    return (
        Finding(
            cause=_CAUSE,
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_role(node_role),
            summary=say(
                "The trust policy of the role {role} does not allow {services}.", role=role.name, services=services[0]
            ),
            evidence=(
                Evidence(
                    say(
                        "no statement of the trust policy allows {services} to assume {role}",
                        services=services[0],
                        role=role.name,
                    ),
                    _ROLE_SOURCE,
                ),
            ),
            fixes=("repair-role-trust",),
        ),
    )


@check(link=Link.IDENTITY, causes=("role-core-denied",), subject=the_role, after=("role-may-be-taken",))
def role_may_register(
    node_role: NodeRole,
    observation: Observation,
    permissions: CorePermissions,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> Findings | NotApplicable:
    """Whether the role is allowed to register the node."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        # Then the setting is checked: see host_management.
        return NotApplicable(say("the node has the role of default host management"))
    denials = permissions.denied(UPDATE_INSTANCE_INFORMATION)
    if observation.online:
        # The node reports, although the organization seems to deny it.
        denials = tuple(each for each in denials if not each.only_by_organization)
    if not denials and (said := registration_refusal(node_role, console, change)):
        return said
    if not denials:
        unsure = () if observation.online else permissions.undecided(UPDATE_INSTANCE_INFORMATION)
        summary = say(
            "Cannot determine whether the role {role} is allowed to register its node with Systems Manager: the "
            "policies have conditions.",
            role=node_role.role.name,
        )
        return condition_finding("role-core-denied", the_role(node_role), summary, unsure)
    return (
        Finding(
            cause="role-core-denied",
            # A node that is online was allowed when it last reported: the denial is newer and will take effect.
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=_confidence(denials, newer=observation.online),
            subject=the_role(node_role),
            summary=say(
                "The role {role} is not allowed to register its node with Systems Manager.", role=node_role.role.name
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "attach-core-policy"),
        ),
    )


@check(link=Link.IDENTITY, causes=("role-channels-denied",), subject=the_role, after=("role-may-register",))
def role_may_open_channels(
    node_role: NodeRole,
    observation: Observation,
    permissions: CorePermissions,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> Findings:
    """Whether the role is allowed to open the control channel and data channels."""
    denials = permissions.denied(*CHANNEL_ACTIONS)
    if observation.connected and any(_is_control(each) and each.only_by_organization for each in denials):
        # The node opened its control channel, so its requests meet the organization's conditions.
        denials = tuple(each for each in denials if not each.only_by_organization)
    if not denials and (said := channel_refusal(node_role, console, change)):
        return said
    if not denials:
        summary = say(
            "Cannot determine whether the role {role} is allowed to open session channels: the policies have "
            "conditions.",
            role=node_role.role.name,
        )
        unsure = _unsure_of_channels(observation, permissions)
        return condition_finding("role-channels-denied", the_role(node_role), summary, unsure)
    # The control channel of a connected node is open whatever IAM says now. That proves nothing about data channels.
    newer = observation.connected and all(_is_control(each) for each in denials)
    return (
        Finding(
            cause="role-channels-denied",
            status=Status.WARN if newer else Status.FAIL,
            confidence=_confidence(denials, newer=newer),
            subject=the_role(node_role),
            summary=say(
                "The role {role} is not allowed to call {actions}.",
                role=node_role.role.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "attach-core-policy"),
        ),
    )


def _unsure_of_channels(observation: Observation, permissions: CorePermissions) -> tuple[EvaluationResult, ...]:
    unsure = permissions.undecided(*CHANNEL_ACTIONS)
    if not observation.connected:
        return unsure
    # The control channel is open. Data channels are opened by the same agent over the same path, so they meet the same
    # conditions. Conditions on other keys stay undecided.
    settled = {key for each in unsure if _is_control(each) for key in each.missing_context}
    return tuple(each for each in unsure if not _is_control(each) and not settled.issuperset(each.missing_context))


def _is_control(answer: EvaluationResult) -> bool:
    return answer.question.action in CONTROL_CHANNEL_ACTIONS


def _confidence(denials: Sequence[EvaluationResult], *, newer: bool) -> Confidence:
    """Return the confidence; likely at most if the node has proved the opposite since then."""
    sure = most_sure(each.confidence for each in denials)
    return least_sure((sure, Confidence.LIKELY)) if newer else sure


_CLOUDTRAIL_SOURCE = "cloudtrail:LookupEvents"


@check(
    link=Link.IDENTITY,
    causes=("wrong-principal",),
    subject=the_role,
    after=("profile-was-there-at-launch",),
    without={LastReport: "it denies, and does not allow"},
)
def node_reports_as_its_role(
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    node_role: NodeRole,
    last: LastReport | Unreadable,
    host_management: HostManagement | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> Findings:
    """Whether the node uses the role of its instance profile."""
    if isinstance(last, Unreadable):
        return (_unread(node_role, last),)
    role, report = node_role.role, last.report
    if isinstance(change, ChangeDelay) and report.at < change.made:
        return ()  # the report is older than a change that has not taken effect yet
    if not report.principal or _is(report.principal, role) or _is_host_management(report.principal, host_management):
        return ()
    if isinstance(host_management, Unreadable) and f":{role.account}:role/" in report.principal:
        summary = say(
            "A node with the role {role} reports as {principal}, possibly the role of default host management.",
            role=role.name,
            principal=report.principal,
        )
        return (unread_finding("wrong-principal", the_role(node_role), summary, host_management),)
    said = (
        say("ssm:UpdateInstanceInformation was denied to {principal}: {error}", **_words(last))
        if report.error
        else say("ssm:UpdateInstanceInformation was called as {principal}", **_words(last))
    )
    return (
        Finding(
            cause="wrong-principal",
            status=Status.FAIL,
            confidence=Confidence.LIKELY if last.by_address else Confidence.PROVED,
            subject=the_role(node_role),
            summary=say(
                "A node with the role {role} reports as {principal}: other credentials take precedence on the node.",
                role=role.name,
                principal=report.principal,
            ),
            evidence=(
                Evidence(said, _CLOUDTRAIL_SOURCE),
                Evidence(say("the instance profile contains the role {role}", role=role.arn), "iam:GetInstanceProfile"),
            ),
            fixes=("steps-install-agent",),
        ),
    )


def _unread(node_role: NodeRole, unreadable: Unreadable) -> Finding:
    """Return a note: the node is not connected anyway, and findings about delays still hold."""
    return Finding(
        cause="wrong-principal",
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_role(node_role),
        summary=say(
            "Cannot determine the identity with which nodes of the role {role} report.", role=node_role.role.name
        ),
        evidence=unread_evidence(unreadable),
        needs=(unreadable.action,) if unreadable.action else (),
    )


def _words(last: LastReport) -> dict[str, object]:
    return {"principal": last.report.principal, "error": last.report.error}


def _is(principal: str, role: Role) -> bool:
    """Return whether the principal is the role or a session of it. The ARN of a session has no role path."""
    session = f":{role.account}:assumed-role/{role.name}/"
    return principal == role.arn or session in principal


def _is_host_management(principal: str, of_region: HostManagement | Unreadable) -> bool:
    """Return whether the principal is the host management role, which nodes use if their own role did not work."""
    name = of_region.role_name if isinstance(of_region, HostManagement) else None
    return name is not None and principal.partition(":role/")[2].rpartition("/")[2] == name.rpartition("/")[2]


_OTHER_ROLE = {
    RoleSource.INSTANCE_PROFILE: ("replace-instance-profile",),
    RoleSource.HOST_MANAGEMENT: ("enable-host-management",),
}
"""The fixes that give a node another role, by the source of its role."""

_SOURCES = {
    RoleSource.INSTANCE_PROFILE: "iam:GetInstanceProfile",
    RoleSource.HYBRID_ACTIVATION: "ssm:DescribeInstanceProperties",
    RoleSource.HOST_MANAGEMENT: "ssm:GetServiceSetting",
}


@check(
    link=Link.IDENTITY,
    causes=("role-protected",),
    subject=the_role,
    after=("node-reports-as-its-role",),
    confirms=False,
)
def role_can_be_changed(node_role: NodeRole) -> Findings:
    """Whether the account can change the role."""
    role = node_role.role
    service = keeping_service(role.arn)
    if service is None:
        return ()
    keeper = service or "AWS"
    if service == IDENTITY_CENTER:
        keeper = say("IAM Identity Center")
    return (
        Finding(
            cause="role-protected",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_role(node_role),
            summary=say(
                "The role {role} is managed by {keeper}: missing permissions cannot be added in this account.",
                role=role.name,
                keeper=keeper,
            ),
            evidence=(Evidence(say("the node uses the role {role}", role=role.arn), _SOURCES[node_role.source]),),
            fixes=(*_OTHER_ROLE.get(node_role.source, ()), "steps-protected-role"),
        ),
    )
