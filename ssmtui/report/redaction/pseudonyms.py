"""Replace names and IP addresses by pseudonyms of the same form."""

from __future__ import annotations

import hmac
import re
from collections import Counter
from enum import Enum
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

_PRIVATE_NETWORKS = tuple(
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
    kept = next(
        (each.prefixlen for each in _PRIVATE_NETWORKS if each.version == address.version and address in each), 0
    )
    if not kept and address.version == 6:
        kept = _ALWAYS_KEPT_OF_SIX
    turned = 0
    for place in range(kept, bits if length is None else length):
        before = f"{address.version}:{place}:{whole >> (bits - place) if place else 0}"
        turn = hmac.digest(key, before.encode(), "sha256")[0] & 1
        turned |= turn << (bits - place - 1)
    return f"{type(address)(whole ^ turned)}{suffix}"


class NameKind(Enum):
    """What a text names; the value is what its pseudonym is called, where that has no form of its own."""

    NAME = "name"
    NODE = "node"
    PROFILE = "profile"
    ROLE = "role"
    USER = "user"
    INSTANCE_PROFILE = "instance-profile"
    DOCUMENT = "document"
    BUCKET = "bucket"
    LOG_GROUP = "log-group"
    KEY = "key"
    HOST = "host"
    ACCOUNT = "account"
    ID = "id"
    ADDRESS = "address"


_ID_PREFIXES = (
    "i|mi|acl|aclassoc|ami|cgw|dopt|eigw|eipalloc|eipassoc|eni|eni-attach|igw|lt|mrk|nat|pcx|pl|rtb|rtbassoc|sg|sgr|snap"
    "|subnet|tgw|tgw-attach|tgw-rtb|vgw|vol|vpc|vpce|vpce-svc|vpn"
)
_PREFIXED = re.compile(rf"(?P<prefix>(?:{_ID_PREFIXES})-)(?P<rest>[0-9a-f]{{8,32}}|(?=[a-f]*\d)[0-9a-f]{{1,7}})")
_NODE = re.compile(r"(?P<prefix>m?i-)(?P<rest>\S+)")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNIQUE = re.compile(r"(?P<prefix>A(?:BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|PKA|ROA|SCA|SIA))(?P<rest>[A-Z0-9]{12,28})")
_ORGANIZATION = re.compile(r"(?P<prefix>(?:ou|[oprd])-)(?P<rest>(?=[a-z]*\d)[a-z0-9]{4,32}(?:-[a-z0-9]{8,32})?)")
_ACCOUNT = re.compile(r"\d{12}")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


class Pseudonyms:
    """The pseudonyms of one output. `key` turns addresses; whoever has it can turn them back."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._given: dict[str, str] = {}
        self._originals: dict[str, NameKind] = {}
        self._last = Counter[str]()
        self.told = Counter[NameKind]()
        """How many different ones of a kind were replaced."""

    def expect(self, kind: NameKind, original: str) -> None:
        """That name will come, as of this kind: it is nobody's pseudonym. The first kind that is told counts."""
        self._originals.setdefault(original, kind)

    def of(self, kind: NameKind, original: str) -> str:
        """The pseudonym of a name."""
        if original not in self._given:
            kind = self._originals.setdefault(original, kind)
            self._given[original] = self._new(kind, original)
            self.told[kind] += 1
        return self._given[original]

    def by_form(self, word: str) -> str | None:
        """The pseudonym of what is known by its form: an id, an account, an address; None of any other word."""
        kind = kind_by_form(word)
        if kind is None:
            return None
        address = parsed(word) if kind is NameKind.ADDRESS else None
        return self._of_address(word, replaced(*address, self._key)) if address is not None else self.of(kind, word)

    def _of_address(self, word: str, shown: str) -> str:
        if word not in self._given:
            self._given[word] = shown
            self.told[NameKind.ADDRESS] += shown != word
        return shown

    def _new(self, kind: NameKind, original: str) -> str:
        form = _form(kind, original)
        while True:
            self._last[form] += 1
            made = form.format(self._last[form])
            if made not in self._originals:
                return made


def kind_by_form(word: str) -> NameKind | None:
    """What a word is, where its form alone tells it."""
    if _ACCOUNT.fullmatch(word):
        return NameKind.ACCOUNT
    if any(form.fullmatch(word) for form in (_UUID, _PREFIXED, _UNIQUE, _ORGANIZATION, _NODE)):
        return NameKind.ID
    if _EMAIL.fullmatch(word):
        return NameKind.USER
    return NameKind.ADDRESS if parsed(word) is not None else None


def _form(kind: NameKind, original: str) -> str:
    """The form of a pseudonym, with a hole for its number."""
    if kind is NameKind.ACCOUNT:
        return "{:012d}"
    if kind is NameKind.ID:
        if _UUID.fullmatch(original):
            return "00000000-0000-0000-0000-{:012d}"
        found = next(
            (found for form in (_PREFIXED, _UNIQUE, _ORGANIZATION, _NODE) if (found := form.fullmatch(original))), None
        )
        return f"{found['prefix']}{{:0{min(len(found['rest']), 32)}d}}" if found is not None else "id-{}"
    if "@" in original and kind in (NameKind.USER, NameKind.NAME):
        return "user-{}@example.com"
    if kind is NameKind.HOST:
        return "host-{}.example"
    return f"{'/' if original.startswith('/') else ''}{kind.value}-{{}}"
