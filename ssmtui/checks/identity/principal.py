"""Whether a node reports as the role of its instance profile, or as somebody whose credentials it found first."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unread, unread_evidence
from ssmtui.checks.subjects import the_role
from ssmtui.language import say
from ssmtui.model.agent_reports import LastReport
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.identity import HostManagement, NodeRole, Role
from ssmtui.model.path import Link
from ssmtui.model.standing import UnconnectedNode

_SOURCE = "cloudtrail:LookupEvents"


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
    host_management: HostManagement | Absent | Moot | Unreadable,
    change: ChangeDelay | Moot,
) -> Findings:
    """Whether the node reports as the role of its instance profile."""
    if isinstance(last, Unreadable):
        return (_unread(node_role, last),)
    role, report = node_role.role, last.report
    if isinstance(change, ChangeDelay) and report.at < change.made:
        return ()  # it is from before a change that has yet to show
    if not report.principal or _is(report.principal, role) or _is_host_management(report.principal, host_management):
        return ()
    if isinstance(host_management, Unreadable) and f":{role.account}:role/" in report.principal:
        summary = say(
            "A node that has the role {role} reports as {principal}, which may be the role of default host management.",
            role=role.name,
            principal=report.principal,
        )
        return (unread("wrong-principal", the_role(node_role), summary, host_management),)
    said = (
        say("ssm:UpdateInstanceInformation was refused to {principal}: {error}", **_words(last))
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
                "A node that has the role {role} reports as {principal}: other credentials come first on it.",
                role=role.name,
                principal=report.principal,
            ),
            evidence=(
                Evidence(said, _SOURCE),
                Evidence(say("the instance profile holds the role {role}", role=role.arn), "iam:GetInstanceProfile"),
            ),
            fixes=("steps-install-agent",),
        ),
    )


def _unread(node_role: NodeRole, unreadable: Unreadable) -> Finding:
    """A note: the node is away, so that nothing turns green by it, and what is told of its delays still holds."""
    return Finding(
        cause="wrong-principal",
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_role(node_role),
        summary=say("As whom nodes of the role {role} report could not be told.", role=node_role.role.name),
        evidence=unread_evidence(unreadable),
        needs=(unreadable.action,) if unreadable.action else (),
    )


def _words(last: LastReport) -> dict[str, object]:
    return {"principal": last.report.principal, "error": last.report.error}


def _is(principal: str, role: Role) -> bool:
    """Whether it is the role or a session of it; the ARN of a session leaves out the role's path."""
    session = f":{role.account}:assumed-role/{role.name}/"
    return principal == role.arn or session in principal


def _is_host_management(principal: str, setting: HostManagement | Absent | Moot | Unreadable) -> bool:
    """Whether it is the role that default host management gives to nodes whose own did not work when they looked."""
    if not isinstance(setting, HostManagement) or setting.role_name is None:
        return False
    return principal.partition(":role/")[2].rpartition("/")[2] == setting.role_name.rpartition("/")[2]
