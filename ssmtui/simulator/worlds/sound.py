"""Worlds without a fault."""

from __future__ import annotations

from ssmtui.simulator.scenario import Platform, Scenario
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, node, small_world


def healthy_small() -> Scenario:
    """Three nodes, all open."""
    return small_world(
        "healthy-small",
        "Three sound nodes.",
        (
            node("web-1", subnet="public"),
            node("api-1", platform=Platform.UBUNTU),
            node("iis-1", platform=Platform.WINDOWS),
        ),
        preferences=preferences(DESTINATIONS),
    )


def empty() -> Scenario:
    """An account without a node."""
    return small_world(
        "empty", "An account without nodes.", (), preferences=None, roles=(), keys=(), buckets=(), log_groups=()
    )
