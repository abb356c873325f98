"""Check the path from an instance to a service of its Region: endpoints, routes, security groups, network ACLs, DNS."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.network_acls import NetworkAcl, NetworkAclEntry
from moto.ec2.models.route_tables import Route, RouteTable
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.vpcs import VPCEndPoint

from ssmtui.simulator.authorisation import MalformedPolicyError, Policy
from ssmtui.simulator.state import hidden


class NetworkObstacle(StrEnum):
    """An obstacle on the path, by the slug of its cause."""

    VPC_DNS_OFF = "vpc-dns-off"
    PRIVATE_DNS_OFF = "endpoint-private-dns-off"
    EGRESS_BLOCKED = "egress-blocked"
    NETWORK_ACL_BLOCKS = "network-acl-blocks"
    ENDPOINT_SECURITY_GROUP_CLOSED = "endpoint-security-group-closed"
    ENDPOINT_MISSING = "endpoint-missing"
    NO_ROUTE = "no-route-to-endpoint"
    BLACKHOLE_ROUTE = "blackhole-route"
    IPV6_ONLY = "ipv6-only-subnet"


_TRANSLATING: Final = {"flexible", "outbound-only"}
"""The firewalls behind which an instance needs no public address."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PUBLIC: Final = ipaddress.ip_address("52.94.0.1")
"""An address of Amazon: public names of services resolve to it."""

HTTPS: Final = 443
EPHEMERAL: Final = (1024, 32768, 65535)
"""One of the ephemeral ports: a network ACL that admits it admits what it has to."""


def groups_of(instance: Instance) -> list[SecurityGroup]:
    """Return the security groups of an instance's primary interface."""
    interface = instance.nics.get(0)
    return list(interface.group_set) if interface else list(instance.security_groups)


def allows_outbound(instance: Instance, address: Address, group_ids: set[str]) -> bool:
    """Return whether an instance's groups allow HTTPS to an address behind these groups."""
    return any(admits(group.egress_rules, address, group_ids) for group in groups_of(instance))


def admits(rules: Iterable[SecurityGroupRule], address: Address, group_ids: set[str]) -> bool:
    """Return whether one of the rules is for HTTPS and for that address, or for one of those groups."""
    return any(_is_for_https(rule) and _covers(rule, address, group_ids) for rule in rules)


def acl_passes(
    backend: EC2Backend, subnet_id: str | None, *, remote: Address, outgoing: Iterable[int], incoming: Iterable[int]
) -> bool:
    """Return whether a subnet's network ACL allows packets to and from a remote address on the used ports."""
    acl = next(
        (a for a in backend.network_acls.values() if any(s.subnet_id == subnet_id for s in a.associations)), None
    )
    if acl is None:
        return True
    goes_out = all(_allows(acl, remote, port, egress=True) for port in outgoing)
    return goes_out and all(_allows(acl, remote, port, egress=False) for port in incoming)


def is_true(value: object) -> bool:
    """Return a flag that moto stores as a text if the API has set it."""
    return str(value).lower() == "true"


def _is_for_https(rule: SecurityGroupRule) -> bool:
    if rule.ip_protocol == "-1":
        return True
    return rule.ip_protocol == "tcp" and (rule.from_port or 0) <= HTTPS <= (rule.to_port or 0)


def _covers(rule: SecurityGroupRule, address: Address, group_ids: set[str]) -> bool:
    cidr = rule.cidr_ipv4 or rule.cidr_ipv6
    if cidr:
        return address in ipaddress.ip_network(cidr, strict=False)
    return rule.source_group.get("GroupId") in group_ids or _is_listed(rule, address)


def _is_listed(rule: SecurityGroupRule, address: Address) -> bool:
    backend: EC2Backend = rule.ec2_backend
    named = backend.managed_prefix_lists.get(rule.prefix_list_id or "")
    if named is None:
        return False
    if named.owner_id == "AWS":
        # Of AWS's own lists, such rules use only S3's and DynamoDB's, which contain all of their addresses.
        return address == PUBLIC
    entries = named.entries.get(named.version or 0, [])
    return any(address in ipaddress.ip_network(entry["Cidr"]) for entry in entries)


def _allows(acl: NetworkAcl, remote: Address, port: int, *, egress: bool) -> bool:
    for entry in sorted(acl.network_acl_entries, key=lambda entry: int(entry.rule_number)):
        if is_true(entry.egress) == egress and _is_about(entry, remote, port):
            return entry.rule_action == "allow"
    return False


def _is_about(entry: NetworkAclEntry, remote: Address, port: int) -> bool:
    low, high = entry.port_range_from, entry.port_range_to
    by_port = str(entry.protocol) == "-1" or (str(entry.protocol) == "6" and int(low or 0) <= port <= int(high or 0))
    cidr = entry.cidr_block or entry.ipv6_cidr_block
    return bool(by_port and cidr and remote in ipaddress.ip_network(cidr, strict=False))


def route_table(backend: EC2Backend, subnet_id: str | None, vpc_id: str | None) -> RouteTable | None:
    """Return the table of a subnet: its own, else the main one of its VPC."""
    tables = [table for table in backend.route_tables.values() if table.vpc_id == vpc_id]
    of_subnet = (t for t in tables if any(a.get("SubnetId") == subnet_id for a in t.associations))
    return next(of_subnet, None) or next((t for t in tables if t.main_association_id), None)


def is_gone(backend: EC2Backend, route: Route) -> bool:
    """Return whether the target of a route no longer exists, so that EC2 calls the route a blackhole."""
    if route.nat_gateway_id:
        nat = backend.nat_gateways.get(route.nat_gateway_id)
        return nat is None or nat.state in {"deleted", "deleting"}
    if route.gateway_id and route.gateway_id.startswith("igw-"):
        return not _is_attached(backend, route.gateway_id, route.route_table.vpc_id)
    return False


def egress_obstacle(
    backend: EC2Backend, instance: Instance, address: Address, source: Address
) -> NetworkObstacle | None:
    """Return the obstacle between an instance's address and an address outside the VPC; None if there is none."""
    route = _route_to(backend, instance.subnet_id, instance.vpc_id, address)
    if route is None:
        return NetworkObstacle.NO_ROUTE
    if is_gone(backend, route):
        return NetworkObstacle.BLACKHOLE_ROUTE
    if route.gateway_id and route.gateway_id.startswith("igw-"):
        return None if instance.public_ip or _is_translated(backend, instance) else NetworkObstacle.NO_ROUTE
    if route.nat_gateway_id:
        return _through_nat(backend, instance, backend.nat_gateways[route.nat_gateway_id], source)
    beyond = (
        route.transit_gateway_id
        or route.vpc_peering_connection_id
        or route.network_interface_id
        or route.instance_id
        or route.gateway_id
    )
    # What is behind a transit gateway, a peering or an appliance is unknown, and assumed to lead out.
    return None if beyond and beyond != "local" else NetworkObstacle.NO_ROUTE


def _is_translated(backend: EC2Backend, instance: Instance) -> bool:
    """Return whether a firewall at the internet gateway translates the addresses of the subnet.

    What its rules deny is not modelled: like EC2, the simulator does not show them.
    """
    return hidden(backend.account_id, backend.region_name).firewalls.get(instance.subnet_id or "") in _TRANSLATING


def internet_nat_gateway(backend: EC2Backend, instance: Instance) -> NatGateway | None:
    """Return the NAT gateway through which an instance reaches public addresses, if any."""
    route = _route_to(backend, instance.subnet_id, instance.vpc_id, PUBLIC)
    return backend.nat_gateways.get(route.nat_gateway_id) if route is not None and route.nat_gateway_id else None


def _through_nat(backend: EC2Backend, instance: Instance, nat: NatGateway, source: Address) -> NetworkObstacle | None:
    if nat.state != "available":
        return NetworkObstacle.NO_ROUTE
    onward = _route_to(backend, nat.subnet_id, nat.vpc_id, PUBLIC)
    if onward is None or onward.nat_gateway_id == nat.id:
        return NetworkObstacle.NO_ROUTE
    if is_gone(backend, onward):
        return NetworkObstacle.BLACKHOLE_ROUTE
    if onward.gateway_id and nat.connectivity_type == "private":
        return NetworkObstacle.NO_ROUTE
    subnet = nat.subnet_id
    inside = subnet == instance.subnet_id or acl_passes(
        backend, subnet, remote=source, outgoing=EPHEMERAL, incoming=(HTTPS,)
    )
    outside = acl_passes(backend, subnet, remote=PUBLIC, outgoing=(HTTPS,), incoming=EPHEMERAL)
    return None if inside and outside else NetworkObstacle.NETWORK_ACL_BLOCKS


def _is_attached(backend: EC2Backend, gateway_id: str, vpc_id: str | None) -> bool:
    gateway = backend.internet_gateways.get(gateway_id)
    return gateway is not None and gateway.vpc is not None and gateway.vpc.id == vpc_id


def _route_to(backend: EC2Backend, subnet_id: str | None, vpc_id: str | None, address: Address) -> Route | None:
    table = route_table(backend, subnet_id, vpc_id)
    destinations = [
        (ipaddress.ip_network(cidr), route)
        for route in (table.routes if table else [])
        if (cidr := route.destination_cidr_block or route.destination_ipv6_cidr_block)
    ]
    fitting = [(network.prefixlen, route) for network, route in destinations if address in network]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


__all__ = ["NetworkObstacle", "endpoint_policy", "endpoint_to", "find_instance", "ipv6_address", "obstacle"]

# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
_NAT64: Final = int(ipaddress.ip_address("64:ff9b::"))


def obstacle(instance: Instance, service: str) -> NetworkObstacle | None:
    """Return the obstacle between an instance and port 443 of a service (``ssm``, ``s3``, …); None if there is none."""
    backend: EC2Backend = instance.ec2_backend
    vpc = backend.vpcs[instance.vpc_id or ""]
    if not is_true(vpc.enable_dns_support):
        return NetworkObstacle.VPC_DNS_OFF
    if instance.subnet_id in hidden(backend.account_id, backend.region_name).ipv6_only_subnets:
        return _by_translation(backend, instance)
    private = _private_endpoint(backend, instance, service)
    if private is not None:
        return _to_endpoint(backend, instance, private)
    by_public_address = _to_public_address(backend, instance, service)
    unnamed = next(_interface_endpoints(backend, instance, service), None)
    if unnamed is None or by_public_address not in {NetworkObstacle.NO_ROUTE, NetworkObstacle.ENDPOINT_MISSING}:
        return by_public_address
    return NetworkObstacle.PRIVATE_DNS_OFF if is_true(vpc.enable_dns_hostnames) else NetworkObstacle.VPC_DNS_OFF


def endpoint_to(instance: Instance, service: str) -> VPCEndPoint | None:
    """Return the endpoint that traffic to the service uses; None if it uses none."""
    backend: EC2Backend = instance.ec2_backend
    return _private_endpoint(backend, instance, service) or _gateway_endpoint(backend, instance, service)


def endpoint_policy(instance: Instance, service: str) -> Policy | None:
    """Return the policy of the endpoint that traffic to the service uses; None if it uses none."""
    endpoint = endpoint_to(instance, service)
    if endpoint is None:
        return None
    try:
        return Policy.parse("endpoint policy", endpoint.policy_document)
    except MalformedPolicyError:
        return Policy("endpoint policy", ())


def endpoint_address(subnet_cidr: str) -> Address:
    """Return the address of an endpoint's interface in a subnet: the first that AWS does not reserve."""
    return ipaddress.ip_network(subnet_cidr)[4]


def ipv6_address(instance: Instance) -> ipaddress.IPv6Address:
    """Return the address of an instance in its subnet's IPv6 network, with the same offset as in the IPv4 network."""
    subnet = instance.ec2_backend.get_subnet(instance.subnet_id or "")
    (association,) = subnet.ipv6_cidr_block_association_set
    offset = int(_source(instance)) - int(ipaddress.ip_network(subnet.cidr_block).network_address)
    return ipaddress.IPv6Network(association["ipv6CidrBlock"])[offset]


def find_instance(account: str, region: str, instance_id: str) -> Instance | None:
    """Return the instance of an id, including terminated instances; None if there is none."""
    reservations = ec2_backends[account][region].reservations.values()
    return next((i for reservation in reservations for i in reservation.instances if i.id == instance_id), None)


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


def _private_endpoint(backend: EC2Backend, instance: Instance, service: str) -> VPCEndPoint | None:
    """Return the interface endpoint to which the service's ordinary name resolves, if the VPC's DNS does that."""
    if not is_true(backend.vpcs[instance.vpc_id or ""].enable_dns_hostnames):
        return None
    named = (e for e in _interface_endpoints(backend, instance, service) if is_true(e.private_dns_enabled))
    return next(named, None)


def _gateway_endpoint(backend: EC2Backend, instance: Instance, service: str) -> VPCEndPoint | None:
    table = route_table(backend, instance.subnet_id, instance.vpc_id)
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


def _to_endpoint(backend: EC2Backend, instance: Instance, endpoint: VPCEndPoint) -> NetworkObstacle | None:
    """Check the path to an interface endpoint, by the local route of the VPC."""
    subnets = [backend.get_subnet(subnet_id) for subnet_id in endpoint.subnet_ids or ()]
    if not subnets:
        return NetworkObstacle.ENDPOINT_MISSING
    groups = [backend.get_security_group_from_id(group_id) for group_id in endpoint.security_group_ids]
    group_ids = {group.id for group in groups if group}
    obstacles = [
        _to_endpoint_in(backend, instance, subnet.id, endpoint_address(subnet.cidr_block), group_ids)
        for subnet in subnets
    ]
    # One reachable subnet is enough: the name resolves to all of them.
    if all(obstacles):
        return obstacles[0]
    own_groups = {group.id for group in groups_of(instance)}
    if not any(group and admits(group.ingress_rules, _source(instance), own_groups) for group in groups):
        return NetworkObstacle.ENDPOINT_SECURITY_GROUP_CLOSED
    return None


def _to_endpoint_in(
    backend: EC2Backend, instance: Instance, subnet_id: str, address: Address, group_ids: set[str]
) -> NetworkObstacle | None:
    if not allows_outbound(instance, address, group_ids):
        return NetworkObstacle.EGRESS_BLOCKED
    if subnet_id == instance.subnet_id:
        return None
    near = acl_passes(backend, instance.subnet_id, remote=address, outgoing=(HTTPS,), incoming=EPHEMERAL)
    far = acl_passes(backend, subnet_id, remote=_source(instance), outgoing=EPHEMERAL, incoming=(HTTPS,))
    return None if near and far else NetworkObstacle.NETWORK_ACL_BLOCKS


def _to_public_address(backend: EC2Backend, instance: Instance, service: str) -> NetworkObstacle | None:
    """Check the path to a public address of the service: a gateway endpoint, an internet gateway, NAT or transit."""
    if not _gateway_endpoint(backend, instance, service):
        unled = egress_obstacle(backend, instance, PUBLIC, _source(instance))
        if unled is NetworkObstacle.NO_ROUTE and _has_endpoints(backend, instance):
            return NetworkObstacle.ENDPOINT_MISSING
        if unled is not None:
            return unled
    return _through_own_filters(backend, instance, PUBLIC)


def _by_translation(backend: EC2Backend, instance: Instance) -> NetworkObstacle | None:
    """Check the path out of an IPv6-only subnet: the agent uses IPv4 names, for which DNS64 creates addresses."""
    translated = ipaddress.ip_address(_NAT64 + int(PUBLIC))
    if instance.subnet_id not in hidden(backend.account_id, backend.region_name).dns64_subnets:
        return NetworkObstacle.IPV6_ONLY
    unled = egress_obstacle(backend, instance, translated, ipv6_address(instance))
    if unled is NetworkObstacle.NO_ROUTE:
        return NetworkObstacle.IPV6_ONLY
    return unled or _through_own_filters(backend, instance, translated)


def _through_own_filters(backend: EC2Backend, instance: Instance, address: Address) -> NetworkObstacle | None:
    if not allows_outbound(instance, address, set()):
        return NetworkObstacle.EGRESS_BLOCKED
    passes = acl_passes(backend, instance.subnet_id, remote=address, outgoing=(HTTPS,), incoming=EPHEMERAL)
    return None if passes else NetworkObstacle.NETWORK_ACL_BLOCKS


def _has_endpoints(backend: EC2Backend, instance: Instance) -> bool:
    return any(
        endpoint.vpc_id == instance.vpc_id and endpoint.state == "available"
        for endpoint in backend.vpc_end_points.values()
    )


def _source(instance: Instance) -> Address:
    return ipaddress.ip_address(instance.private_ip or "0.0.0.0")  # noqa: S104 - no address, not an interface
