"""Set up networks: VPCs, subnets, routes, security groups and endpoints."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ssmtui.simulator import state
from ssmtui.simulator.scenario import DefaultRoute, Network, RegionScenario, SecurityGroup, Subnet
from ssmtui.simulator.setup.clients import Clients

_EVERYWHERE = "0.0.0.0/0"
_EVERYWHERE_IN_IPV6 = "::/0"
_NAT64 = "64:ff9b::/96"


@dataclass(frozen=True, slots=True)
class NetworkIds:
    """The ids of networks (VPCs), subnets and security groups, by their names in the scenario.

    The name of an endpoint is that of its network and service: `vault/kms`.
    """

    networks: dict[str, str] = field(default_factory=dict)
    subnets: dict[str, str] = field(default_factory=dict)
    security_groups: dict[str, str] = field(default_factory=dict)
    endpoints: dict[str, str] = field(default_factory=dict)


def make_networks(clients: Clients, region: RegionScenario) -> NetworkIds:
    """Create the Region's networks."""
    network_ids = NetworkIds()
    for network in region.networks:
        _NetworkSetup(clients.of("ec2", region.name), region.name, network, network_ids).run()
    return network_ids


class _NetworkSetup:
    """The setup of one VPC; `_tables` are the route tables by subnet name."""

    def __init__(self, ec2: Any, region: str, network: Network, network_ids: NetworkIds) -> None:  # noqa: ANN401
        self._ec2 = ec2
        self._region = region
        self._network = network
        self._places = network_ids
        self._tables: dict[str, str] = {}
        self._prefix_lists: dict[str, str] = {}
        self._vpc: dict[str, Any] = ec2.create_vpc(
            CidrBlock=network.cidr, AmazonProvidedIpv6CidrBlock=network.has_ipv6, **_named("vpc", network.name)
        )["Vpc"]
        self._vpc_id: str = self._vpc["VpcId"]
        network_ids.networks[network.name] = self._vpc_id

    def run(self) -> None:
        self._choose_dns()
        self._make_prefix_lists()
        for group in self._network.security_groups:
            self._make_security_group(group)
        for group in self._network.security_groups:
            self._refer_to_groups(group)
        for number, subnet in enumerate(self._network.subnets):
            self._make_subnet(subnet, "abc"[number % 3])
            self._deny(subnet)
        self._make_ways_out()
        self._make_endpoints()

    def _choose_dns(self) -> None:
        if not self._network.dns_support:
            self._ec2.modify_vpc_attribute(VpcId=self._vpc_id, EnableDnsSupport={"Value": False})
        if self._network.dns_hostnames:
            self._ec2.modify_vpc_attribute(VpcId=self._vpc_id, EnableDnsHostnames={"Value": True})

    def _make_prefix_lists(self) -> None:
        for each in self._network.prefix_lists:
            made = self._ec2.create_managed_prefix_list(
                PrefixListName=each.name,
                AddressFamily="IPv4",
                MaxEntries=len(each.cidrs),
                Entries=[{"Cidr": cidr} for cidr in each.cidrs],
            )
            self._prefix_lists[each.name] = made["PrefixList"]["PrefixListId"]

    def _make_security_group(self, group: SecurityGroup) -> None:
        made = self._ec2.create_security_group(GroupName=group.name, Description=group.description, VpcId=self._vpc_id)
        group_id: str = made["GroupId"]
        self._places.security_groups[group.name] = group_id
        for cidr in group.https_from:
            self._ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[_https(cidr=cidr)])
        for name in group.https_from_lists:
            rule = _https(list_id=self._prefix_lists[name])
            self._ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[rule])
        if not group.allows_outbound:
            everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": _EVERYWHERE}]}
            self._ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=[everything])
        for cidr in group.https_to:
            self._ec2.authorize_security_group_egress(GroupId=group_id, IpPermissions=[_https(cidr=cidr)])

    def _refer_to_groups(self, group: SecurityGroup) -> None:
        group_id = self._places.security_groups[group.name]
        for name in group.https_from_groups:
            rule = _https(group_id=self._places.security_groups[name])
            self._ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[rule])
        for name in group.https_to_groups:
            rule = _https(group_id=self._places.security_groups[name])
            self._ec2.authorize_security_group_egress(GroupId=group_id, IpPermissions=[rule])

    def _make_subnet(self, subnet: Subnet, zone: str) -> None:
        made = self._ec2.create_subnet(
            VpcId=self._vpc_id,
            AvailabilityZone=self._region + zone,
            **self._addresses(subnet),
            **_named("subnet", subnet.name),
        )
        subnet_id: str = made["Subnet"]["SubnetId"]
        self._places.subnets[subnet.name] = subnet_id
        if subnet.default_route is DefaultRoute.INTERNET_GATEWAY and not subnet.firewall:
            self._ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": True})
        if subnet.ipv6_only:
            state.hidden(state.account_in_setup(), self._region).ipv6_only_subnets.add(subnet_id)
        if subnet.dns64:
            self._ec2.modify_subnet_attribute(SubnetId=subnet_id, EnableDns64={"Value": True})
        if subnet.shared_by is not None:
            state.hidden(state.account_in_setup(), self._region).subnet_owners[subnet_id] = subnet.shared_by
        if subnet.firewall:
            state.hidden(state.account_in_setup(), self._region).firewalls[subnet_id] = subnet.firewall
        table = self._ec2.create_route_table(VpcId=self._vpc_id, **_named("route-table", subnet.name))
        self._tables[subnet.name] = table["RouteTable"]["RouteTableId"]
        self._ec2.associate_route_table(RouteTableId=self._tables[subnet.name], SubnetId=subnet_id)

    def _addresses(self, subnet: Subnet) -> dict[str, Any]:
        if not subnet.ipv6_only:
            return {"CidrBlock": subnet.cidr}
        whole = ipaddress.IPv6Network(self._vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"])
        before = sum(each.ipv6_only for each in self._network.subnets[: self._network.subnets.index(subnet)])
        own = next(islice(whole.subnets(new_prefix=64), before, None))
        return {"CidrBlock": subnet.cidr, "Ipv6CidrBlock": str(own)}

    def _deny(self, subnet: Subnet) -> None:
        """Create a network ACL for a subnet that needs one: EC2's default allows everything."""
        if not subnet.denials and not self._network.has_ipv6:
            return
        made = self._ec2.create_network_acl(VpcId=self._vpc_id, **_named("network-acl", subnet.name))
        acl: str = made["NetworkAcl"]["NetworkAclId"]
        for outbound in (False, True):
            entry = {"NetworkAclId": acl, "Protocol": "-1", "RuleAction": "allow", "Egress": outbound}
            self._ec2.create_network_acl_entry(RuleNumber=100, CidrBlock=_EVERYWHERE, **entry)
            self._ec2.create_network_acl_entry(RuleNumber=101, Ipv6CidrBlock=_EVERYWHERE_IN_IPV6, **entry)
        for number, denial in enumerate(subnet.denials, 1):
            self._ec2.create_network_acl_entry(
                NetworkAclId=acl,
                RuleNumber=number,
                Protocol="6",
                RuleAction="deny",
                Egress=denial.outbound,
                CidrBlock=denial.cidr,
                PortRange={"From": denial.ports[0], "To": denial.ports[1]},
            )
        in_subnet = [{"Name": "association.subnet-id", "Values": [self._places.subnets[subnet.name]]}]
        former = self._ec2.describe_network_acls(Filters=in_subnet)["NetworkAcls"][0]["Associations"]
        association = next(a for a in former if a["SubnetId"] == self._places.subnets[subnet.name])
        self._ec2.replace_network_acl_association(
            AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
        )

    def _make_ways_out(self) -> None:
        public = self._leading(DefaultRoute.INTERNET_GATEWAY)
        if public:
            gateway = self._ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            self._ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self._vpc_id)
            for subnet in public:
                self._route_out(subnet, {"GatewayId": gateway})
        nat_gateway_subnet = self._network.nat_gateway_subnet or next((subnet.name for subnet in public), None)
        for default_route in (DefaultRoute.NAT_GATEWAY, DefaultRoute.DELETED_NAT_GATEWAY):
            private = self._leading(default_route)
            if private and nat_gateway_subnet is not None:
                nat = self._make_nat_gateway(nat_gateway_subnet)
                for subnet in private:
                    self._route_out(subnet, {"NatGatewayId": nat})
                if default_route is DefaultRoute.DELETED_NAT_GATEWAY:
                    self._ec2.delete_nat_gateway(NatGatewayId=nat)
        transit = self._leading(DefaultRoute.TRANSIT_GATEWAY)
        if transit:
            hub = self._ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
            for subnet in transit:
                self._route_out(subnet, {"TransitGatewayId": hub})

    def _leading(self, default_route: DefaultRoute) -> list[Subnet]:
        return [subnet for subnet in self._network.subnets if subnet.default_route is default_route]

    def _make_nat_gateway(self, subnet: str) -> str:
        kind: dict[str, str] = (
            {"ConnectivityType": "private"}
            if self._network.private_nat
            else {"AllocationId": self._ec2.allocate_address(Domain="vpc")["AllocationId"]}
        )
        made = self._ec2.create_nat_gateway(SubnetId=self._places.subnets[subnet], **kind)
        return str(made["NatGateway"]["NatGatewayId"])

    def _route_out(self, subnet: Subnet, target: Mapping[str, str]) -> None:
        destination = (
            {"DestinationIpv6CidrBlock": _NAT64} if subnet.ipv6_only else {"DestinationCidrBlock": _EVERYWHERE}
        )
        self._ec2.create_route(RouteTableId=self._tables[subnet.name], **destination, **target)

    def _make_endpoints(self) -> None:
        for endpoint in self._network.endpoints:
            service_name = f"com.amazonaws.{self._region}.{endpoint.service}"
            policy = {"PolicyDocument": json.dumps({"Statement": list(endpoint.policy)})} if endpoint.policy else {}
            if endpoint.security_group is None:
                made = self._ec2.create_vpc_endpoint(
                    VpcId=self._vpc_id,
                    ServiceName=service_name,
                    VpcEndpointType="Gateway",
                    RouteTableIds=[self._tables[name] for name in endpoint.subnets],
                    **policy,
                )
            else:
                made = self._ec2.create_vpc_endpoint(
                    VpcId=self._vpc_id,
                    ServiceName=service_name,
                    VpcEndpointType="Interface",
                    SubnetIds=[self._places.subnets[name] for name in endpoint.subnets],
                    SecurityGroupIds=[self._places.security_groups[endpoint.security_group]],
                    PrivateDnsEnabled=endpoint.private_dns,
                    **policy,
                )
            name = f"{self._network.name}/{endpoint.service}"
            self._places.endpoints[name] = made["VpcEndpoint"]["VpcEndpointId"]


def _https(*, cidr: str | None = None, group_id: str | None = None, list_id: str | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    if cidr is not None:
        rule["IpRanges"] = [{"CidrIp": cidr}]
    if group_id is not None:
        rule["UserIdGroupPairs"] = [{"GroupId": group_id}]
    if list_id is not None:
        rule["PrefixListIds"] = [{"PrefixListId": list_id}]
    return rule


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]}
