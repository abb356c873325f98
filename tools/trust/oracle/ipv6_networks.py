"""Compare IPv6-only subnets: the packet to an IPv4 name, by DNS64 and NAT64, with the path that the product sees.

VPC User Guide: nat-gateway-nat64-dns64 (64:ff9b::/96; DNS64 is the subnet's, NAT64 any public NAT gateway's),
route-tables-priority, nacl-rules, security-group-rules. An agent uses IPv4 names unless it is configured otherwise: if
an IPv6 path would serve such an agent, nothing is compared.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from random import Random
from typing import Any

from ssmtui.analysis.network.paths import find_path
from ssmtui.analysis.network.routes import BlockedPath, OpenPath
from ssmtui.iam_policy.truth import Truth
from tools.trust.oracle.hidden_values import with_other_values
from tools.trust.oracle.networks import surroundings
from tools.trust.oracle.packets import HTTPS, Net, admitted, filtered, route_of, through_nat
from tools.trust.oracle.policy_language import Reading, every
from tools.trust.oracle.random_networks import a_network
from tools.trust.oracle.trial import Case, Trial

_SUBNET, _HOST, _NAT64 = "2001:db8:0:1::/64", "2001:db8:0:1::10", "64:ff9b::/96"
_NETWORKS = ("::/0", "::/0", _NAT64, "2001:db8::/32", _SUBNET, "64:ff9b::3400:0/102")


def made(random: Random) -> Case:
    """Return a network whose node has only an IPv6 address."""
    net = a_network(random)
    net["node"].update(public=False, ip=_HOST)
    net["subnets"]["nodes"] |= {"ipv6": _SUBNET, "dns64": random.random() < 0.85}
    if random.random() < 0.8:
        net["endpoints"] = [each for each in net["endpoints"] if each["service"] != net["service"]]
    for id_ in net["node"]["groups"]:
        if random.random() < 0.75:
            net["groups"][id_]["egress"].append(_rule(random))
    for subnet in ("nodes", "public"):
        net["acls"][subnet] += _entries(random)
    _route(random, net)
    return net


def _rule(random: Random) -> dict[str, Any]:
    ports = random.choice([[443, 443], [0, 65535], [80, 80]])
    return {"protocol": "tcp", "ports": ports, "cidrs": [random.choice(_NETWORKS)], "groups": [], "lists": []}


def _entries(random: Random) -> list[dict[str, Any]]:
    some = [
        {
            "number": 200 + at,
            "egress": random.random() < 0.5,
            "allow": random.random() < 0.5,
            "protocol": random.choice(["6", "-1"]),
            "cidr": random.choice(_NETWORKS),
            "ports": random.choice([[443, 443], [1024, 65535], [0, 65535]]),
        }
        for at in range(random.choice([0, 0, 1, 2]))
    ]
    whole = [
        {"number": 300, "egress": way, "allow": True, "protocol": "-1", "cidr": "::/0", "ports": [0, 65535]}
        for way in (True, False)
    ]
    return [*some, *whole]


def _route(random: Random, net: Case) -> None:
    gone = {each["target"] for table in net["tables"] for each in table["routes"] if each["blackhole"]}
    for table in net["tables"]:
        table["routes"].append({"to": "2001:db8::/56", "target": "local", "blackhole": False})
    more = []
    target = random.choice(["nat-1"] * 6 + ["nat-2", "igw-1", "eni-1", None])
    if target is not None:
        more.append({"to": _NAT64, "target": target})
    if random.random() < 0.15:
        more.append({"to": "::/0", "target": random.choice(["eigw-1", "igw-1"])})
    _own_table(net)["routes"] += [{**each, "blackhole": each["target"] in gone} for each in more]


def _own_table(net: Net) -> dict[str, Any]:
    tables: list[dict[str, Any]] = net["tables"]
    own = [each for each in tables if "nodes" in each["subnets"]]
    return (own or [each for each in tables if each["main"]])[0]


def hidden(case: Case) -> Iterator[Reading]:
    """Yield whether the packet arrives, for other addresses of the service and other ports of answers."""
    return (reaches(each) for each in with_other_values(case))


def judged(case: Case) -> Trial:
    """Return whether the packet arrives, and what the product says about its path."""
    way = find_path(surroundings(case), case["service"])
    said = {OpenPath: Truth.YES, BlockedPath: Truth.NO}.get(type(way), Truth.PERHAPS)
    return Trial(reaches(case), said)


def reaches(net: Net) -> Reading:
    """Return whether the request reaches the address that DNS64 creates, and the response reaches the node."""
    subnet = net["subnets"]["nodes"]
    if subnet["owner"] != net["account"] or not net["dns"]["support"]:
        return None
    if any(each["service"] == net["service"] for each in net["endpoints"]) or _leads_by_ipv6(net):
        return None
    if not subnet["dns64"]:
        return False
    remote = str(ipaddress.ip_address("64:ff9b::") + int(ipaddress.ip_address(net["remote"])))
    node = net["node"]
    route = route_of(net, "nodes", remote)
    if route is None or route["blackhole"]:
        return False
    own = every(
        (
            admitted(net, node["groups"], "egress", remote, ()),
            filtered(net, "nodes", remote, out=HTTPS, back=node["port"]),
        )
    )
    if not route["target"].startswith("nat"):
        return False if route["target"].startswith("igw") or own is False else None
    return every((own, through_nat(net, route["target"])))


def _leads_by_ipv6(net: Net) -> bool:
    """Return whether an agent configured for IPv6 names would find a path."""
    return any(each["to"] == "::/0" and not each["blackhole"] for each in _own_table(net)["routes"])
