"""IP addresses replaced so that a subnet's addresses stay those of one subnet, and private ones private.

Each bit is turned or kept by a keyed hash of the bits before it (Xu, Fan, Ammar, Moon: "Prefix-preserving IP address
anonymization", 2002): two addresses have as many first bits in common after it as before it.
"""

from __future__ import annotations

import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_KEPT = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "127.0.0.0/8", "169.254.169.0/24", "169.254.170.0/24", "224.0.0.0/3"),
            *("::/127", "fd00:ec2::/64", "ff00::/8"),
        ),
    )
)
"""Addresses that mean the same everywhere."""

_PREFIXES = tuple(
    map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fe80::/10"))
)
"""What says that an address is private, link-local or shared, and nothing else of it."""

_ALWAYS_KEPT_OF_SIX = 7
"""The bits of an IPv6 address that tell a unique local address (fc00::/7) from a global one."""


def parsed(text: str) -> tuple[IPv4Address | IPv6Address, int | None] | None:
    """An address, and the length of the prefix where it is a block's; None where the text is neither."""
    written, slash, length = text.partition("/")
    try:
        address = ip_address(written)
    except ValueError:
        return None
    if not slash:
        return address, None
    if not (length.isascii() and length.isdigit()) or int(length) > address.max_prefixlen:
        return None
    return address, int(length)


def replaced(address: IPv4Address | IPv6Address, length: int | None, key: bytes) -> str:
    """Another address or block in its place; of a block, what is behind its prefix stays as it is."""
    bits, whole = address.max_prefixlen, int(address)
    suffix = "" if length is None else f"/{length}"
    if any(address in each for each in _KEPT if each.version == address.version):
        return f"{address}{suffix}"
    kept = next((each.prefixlen for each in _PREFIXES if each.version == address.version and address in each), 0)
    if not kept and address.version == 6:
        kept = _ALWAYS_KEPT_OF_SIX
    turned = 0
    for place in range(kept, bits if length is None else length):
        before = f"{address.version}:{place}:{whole >> (bits - place) if place else 0}"
        turn = hmac.digest(key, before.encode(), "sha256")[0] & 1
        turned |= turn << (bits - place - 1)
    return f"{type(address)(whole ^ turned)}{suffix}"
