"""Worlds with faults of nodes, SSM Agent and hybrid nodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    AZURE,
    CLOCK_SKEWED,
    DISTRUSTING,
    GOOGLE_CLOUD,
    HEALTHY,
    NO_SPACE_LEFT,
    OUT_OF_WATCHES,
    PANICKED,
    RESTRICTED,
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
    unseen,
    warns,
)
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    WEB,
    endpoint_network,
    node,
    preferences,
    service_role,
    small_world,
)

_LOST = fails("connection-lost")
_HYBRID = service_role("stores", DESTINATIONS.everything())


def agent_too_old() -> Scenario:
    """Agents of several versions, two of which are too old."""
    return small_world(
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
    """The agent of a Windows Server 2025 node is too old for this Windows."""
    return small_world(
        (
            node(
                "iis-1",
                warns("agent-needs-wmic", "agent-outdated"),
                platform=Platform.WINDOWS_2025,
                agent=Agent(version="3.3.987.0"),
            ),
            node("iis-2", platform=Platform.WINDOWS_2025),
            node("iis-3", warns("agent-outdated"), platform=Platform.WINDOWS_2025, agent=Agent(version="3.3.1345.0")),
            node("iis-4", warns("agent-outdated"), platform=Platform.WINDOWS, agent=Agent(version="3.3.987.0")),
        )
    )


def agent_version_flawed() -> Scenario:
    """Agents of versions with published flaws."""
    hindered = warns("agent-version-flawed", "message-api-retiring", "agent-outdated")
    return small_world(
        (
            node("tunnel-1", hindered, agent=Agent(version="3.1.1446.0")),
            node("tunnel-2", warns("message-api-retiring"), agent=Agent(version="3.1.1476.0")),
            node("iis-1", hindered, platform=Platform.WINDOWS, agent=Agent(version="3.1.192.0")),
            # Weaknesses alone block no session, and are noted.
            node("cron-1", warns("agent-outdated", "agent-version-flawed"), agent=Agent(version="3.3.4624.0")),
            node("cron-2", warns("agent-outdated"), agent=Agent(version="3.3.4851.0")),
            node("web-1"),
        )
    )


def agent_service_disabled() -> Scenario:
    """An update of the agent left its service disabled on a Windows node."""
    silent = Agent(running=False)
    at_the_last_ping, long_before = timedelta(hours=3, minutes=5), timedelta(days=5)
    lost = Agent(running=False, lost_by="agent-service-disabled")
    return small_world(
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
        )
    )


def agent_unit_removed() -> Scenario:
    """An update of SUSE removed the unit of the agent."""
    return small_world(
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
        )
    )


def hybrid_agents() -> Scenario:
    """Hybrid nodes have agents with faults."""
    return _hybrid_world(
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
        )
    )


def control_channel_down() -> Scenario:
    """The agent of a node sends heartbeats, but has no control channel."""
    return small_world((node("stuck-1", fails("control-channel-down"), agent=Agent(channel_stuck=True)), node("web-1")))


def hybrid_tier_standard() -> Scenario:
    """Hybrid nodes are on the standard tier."""
    return _hybrid_world(
        (HybridNode("pos-1", _HYBRID.name, "172.16.9.11", expected=Expectation(also=("hybrid-tier-standard",))),),
        advanced_tier=False,
    )


def machines_of_other_clouds() -> Scenario:
    """Machines of Azure and Google Cloud are nodes; most of them are healthy."""
    other_cloud = sound(Control.OTHER_CLOUD)
    return _hybrid_world(
        (
            HybridNode(
                "till-1", _HYBRID.name, "10.4.0.4", source_type=AZURE, location="centralus", expected=other_cloud
            ),
            HybridNode(
                "till-2",
                _HYBRID.name,
                "10.4.0.5",
                agent=Agent(running=False),
                source_type=AZURE,
                location="centralus",
                expected=_LOST,
            ),
            HybridNode(
                "till-3",
                _HYBRID.name,
                "10.128.0.2",
                source_type=GOOGLE_CLOUD,
                location="europe-west9",
                expected=other_cloud,
            ),
            HybridNode("pos-1", _HYBRID.name, "172.16.9.11"),
        )
    )


def instances_of_aws_services() -> Scenario:
    """AWS services manage instances that EC2 hides."""
    bottlerocket = Agent(installed=False, running=False, registered_before=False)
    return small_world(
        (
            replace(node("auto-1", RESTRICTED, profile=None, agent=bottlerocket), managed_by="eks.amazonaws.com"),
            replace(node("auto-2", RESTRICTED, agent=Agent(running=False)), managed_by="ecs.amazonaws.com"),
            replace(
                node("desktop-1", unseen("instance-service-managed")),
                managed_by="workspaces-instances.amazonaws.com",
            ),
            node("worker-1"),
            node("worker-2", fails("instance-profile-missing"), profile=None, agent=Agent(registered_before=False)),
        )
    )


def activation_expired() -> Scenario:
    """A hybrid node is offline and cannot register again."""
    return _hybrid_world(
        (
            HybridNode(
                "pos-1",
                _HYBRID.name,
                "172.16.9.11",
                agent=Agent(running=False),
                expected=fails("connection-lost", "activation-expired"),
            ),
            HybridNode("pos-2", _HYBRID.name, "172.16.9.12", expected=sound(Control.ADVANCED_TIER)),
        )
    )


def duplicate_registration() -> Scenario:
    """An instance is registered a second time, by an activation."""
    return _hybrid_world(
        (
            HybridNode(
                "web-1-again",
                _HYBRID.name,
                "172.16.9.11",
                same_machine_as="web-1",
                expected=warns("duplicate-registration"),
            ),
        )
    )


def instance_registered_elsewhere() -> Scenario:
    """Instances are registered as hybrid nodes, and not as instances.

    Their images hold the registration of an activation.
    """
    taken = Agent(registered_before=False)
    return small_world(
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
        roles=(WEB, _HYBRID),
        advanced_tier=True,
    )


def _hybrid_world(machines: tuple[HybridNode, ...], *, advanced_tier: bool = True) -> Scenario:
    return small_world((node("web-1", Expectation()), *machines), roles=(WEB, _HYBRID), advanced_tier=advanced_tier)


def domain_controller() -> Scenario:
    """A Windows node is a domain controller."""
    return small_world(
        (
            node("ad-dc-1", fails("domain-controller"), platform=Platform.WINDOWS, agent=Agent(domain_controller=True)),
            node("iis-1", platform=Platform.WINDOWS),
            node("web-1"),
        )
    )


def root_volume_full() -> Scenario:
    """The root volume of a node is full."""
    return small_world(
        (
            node("metrics-1", fails("root-volume-full"), agent=Agent(disk_full=True), console_output=NO_SPACE_LEFT),
            node("web-1"),
        )
    )


def root_volume_filled() -> Scenario:
    """The root volume of a connected node is full.

    A diagnosis of the fleet does not read its console.
    """
    full = node("metrics-1", fails("root-volume-full"), agent=Agent(full=("/",)), console_output=NO_SPACE_LEFT)
    return small_world((replace(full, expected_in_fleet=HEALTHY), node("web-1")))


def instance_starting() -> Scenario:
    """Two nodes were launched a minute ago."""
    minute = timedelta(minutes=1)
    coming = replace(
        node("fresh-1", warns("instance-starting"), agent=Agent(running=False, registered_before=False)),
        launched_ago=minute,
    )
    return small_world(
        (coming, replace(node("fresh-2", sound(Control.JUST_LAUNCHED)), launched_ago=minute), node("web-1"))
    )


def profile_attached_late() -> Scenario:
    """Two nodes got their instance profile after their start."""
    late = replace(
        node("patient-1", warns("profile-attached-late"), agent=Agent(running=False, registered_before=False)),
        profile_attached_ago=timedelta(minutes=10),
    )
    long_since = replace(
        node("patient-2", fails("not-registered"), agent=Agent(running=False, registered_before=False)),
        profile_attached_ago=timedelta(hours=3),
    )
    changed = replace(
        node("patient-3", warns("profile-attached-late"), agent=Agent(running=False)),
        profile_attached_ago=timedelta(minutes=10),
    )
    return small_world((late, long_since, changed, node("web-1")))


def sessions_left_open() -> Scenario:
    """A node has sessions that nobody ended."""
    left_open = (timedelta(days=9), timedelta(days=3), timedelta(minutes=20))
    return small_world((replace(node("bastion-1", warns("run-out-of-watches")), left_open=left_open), node("web-1")))


def sessions_crowded() -> Scenario:
    """One user has a dozen open sessions on a node.

    Nine sessions on another node are few enough for a person.
    """
    minutes = [timedelta(minutes=4 * number) for number in range(1, 13)]
    return small_world(
        (
            replace(node("build-1", warns("sessions-left-open")), left_open=tuple(minutes)),
            replace(node("build-2"), left_open=tuple(minutes[:9])),
            node("web-1"),
        )
    )


def instance_impaired() -> Scenario:
    """A node fails EC2's status checks."""
    return small_world(
        (replace(node("hung-1", fails("instance-impaired"), console_output=PANICKED), impaired=True), node("web-1"))
    )


def agent_asleep() -> Scenario:
    """The consoles of two disconnected nodes show why."""
    return small_world(
        (
            node(
                "sleeper-1",
                fails("agent-hibernating", "ssm-user-refused"),
                agent=Agent(hibernating=True),
                console_output=WITHOUT_USER,
            ),
            node("drifter-1", fails("node-clock-skewed"), agent=Agent(clock_skewed=True), console_output=CLOCK_SKEWED),
            node("web-1"),
        )
    )


def agent_absent() -> Scenario:
    """SSM Agent is not installed on a node."""
    return small_world(
        (
            node(
                "imported-1",
                fails("agent-absent"),
                platform=Platform.RED_HAT,
                agent=Agent(installed=False, registered_before=False),
                console_output=WITHOUT_AGENT,
            ),
            node("patient-1", fails("not-registered"), agent=Agent(running=False, registered_before=False)),
            node("db-1", platform=Platform.RED_HAT),
        )
    )


def run_out_of_watches() -> Scenario:
    """A node has no inotify instances left."""
    silent = node(
        "shell-host-1", fails("run-out-of-watches"), agent=Agent(out_of_watches=True), console_output=OUT_OF_WATCHES
    )
    return small_world((replace(silent, left_open=(timedelta(days=3),)), node("web-1")))


def endpoint_certificate_untrusted() -> Scenario:
    """A node does not trust the certificate of the endpoint."""
    return small_world(
        (
            node(
                "hardened-1",
                fails("endpoint-certificate-untrusted"),
                agent=Agent(distrusts=True),
                console_output=DISTRUSTING,
            ),
            node("web-1"),
        )
    )


def log_endpoint_missing() -> Scenario:
    """A network without internet access has no endpoint for CloudWatch Logs."""
    return small_world(
        (
            node("cdn-1", fails("log-endpoint-missing"), network="edge", subnet="isolated"),
            node("vault-1", sound(Control.ENDPOINTS_ONLY), network="vault", subnet="isolated"),
        ),
        networks=(endpoint_network("edge", "10.31", without=("logs",)), endpoint_network("vault", "10.32")),
    )
