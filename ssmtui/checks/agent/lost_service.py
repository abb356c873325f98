"""Whether the agent's service is still there: an update can take it away, on Windows and on SUSE."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import booted_without_agent
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.agent_updates import AgentUpdate
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.node import PingStatus
from ssmtui.model.path import Link
from ssmtui.model.standing import ManagedNode
from ssmtui.model.system import SilentConsole

_LISTING = "ssm:DescribeInstanceProperties"
_SUSE = ("sles", "suse")


@check(
    link=Link.AGENT,
    causes=("agent-service-disabled",),
    subject=the_node,
    after=("node-is-registered",),
    without={AgentUpdate: "it denies, and does not allow"},
)
def service_survived_its_update(managed: ManagedNode, update: AgentUpdate | Absent | Moot | Unreadable) -> Findings:
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
    managed: ManagedNode, console: SilentConsole | Absent | Moot | Unreadable
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
