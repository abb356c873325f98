"""The world of the real node: one instance with a simulated agent, and roles, keys and logs that a session can use."""

from __future__ import annotations

from typing import Final

from ssmtui.simulator.scenario import HybridNode, Preferences, Scenario
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, allow, service_role, small_world

NODE: Final = "real-1"
"""The name of the node with the real agent."""

SIMULATED: Final = "simulated-1"
"""The name of a node with the same role and a simulated agent."""

ROLE: Final = service_role("real-nodes", (allow("ssm:ListInstanceAssociations"),))
"""The role of both nodes."""


def world(preferences: Preferences | None = None) -> Scenario:
    """Return a world with a simulated node; the real one registers with the same role."""
    simulated = HybridNode(SIMULATED, ROLE.name, "192.0.2.7")
    return small_world((simulated,), roles=(ROLE,), preferences=preferences, caller=ADMINISTRATOR)
