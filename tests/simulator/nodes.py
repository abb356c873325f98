"""Finding the nodes of a world by the names that its scenario gives them."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from ssmtui.simulator import state


def ids_by_name(region: str) -> dict[str, str]:
    """The ids of a Region's nodes, instances and hybrid ones, by name."""
    hybrid = {node.name: node.node_id for node in state.hidden(state.ACCOUNT, region).hybrid_nodes.values()}
    instances = {
        str(tag["value"]): str(instance.id)
        for reservation in ec2_backends[state.ACCOUNT][region].reservations.values()
        for instance in reservation.instances
        for tag in instance.get_tags()
        if tag["key"] == "Name"
    }
    return hybrid | instances
