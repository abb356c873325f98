"""Redact values, sentences and ARNs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from ssmtui.report.redaction.pseudonyms import NameKind, Pseudonyms, kind_by_form
from ssmtui.report.redaction.public_words import (
    REGION,
    WORD,
    is_figure,
    is_of_aws,
    is_public,
    is_public_host,
    is_spoken,
)

Replace = Callable[[NameKind, str], str]
"""What stands for a name of a kind."""

_KINDS: Mapping[str, NameKind] = {
    "assumed-role": NameKind.ROLE,
    "alias": NameKind.KEY,
    "document": NameKind.DOCUMENT,
    "federated-user": NameKind.USER,
    "instance-profile": NameKind.INSTANCE_PROFILE,
    "key": NameKind.KEY,
    "role": NameKind.ROLE,
    "user": NameKind.USER,
}
_TYPES = frozenset(
    (
        *_KINDS,
        *("accesspoint", "activation", "association", "catalog", "cluster", "dhcp-options", "file-system", "function"),
        *("group", "image", "instance", "internet-gateway", "log-group", "managed-instance", "natgateway", "mfa"),
        *("managed-instance-inventory", "network-acl", "network-interface", "oidc-provider", "opsitem", "opsmetadata"),
        *("organization", "ou", "parameter", "patchbaseline", "policy", "prefix-list", "resource-data-sync", "root"),
        *("route-table", "saml-provider", "secret", "security-group", "server-certificate", "service", "session"),
        *("snapshot", "subnet", "table", "task", "transit-gateway", "volume", "vpc", "vpc-endpoint", "account"),
        *("vpc-endpoint-service", "vpc-peering-connection", "automation-execution", "automation-definition"),
    )
)
_SEGMENTS = re.compile(r"([/:])")
_STARS = re.compile(r"([*?]+)")
_RESERVED = "AWSReservedSSO_"
_ALL_PUBLIC = ("servicesetting/", "alias/aws/")


def replaced_arn(arn: str, replace: Replace) -> str:
    """The ARN, its account and the names in its resource replaced."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[4] == "aws":
        # AWS's own (arn:aws:iam::aws:policy/…), or what only begins like one.
        return arn if len(parts) == 6 else ":".join((*parts[:2], *(_public_or(each, replace) for each in parts[2:])))
    head, partition, service, region, account, resource = parts
    shown = ":".join((head, partition, _public_or(service, replace), _region(region, replace)))
    return f"{shown}:{_each_piece(account, NameKind.ACCOUNT, replace)}:{_resource(service, resource, replace)}"


def _region(region: str, replace: Replace) -> str:
    return region if REGION.fullmatch(region) else _each_piece(region, NameKind.NAME, replace)


def _public_or(word: str, replace: Replace) -> str:
    return word if re.fullmatch(r"[a-z0-9-]{1,20}|\*|", word) else replace(NameKind.NAME, word)


def _resource(service: str, resource: str, replace: Replace) -> str:
    if resource.startswith(_ALL_PUBLIC):
        return resource
    if service == "logs" and resource.startswith("log-group:"):
        return _log_group(resource, replace)
    type_, *rest = _SEGMENTS.split(resource)
    if service == "s3" or type_ not in _TYPES:
        kind = NameKind.BUCKET if service == "s3" else NameKind.NAME
        return "".join((_segment(type_, kind, replace), *(_segment(each, NameKind.NAME, replace) for each in rest)))
    shown, kind = [type_], _KINDS.get(type_, NameKind.NAME)
    for number, segment in enumerate(rest):
        # assumed-role/ROLE/SESSION
        of = NameKind.USER if type_ == "assumed-role" and number > 1 else kind
        shown.append(_segment(segment, of, replace))
    return "".join(shown)


def _log_group(resource: str, replace: Replace) -> str:
    type_, name, *rest = resource.split(":")
    words = [each if each in ("log-stream", "*", "") else _each_piece(each, NameKind.NAME, replace) for each in rest]
    return ":".join((type_, _each_piece(name, NameKind.LOG_GROUP, replace), *words))


def _segment(segment: str, kind: NameKind, replace: Replace) -> str:
    if segment in ("", "/", ":", "root", "instance") or is_of_aws(segment) or is_public_host(segment):
        return segment
    if segment.startswith(_RESERVED):
        return _RESERVED + replace(kind, segment.removeprefix(_RESERVED))
    return _each_piece(segment, kind, replace)


def _each_piece(text: str, kind: NameKind, replace: Replace) -> str:
    """A pattern's stars stay, and what is between them is replaced."""
    return "".join(each if not each or _STARS.fullmatch(each) else replace(kind, each) for each in _STARS.split(text))


_ARN = re.compile(r"arn:aws[a-z-]*:[^\s\"'<>()\[\]{}“”«»;]*[^\s\"'<>()\[\]{}“”«»;.,:!?]")
_URL = re.compile(r"[a-z][a-z0-9+]{1,9}://[^\s\"'<>()\[\]{}“”«»;]*[^\s\"'<>()\[\]{}“”«»;.,:!?]")
_TOKEN = re.compile(rf"(?P<arn>{_ARN.pattern})|(?P<url>{_URL.pattern})|(?P<word>{WORD.pattern})")
_JOINT = re.compile(r"([/:@=\\+])")
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-zA-Z][\w-]+")
_LETTERS = re.compile(r"\w")


class Redactor:
    """What replaces, in one output. `key` turns addresses: random, unless somebody is to turn them back."""

    def __init__(self, key: bytes) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._names: dict[str, NameKind] = {}
        self._phrases = defaultdict[str, dict[int, dict[str, str]]](dict)
        self._shown: dict[str, str] = {}

    @property
    def told(self) -> Mapping[NameKind, int]:
        """How many different ones of each kind were replaced."""
        return Counter(self._pseudonyms.told)

    def learn(self, kind: NameKind, name: str) -> None:
        """Know a name, so that it is found in sentences; what is AWS's own stays as it is."""
        if not name or name in self._names or _stays(name) or is_figure(name) or kind_by_form(name) is not None:
            return
        self._names[name] = kind
        self._pseudonyms.expect(kind, name)
        words = [found.group() for found in WORD.finditer(name)]
        if words and words != [name]:
            start = name.index(words[0])
            phrase = name[start : name.rindex(words[-1]) + len(words[-1])]
            self._phrases[words[0]].setdefault(len(phrase), {})[phrase] = name

    def name(self, kind: NameKind, name: str) -> str:
        """What stands for a name, whatever it looks like."""
        if name not in self._shown:
            self._shown[name] = self._new(kind, name)
        return self._shown[name]

    def identifier(self, text: str, kind: NameKind = NameKind.NAME) -> str:
        """What stands for an ARN, an id, or a name that is used as one; it keeps its form."""
        if text.startswith("arn:"):
            return replaced_arn(text, self.name)
        return self.name(kind, text)

    def learn_identifier(self, text: str, kind: NameKind = NameKind.NAME) -> None:
        """Know the names in an identifier."""
        if text.startswith("arn:"):
            replaced_arn(text, self._learned)
        else:
            self.learn(kind, text)

    def learn_sentence(self, text: str) -> None:
        """Know the names in the ARNs of a sentence."""
        for found in _ARN.finditer(text):
            replaced_arn(found.group(), self._quoted)

    def sentence(self, text: str) -> str:
        """A sentence in which only stays what is known to be nobody's: words of ssmtui's and AWS's, numbers."""
        written: list[str] = []
        place = 0
        while (found := _TOKEN.search(text, place)) is not None:
            written.append(text[place : found.start()])
            phrase = self._phrase_at(text, found)
            if phrase is not None:
                written.append(self.name(self._names[phrase[1]], phrase[1]))
                place = found.start() + len(phrase[0])
                continue
            written.append(self._token(found, self._word))
            place = found.end()
        return "".join((*written, text[place:]))

    def document(self, text: str) -> str:
        """A text for programs (a policy, a document): what has a form is replaced in it, and the names known."""
        return _TOKEN.sub(lambda found: self._token(found, self._known), text)

    def _new(self, kind: NameKind, name: str) -> str:
        if not name or _stays(name):
            return name
        return self._pseudonyms.by_form(name) or self._pseudonyms.of(self._names.get(name, kind), name)

    def _learned(self, kind: NameKind, name: str) -> str:
        self.learn(kind, name)
        return name

    def _quoted(self, kind: NameKind, name: str) -> str:
        # A part of some path may be any word (`sessions/`), and would be taken for a name wherever it stands.
        return name if kind is NameKind.NAME and is_spoken(name) else self._learned(kind, name)

    def _phrase_at(self, text: str, found: re.Match[str]) -> tuple[str, str] | None:
        start = found.start()
        first = WORD.match(text, start)
        by_length = self._phrases.get(first.group(), {}) if first is not None else {}
        for length in sorted(by_length, reverse=True):
            phrase = text[start : start + length]
            name = by_length[length].get(phrase)
            end = start + length
            if name is not None and not (end < len(text) and _LETTERS.match(text[end])):
                return phrase, name
        return None

    def _token(self, found: re.Match[str], word: Callable[[str], str]) -> str:
        token = found.group()
        if found["arn"]:
            return replaced_arn(token, self.name)
        if found["url"] and not is_public(token):
            scheme, _, rest = token.partition("://")
            return f"{scheme}://{self._compound(rest)}"
        return token if found["url"] else word(token)

    def _word(self, word: str) -> str:
        if word in self._names:
            return self.name(self._names[word], word)
        if is_public(word) or is_public_host(word) or is_spoken(word):
            return word
        if (formed := self._pseudonyms.by_form(word)) is not None:
            return formed
        if not word.startswith(("/", "~")) and _JOINT.search(word):
            return self._compound(word)
        if _DOTTED.fullmatch(word):
            return self.name(NameKind.HOST, word)
        return self.name(NameKind.NAME, word)

    def _compound(self, word: str) -> str:
        """A word made of several: each that is no word of AWS's is replaced, though ssmtui might say it elsewhere."""
        return "".join(self._part(part) for part in _JOINT.split(word))

    def _part(self, part: str) -> str:
        if not part or _JOINT.fullmatch(part) or part in _PARTS:
            return part
        return self.name(self._names.get(part) or (NameKind.HOST if _DOTTED.fullmatch(part) else NameKind.NAME), part)

    def _known(self, word: str) -> str:
        if word in self._names:
            return self.name(self._names[word], word)
        if is_public(word) or _JOINT.fullmatch(word):
            return word
        if (formed := self._pseudonyms.by_form(word)) is not None:
            return formed
        parts = _JOINT.split(word)
        return "".join(map(self._known, parts)) if len(parts) > 1 else word


_PARTS = frozenset(
    (
        *("alias", "assumed-role", "aws", "document", "group", "instance", "instance-profile", "key", "localhost"),
        *("log-group", "log-stream", "managed-instance", "parameter", "policy", "role", "tag", "user", "127.0.0.1"),
    )
)


def _stays(word: str) -> bool:
    return is_of_aws(word) or is_public_host(word)
