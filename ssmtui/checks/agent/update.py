"""Check whether the last update of SSM Agent succeeded and left its service in place."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.analysis.console_log import booted_without_agent
from ssmtui.analysis.finding_parts import the_node
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node import PingStatus, PlatformFamily
from ssmtui.model.node_facts import InspectedNode, ManagedNode, SilentConsole
from ssmtui.model.ssm_agent import AgentUpdate, RecentCommand, RecentCommands

_CAUSE = "agent-update-failed"
_SOURCE = "ssm:ListCommandInvocations"
# A node reports every five minutes; an update is downloaded, installed and rolled back within half an hour.
_BEFORE, _AFTER = timedelta(minutes=10), timedelta(hours=1)


@check(
    link=Link.AGENT,
    causes=(_CAUSE,),
    subject=the_node,
    after=("service-survived-its-update", "unit-survived-the-last-update"),
    without={RecentCommands: "it denies, and does not allow"},
)
def last_agent_update_went_through(
    pointed: InspectedNode,  # noqa: ARG001 - a precondition
    managed: ManagedNode,
    commands: RecentCommands | Unreadable,
) -> Findings:
    """Whether the last update of SSM Agent went through."""
    if isinstance(commands, Unreadable):
        return (_unread(managed, commands),)
    update = commands.last_update
    if update is None or not update.failed:
        return ()
    if managed.registration.ping is PingStatus.ONLINE:
        return (_left(managed, update),)
    return (_silenced(managed, update) if _fell_silent_then(managed, update) else _left(managed, update),)


def _fell_silent_then(managed: ManagedNode, update: RecentCommand) -> bool:
    last = managed.registration.last_ping
    on_windows = managed.registration.platform_family is PlatformFamily.WINDOWS
    return not on_windows and last is not None and update.sent - _BEFORE <= last <= update.sent + _AFTER


def _left(managed: ManagedNode, update: RecentCommand) -> Finding:
    summary = say(
        "The last update of SSM Agent on {node} failed: version {version} is what it left there.",
        node=managed.node.name,
        version=managed.registration.agent_version,
    )
    return _finding(managed, Status.WARN, Confidence.PROVED, summary, _evidence(update), ("update-agent",))


def _silenced(managed: ManagedNode, update: RecentCommand) -> Finding:
    summary = say(
        "{node} has not been heard from since an update of its SSM Agent failed: it may have left none that starts.",
        node=managed.node.name,
    )
    last = managed.registration.last_ping
    silent = Evidence(
        say("the last ping was at {last_ping} UTC", last_ping=f"{last:%Y-%m-%d %H:%M}" if last else "?"),
        "ssm:DescribeInstanceProperties",
    )
    evidence = (*_evidence(update), silent)
    return _finding(managed, Status.FAIL, Confidence.LIKELY, summary, evidence, ("steps-install-agent",))


def _evidence(update: RecentCommand) -> tuple[Evidence, ...]:
    ended = say(
        "{document} of {sent} UTC ended as {status}",
        document=update.document,
        sent=f"{update.sent:%Y-%m-%d %H:%M}",
        status=update.status,
    )
    said = (Evidence(say("it wrote: {output}", output=update.output), _SOURCE),) if update.output else ()
    return (Evidence(ended, _SOURCE), *said)


def _unread(managed: ManagedNode, commands: Unreadable) -> Finding:
    """A note: the fleet is not asked about it at all."""
    return Finding(
        cause=_CAUSE,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_node(managed.node),
        summary=say("Whether an update of SSM Agent failed on {node} could not be told.", node=managed.node.name),
        evidence=(Evidence(commands.why, commands.source or _SOURCE),),
        needs=(commands.action,) if commands.action else (),
    )


def _finding(
    managed: ManagedNode,
    status: Status,
    confidence: Confidence,
    summary: str,
    evidence: tuple[Evidence, ...],
    fixes: tuple[str, ...],
) -> Finding:
    return Finding(_CAUSE, status, confidence, the_node(managed.node), summary, evidence, fixes)


_LISTING = "ssm:DescribeInstanceProperties"
_SUSE = ("sles", "suse")


@check(
    link=Link.AGENT,
    causes=("agent-service-disabled",),
    subject=the_node,
    after=("node-is-registered",),
    without={AgentUpdate: "it denies, and does not allow"},
)
def service_survived_its_update(
    managed: ManagedNode, update: AgentUpdate | Absent | NotApplicable | Unreadable
) -> Findings:
    """Whether the agent's service survived its last update."""
    # Where the commands are not to be seen, that the node is away is told besides.
    if not isinstance(update, AgentUpdate) or update.succeeded:
        return ()
    node, last_ping = managed.node, managed.registration.last_ping
    if last_ping is None or not update.may_have_silenced(last_ping):
        return ()
    return (
        Finding(
            cause="agent-service-disabled",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("{node} fell silent at the time of an update of its SSM Agent that failed.", node=node.name),
            evidence=(
                Evidence(
                    say(
                        "AWS-UpdateSSMAgent of {sent} UTC ended as {status}",
                        sent=f"{update.sent:%Y-%m-%d %H:%M}",
                        status=update.status,
                    ),
                    "ssm:ListCommandInvocations",
                ),
                Evidence(
                    say("the last ping was at {last_ping} UTC", last_ping=f"{last_ping:%Y-%m-%d %H:%M}"), _LISTING
                ),
            ),
            fixes=("steps-install-agent",),
        ),
    )


@check(link=Link.AGENT, causes=("agent-unit-removed",), subject=the_node, after=("service-survived-its-update",))
def unit_survived_the_last_update(
    managed: ManagedNode, console: SilentConsole | Absent | NotApplicable | Unreadable
) -> Findings:
    """Whether the agent's unit survived the last update of SUSE."""
    node, platform = managed.node, managed.registration.platform
    if managed.registration.ping is PingStatus.ONLINE or not any(name in platform.casefold() for name in _SUSE):
        return ()
    if not isinstance(console, SilentConsole) or not booted_without_agent(console.output):
        return ()
    return (
        Finding(
            cause="agent-unit-removed",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("{node} has started without its SSM Agent, which it had before.", node=node.name),
            evidence=(
                Evidence(say("the platform is {platform}", platform=platform), _LISTING),
                Evidence(say("PingStatus is {ping}", ping=managed.registration.ping.value), _LISTING),
                Evidence(say("the console shows a whole start without SSM Agent's line"), "ec2:GetConsoleOutput"),
            ),
            fixes=("steps-install-agent",),
        ),
    )
