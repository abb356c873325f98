"""Create VPCs at random, as plain data: a node, its possible paths, and the parts that the product cannot see.

Hidden from the product are the service's address and the response ports.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from random import Random
from typing import Any

from ssmtui.analysis.network.packet_filters import addresses_of

ACCOUNT, REGION, VPC = "123456789012", "eu-west-3", "vpc-1"
CIDRS = {"nodes": "10.0.1.0/24", "ends-a": "10.0.2.0/24", "public": "10.0.3.0/24", "ends-b": "10.0.4.0/24"}
_PUBLIC = ("0.0.0.0/0", "52.0.0.0/8", "3.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1", "13.32.0.0/11", "8.8.8.0/24")
_PRIVATE = ("10.0.0.0/16", "10.0.0.0/8", "10.0.1.0/24", "10.0.2.0/24", "10.0.2.0/25", "10.0.3.0/24", "10.0.1.10/32")
LISTS = {
    "pl-all": ["0.0.0.0/1", "128.0.0.0/1"],
    "pl-vpc": ["10.0.0.0/16"],
    "pl-some": ["52.0.0.0/8", "10.0.2.0/25"],
    "pl-office": ["192.0.2.0/24"],
    "pl-empty": [],
}


def service_addresses(service: str) -> Sequence[ipaddress.IPv4Network]:
    """Return the networks in which AWS publishes addresses of a Region's service."""
    found = addresses_of(service, REGION)
    assert found is not None
    return [ipaddress.IPv4Network(str(each)) for each in found if ":" not in str(each)]


_RANGES = {service: service_addresses(service) for service in ("ssm", "s3")}


def _ports(random: Random) -> list[int]:
    return random.choice([[443, 443], [443, 443], [0, 65535], [80, 443], [80, 80], [1024, 65535]])


def a_rule(random: Random) -> dict[str, Any]:
    """Return a rule of a security group."""
    sort = random.choice(["cidr", "cidr", "cidr", "group", "list"])
    return {
        "protocol": random.choice(["tcp", "tcp", "tcp", "-1", "udp"]),
        "ports": _ports(random),
        "cidrs": [random.choice([*_PUBLIC, *_PRIVATE])] if sort == "cidr" else [],
        "groups": [random.choice(["sg-nodes", "sg-more", "sg-ends"])] if sort == "group" else [],
        "lists": random.sample(sorted(LISTS), random.choice([1, 2])) if sort == "list" else [],
    }


_ANY_RULE: dict[str, Any] = {"protocol": "-1", "ports": [0, 65535], "cidrs": ["0.0.0.0/0"], "groups": [], "lists": []}


def _rules(random: Random, *, whole: float) -> list[dict[str, Any]]:
    if random.random() < whole:
        return [dict(_ANY_RULE)]
    return [a_rule(random) for _ in range(random.choice([0, 1, 1, 2, 3]))]


_ENTRY_PORTS = ([443, 443], [0, 65535], [1024, 65535], [32768, 60999], [49152, 65535], [1024, 40000], [22, 22])


def _entry(random: Random, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "egress": random.random() < 0.5,
        "allow": random.random() < 0.5,
        "protocol": random.choice(["6", "6", "6", "-1", "17"]),
        "cidr": random.choice(["0.0.0.0/0", *_PUBLIC, *_PRIVATE]),
        "ports": random.choice(_ENTRY_PORTS),
    }


def _entries(random: Random) -> list[dict[str, Any]]:
    """Return the entries of a network ACL: the default ones, with or without others before them, or only others."""
    made: list[dict[str, Any]] = []
    if random.random() < 0.45:
        numbers = random.sample(range(1, 99), random.choice([1, 2, 3]))
        made.extend(_entry(random, number) for number in sorted(numbers))
    if not made or random.random() < 0.8:
        made += [
            {"number": 100, "egress": way, "allow": True, "protocol": "-1", "cidr": "0.0.0.0/0", "ports": [0, 65535]}
            for way in (True, False)
        ]
    random.shuffle(made)
    return made


_TARGETS = ("igw-1", "nat-1", "nat-1", "nat-1", "nat-2", "tgw-1", "pcx-1", "vpce-gwlb", "eni-1", "vgw-1")


def _routes(random: Random, default: str | None, gone: Collection[str]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [{"to": "10.0.0.0/16", "target": "local"}]
    if default is not None:
        made.append({"to": "0.0.0.0/0", "target": default})
    if random.random() < 0.35:
        destinations = [*_PUBLIC[1:], "pl-all", "pl-some", "pl-office", "pl-empty"]
        chosen = random.sample(destinations, random.choice([1, 1, 2, 3]))
        made.extend({"to": to, "target": random.choice(_TARGETS)} for to in chosen)
    if random.random() < 0.12:
        target = random.choice(["eni-1", "vpce-gwlb", "local"])
        to = random.choice(["10.0.2.0/24", "10.0.1.0/24", "10.0.4.0/24"])
        made.append({"to": to, "target": target})
    random.shuffle(made)
    # A deleted target is missing in every table.
    return [{**each, "blackhole": each["target"] in gone} for each in made]


def _host(random: Random, cidr: str) -> str:
    return str(ipaddress.ip_network(cidr)[random.randint(4, 250)])


def _endpoints(random: Random, service: str) -> list[dict[str, Any]]:
    made = []
    if random.random() < (0.3 if service == "s3" else 0.5):
        subnets = random.choice([["ends-a"], ["nodes"], ["ends-a", "ends-b"], ["ends-a"], ["ends-b", "nodes"]])
        made.append(
            {
                "type": "Interface",
                "service": service,
                "vpc": VPC if random.random() < 0.93 else "vpc-2",
                "available": random.random() < 0.93,
                "private_dns": random.random() < 0.9,
                "inbound_only": service == "s3" and random.random() < 0.4,
                "groups": random.choice([["sg-ends"], ["sg-ends"], ["sg-ends", "sg-more"], ["sg-nodes"]]),
                "tables": [],
                "interfaces": {each: _host(random, CIDRS[each]) for each in subnets},
            }
        )
    if service == "s3" and random.random() < 0.6:
        made.append(
            {
                "type": "Gateway",
                "service": "s3",
                "vpc": VPC,
                "available": True,
                "private_dns": False,
                "groups": [],
                "tables": random.choice([["rtb-nodes"], ["rtb-main"], ["rtb-main", "rtb-nodes"], ["rtb-public"]]),
                "interfaces": {},
            }
        )
    if random.random() < 0.3:
        interfaces = {"ends-a": _host(random, CIDRS["ends-a"])}
        other = {"type": "Interface", "service": "logs", "vpc": VPC, "available": True, "private_dns": True}
        made.append({**other, "groups": ["sg-ends"], "tables": [], "interfaces": interfaces})
    return made


def a_network(random: Random) -> dict[str, Any]:
    """Return a node in its VPC, and the one request that is followed."""
    service = random.choice(["ssm", "ssm", "s3"])
    network = random.choice(_RANGES[service])
    remote = network[random.randrange(network.num_addresses)]
    default = random.choice(["igw-1", "nat-1", "nat-1", "nat-1", None, "tgw-1", "nat-2"])
    own_table = random.random() < 0.7
    gone = {each for each in sorted(set(_TARGETS)) if random.random() < (0.08 if each == "nat-1" else 0.3)}
    tables: list[dict[str, Any]] = [
        {"id": "rtb-main", "main": True, "subnets": [], "routes": _routes(random, default, gone)},
        {
            "id": "rtb-public",
            "main": False,
            "subnets": ["public"],
            "routes": _routes(random, "igw-1", gone - {"igw-1"}),
        },
    ]
    if own_table:
        routes = _routes(random, random.choice(["igw-1", "nat-1", "nat-1", None]), gone)
        tables.append({"id": "rtb-nodes", "main": False, "subnets": ["nodes"], "routes": routes})
    random.shuffle(tables)
    nats = {}
    for id_ in ("nat-1", "nat-2"):
        if random.random() < (0.95 if id_ == "nat-1" else 0.3):
            nats[id_] = {
                "state": random.choice(["available"] * 7 + ["failed", "pending", "deleted"]),
                "public": random.random() < 0.9,
                "subnet": random.choice(["public"] * 8 + ["nodes", "ends-a"]),
                "port": random.randint(1024, 65535),
            }
    blocked = random.choice([None] * 8 + ["nodes", "public"])
    return {
        "account": ACCOUNT,
        "vpc": VPC,
        "service": service,
        "remote": str(remote),
        "dns": {"support": random.random() < 0.97, "hostnames": random.random() < 0.93},
        "node": {
            "subnet": "nodes",
            "ip": random.choice(["10.0.1.10", _host(random, CIDRS["nodes"])]),
            "public": random.random() < 0.4,
            "groups": random.choice([["sg-nodes"], ["sg-nodes"], ["sg-nodes", "sg-more"]]),
            "port": random.randint(32768, 60999),
        },
        "subnets": {
            id_: {
                "cidr": cidr,
                "owner": ACCOUNT if id_ != "nodes" or random.random() < 0.98 else "999999999999",
                "block": random.choice(["block-ingress", "block-bidirectional"]) if id_ == blocked else "off",
            }
            for id_, cidr in CIDRS.items()
        },
        "tables": tables,
        "groups": {
            id_: {"ingress": _rules(random, whole=0.5), "egress": _rules(random, whole=0.6)}
            for id_ in ("sg-nodes", "sg-more", "sg-ends")
        },
        "acls": {id_: _entries(random) for id_ in CIDRS},
        "nats": nats,
        "endpoints": _endpoints(random, service),
        "lists": LISTS,
    }
