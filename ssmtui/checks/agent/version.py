"""Check the version of SSM Agent: features in use, published flaws, and support for the operating system."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import the_node, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node_facts import ManagedFleet, ManagedNode
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.ssm_agent import AgentFlaw, flaws_of, is_older_version

_SOURCE = "ssm:DescribeInstanceProperties"
_UPDATE = ("update-agent",)
# Floors: User Guide, session-manager-prerequisites; systems-manager-setting-up-messageAPIs (docs/facts/nodes.md §10).
_SESSIONS = "2.3.68.0"
_ENCRYPTED_SESSIONS = "2.3.539.0"
_SHELL_PROFILES = "3.0.161.0"
_STREAMING = "3.0.284.0"
_MESSAGES_BY_SSMMESSAGES = "3.3.40.0"


@check(
    link=Link.AGENT,
    causes=("agent-too-old",),
    subject=the_node,
    without={SessionPreferences: "what they ask of the agent comes on top"},
)
def agent_knows_the_features_in_use(managed: ManagedNode, preferences: SessionPreferences | Unreadable) -> Findings:
    """Whether SSM Agent is new enough for sessions as the preferences want them."""
    version, node = managed.registration.agent_version, managed.node
    if is_older_version(version, _SESSIONS):
        return (_too_old(managed, Status.FAIL, say("sessions"), _SESSIONS),)
    if isinstance(preferences, Unreadable):
        if not is_older_version(version, _ENCRYPTED_SESSIONS):
            return ()
        summary = say(
            "Whether SSM Agent {version} of {node} is new enough for the session preferences is not known.",
            version=version,
            node=node.name,
        )
        return (unread_finding("agent-too-old", the_node(node), summary, preferences),)
    if preferences.kms_key and is_older_version(version, _ENCRYPTED_SESSIONS):
        return (_too_old(managed, Status.FAIL, say("sessions that are encrypted with a KMS key"), _ENCRYPTED_SESSIONS),)
    if preferences.log_group and preferences.log_streaming and is_older_version(version, _STREAMING):
        return (_too_old(managed, Status.WARN, say("streaming to CloudWatch Logs"), _STREAMING),)
    if (preferences.shell_profile_linux or preferences.shell_profile_windows) and is_older_version(
        version, _SHELL_PROFILES
    ):
        return (_too_old(managed, Status.WARN, say("shell profiles"), _SHELL_PROFILES),)
    return ()


def _too_old(managed: ManagedNode, status: Status, what: str, floor: str) -> Finding:
    node = managed.node
    return Finding(
        cause="agent-too-old",
        status=status,
        confidence=Confidence.PROVED,
        subject=the_node(node),
        summary=say(
            "SSM Agent of {node} is too old for {what}: they need {floor}.", node=node.name, what=what, floor=floor
        ),
        evidence=(_registered_version(managed),),
        fixes=_UPDATE,
    )


@check(link=Link.AGENT, causes=("message-api-retiring",), subject=the_node, after=("machine-is-registered-once",))
def agent_uses_the_lasting_message_api(managed: ManagedNode) -> Findings:
    """Whether SSM Agent takes commands by the message API that stays."""
    if not is_older_version(managed.registration.agent_version, _MESSAGES_BY_SSMMESSAGES):
        return ()
    node = managed.node
    return (
        Finding(
            cause="message-api-retiring",
            status=Status.WARN,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "SSM Agent of {node} takes commands by ec2messages only, an API that AWS is giving up.", node=node.name
            ),
            evidence=(
                _registered_version(managed),
                Evidence(
                    say(
                        "ssmmessages takes the place of ec2messages from {messages_by_ssmmessages} on",
                        messages_by_ssmmessages=_MESSAGES_BY_SSMMESSAGES,
                    ),
                    _SOURCE,
                ),
            ),
            fixes=_UPDATE,
        ),
    )


@check(link=Link.AGENT, causes=("agent-outdated",), subject=the_node, after=("agent-has-no-published-flaw",))
def agent_is_as_new_as_the_newest(managed: ManagedNode, fleet: ManagedFleet) -> Findings:
    """Whether SSM Agent is as new as the newest in the fleet."""
    if not is_older_version(managed.registration.agent_version, fleet.newest_agent):
        return ()
    node = managed.node
    return (
        Finding(
            cause="agent-outdated",
            status=Status.WARN,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "SSM Agent of {node} is older than the newest one in this Region, {newest_agent}.",
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


def _registered_version(managed: ManagedNode) -> Evidence:
    return Evidence(say("AgentVersion is {agent_version}", agent_version=managed.registration.agent_version), _SOURCE)


# github.com/aws/amazon-ssm-agent/issues/597: "Agent version 3.3.1345.0 supports Windows 2025".
_WINDOWS_2025 = "3.3.1345.0"
_THREAD = "github.com/aws/amazon-ssm-agent/issues/597"


@check(
    link=Link.AGENT, causes=("agent-version-flawed",), subject=the_node, after=("agent-uses-the-lasting-message-api",)
)
def agent_has_no_published_flaw(managed: ManagedNode) -> Findings:
    """Whether SSM Agent is free of the flaws that were published."""
    registration, node = managed.registration, managed.node
    version = registration.agent_version
    flaws = flaws_of(version, registration.platform_family)
    if not flaws:
        return ()
    hinders = not flaws[0].security
    summary = (
        say("SSM Agent {version} of {node} has a flaw that hinders sessions.", version=version, node=node.name)
        if hinders
        else say("SSM Agent {version} of {node} has a weakness that was published.", version=version, node=node.name)
    )
    return (
        Finding(
            cause="agent-version-flawed",
            status=Status.WARN if hinders else Status.INFO,
            # A distribution may have mended its own package without a new number.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=summary,
            evidence=(_version_evidence(version), *(_published(each) for each in flaws)),
            fixes=("update-agent",),
        ),
    )


@check(link=Link.AGENT, causes=("agent-needs-wmic",), subject=the_node, after=("agent-knows-the-features-in-use",))
def agent_knows_its_windows(managed: ManagedNode) -> Findings:
    """Whether SSM Agent knows the Windows that it runs on."""
    registration, node = managed.registration, managed.node
    if "Windows Server 2025" not in registration.platform or not is_older_version(
        registration.agent_version, _WINDOWS_2025
    ):
        return ()
    return (
        Finding(
            cause="agent-needs-wmic",
            status=Status.WARN,
            # Somebody may have added WMIC, which no call tells.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "SSM Agent {version} of {node} needs WMIC, which Windows Server 2025 comes without.",
                version=registration.agent_version,
                node=node.name,
            ),
            evidence=(
                _version_evidence(registration.agent_version),
                Evidence(say("the platform is {platform}", platform=registration.platform), _SOURCE),
                Evidence(
                    say(
                        "it supports Windows Server 2025 from {floor} on ({thread})",
                        floor=_WINDOWS_2025,
                        thread=_THREAD,
                    ),
                    _SOURCE,
                ),
            ),
            fixes=("steps-add-wmic",),
        ),
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
