"""Address ranges that AWS publishes for the services of a Region."""

from __future__ import annotations

import ipaddress
import json
from functools import cache
from pathlib import Path

Ranges = tuple[ipaddress.IPv4Network, ...]

RANGES_FILE = Path(__file__).with_suffix(".json")

_OF_ITS_OWN = frozenset({"s3"})


@cache
def addresses_of(service: str, region: str) -> Ranges | None:
    """The networks in which a service's addresses are; None of a Region that was not there when AWS was asked."""
    published = _published().get(region)
    if published is None:
        return None
    kind = service if service in _OF_ITS_OWN and service in published else "any"
    return tuple(ipaddress.IPv4Network(each) for each in published[kind])


@cache
def _published() -> dict[str, dict[str, list[str]]]:
    regions: dict[str, dict[str, list[str]]] = json.loads(RANGES_FILE.read_text(encoding="utf-8"))["regions"]
    return regions
