"""The world of the real node: one instance with a simulated agent, and roles, keys and logs that a session can use."""

from __future__ import annotations

from typing import Final

from ssmtui.simulator.scenario import HybridNode, LogGroup, Preferences, Scenario
from ssmtui.simulator.worlds.building_blocks import (
    ADMINISTRATOR,
    ENCRYPTED_GROUPS,
    allow,
    service_role,
    small_world,
)

NODE: Final = "real-1"
"""The name of the node with the real agent."""

SIMULATED: Final = "simulated-1"
"""The name of a node with the same role and a simulated agent."""

ACTIONS: Final = (
    "ssm:UpdateInstanceInformation",
    "ssm:ListInstanceAssociations",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "kms:Decrypt",
    "s3:GetEncryptionConfiguration",
    "s3:PutObject",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
)
"""The actions of the role."""

ROLE: Final = service_role("real-nodes", (allow(ACTIONS),), managed=())
"""The role of both nodes, which can use the key and the logs of the world."""

KEY_ALIAS: Final = "alias/acme/sessions"
"""The key of encrypted sessions."""


def world(preferences: Preferences | None = None) -> Scenario:
    """Return a world with a simulated node; the real one registers with the same role."""
    simulated = HybridNode(SIMULATED, ROLE.name, "192.0.2.7")
    groups = (*ENCRYPTED_GROUPS, LogGroup("/plain"))
    return small_world((simulated,), roles=(ROLE,), preferences=preferences, log_groups=groups, caller=ADMINISTRATOR)
