"""Where routes lead: to the internet, through NAT and its own subnet, into the void, or out of sight."""

from __future__ import annotations

import ipaddress

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.route_tables import Route, RouteTable

from ssmtui.simulator.reality.obstacles import Obstacle
from ssmtui.simulator.reality.packet_filters import EPHEMERAL, HTTPS, PUBLIC, Address, acl_passes


def route_table(backend: EC2Backend, subnet_id: str | None, vpc_id: str | None) -> RouteTable | None:
    """The table of a subnet: its own, else the main one of its VPC."""
    tables = [table for table in backend.route_tables.values() if table.vpc_id == vpc_id]
    of_subnet = (t for t in tables if any(a.get("SubnetId") == subnet_id for a in t.associations))
    return next(of_subnet, None) or next((t for t in tables if t.main_association_id), None)


def is_gone(backend: EC2Backend, route: Route) -> bool:
    """Whether the target of a route does not exist any more, so that EC2 calls it a blackhole."""
    if route.nat_gateway_id:
        nat = backend.nat_gateways.get(route.nat_gateway_id)
        return nat is None or nat.state in {"deleted", "deleting"}
    if route.gateway_id and route.gateway_id.startswith("igw-"):
        return not _is_attached(backend, route.gateway_id, route.route_table.vpc_id)
    return False


def leaving(backend: EC2Backend, instance: Instance, address: Address, source: Address) -> Obstacle | None:
    """What keeps packets from an instance's address to one outside the VPC from getting there; None: nothing does."""
    route = _route_to(backend, instance.subnet_id, instance.vpc_id, address)
    if route is None:
        return Obstacle.NO_ROUTE
    if is_gone(backend, route):
        return Obstacle.BLACKHOLE_ROUTE
    if route.gateway_id and route.gateway_id.startswith("igw-"):
        return None if instance.public_ip else Obstacle.NO_ROUTE
    if route.nat_gateway_id:
        return _through_nat(backend, instance, backend.nat_gateways[route.nat_gateway_id], source)
    beyond = (
        route.transit_gateway_id
        or route.vpc_peering_connection_id
        or route.network_interface_id
        or route.instance_id
        or route.gateway_id
    )
    # What lies behind a transit gateway, a peering or an appliance is out of sight, and taken to lead out.
    return None if beyond and beyond != "local" else Obstacle.NO_ROUTE


def nat_to_the_internet(backend: EC2Backend, instance: Instance) -> NatGateway | None:
    """The NAT gateway by which an instance leaves to public addresses, where it leaves by one."""
    route = _route_to(backend, instance.subnet_id, instance.vpc_id, PUBLIC)
    return backend.nat_gateways.get(route.nat_gateway_id) if route is not None and route.nat_gateway_id else None


def _through_nat(backend: EC2Backend, instance: Instance, nat: NatGateway, source: Address) -> Obstacle | None:
    if nat.state != "available":
        return Obstacle.NO_ROUTE
    onward = _route_to(backend, nat.subnet_id, nat.vpc_id, PUBLIC)
    if onward is None or onward.nat_gateway_id == nat.id:
        return Obstacle.NO_ROUTE
    if is_gone(backend, onward):
        return Obstacle.BLACKHOLE_ROUTE
    if onward.gateway_id and nat.connectivity_type == "private":
        return Obstacle.NO_ROUTE
    subnet = nat.subnet_id
    inside = subnet == instance.subnet_id or acl_passes(
        backend, subnet, remote=source, outgoing=EPHEMERAL, incoming=(HTTPS,)
    )
    outside = acl_passes(backend, subnet, remote=PUBLIC, outgoing=(HTTPS,), incoming=EPHEMERAL)
    return None if inside and outside else Obstacle.NETWORK_ACL_BLOCKS


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
