"""Worlds without a fault."""

from __future__ import annotations

from ssmtui.simulator.scenario import Control, Platform, Scenario, sound
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, node, small_world


def healthy_small() -> Scenario:
    """Three nodes, all open."""
    return small_world(
        "healthy-small",
        "Three sound nodes.",
        (
            node("web-1", sound(Control.SSE_S3), subnet="public"),
            node("api-1", sound(Control.NAT_ONLY), platform=Platform.UBUNTU),
            node("iis-1", sound(Control.ENCRYPTED_GROUP), platform=Platform.WINDOWS),
        ),
        preferences=preferences(DESTINATIONS),
    )


def empty() -> Scenario:
    """An account without a node."""
    return small_world(
        "empty", "An account without nodes.", (), preferences=None, roles=(), keys=(), buckets=(), log_groups=()
    )
