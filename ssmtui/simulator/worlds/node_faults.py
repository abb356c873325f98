"""Worlds with faults of nodes, SSM Agent and hybrid nodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    CLOCK_SKEWED,
    DISTRUSTING,
    HEALTHY,
    NO_SPACE_LEFT,
    OUT_OF_WATCHES,
    PANICKED,
    WITHOUT_AGENT,
    WITHOUT_USER,
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
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    WEB,
    endpoint_network,
    node,
    node_role,
    preferences,
    small_world,
)

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


def domain_controller() -> Scenario:
    """A domain controller, where the agent cannot make its user."""
    return small_world(
        "domain-controller",
        "A Windows node is a domain controller.",
        (
            node(
                "ad-dc-1",
                fails("domain-controller"),
                platform=Platform.WINDOWS,
                agent=Agent(domain_controller=True),
            ),
            node("iis-1", platform=Platform.WINDOWS),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def root_volume_full() -> Scenario:
    """A node whose disk is full, as only its console tells."""
    return small_world(
        "root-volume-full",
        "The root volume of a node is full.",
        (
            node("metrics-1", fails("root-volume-full"), agent=Agent(disk_full=True), console_output=NO_SPACE_LEFT),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def root_volume_filled() -> Scenario:
    """A node that is connected and whose disk is full: the fleet is not asked for its console."""
    full = node("metrics-1", fails("root-volume-full"), agent=Agent(disk_filled=True), console_output=NO_SPACE_LEFT)
    return small_world(
        "root-volume-filled",
        "The root volume of a connected node is full.",
        (replace(full, expected_in_fleet=HEALTHY), node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def instance_starting() -> Scenario:
    """A node that was launched a minute ago and is not there yet, and one that already is."""
    minute = timedelta(minutes=1)
    coming = replace(
        node("fresh-1", warns("instance-starting"), agent=Agent(running=False, registered=False)), launched_ago=minute
    )
    return small_world(
        "instance-starting",
        "Two nodes were launched a minute ago.",
        (coming, replace(node("fresh-2", sound(Control.JUST_LAUNCHED)), launched_ago=minute), node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def profile_attached_late() -> Scenario:
    """A node was launched without its profile and got it ten minutes ago."""
    late = replace(
        node("patient-1", warns("profile-attached-late"), agent=Agent(running=False, registered=False)),
        profile_attached_ago=timedelta(minutes=10),
    )
    long_since = replace(
        node("patient-2", fails("not-registered"), agent=Agent(running=False, registered=False)),
        profile_attached_ago=timedelta(hours=3),
    )
    changed = replace(
        node("patient-3", warns("profile-attached-late"), agent=Agent(running=False)),
        profile_attached_ago=timedelta(minutes=10),
    )
    return small_world(
        "profile-attached-late",
        "Two nodes got their instance profile after they had started.",
        (late, long_since, changed, node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def sessions_left_open() -> Scenario:
    """Sessions that nobody uses are open on a node for days, beside one of today."""
    left_open = (timedelta(days=9), timedelta(days=3), timedelta(minutes=20))
    return small_world(
        "sessions-left-open",
        "A node holds sessions that nobody ended.",
        (replace(node("bastion-1", warns("run-out-of-watches")), left_open=left_open), node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def sessions_crowded() -> Scenario:
    """A program holds a dozen sessions of the last hour on a node, and nine on another, which a person could."""
    minutes = [timedelta(minutes=4 * number) for number in range(1, 13)]
    return small_world(
        "sessions-crowded",
        "One owner holds a dozen sessions on a node.",
        (
            replace(node("build-1", warns("sessions-left-open")), left_open=tuple(minutes)),
            replace(node("build-2"), left_open=tuple(minutes[:9])),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def instance_impaired() -> Scenario:
    """A node's operating system does not come up, as EC2's status checks tell, and its console."""
    return small_world(
        "instance-impaired",
        "A node fails EC2's status checks.",
        (
            replace(node("hung-1", fails("instance-impaired"), console_output=PANICKED), impaired=True),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def agent_asleep() -> Scenario:
    """Two agents fell silent, and the consoles tell why: one sleeps, one has a wrong clock."""
    return small_world(
        "agent-asleep",
        "The consoles of two silent nodes tell why.",
        (
            node(
                "sleeper-1",
                fails("agent-hibernating", "ssm-user-refused"),
                agent=Agent(hibernating=True),
                console_output=WITHOUT_USER,
            ),
            node(
                "drifter-1",
                fails("node-clock-skewed"),
                agent=Agent(clock_skewed=True),
                console_output=CLOCK_SKEWED,
            ),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def agent_absent() -> Scenario:
    """Two nodes never registered: one started without the agent, as its console shows, the other's agent stopped."""
    return small_world(
        "agent-absent",
        "SSM Agent is not installed on a node.",
        (
            node(
                "imported-1",
                fails("agent-absent"),
                platform=Platform.RED_HAT,
                agent=Agent(installed=False, registered=False),
                console_output=WITHOUT_AGENT,
            ),
            node("patient-1", fails("not-registered"), agent=Agent(running=False, registered=False)),
            node("db-1", platform=Platform.RED_HAT),
        ),
        preferences=preferences(DESTINATIONS),
    )


def run_out_of_watches() -> Scenario:
    """Stale sessions use up what the agent of a node needs, as its console tells."""
    silent = node(
        "shell-host-1",
        fails("run-out-of-watches"),
        agent=Agent(out_of_watches=True),
        console_output=OUT_OF_WATCHES,
    )
    return small_world(
        "run-out-of-watches",
        "A node has no inotify instances left.",
        (replace(silent, left_open=(timedelta(days=3),)), node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def endpoint_certificate_untrusted() -> Scenario:
    """A hardened node knows no certificate authority, as its console tells; the network is open to it."""
    return small_world(
        "endpoint-certificate-untrusted",
        "A node does not trust the certificate that it is shown.",
        (
            node(
                "hardened-1",
                fails("endpoint-certificate-untrusted"),
                agent=Agent(distrusts=True),
                console_output=DISTRUSTING,
            ),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
    )


def log_endpoint_missing() -> Scenario:
    """A network that reaches Systems Manager and not CloudWatch Logs, beside one that reaches both."""
    return small_world(
        "log-endpoint-missing",
        "A network without internet access has no endpoint for CloudWatch Logs.",
        (
            node("cdn-1", fails("log-endpoint-missing"), network="edge", subnet="isolated"),
            node("vault-1", sound(Control.ENDPOINTS_ONLY), network="vault", subnet="isolated"),
        ),
        preferences=preferences(DESTINATIONS),
        networks=(endpoint_network("edge", "10.31", without=("logs",)), endpoint_network("vault", "10.32")),
    )
