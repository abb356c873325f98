"""Check SSM Agent: its version, published flaws, support for the operating system, and its last update."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from ssmtui.analysis.console_log import booted_without_agent
from ssmtui.analysis.finding_parts import the_node, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, OfNode, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node import Node, PingStatus, PlatformFamily, Registration
from ssmtui.model.node_facts import InspectedNode, ManagedNode, SilentConsole, WholeFleet
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.ssm_agent import AgentFlaw, AgentUpdate, RecentCommand, RecentCommands, flaws_of, is_older_version

_SOURCE = "ssm:DescribeInstanceProperties"
_UPDATE = ("update-agent",)
# Minimum versions: User Guide, session-manager-prerequisites; systems-manager-setting-up-messageAPIs
# (docs/facts/nodes.md §10).
_SESSIONS = "2.3.68.0"
_ENCRYPTED_SESSIONS = "2.3.539.0"
_SHELL_PROFILES = "3.0.161.0"
_STREAMING = "3.0.284.0"
_BOOLEANS_AS_TEXT = "3.0.655.0"
_MESSAGES_BY_SSMMESSAGES = "3.3.40.0"


@check(
    link=Link.AGENT,
    causes=("agent-too-old",),
    subject=the_node,
    without={SessionPreferences: "what they ask of the agent comes on top"},
)
def agent_knows_the_features_in_use(
    managed: ManagedNode, preferences: SessionPreferences | Unreadable
) -> Findings | OfNode[Findings]:
    """Whether SSM Agent is new enough for the session preferences."""
    version = managed.registration.agent_version
    if is_older_version(version, _SESSIONS):
        return _too_old(managed, Status.FAIL, say("sessions"), _SESSIONS)
    if isinstance(preferences, Unreadable):
        if not is_older_version(version, _ENCRYPTED_SESSIONS):
            return ()
        return OfNode(partial(_unread_preferences, version, preferences))
    if preferences.kms_key and is_older_version(version, _ENCRYPTED_SESSIONS):
        return _too_old(managed, Status.FAIL, say("sessions that are encrypted with a KMS key"), _ENCRYPTED_SESSIONS)
    if preferences.switches_as_text and is_older_version(version, _BOOLEANS_AS_TEXT):
        what = say(
            "session preferences with booleans as texts ({names})", names=", ".join(preferences.switches_as_text)
        )
        return _too_old(managed, Status.FAIL, what, _BOOLEANS_AS_TEXT)
    if preferences.log_group and preferences.log_streaming and is_older_version(version, _STREAMING):
        return _too_old(managed, Status.WARN, say("streaming to CloudWatch Logs"), _STREAMING)
    if _shell_profile(managed, preferences).strip() and is_older_version(version, _SHELL_PROFILES):
        return _too_old(managed, Status.WARN, say("shell profiles"), _SHELL_PROFILES)
    return ()


def _shell_profile(managed: ManagedNode, preferences: SessionPreferences) -> str:
    """Return the shell profile of the node's platform, or both if the platform is unknown."""
    match managed.registration.platform_family:
        case PlatformFamily.WINDOWS:
            return preferences.shell_profile_windows
        case PlatformFamily.LINUX | PlatformFamily.MACOS:
            return preferences.shell_profile_linux
        case _:
            return preferences.shell_profile_linux + preferences.shell_profile_windows


def _unread_preferences(version: str, preferences: Unreadable, node: Node) -> Findings:
    summary = say(
        "Cannot determine whether SSM Agent {version} of {node} supports the session preferences.",
        version=version,
        node=node.name,
    )
    return (unread_finding("agent-too-old", the_node(node), summary, preferences),)


def _too_old(managed: ManagedNode, status: Status, what: str, floor: str) -> OfNode[Findings]:
    return OfNode(
        lambda node: (
            Finding(
                cause="agent-too-old",
                status=status,
                confidence=Confidence.PROVED,
                subject=the_node(node),
                summary=say(
                    "SSM Agent of {node} is too old for {what}: version {floor} is required.",
                    node=node.name,
                    what=what,
                    floor=floor,
                ),
                evidence=(_registered_version(managed),),
                fixes=_UPDATE,
            ),
        )
    )


@check(link=Link.AGENT, causes=("message-api-retiring",), subject=the_node, after=("machine-is-registered-once",))
def agent_uses_the_lasting_message_api(managed: ManagedNode) -> Findings | OfNode[Findings]:
    """Whether SSM Agent receives commands through ssmmessages, not only through ec2messages."""
    if not is_older_version(managed.registration.agent_version, _MESSAGES_BY_SSMMESSAGES):
        return ()
    return OfNode(
        lambda node: (
            Finding(
                cause="message-api-retiring",
                status=Status.WARN,
                confidence=Confidence.PROVED,
                subject=the_node(node),
                summary=say(
                    "SSM Agent of {node} receives commands only through ec2messages, which AWS is retiring.",
                    node=node.name,
                ),
                evidence=(
                    _registered_version(managed),
                    Evidence(
                        say(
                            "ssmmessages replaces ec2messages from {messages_by_ssmmessages} on",
                            messages_by_ssmmessages=_MESSAGES_BY_SSMMESSAGES,
                        ),
                        _SOURCE,
                    ),
                ),
                fixes=_UPDATE,
            ),
        )
    )


@check(link=Link.AGENT, causes=("agent-outdated",), subject=the_node, after=("agent-has-no-published-flaw",))
def agent_is_as_new_as_the_newest(managed: ManagedNode, fleet: WholeFleet) -> Findings | OfNode[Findings]:
    """Whether SSM Agent has the newest version in the fleet."""
    if not is_older_version(managed.registration.agent_version, fleet.newest_agent):
        return ()
    return OfNode(
        lambda node: (
            Finding(
                cause="agent-outdated",
                status=Status.WARN,
                confidence=Confidence.PROVED,
                subject=the_node(node),
                summary=say(
                    "SSM Agent of {node} is older than {newest_agent}, the newest version in this Region.",
                    node=node.name,
                    newest_agent=fleet.newest_agent,
                ),
                evidence=(
                    _registered_version(managed),
                    Evidence(say("another node has {newest_agent}", newest_agent=fleet.newest_agent), _SOURCE),
                ),
                fixes=_UPDATE,
            ),
        )
    )


def _registered_version(managed: ManagedNode) -> Evidence:
    return Evidence(say("AgentVersion is {agent_version}", agent_version=managed.registration.agent_version), _SOURCE)


# github.com/aws/amazon-ssm-agent/issues/597: "Agent version 3.3.1345.0 supports Windows 2025".
_WINDOWS_2025 = "3.3.1345.0"
_THREAD = "github.com/aws/amazon-ssm-agent/issues/597"


@check(
    link=Link.AGENT, causes=("agent-version-flawed",), subject=the_node, after=("agent-uses-the-lasting-message-api",)
)
def agent_has_no_published_flaw(managed: ManagedNode) -> Findings | OfNode[Findings]:
    """Whether SSM Agent has no published vulnerability."""
    registration = managed.registration
    flaws = flaws_of(registration.agent_version, registration.platform_family)
    return OfNode(partial(_flawed, registration.agent_version, flaws)) if flaws else ()


def _flawed(version: str, flaws: Sequence[AgentFlaw], node: Node) -> Findings:
    hinders = not flaws[0].security
    summary = (
        say("SSM Agent {version} of {node} has a known bug that affects sessions.", version=version, node=node.name)
        if hinders
        else say("SSM Agent {version} of {node} has a published vulnerability.", version=version, node=node.name)
    )
    return (
        Finding(
            cause="agent-version-flawed",
            status=Status.WARN if hinders else Status.INFO,
            # A distribution may have fixed its package without a new version number.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=summary,
            evidence=(_version_evidence(version), *(_published(each) for each in flaws)),
            fixes=("update-agent",),
        ),
    )


@check(link=Link.AGENT, causes=("agent-needs-wmic",), subject=the_node, after=("agent-knows-the-features-in-use",))
def agent_knows_its_windows(managed: ManagedNode) -> Findings | NotApplicable | OfNode[Findings]:
    """Whether SSM Agent supports the Windows version of the node."""
    registration = managed.registration
    if "Windows Server 2025" not in registration.platform:
        return NotApplicable(say("the node does not run Windows Server 2025"))
    if not is_older_version(registration.agent_version, _WINDOWS_2025):
        return ()
    return OfNode(
        lambda node: (
            Finding(
                cause="agent-needs-wmic",
                status=Status.WARN,
                # Somebody may have added WMIC, and no call shows that.
                confidence=Confidence.LIKELY,
                subject=the_node(node),
                summary=say(
                    "SSM Agent {version} of {node} needs WMIC, which Windows Server 2025 does not include.",
                    version=registration.agent_version,
                    node=node.name,
                ),
                evidence=(
                    _version_evidence(registration.agent_version),
                    Evidence(say("the platform is {platform}", platform=registration.platform), _SOURCE),
                    Evidence(
                        say(
                            "Windows Server 2025 is supported from {floor} on ({thread})",
                            floor=_WINDOWS_2025,
                            thread=_THREAD,
                        ),
                        _SOURCE,
                    ),
                ),
                fixes=("steps-add-wmic",),
            ),
        )
    )


def _version_evidence(version: str) -> Evidence:
    return Evidence(say("AgentVersion is {agent_version}", agent_version=version), _SOURCE)


def _published(flaw: AgentFlaw) -> Evidence:
    what = say(flaw.what)
    fact = (
        say(
            "{source}: from {since} on, before {mended}, {what}",
            source=flaw.source,
            since=flaw.since,
            mended=flaw.mended,
            what=what,
        )
        if flaw.since
        else say("{source}: before {mended}, {what}", source=flaw.source, mended=flaw.mended, what=what)
    )
    return Evidence(fact, _SOURCE)


_UPDATE_FAILED_CAUSE = "agent-update-failed"
_UPDATE_SOURCE = "ssm:ListCommandInvocations"
# A node reports every five minutes. An update is downloaded, installed and rolled back within half an hour.
_BEFORE, _AFTER = timedelta(minutes=10), timedelta(hours=1)


@check(
    link=Link.AGENT,
    causes=(_UPDATE_FAILED_CAUSE,),
    subject=the_node,
    after=("service-survived-its-update", "unit-survived-the-last-update"),
    without={RecentCommands: "it denies, and does not allow"},
)
def last_agent_update_went_through(
    pointed: InspectedNode,  # noqa: ARG001 - a precondition
    managed: ManagedNode,
    commands: RecentCommands | Unreadable,
    node: Node,
) -> Findings | NotApplicable:
    """Whether the last update of SSM Agent succeeded."""
    if isinstance(commands, Unreadable):
        return (_unread(node, commands),)
    update = commands.last_update
    if update is None:
        return NotApplicable(say("no update of SSM Agent was recorded lately"))
    if not update.failed:
        return ()
    if managed.registration.ping is PingStatus.ONLINE:
        return (_left(node, managed, update),)
    return (_silenced(node, update) if _fell_silent_then(node, update) else _left(node, managed, update),)


def _fell_silent_then(node: Node, update: RecentCommand) -> bool:
    last, on_windows = _last_ping(node), node.platform_family is PlatformFamily.WINDOWS
    return not on_windows and last is not None and update.sent - _BEFORE <= last <= update.sent + _AFTER


def _last_ping(node: Node) -> datetime | None:
    return node.registration.last_ping if isinstance(node.registration, Registration) else None


def _left(node: Node, managed: ManagedNode, update: RecentCommand) -> Finding:
    summary = say(
        "The last update of SSM Agent on {node} failed; version {version} is installed.",
        node=node.name,
        version=managed.registration.agent_version,
    )
    return _finding(node, Status.WARN, Confidence.PROVED, summary, _evidence(update), ("update-agent",))


def _silenced(node: Node, update: RecentCommand) -> Finding:
    summary = say(
        "{node} has not reported since an update of its SSM Agent failed: the agent possibly no longer starts.",
        node=node.name,
    )
    last = _last_ping(node)
    silent = Evidence(
        say("the last ping was at {last_ping} UTC", last_ping=f"{last:%Y-%m-%d %H:%M}" if last else "?"),
        "ssm:DescribeInstanceProperties",
    )
    evidence = (*_evidence(update), silent)
    return _finding(node, Status.FAIL, Confidence.LIKELY, summary, evidence, ("steps-install-agent",))


def _evidence(update: RecentCommand) -> tuple[Evidence, ...]:
    ended = say(
        "{document} of {sent} UTC ended with the status {status}",
        document=update.document,
        sent=f"{update.sent:%Y-%m-%d %H:%M}",
        status=update.status,
    )
    said = (Evidence(say("output: {output}", output=update.output), _UPDATE_SOURCE),) if update.output else ()
    return (Evidence(ended, _UPDATE_SOURCE), *said)


def _unread(node: Node, commands: Unreadable) -> Finding:
    """Return a note, because the commands of the fleet are not read."""
    return Finding(
        cause=_UPDATE_FAILED_CAUSE,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_node(node),
        summary=say("Cannot determine whether an update of SSM Agent failed on {node}.", node=node.name),
        evidence=(Evidence(commands.why, commands.source or _UPDATE_SOURCE),),
        needs=(commands.action,) if commands.action else (),
    )


def _finding(
    node: Node,
    status: Status,
    confidence: Confidence,
    summary: str,
    evidence: tuple[Evidence, ...],
    fixes: tuple[str, ...],
) -> Finding:
    return Finding(_UPDATE_FAILED_CAUSE, status, confidence, the_node(node), summary, evidence, fixes)


_SUSE = ("sles", "suse")


@check(
    link=Link.AGENT,
    causes=("agent-service-disabled",),
    subject=the_node,
    after=("node-is-registered",),
    without={AgentUpdate: "it denies, and does not allow"},
    confirms=False,
)
def service_survived_its_update(
    managed: ManagedNode,  # noqa: ARG001 - a precondition
    update: AgentUpdate | Absent | NotApplicable | Unreadable,
) -> Findings | OfNode[Findings]:
    """Whether the last update of SSM Agent left its service enabled."""
    # If the commands cannot be read, another check reports that the node is not connected.
    if not isinstance(update, AgentUpdate) or update.succeeded:
        return ()
    return OfNode(partial(_disabled, update))


def _disabled(update: AgentUpdate, node: Node) -> Findings:
    last_ping = _last_ping(node)
    if last_ping is None or not update.may_have_silenced(last_ping):
        return ()
    return (
        Finding(
            cause="agent-service-disabled",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("{node} stopped reporting when an update of its SSM Agent failed.", node=node.name),
            evidence=(
                Evidence(
                    say(
                        "AWS-UpdateSSMAgent of {sent} UTC ended with the status {status}",
                        sent=f"{update.sent:%Y-%m-%d %H:%M}",
                        status=update.status,
                    ),
                    "ssm:ListCommandInvocations",
                ),
                Evidence(say("the last ping was at {last_ping} UTC", last_ping=f"{last_ping:%Y-%m-%d %H:%M}"), _SOURCE),
            ),
            fixes=("steps-install-agent",),
        ),
    )


@check(
    link=Link.AGENT,
    causes=("agent-unit-removed",),
    subject=the_node,
    after=("service-survived-its-update",),
    confirms=False,
)
def unit_survived_the_last_update(
    managed: ManagedNode, console: SilentConsole | Absent | NotApplicable | Unreadable
) -> Findings | OfNode[Findings]:
    """Whether the service unit of SSM Agent still exists after the last SUSE update."""
    platform = managed.registration.platform
    if managed.registration.ping is PingStatus.ONLINE or not any(name in platform.casefold() for name in _SUSE):
        return ()
    if not isinstance(console, SilentConsole) or not booted_without_agent(console.output):
        return ()
    return OfNode(
        lambda node: (
            Finding(
                cause="agent-unit-removed",
                status=Status.FAIL,
                confidence=Confidence.LIKELY,
                subject=the_node(node),
                summary=say("{node} started without SSM Agent, which was installed before.", node=node.name),
                evidence=(
                    Evidence(say("the platform is {platform}", platform=platform), _SOURCE),
                    Evidence(say("PingStatus is {ping}", ping=managed.registration.ping.value), _SOURCE),
                    Evidence(
                        say("the console shows a complete start without a line of SSM Agent"), "ec2:GetConsoleOutput"
                    ),
                ),
                fixes=("steps-install-agent",),
            ),
        )
    )
