"""The way from an instance to a service of its Region: endpoints, routes, security groups, network ACLs, DNS."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.models.route_tables import Route, RouteTable
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.vpcs import VPCEndPoint

from ssmtui.simulator.authorisation import MalformedPolicyError, Policy

# An address of Amazon's: what public names of services resolve to.
_PUBLIC: Final = ipaddress.ip_address("52.94.0.1")
_HTTPS: Final = 443
# The ports that answers come back to; a network ACL that admits these admits what it has to.
_EPHEMERAL: Final = (1024, 32768, 65535)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Obstacle(StrEnum):
    """What stands in the way, by the slug of its cause."""

    VPC_DNS_OFF = "vpc-dns-off"
    PRIVATE_DNS_OFF = "endpoint-private-dns-off"
    EGRESS_BLOCKED = "egress-blocked"
    NETWORK_ACL_BLOCKS = "network-acl-blocks"
    ENDPOINT_SECURITY_GROUP_CLOSED = "endpoint-security-group-closed"
    ENDPOINT_MISSING = "endpoint-missing"
    NO_ROUTE = "no-route-to-endpoint"


def obstacle(instance: Instance, service: str) -> Obstacle | None:
    """What keeps an instance from reaching a service (``ssm``, ``s3``, …) on port 443; None where nothing does."""
    backend: EC2Backend = instance.ec2_backend
    vpc = backend.vpcs[instance.vpc_id or ""]
    # moto keeps these as text where the API has set them.
    if not _is_true(vpc.enable_dns_support):
        return Obstacle.VPC_DNS_OFF
    endpoint = next(_interface_endpoints(backend, instance, service), None)
    if endpoint is not None and _is_true(endpoint.private_dns_enabled) and _is_true(vpc.enable_dns_hostnames):
        return _to_endpoint(backend, instance, endpoint)
    by_public_address = _to_public_address(backend, instance, service)
    if endpoint is None or by_public_address not in {Obstacle.NO_ROUTE, Obstacle.ENDPOINT_MISSING}:
        return by_public_address
    return Obstacle.PRIVATE_DNS_OFF if _is_true(vpc.enable_dns_hostnames) else Obstacle.VPC_DNS_OFF


def endpoint_policy(instance: Instance, service: str) -> Policy | None:
    """The policy of the endpoint that traffic to the service goes through; None where it goes through none."""
    backend: EC2Backend = instance.ec2_backend
    endpoint = next(_interface_endpoints(backend, instance, service), None)
    endpoint = endpoint or _gateway_endpoint(backend, instance, service)
    if endpoint is None:
        return None
    try:
        return Policy.parse("endpoint policy", endpoint.policy_document)
    except MalformedPolicyError:
        return Policy("endpoint policy", ())


def find_instance(account: str, region: str, instance_id: str) -> Instance | None:
    """The instance of an id, terminated ones included; None where there is none."""
    reservations = ec2_backends[account][region].reservations.values()
    return next((i for reservation in reservations for i in reservation.instances if i.id == instance_id), None)


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _endpoints(backend: EC2Backend, instance: Instance, service: str) -> Iterator[VPCEndPoint]:
    name = f".{backend.region_name}.{service}"
    for endpoint in backend.vpc_end_points.values():
        if (
            endpoint.vpc_id == instance.vpc_id
            and endpoint.state == "available"
            and endpoint.service_name.endswith(name)
        ):
            yield endpoint


def _interface_endpoints(backend: EC2Backend, instance: Instance, service: str) -> Iterator[VPCEndPoint]:
    return (e for e in _endpoints(backend, instance, service) if (e.vpc_endpoint_type or "").lower() == "interface")


def _gateway_endpoint(backend: EC2Backend, instance: Instance, service: str) -> VPCEndPoint | None:
    table = _route_table(backend, instance.subnet_id, instance.vpc_id)
    return next(
        (
            endpoint
            for endpoint in _endpoints(backend, instance, service)
            if (endpoint.vpc_endpoint_type or "").lower() == "gateway"
            and table
            and table.id in endpoint.route_table_ids
        ),
        None,
    )


def _to_endpoint(backend: EC2Backend, instance: Instance, endpoint: VPCEndPoint) -> Obstacle | None:
    """The way to an interface endpoint, by the local route of the VPC."""
    subnets = [backend.get_subnet(subnet_id) for subnet_id in endpoint.subnet_ids or ()]
    if not subnets:
        return Obstacle.ENDPOINT_MISSING
    groups = [backend.get_security_group_from_id(group_id) for group_id in endpoint.security_group_ids]
    group_ids = {group.id for group in groups if group}
    obstacles = [
        _to_endpoint_in(backend, instance, subnet.id, ipaddress.ip_network(subnet.cidr_block)[4], group_ids)
        for subnet in subnets
    ]
    # One reachable subnet is enough: the name resolves to all of them.
    if all(obstacles):
        return obstacles[0]
    source = ipaddress.ip_address(instance.private_ip or "0.0.0.0")  # noqa: S104 - no address, not an interface
    own_groups = {group.id for group in _groups_of(instance)}
    if not any(group and _admits(group.ingress_rules, source, own_groups) for group in groups):
        return Obstacle.ENDPOINT_SECURITY_GROUP_CLOSED
    return None


def _to_endpoint_in(
    backend: EC2Backend, instance: Instance, subnet_id: str, address: Address, group_ids: set[str]
) -> Obstacle | None:
    if not any(_admits(group.egress_rules, address, group_ids) for group in _groups_of(instance)):
        return Obstacle.EGRESS_BLOCKED
    if subnet_id == instance.subnet_id:
        return None
    source = ipaddress.ip_address(instance.private_ip or "0.0.0.0")  # noqa: S104 - no address, not an interface
    near = _network_acl_passes(backend, instance.subnet_id, remote=address, outgoing=(_HTTPS,), incoming=_EPHEMERAL)
    far = _network_acl_passes(backend, subnet_id, remote=source, outgoing=_EPHEMERAL, incoming=(_HTTPS,))
    return None if near and far else Obstacle.NETWORK_ACL_BLOCKS


def _to_public_address(backend: EC2Backend, instance: Instance, service: str) -> Obstacle | None:
    """The way to a public address of the service: a gateway endpoint, an internet gateway, NAT or transit."""
    if not (_gateway_endpoint(backend, instance, service) or _leads_out(backend, instance)):
        has_endpoints = any(
            endpoint.vpc_id == instance.vpc_id and endpoint.state == "available"
            for endpoint in backend.vpc_end_points.values()
        )
        return Obstacle.ENDPOINT_MISSING if has_endpoints else Obstacle.NO_ROUTE
    if not any(_admits(group.egress_rules, _PUBLIC, set()) for group in _groups_of(instance)):
        return Obstacle.EGRESS_BLOCKED
    passes = _network_acl_passes(backend, instance.subnet_id, remote=_PUBLIC, outgoing=(_HTTPS,), incoming=_EPHEMERAL)
    return None if passes else Obstacle.NETWORK_ACL_BLOCKS


def _leads_out(backend: EC2Backend, instance: Instance) -> bool:
    route = _route_to(backend, instance.subnet_id, instance.vpc_id)
    if route is None:
        return False
    if route.gateway_id and route.gateway_id.startswith("igw-"):
        return bool(instance.public_ip) and _is_attached(backend, route.gateway_id, instance.vpc_id)
    if route.nat_gateway_id:
        return _translates(backend, route.nat_gateway_id)
    # A transit gateway, a peering or an appliance: what lies behind is out of sight, and taken to lead out.
    return bool(route.transit_gateway_id or route.network_interface_id or route.instance_id)


def _translates(backend: EC2Backend, nat_gateway_id: str) -> bool:
    nat = backend.nat_gateways.get(nat_gateway_id)
    if nat is None or nat.state != "available":
        return False
    onward = _route_to(backend, nat.subnet_id, nat.vpc_id)
    return bool(onward and onward.gateway_id and _is_attached(backend, onward.gateway_id, nat.vpc_id))


def _is_attached(backend: EC2Backend, gateway_id: str, vpc_id: str | None) -> bool:
    gateway = backend.internet_gateways.get(gateway_id)
    return gateway is not None and gateway.vpc is not None and gateway.vpc.id == vpc_id


def _route_to(backend: EC2Backend, subnet_id: str | None, vpc_id: str | None) -> Route | None:
    table = _route_table(backend, subnet_id, vpc_id)
    networks = [
        (ipaddress.ip_network(route.destination_cidr_block), route)
        for route in (table.routes if table else [])
        if route.destination_cidr_block
    ]
    fitting = [(network.prefixlen, route) for network, route in networks if _PUBLIC in network]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _route_table(backend: EC2Backend, subnet_id: str | None, vpc_id: str | None) -> RouteTable | None:
    tables = [table for table in backend.route_tables.values() if table.vpc_id == vpc_id]
    of_subnet = (t for t in tables if any(a.get("SubnetId") == subnet_id for a in t.associations))
    return next(of_subnet, None) or next((t for t in tables if t.main_association_id), None)


def _groups_of(instance: Instance) -> list[SecurityGroup]:
    interface = instance.nics.get(0)
    return list(interface.group_set) if interface else list(instance.security_groups)


def _admits(rules: Iterable[SecurityGroupRule], address: Address, group_ids: set[str]) -> bool:
    return any(_is_for_https(rule) and _covers(rule, address, group_ids) for rule in rules)


def _is_for_https(rule: SecurityGroupRule) -> bool:
    if rule.ip_protocol == "-1":
        return True
    return rule.ip_protocol == "tcp" and (rule.from_port or 0) <= _HTTPS <= (rule.to_port or 0)


def _covers(rule: SecurityGroupRule, address: Address, group_ids: set[str]) -> bool:
    if rule.cidr_ipv4:
        return address in ipaddress.ip_network(rule.cidr_ipv4, strict=False)
    # A prefix list stands for networks of AWS: of those, only S3's and DynamoDB's are used in such rules.
    return rule.source_group.get("GroupId") in group_ids or bool(rule.prefix_list_id and address == _PUBLIC)


def _network_acl_passes(
    backend: EC2Backend, subnet_id: str | None, *, remote: Address, outgoing: Iterable[int], incoming: Iterable[int]
) -> bool:
    acl = next(
        (a for a in backend.network_acls.values() if any(s.subnet_id == subnet_id for s in a.associations)), None
    )
    if acl is None:
        return True
    goes_out = all(_network_acl_allows(acl, remote, port, egress=True) for port in outgoing)
    return goes_out and all(_network_acl_allows(acl, remote, port, egress=False) for port in incoming)


def _network_acl_allows(acl: NetworkAcl, remote: Address, port: int, *, egress: bool) -> bool:
    for entry in sorted(acl.network_acl_entries, key=lambda entry: int(entry.rule_number)):
        if _is_true(entry.egress) != egress or not entry.cidr_block:
            continue
        low, high = entry.port_range_from, entry.port_range_to
        by_port = str(entry.protocol) == "-1" or (
            str(entry.protocol) == "6" and int(low or 0) <= port <= int(high or 0)
        )
        if by_port and remote in ipaddress.ip_network(entry.cidr_block, strict=False):
            return entry.rule_action == "allow"
    return False
