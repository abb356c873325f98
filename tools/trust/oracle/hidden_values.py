"""Give a network other values that nobody sees from outside: the address that DNS returns, and the ports of answers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from tools.trust.oracle.packets import Net
from tools.trust.oracle.random_networks import service_addresses
from tools.trust.oracle.trial import Case

_NODE_PORTS, _NAT_PORTS = (32768, 60999), (1024, 65535)
"""The ports of `random_networks`."""


def with_other_values(case: Case) -> Iterator[Case]:
    """Yield the network with each address and each pair of ports that its rules tell apart."""
    for remote in _addresses(case):
        for node_port in _ports(case, *_NODE_PORTS):
            for nat_port in _ports(case, *_NAT_PORTS):
                nats = {id_: {**each, "port": nat_port} for id_, each in case["nats"].items()}
                yield {**case, "remote": remote, "node": {**case["node"], "port": node_port}, "nats": nats}


def _addresses(case: Case) -> list[str]:
    networks = [ipaddress.IPv4Network(each) for each in _cidrs(case) if ":" not in each]
    borders = {int(end) + step for each in networks for end, step in ((each[0], 0), (each[-1], 1))}
    found: dict[tuple[bool, ...], int] = {}
    for published in service_addresses(case["service"]):
        first, last = int(published[0]), int(published[-1])
        for address in (first, *sorted(each for each in borders if first <= each <= last)):
            host = ipaddress.IPv4Address(address)
            found.setdefault(tuple(host in each for each in networks), address)
    return [str(ipaddress.IPv4Address(each)) for each in found.values()]


def _cidrs(case: Net) -> set[str]:
    rules = [rule for group in case["groups"].values() for rule in group["egress"]]
    lists = {cidr for cidrs in case["lists"].values() for cidr in cidrs}
    routes = {route["to"] for table in case["tables"] for route in table["routes"] if not route["to"].startswith("pl-")}
    entries = {entry["cidr"] for entries in case["acls"].values() for entry in entries}
    return lists | routes | entries | {cidr for rule in rules for cidr in rule["cidrs"]}


def _ports(case: Net, low: int, high: int) -> list[int]:
    entries = [entry for entries in case["acls"].values() for entry in entries]
    borders = {port for each in entries for port in (each["ports"][0], each["ports"][1] + 1)}
    return sorted({low, high, *(port for port in borders if low <= port <= high)})
