"""Worlds with one faulty node or network beside a sound one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.console_outputs import (
    CLOCK_SKEWED,
    DISTRUSTING,
    NO_SPACE_LEFT,
    OUT_OF_WATCHES,
    PANICKED,
    WITHOUT_AGENT,
    WITHOUT_USER,
)
from ssmtui.simulator.scenario import HEALTHY, Agent, Control, Platform, Scenario, fails, sound, warns
from ssmtui.simulator.worlds.networks import enclosed
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, node, small_world


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
        (replace(full, from_afar=HEALTHY), node("web-1")),
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
        networks=(enclosed("edge", "10.31", without=("logs",)), enclosed("vault", "10.32")),
    )
