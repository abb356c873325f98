"""The nodes of a Region as Systems Manager lists them: what reality says of each, with what is known besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from moto.ec2.models.instances import Instance

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.reality import Standing, standing
from ssmtui.simulator.reality.network import find_instance

# An agent reports every five minutes.
_SINCE_LAST_PING: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A listed node: its standing, its agent, and the instance or the hybrid registration that it is."""

    node_id: str
    standing: Standing
    agent: state.Agent
    instance: Instance | None = None
    hybrid: state.HybridNode | None = None

    def shared_members(self) -> dict[str, Any]:
        """The members that DescribeInstanceInformation and DescribeInstanceProperties have in common."""
        members: dict[str, Any] = {
            "InstanceId": self.node_id,
            "PingStatus": self.standing.ping_status,
            "LastPingDateTime": self.last_ping,
            "AgentVersion": self.standing.agent_version,
            "PlatformType": self.agent.platform_type,
            "PlatformName": self.agent.platform_name,
            "PlatformVersion": self.agent.platform_version,
            "ComputerName": self.agent.computer_name or self.node_id,
            "AssociationStatus": "Success",
            "AssociationOverview": {
                "DetailedStatus": "Success",
                "InstanceAssociationStatusAggregatedCount": {"Success": 1},
            },
            "SourceId": self.node_id,
        }
        if self.hybrid is not None:
            return members | {
                "Name": self.hybrid.name,
                "IPAddress": self.hybrid.ip_address,
                "IamRole": self.hybrid.iam_role,
                "ActivationId": self.hybrid.activation_id,
                "RegistrationDate": self.hybrid.registered_at,
                "ResourceType": "ManagedInstance",
                "SourceType": "AWS::SSM::ManagedInstance",
            }
        members |= {"ResourceType": "EC2Instance", "SourceType": "AWS::EC2::Instance"}
        return members | ({"IPAddress": self.instance.private_ip} if self.instance else {})

    @property
    def last_ping(self) -> datetime:
        """When the agent last reported."""
        if self.standing.ping_status == "Online":
            return state.now() - _SINCE_LAST_PING
        return state.before_it_stood(self.agent.last_ping_age)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the instance."""
        if self.instance is None:
            return {}
        return {tag["key"]: tag["value"] for tag in self.instance.get_tags()}


def node_row(call: ApiCall, node_id: str) -> NodeRow | None:
    """The row of one node, or None where Systems Manager does not list it."""
    stands = standing(call.account, call.region, node_id)
    if not stands.listed:
        return None
    return NodeRow(
        node_id=node_id,
        standing=stands,
        agent=state.agent(call.account, call.region, node_id),
        instance=find_instance(call.account, call.region, node_id),
        hybrid=state.hidden(call.account, call.region).hybrid_nodes.get(node_id),
    )


def node_rows(call: ApiCall) -> Iterator[NodeRow]:
    """The rows of all listed nodes of the Region, by id."""
    hidden = state.hidden(call.account, call.region)
    for node_id in sorted({*hidden.agents, *hidden.hybrid_nodes}):
        row = node_row(call, node_id)
        if row is not None:
            yield row
