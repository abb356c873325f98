"""Worlds with one faulty node or network beside a sound one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.console_outputs import CLOCK_SKEWED, HIBERNATING, NO_SPACE_LEFT
from ssmtui.simulator.scenario import Agent, Platform, Scenario, fails, warns
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


def instance_starting() -> Scenario:
    """A node that was launched a minute ago and is not there yet, and one that already is."""
    minute = timedelta(minutes=1)
    coming = replace(
        node("fresh-1", warns("instance-starting"), agent=Agent(running=False, registered=False)), launched_ago=minute
    )
    return small_world(
        "instance-starting",
        "Two nodes were launched a minute ago.",
        (coming, replace(node("fresh-2"), launched_ago=minute), node("web-1")),
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
    return small_world(
        "profile-attached-late",
        "A node got its instance profile after it had started.",
        (late, long_since, node("web-1")),
        preferences=preferences(DESTINATIONS),
    )


def instance_impaired() -> Scenario:
    """A node's operating system hangs, as EC2's status checks tell."""
    return small_world(
        "instance-impaired",
        "A node fails EC2's status checks.",
        (replace(node("hung-1", fails("instance-impaired")), impaired=True), node("web-1")),
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
                fails("agent-hibernating"),
                agent=Agent(hibernating=True),
                console_output=HIBERNATING,
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


def log_endpoint_missing() -> Scenario:
    """A network that reaches Systems Manager and not CloudWatch Logs, beside one that reaches both."""
    return small_world(
        "log-endpoint-missing",
        "A network without internet access has no endpoint for CloudWatch Logs.",
        (
            node("cdn-1", fails("log-endpoint-missing"), network="edge", subnet="isolated"),
            node("vault-1", network="vault", subnet="isolated"),
        ),
        preferences=preferences(DESTINATIONS),
        networks=(enclosed("edge", "10.31", without=("logs",)), enclosed("vault", "10.32")),
    )
