"""Managed nodes for checks of the agent."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.model.fact import Absent
from ssmtui.model.node import NodeKey, NodeKind, PingStatus, PlatformFamily, Registration
from ssmtui.model.node_facts import ManagedHybridNode, ManagedNode
from tests.builders.fleet import ACCOUNT, REGION, a_node, a_registration

HYBRID_ID = "mi-0000000000000001a"


def managed(
    version: str = "3.3.4624.0", *, family: PlatformFamily = PlatformFamily.LINUX, platform: str = "Amazon Linux 2023"
) -> ManagedNode:
    """An online EC2 node."""
    node = a_node()
    own = replace(
        a_registration(node.id, PingStatus.ONLINE), agent_version=version, platform_family=family, platform=platform
    )
    return ManagedNode(replace(node, registration=own), own)


def hybrid(**fields: object) -> ManagedHybridNode:
    """A node outside EC2, of the role `stores`."""
    own: Registration = replace(a_registration(HYBRID_ID), iam_role="service-role/stores", **fields)  # type: ignore[arg-type]
    node = replace(
        a_node(HYBRID_ID, "pos-1"),
        key=NodeKey(ACCOUNT, REGION, HYBRID_ID),
        kind=NodeKind.HYBRID,
        instance=Absent("an EC2 instance", "ec2:DescribeInstances"),
        registration=own,
    )
    return ManagedHybridNode(node, own)
