"""Worlds about SSM Agent's version, and about machines outside EC2."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.console_outputs import WITHOUT_AGENT
from ssmtui.simulator.scenario import (
    Agent,
    Control,
    Expectation,
    HybridNode,
    Platform,
    Scenario,
    fails,
    sound,
    warns,
)
from ssmtui.simulator.worlds.permissions import node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, WEB, node, small_world

_LOST = fails("connection-lost")
_HYBRID = node_role("stores", DESTINATIONS.everything(), trusted="ssm.amazonaws.com", path="/service-role/")


def agent_too_old() -> Scenario:
    """One agent is older than Session Manager, one older than encrypted sessions; one could be newer."""
    return small_world(
        "agent-too-old",
        "Agents of several ages, two of them too old.",
        (
            node("museum-1", fails("agent-too-old", "message-api-retiring"), agent=Agent(version="2.3.50.0")),
            node("archive-1", fails("agent-too-old", "message-api-retiring"), agent=Agent(version="2.3.444.0")),
            node("batch-1", warns("message-api-retiring", "agent-outdated"), agent=Agent(version="3.2.2303.0")),
            node("cron-1", warns("agent-outdated"), agent=Agent(version="3.3.3185.0")),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS, inputs={"shellProfile": {}}),
    )


def agent_needs_wmic() -> Scenario:
    """Windows Server 2025 with an agent that asks WMIC, beside one that does not, and beside an older Windows."""
    return small_world(
        "agent-needs-wmic",
        "An agent on Windows Server 2025 is too old for it.",
        (
            node(
                "iis-1",
                warns("agent-needs-wmic", "agent-outdated"),
                platform=Platform.WINDOWS_2025,
                agent=Agent(version="3.3.987.0"),
            ),
            node("iis-2", platform=Platform.WINDOWS_2025),
            node(
                "iis-3",
                warns("agent-outdated"),
                platform=Platform.WINDOWS_2025,
                agent=Agent(version="3.3.1345.0"),
            ),
            node("iis-4", warns("agent-outdated"), platform=Platform.WINDOWS, agent=Agent(version="3.3.987.0")),
        ),
        preferences=preferences(DESTINATIONS),
    )


def agent_version_flawed() -> Scenario:
    """Agents of versions with flaws that were published, on systems that have them and on one that has not."""
    hindered = warns("agent-version-flawed", "message-api-retiring", "agent-outdated")
    return small_world(
        "agent-version-flawed",
        "Agents of versions with published flaws.",
        (
            node("tunnel-1", hindered, agent=Agent(version="3.1.1446.0")),
            node("tunnel-2", warns("message-api-retiring"), agent=Agent(version="3.1.1476.0")),
            node("iis-1", hindered, platform=Platform.WINDOWS, agent=Agent(version="3.1.192.0")),
            # Weaknesses alone close no session, and are noted.
            node("cron-1", warns("agent-outdated", "agent-version-flawed"), agent=Agent(version="3.3.4624.0")),
            node("cron-2", warns("agent-outdated"), agent=Agent(version="3.3.4851.0")),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def agent_service_disabled() -> Scenario:
    """Windows nodes that fell silent: with their agent's update, days after one, and without any."""
    silent = Agent(running=False)
    at_the_last_ping, long_before = timedelta(hours=3, minutes=5), timedelta(days=5)
    lost = Agent(running=False, lost_by="agent-service-disabled")
    return small_world(
        "agent-service-disabled",
        "An update of the agent left its service disabled on a Windows node.",
        (
            replace(
                node("iis-1", fails("agent-service-disabled"), platform=Platform.WINDOWS, agent=lost),
                updates=(at_the_last_ping,),
            ),
            replace(
                node("iis-2", fails("connection-lost"), platform=Platform.WINDOWS, agent=silent), updates=(long_before,)
            ),
            node("iis-3", fails("connection-lost"), platform=Platform.WINDOWS, agent=silent),
            node("iis-4", platform=Platform.WINDOWS),
        ),
        preferences=preferences(DESTINATIONS),
    )


def agent_unit_removed() -> Scenario:
    """SUSE nodes that are away: one started without its agent, and of one the console tells nothing of that."""
    return small_world(
        "agent-unit-removed",
        "An update of SUSE took the agent's unit away.",
        (
            node(
                "sap-1",
                fails("agent-unit-removed"),
                platform=Platform.SUSE,
                agent=Agent(running=False, lost_by="agent-unit-removed"),
                console_output=WITHOUT_AGENT,
            ),
            node("sap-2", fails("connection-lost"), platform=Platform.SUSE, agent=Agent(running=False)),
            node("sap-3", platform=Platform.SUSE),
        ),
        preferences=preferences(DESTINATIONS),
    )


def hybrid_agents() -> Scenario:
    """Hybrid nodes with faults that instances are known for: an agent too old, a domain controller, silence."""
    return _hybrid_world(
        "hybrid-agents",
        "Hybrid nodes have the faults of agents.",
        (
            HybridNode(
                "pos-1",
                _HYBRID.name,
                "172.16.9.11",
                agent=Agent(version="2.3.50.0"),
                expected=fails("agent-too-old", "message-api-retiring"),
            ),
            HybridNode(
                "dc-1",
                _HYBRID.name,
                "172.16.9.12",
                agent=Agent(domain_controller=True),
                expected=fails("domain-controller"),
                platform=Platform.WINDOWS,
            ),
            HybridNode("pos-2", _HYBRID.name, "172.16.9.13", agent=Agent(running=False), expected=_LOST),
            HybridNode("pos-3", _HYBRID.name, "172.16.9.14"),
        ),
    )


def control_channel_down() -> Scenario:
    """One agent reports and has lost hold of its control channel, for no reason that can be seen."""
    return small_world(
        "control-channel-down",
        "The agent of a node reports, and holds no control channel.",
        (node("stuck-1", fails("control-channel-down"), agent=Agent(channel_stuck=True)), node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def hybrid_tier_standard() -> Scenario:
    """Machines outside EC2 on the standard tier."""
    return _hybrid_world(
        "hybrid-tier-standard",
        "Hybrid nodes are on the standard tier.",
        (HybridNode("pos-1", _HYBRID.name, "172.16.9.11", expected=fails("hybrid-tier-standard")),),
        advanced_tier=False,
    )


def activation_expired() -> Scenario:
    """A hybrid node went away, and the activation it came by has expired; another of the same came by works on."""
    return _hybrid_world(
        "activation-expired",
        "A hybrid node is gone and could not register again.",
        (
            HybridNode(
                "pos-1",
                _HYBRID.name,
                "172.16.9.11",
                agent=Agent(running=False),
                expected=fails("connection-lost", "activation-expired"),
            ),
            HybridNode("pos-2", _HYBRID.name, "172.16.9.12", expected=sound(Control.ADVANCED_TIER)),
        ),
    )


def duplicate_registration() -> Scenario:
    """An instance was registered by an activation besides."""
    return _hybrid_world(
        "duplicate-registration",
        "An instance is registered a second time, by an activation.",
        (
            HybridNode(
                "web-1-again",
                _HYBRID.name,
                "172.16.9.11",
                same_machine_as="web-1",
                expected=warns("duplicate-registration"),
            ),
        ),
    )


def instance_registered_elsewhere() -> Scenario:
    """Images hold the registration of an activation: their instances answer by another id, or by one that is lost."""
    taken = Agent(registered=False)
    return small_world(
        "instance-registered-elsewhere",
        "Instances are registered as hybrid nodes, and not as themselves.",
        (
            node("imported-1", fails("duplicate-registration"), agent=taken),
            node("imported-2", fails("duplicate-registration"), agent=taken),
            HybridNode("imported-1-outside", _HYBRID.name, "172.16.9.11", same_machine_as="imported-1"),
            HybridNode(
                "imported-2-outside",
                _HYBRID.name,
                "172.16.9.12",
                agent=Agent(running=False),
                same_machine_as="imported-2",
                expected=fails("connection-lost"),
            ),
            HybridNode("pos-1", _HYBRID.name, "172.16.9.13"),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, _HYBRID),
        advanced_tier=True,
    )


def _hybrid_world(name: str, summary: str, machines: tuple[HybridNode, ...], *, advanced_tier: bool = True) -> Scenario:
    return small_world(
        name,
        summary,
        (node("web-1", Expectation()), *machines),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, _HYBRID),
        advanced_tier=advanced_tier,
    )
