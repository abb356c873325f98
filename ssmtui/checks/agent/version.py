"""Whether SSM Agent is new enough: for sessions at all, for what the preferences ask of it, and for what is to come."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unread
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.agent_version import older
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.standing import ManagedNode

_LISTING = "ssm:DescribeInstanceProperties"
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
    if older(version, _SESSIONS):
        return (_too_old(managed, Status.FAIL, say("sessions"), _SESSIONS),)
    if isinstance(preferences, Unreadable):
        if not older(version, _ENCRYPTED_SESSIONS):
            return ()
        summary = say(
            "Whether SSM Agent {version} of {node} is new enough for the session preferences is not known.",
            version=version,
            node=node.name,
        )
        return (unread("agent-too-old", the_node(node), summary, preferences),)
    if preferences.kms_key and older(version, _ENCRYPTED_SESSIONS):
        return (_too_old(managed, Status.FAIL, say("sessions that are encrypted with a KMS key"), _ENCRYPTED_SESSIONS),)
    if preferences.log_group and preferences.log_streaming and older(version, _STREAMING):
        return (_too_old(managed, Status.WARN, say("streaming to CloudWatch Logs"), _STREAMING),)
    if (preferences.shell_profile_linux or preferences.shell_profile_windows) and older(version, _SHELL_PROFILES):
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
        evidence=(_reported(managed),),
        fixes=_UPDATE,
    )


@check(link=Link.AGENT, causes=("message-api-retiring",), subject=the_node, after=("machine-is-registered-once",))
def agent_uses_the_lasting_message_api(managed: ManagedNode) -> Findings:
    """Whether SSM Agent takes commands by the message API that stays."""
    if not older(managed.registration.agent_version, _MESSAGES_BY_SSMMESSAGES):
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
                _reported(managed),
                Evidence(
                    say(
                        "ssmmessages takes the place of ec2messages from {messages_by_ssmmessages} on",
                        messages_by_ssmmessages=_MESSAGES_BY_SSMMESSAGES,
                    ),
                    _LISTING,
                ),
            ),
            fixes=_UPDATE,
        ),
    )


@check(link=Link.AGENT, causes=("agent-outdated",), subject=the_node, after=("agent-has-no-published-flaw",))
def agent_is_as_new_as_the_newest(managed: ManagedNode, fleet: ManagedFleet) -> Findings:
    """Whether SSM Agent is as new as the newest in the fleet."""
    if not older(managed.registration.agent_version, fleet.newest_agent):
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
                _reported(managed),
                Evidence(say("another node has {newest_agent}", newest_agent=fleet.newest_agent), _LISTING),
            ),
            fixes=_UPDATE,
        ),
    )


def _reported(managed: ManagedNode) -> Evidence:
    return Evidence(say("AgentVersion is {agent_version}", agent_version=managed.registration.agent_version), _LISTING)
