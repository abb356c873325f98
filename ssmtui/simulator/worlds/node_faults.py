"""Worlds with one faulty node or network beside a sound one."""

from __future__ import annotations

from ssmtui.simulator.console_outputs import NO_SPACE_LEFT
from ssmtui.simulator.scenario import Agent, Platform, Scenario, fails
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
