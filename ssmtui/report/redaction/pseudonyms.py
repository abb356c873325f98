"""What stands in a name's place: of the same kind and form, the same for the same name, never another's name."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum

from ssmtui.report.redaction.addresses import parsed, replaced


class Kind(Enum):
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


_PREFIXES = (
    "i|mi|acl|aclassoc|ami|cgw|dopt|eigw|eipalloc|eipassoc|eni|eni-attach|igw|lt|mrk|nat|pcx|pl|rtb|rtbassoc|sg|sgr|snap"
    "|subnet|tgw|tgw-attach|tgw-rtb|vgw|vol|vpc|vpce|vpce-svc|vpn"
)
_PREFIXED = re.compile(rf"(?P<prefix>(?:{_PREFIXES})-)(?P<rest>[0-9a-f]{{8,32}}|(?=[a-f]*\d)[0-9a-f]{{1,7}})")
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
        self._originals: dict[str, Kind] = {}
        self._last = Counter[str]()
        self.told = Counter[Kind]()
        """How many different ones of a kind were replaced."""

    def expect(self, kind: Kind, original: str) -> None:
        """That name will come, as of this kind: it is nobody's pseudonym. The first kind that is told counts."""
        self._originals.setdefault(original, kind)

    def of(self, kind: Kind, original: str) -> str:
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
        address = parsed(word) if kind is Kind.ADDRESS else None
        return self._of_address(word, replaced(*address, self._key)) if address is not None else self.of(kind, word)

    def _of_address(self, word: str, shown: str) -> str:
        if word not in self._given:
            self._given[word] = shown
            self.told[Kind.ADDRESS] += shown != word
        return shown

    def _new(self, kind: Kind, original: str) -> str:
        form = _form(kind, original)
        while True:
            self._last[form] += 1
            made = form.format(self._last[form])
            if made not in self._originals:
                return made


def kind_by_form(word: str) -> Kind | None:
    """What a word is, where its form alone tells it."""
    if _ACCOUNT.fullmatch(word):
        return Kind.ACCOUNT
    if any(form.fullmatch(word) for form in (_UUID, _PREFIXED, _UNIQUE, _ORGANIZATION, _NODE)):
        return Kind.ID
    if _EMAIL.fullmatch(word):
        return Kind.USER
    return Kind.ADDRESS if parsed(word) is not None else None


def _form(kind: Kind, original: str) -> str:
    """The form of a pseudonym, with a hole for its number."""
    if kind is Kind.ACCOUNT:
        return "{:012d}"
    if kind is Kind.ID:
        if _UUID.fullmatch(original):
            return "00000000-0000-0000-0000-{:012d}"
        found = next(
            (found for form in (_PREFIXED, _UNIQUE, _ORGANIZATION, _NODE) if (found := form.fullmatch(original))), None
        )
        return f"{found['prefix']}{{:0{min(len(found['rest']), 32)}d}}" if found is not None else "id-{}"
    if "@" in original and kind in (Kind.USER, Kind.NAME):
        return "user-{}@example.com"
    if kind is Kind.HOST:
        return "host-{}.example"
    return f"{'/' if original.startswith('/') else ''}{kind.value}-{{}}"
