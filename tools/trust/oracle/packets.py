"""Follow one packet and its response, hop by hop, by the pages of the Amazon VPC User Guide and of AWS PrivateLink.

VPC: route-tables-priority, VPC_Route_Tables, nacl-rules, nacl-ephemeral-ports, security-group-rules, vpc-nat-gateway,
security-vpc-bpa, vpc-dns. PrivateLink: create-interface-endpoint, privatelink-access-aws-services, gateway-endpoints.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.trust.oracle.policy_language import Reading, every

Net = Mapping[str, Any]
"""A network as `random_networks` creates it."""

HTTPS = 443
_OUT_OF_SIGHT = ("tgw", "pcx", "vgw", "vpce-gwlb", "eni")


def reaches(net: Net) -> Reading:
    """Return whether the node's HTTPS request reaches the service and the response returns; None if only AWS knows."""
    if net["subnets"][net["node"]["subnet"]]["owner"] != net["account"]:
        return None
    if not net["dns"]["support"]:
        return None  # the VPC's own resolver is off: a custom DNS server may answer
    private = [
        each
        for each in net["endpoints"]
        if each["type"] == "Interface"
        and each["service"] == net["service"]
        and each["vpc"] == net["vpc"]
        and each["available"]
        and each["private_dns"]
        # The VPC's resolver then keeps the public addresses (privatelink-interface-endpoints, Private DNS).
        and not each.get("inbound_only")
    ]
    if private and net["dns"]["hostnames"]:
        interfaces = private[0]["interfaces"]
        ends = {_to_interface(net, private[0], subnet, ip) for subnet, ip in interfaces.items()}
        return ends.pop() if len(ends) == 1 else None
    return _out(net)


def _to_interface(net: Net, endpoint: Mapping[str, Any], subnet: str, ip: str) -> Reading:
    node = net["node"]
    groups = every(
        (
            admitted(net, node["groups"], "egress", ip, endpoint["groups"]),
            admitted(net, endpoint["groups"], "ingress", node["ip"], node["groups"]),
        )
    )
    if subnet == node["subnet"]:
        return groups  # neither routes nor network ACLs apply within one subnet
    return every(
        (
            groups,
            filtered(net, node["subnet"], ip, out=HTTPS, back=node["port"]),
            filtered(net, subnet, node["ip"], out=node["port"], back=HTTPS),
            _inside(net, node["subnet"], ip),
            _inside(net, subnet, node["ip"]),
        )
    )


def _inside(net: Net, subnet: str, ip: str) -> Reading:
    """Return whether the routes of a subnet lead to another address of the VPC."""
    route = route_of(net, subnet, ip)
    if route is None or route["blackhole"]:
        return False
    return True if route["target"] == "local" else None


def _out(net: Net) -> Reading:
    node, remote = net["node"], net["remote"]
    allowed = every(
        (
            admitted(net, node["groups"], "egress", remote, ()),
            filtered(net, node["subnet"], remote, out=HTTPS, back=node["port"]),
        )
    )
    table = _table(net, node["subnet"])
    for each in net["endpoints"]:
        of_service = each["type"] == "Gateway" and each["service"] == net["service"] and each["available"]
        if of_service and table["id"] in each["tables"]:
            return allowed
    route = route_of(net, node["subnet"], remote)
    if route is not None and not route["blackhole"] and _is_out_of_sight(net, route["target"]):
        return None
    return every((allowed, _by_route(net, route)))


def _is_out_of_sight(net: Net, target: str) -> bool:
    """Return whether a target can lead to other networks: their DNS can return private addresses of their endpoints."""
    return target.startswith(_OUT_OF_SIGHT) or (target.startswith("nat") and target not in net["nats"])


def _by_route(net: Net, route: Mapping[str, Any] | None) -> Reading:
    if route is None or route["blackhole"]:
        return False
    target = route["target"]
    if target.startswith("igw"):
        blocked = net["subnets"][net["node"]["subnet"]]["block"] != "off"
        return net["node"]["public"] and not blocked
    if target.startswith("nat"):
        return through_nat(net, target)
    if target == "local":
        return False
    return None


def through_nat(net: Net, id_: str) -> Reading:
    """Return whether a NAT gateway on the node's path forwards its request, and returns the response."""
    nat = net["nats"].get(id_)
    if nat is None or nat["state"] == "pending":
        return None
    if nat["state"] != "available":
        return False
    node, remote, subnet = net["node"], net["remote"], nat["subnet"]
    onward = route_of(net, subnet, remote)
    if onward is None or onward["blackhole"]:
        return False
    if onward["target"] == id_:
        return False
    if not onward["target"].startswith("igw"):
        return None
    if not nat["public"] or net["subnets"][subnet]["block"] == "block-bidirectional":
        return False
    filters: list[Reading] = [filtered(net, subnet, remote, out=HTTPS, back=nat["port"])]
    if subnet != node["subnet"]:
        filters.append(filtered(net, subnet, node["ip"], out=node["port"], back=HTTPS))
        filters.append(_inside(net, subnet, node["ip"]))
    return every(filters)


def _table(net: Net, subnet: str) -> Mapping[str, Any]:
    tables: Sequence[Mapping[str, Any]] = net["tables"]
    own = [table for table in tables if subnet in table["subnets"]]
    return (own or [table for table in tables if table["main"]])[0]


def route_of(net: Net, subnet: str, ip: str) -> Mapping[str, Any] | None:
    """Return the most specific route; of two equal ones, the one to a network before the one to a prefix list."""
    best: tuple[int, int, Mapping[str, Any]] | None = None
    address = ipaddress.ip_address(ip)
    for route in _table(net, subnet)["routes"]:
        is_list = route["to"].startswith("pl-")
        for cidr in net["lists"].get(route["to"], ()) if is_list else (route["to"],):
            network = ipaddress.ip_network(cidr)
            if address in network:
                found = (network.prefixlen, 0 if is_list else 1, route)
                if best is None or found[:2] > best[:2]:
                    best = found
    return best[2] if best else None


def admitted(net: Net, groups: Iterable[str], way: str, ip: str, peers: Sequence[str]) -> bool:
    """Return whether any rule of the groups allows HTTPS, to or from an address that is in these groups itself."""
    for id_ in groups:
        for rule in net["groups"][id_][way]:
            if rule["protocol"] not in ("tcp", "-1"):
                continue
            if rule["protocol"] == "tcp" and not rule["ports"][0] <= HTTPS <= rule["ports"][1]:
                continue
            cidrs = [*rule["cidrs"], *(cidr for list_ in rule["lists"] for cidr in net["lists"].get(list_, ()))]
            if any(each in peers for each in rule["groups"]) or _among(ip, cidrs):
                return True
    return False


def _among(ip: str, cidrs: Iterable[str]) -> bool:
    address = ipaddress.ip_address(ip)
    return any(address in ipaddress.ip_network(cidr) for cidr in cidrs)


def filtered(net: Net, subnet: str, remote: str, *, out: int, back: int) -> bool:
    """Return whether a subnet's network ACL allows the request out, and the response in."""
    return _acl(net, subnet, remote, out, egress=True) and _acl(net, subnet, remote, back, egress=False)


def _acl(net: Net, subnet: str, remote: str, port: int, *, egress: bool) -> bool:
    entries = sorted(net["acls"][subnet], key=lambda each: each["number"])
    for entry in entries:
        if entry["egress"] is not egress or not _among(remote, [entry["cidr"]]):
            continue
        if entry["protocol"] == "-1" or (entry["protocol"] == "6" and entry["ports"][0] <= port <= entry["ports"][1]):
            return bool(entry["allow"])
    return False
