"""Seeding of networks: VPCs with their subnets, routes, security groups and endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ssmtui.simulator.scenario import Network, RegionPlan, SecurityGroup, Subnet, WayOut
from ssmtui.simulator.seeding.clients import Clients

_EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of subnets and security groups, by their names in the scenario."""

    subnets: dict[str, str] = field(default_factory=dict)
    security_groups: dict[str, str] = field(default_factory=dict)


def make_networks(clients: Clients, region: RegionPlan) -> Places:
    """Make the Region's networks."""
    places = Places()
    for network in region.networks:
        _NetworkSeeding(clients.of("ec2", region.name), region.name, network, places).run()
    return places


class _NetworkSeeding:
    """One VPC on its way; `_tables` are the route tables by subnet name."""

    def __init__(self, ec2: Any, region: str, network: Network, places: Places) -> None:  # noqa: ANN401
        self._ec2 = ec2
        self._region = region
        self._network = network
        self._places = places
        self._tables: dict[str, str] = {}
        self._vpc_id: str = ec2.create_vpc(CidrBlock=network.cidr, **_named("vpc", network.name))["Vpc"]["VpcId"]

    def run(self) -> None:
        self._choose_dns()
        for group in self._network.security_groups:
            self._make_security_group(group)
        for number, subnet in enumerate(self._network.subnets):
            self._make_subnet(subnet, "abc"[number % 3])
        self._make_ways_out()
        self._make_endpoints()

    def _choose_dns(self) -> None:
        if not self._network.dns_support:
            self._ec2.modify_vpc_attribute(VpcId=self._vpc_id, EnableDnsSupport={"Value": False})
        if self._network.dns_hostnames:
            self._ec2.modify_vpc_attribute(VpcId=self._vpc_id, EnableDnsHostnames={"Value": True})

    def _make_security_group(self, group: SecurityGroup) -> None:
        made = self._ec2.create_security_group(GroupName=group.name, Description=group.description, VpcId=self._vpc_id)
        group_id: str = made["GroupId"]
        self._places.security_groups[group.name] = group_id
        for cidr in group.https_from:
            https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": cidr}]}
            self._ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[https])
        if not group.allows_outbound:
            everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": _EVERYWHERE}]}
            self._ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=[everything])

    def _make_subnet(self, subnet: Subnet, zone: str) -> None:
        made = self._ec2.create_subnet(
            VpcId=self._vpc_id,
            CidrBlock=subnet.cidr,
            AvailabilityZone=self._region + zone,
            **_named("subnet", subnet.name),
        )
        subnet_id: str = made["Subnet"]["SubnetId"]
        self._places.subnets[subnet.name] = subnet_id
        if subnet.way_out is WayOut.INTERNET_GATEWAY:
            self._ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": True})
        table = self._ec2.create_route_table(VpcId=self._vpc_id, **_named("route-table", subnet.name))
        self._tables[subnet.name] = table["RouteTable"]["RouteTableId"]
        self._ec2.associate_route_table(RouteTableId=self._tables[subnet.name], SubnetId=subnet_id)

    def _make_ways_out(self) -> None:
        public = [s for s in self._network.subnets if s.way_out is WayOut.INTERNET_GATEWAY]
        private = [s for s in self._network.subnets if s.way_out is WayOut.NAT_GATEWAY]
        if not public:
            return
        gateway = self._ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self._ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self._vpc_id)
        for subnet in public:
            self._route_out(subnet, {"GatewayId": gateway})
        if not private:
            return
        nat = self._ec2.create_nat_gateway(
            SubnetId=self._places.subnets[public[0].name],
            AllocationId=self._ec2.allocate_address(Domain="vpc")["AllocationId"],
        )
        for subnet in private:
            self._route_out(subnet, {"NatGatewayId": nat["NatGateway"]["NatGatewayId"]})

    def _route_out(self, subnet: Subnet, target: Mapping[str, str]) -> None:
        table = self._tables[subnet.name]
        self._ec2.create_route(RouteTableId=table, DestinationCidrBlock=_EVERYWHERE, **target)

    def _make_endpoints(self) -> None:
        for endpoint in self._network.endpoints:
            service_name = f"com.amazonaws.{self._region}.{endpoint.service}"
            if endpoint.security_group is None:
                self._ec2.create_vpc_endpoint(
                    VpcId=self._vpc_id,
                    ServiceName=service_name,
                    VpcEndpointType="Gateway",
                    RouteTableIds=[self._tables[name] for name in endpoint.subnets],
                )
            else:
                self._ec2.create_vpc_endpoint(
                    VpcId=self._vpc_id,
                    ServiceName=service_name,
                    VpcEndpointType="Interface",
                    SubnetIds=[self._places.subnets[name] for name in endpoint.subnets],
                    SecurityGroupIds=[self._places.security_groups[endpoint.security_group]],
                    PrivateDnsEnabled=endpoint.private_dns,
                )


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]}
