"""Redact a report: learn the names in all its parts, then replace names, sentences and ARNs by pseudonyms."""

from __future__ import annotations

import hmac
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ssmtui.model.finding import SubjectKind
from ssmtui.model.node import SOURCE_TYPES
from ssmtui.report.model import (
    BaselineComparison,
    ReportEvidence,
    ReportFinding,
    ReportHead,
    ReportModel,
    ReportMute,
    ReportNode,
    ReportScope,
    ReportSubject,
    ReportSummary,
)
from ssmtui.report.public_words import REGION, WORD, is_figure, is_of_aws, is_public, is_public_host, is_spoken

_KEPT = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "127.0.0.0/8", "169.254.169.0/24", "169.254.170.0/24", "224.0.0.0/3"),
            *("::/127", "fd00:ec2::/64", "ff00::/8"),
        ),
    )
)
"""Addresses with the same meaning everywhere."""

_PRIVATE_NETWORKS = tuple(
    map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fe80::/10"))
)
"""The prefixes that only say that an address is private, link-local or shared."""

_ALWAYS_KEPT_OF_SIX = 7
"""The bits of an IPv6 address that distinguish a unique local address (fc00::/7) from a global address."""


def parsed(text: str) -> tuple[IPv4Address | IPv6Address, int | None] | None:
    """Return an address, with the length of the prefix if the text is a CIDR block; None if it is neither."""
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
    """Return a pseudonym of an address or block; the bits behind a block's prefix stay unchanged."""
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
    """The kind of thing that a text names. The value is the word in its pseudonym, if the kind has no own form."""

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
    """The pseudonyms of one output. `key` encrypts addresses; a person who has the key can decrypt them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._given: dict[str, str] = {}
        self._originals: dict[str, NameKind] = {}
        self._last = Counter[str]()
        self.told = Counter[NameKind]()
        """Number of different replaced names, by kind."""

    def expect(self, kind: NameKind, original: str) -> None:
        """Reserve a name of this kind: no pseudonym gets the same text. The first kind of a name counts."""
        self._originals.setdefault(original, kind)

    def of(self, kind: NameKind, original: str) -> str:
        """Return the pseudonym of a name."""
        if original not in self._given:
            kind = self._originals.setdefault(original, kind)
            self._given[original] = self._new(kind, original)
            self.told[kind] += 1
        return self._given[original]

    def by_form(self, word: str) -> str | None:
        """Return the pseudonym of a word that its form identifies (an ID, an account, an address), else None."""
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
    """Return the kind of a word if its form alone identifies it."""
    if _ACCOUNT.fullmatch(word):
        return NameKind.ACCOUNT
    if any(form.fullmatch(word) for form in (_UUID, _PREFIXED, _UNIQUE, _ORGANIZATION, _NODE)):
        return NameKind.ID
    if _EMAIL.fullmatch(word):
        return NameKind.USER
    return NameKind.ADDRESS if parsed(word) is not None else None


def _form(kind: NameKind, original: str) -> str:
    """Return the form of a pseudonym, with a placeholder for its number."""
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


Replace = Callable[[NameKind, str], str]
"""Returns the replacement of a name of a kind."""

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
    """Return the ARN with its account and the names in its resource replaced."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[4] == "aws":
        # AWS's own ARN (arn:aws:iam::aws:policy/…), or a text that only begins like an ARN.
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
    """Replace the parts between the stars of a pattern; the stars stay."""
    return "".join(each if not each or _STARS.fullmatch(each) else replace(kind, each) for each in _STARS.split(text))


_ARN = re.compile(r"arn:aws[a-z-]*:[^\s\"'<>()\[\]{}“”«»;]*[^\s\"'<>()\[\]{}“”«»;.,:!?]")
_URL = re.compile(r"[a-z][a-z0-9+]{1,9}://[^\s\"'<>()\[\]{}“”«»;]*[^\s\"'<>()\[\]{}“”«»;.,:!?]")
_TOKEN = re.compile(rf"(?P<arn>{_ARN.pattern})|(?P<url>{_URL.pattern})|(?P<word>{WORD.pattern})")
_JOINT = re.compile(r"([/:@=\\+])")
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-zA-Z][\w-]+")
_LETTERS = re.compile(r"\w")


class Redactor:
    """Replaces the names in one output. `key` encrypts addresses: random, unless somebody must decrypt them later."""

    def __init__(self, key: bytes) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._names: dict[str, NameKind] = {}
        self._phrases = defaultdict[str, dict[int, dict[str, str]]](dict)
        self._shown: dict[str, str] = {}

    @property
    def told(self) -> Mapping[NameKind, int]:
        """Return the number of different replaced names, by kind."""
        return Counter(self._pseudonyms.told)

    def learn(self, kind: NameKind, name: str) -> None:
        """Learn a name, to find it in sentences; AWS's own names stay unchanged."""
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
        """Return the replacement of a name, of any form."""
        if name not in self._shown:
            self._shown[name] = self._new(kind, name)
        return self._shown[name]

    def identifier(self, text: str, kind: NameKind = NameKind.NAME) -> str:
        """Return the replacement of an ARN, an ID, or a name used as an ID; its form stays."""
        if text.startswith("arn:"):
            return replaced_arn(text, self.name)
        return self.name(kind, text)

    def learn_identifier(self, text: str, kind: NameKind = NameKind.NAME) -> None:
        """Learn the names in an identifier."""
        if text.startswith("arn:"):
            replaced_arn(text, self._learned)
        else:
            self.learn(kind, text)

    def learn_sentence(self, text: str) -> None:
        """Learn the names in the ARNs of a sentence."""
        for found in _ARN.finditer(text):
            replaced_arn(found.group(), self._quoted)

    def sentence(self, text: str) -> str:
        """Redact a sentence: only public words stay (ssmtui's, AWS's, numbers)."""
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
        """Redact a text for programs (a policy, a document): replace known names and words with a known form."""
        return _TOKEN.sub(lambda found: self._token(found, self._known), text)

    def _new(self, kind: NameKind, name: str) -> str:
        if not name or _stays(name):
            return name
        return self._pseudonyms.by_form(name) or self._pseudonyms.of(self._names.get(name, kind), name)

    def _learned(self, kind: NameKind, name: str) -> str:
        self.learn(kind, name)
        return name

    def _quoted(self, kind: NameKind, name: str) -> str:
        # A part of a path can be any word (`sessions/`), and would then be replaced as a name in every sentence.
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
        """Replace each part of a compound word that is not a word of AWS, even if ssmtui's texts contain it."""
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


_SUBJECTS: Mapping[str, NameKind] = {
    SubjectKind.BUCKET.value: NameKind.BUCKET,
    SubjectKind.CALLER.value: NameKind.USER,
    SubjectKind.DOCUMENT.value: NameKind.DOCUMENT,
    SubjectKind.INSTANCE_PROFILE.value: NameKind.INSTANCE_PROFILE,
    SubjectKind.KEY.value: NameKind.KEY,
    SubjectKind.LOG_GROUP.value: NameKind.LOG_GROUP,
    SubjectKind.NODE.value: NameKind.ID,
    SubjectKind.ROLE.value: NameKind.ROLE,
}
_SERVICE = re.compile(r"[a-z0-9.-]{1,64}\.amazonaws\.com(?:\.cn)?")
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,4}")


class ReportRedactor:
    """Redacts the parts of one report. Learn every part before the first part is redacted."""

    def __init__(self, key: bytes) -> None:
        self.redactor = Redactor(key)

    def learn_scope(self, scope: ReportScope) -> None:
        """Learn the names in a scope."""
        if scope.profile:
            self.redactor.learn(NameKind.PROFILE, scope.profile)
        for arn in filter(None, (scope.caller, scope.role)):
            self.redactor.learn_identifier(arn)
        self.redactor.learn_sentence(scope.error or "")

    def learn_node(self, node: ReportNode) -> None:
        """Learn the names in a node."""
        self.redactor.learn(NameKind.ID, node.id)
        self.redactor.learn(NameKind.NODE, node.name)

    def learn_finding(self, finding: ReportFinding) -> None:
        """Learn the names in a finding."""
        self.redactor.learn_identifier(finding.subject.id, _kind_of(finding.subject))
        for text in (finding.summary, *(each.fact for each in finding.evidence)):
            self.redactor.learn_sentence(text)

    def scope(self, scope: ReportScope) -> ReportScope:
        """Redact a scope."""
        redactor = self.redactor
        return replace(
            scope,
            profile=None if scope.profile is None else redactor.name(NameKind.PROFILE, scope.profile),
            account=None if scope.account is None else redactor.name(NameKind.ACCOUNT, scope.account),
            caller=None if scope.caller is None else redactor.identifier(scope.caller),
            error=None if scope.error is None else redactor.sentence(scope.error),
            role=None if scope.role is None else redactor.identifier(scope.role),
        )

    def node(self, node: ReportNode) -> ReportNode:
        """Redact a node."""
        redactor, version, source, operator = self.redactor, node.agent_version, node.source_type, node.operator
        return replace(
            node,
            id=redactor.identifier(node.id),
            name=redactor.name(NameKind.NODE, node.name),
            account=redactor.name(NameKind.ACCOUNT, node.account),
            platform=redactor.sentence(node.platform),
            agent_version=version if version is None or _VERSION.fullmatch(version) else redactor.sentence(version),
            findings=tuple(map(self.finding_id, node.findings)),
            source_type=source if source is None or source in SOURCE_TYPES else redactor.sentence(source),
            operator=operator if operator is None or _SERVICE.fullmatch(operator) else redactor.sentence(operator),
        )

    def finding(self, finding: ReportFinding) -> ReportFinding:
        """Redact a finding."""
        redactor = self.redactor
        return replace(
            finding,
            id=self.finding_id(finding.id),
            subject=replace(finding.subject, id=redactor.identifier(finding.subject.id)),
            nodes=tuple(map(redactor.identifier, finding.nodes)),
            summary=redactor.sentence(finding.summary),
            evidence=tuple(
                ReportEvidence(redactor.sentence(each.fact), redactor.sentence(each.source))
                for each in finding.evidence
            ),
            muted=None if finding.muted is None else tuple(map(self._mute, finding.muted)),
        )

    def _mute(self, mute: ReportMute) -> ReportMute:
        nodes = tuple(map(self.redactor.identifier, mute.nodes))
        return replace(mute, nodes=nodes, reason=self.redactor.sentence(mute.reason))

    def finding_id(self, id_: str) -> str:
        """Return the ID of a finding from its redacted parts: `<cause>@<subject id>`, sometimes with `@<region>`."""
        cause, at, rest = id_.partition("@")
        subject, again, region = rest.rpartition("@")
        if not (again and REGION.fullmatch(region)):
            return f"{cause}{at}{self.redactor.identifier(rest)}"
        return f"{cause}{at}{self.redactor.identifier(subject)}@{region}"


def _kind_of(subject: ReportSubject) -> NameKind:
    return _SUBJECTS.get(subject.kind, NameKind.NAME)


class RedactedReport:
    """A redacted report. `key` encrypts addresses; see `Redactor`."""

    def __init__(self, report_model: ReportModel, key: bytes) -> None:
        self._report_model = report_model
        self._redactor = ReportRedactor(key)
        self._was: dict[str, str] = {}
        for scope in report_model.scopes:
            self._redactor.learn_scope(scope)
        for node in report_model.nodes:
            self._redactor.learn_node(node)
        gone = (
            (*report_model.compared.fixed, *report_model.compared.unseen) if report_model.compared is not None else ()
        )
        for findings in (report_model.findings, gone):
            for finding in findings:
                self._redactor.learn_finding(finding)

    @property
    def head(self) -> ReportHead:
        """Return the schema, the version and the time of the report, marked as redacted."""
        return replace(self._report_model.head, redacted=True)

    @property
    def summary(self) -> ReportSummary:
        """Return the nodes by verdict, and the API calls made."""
        return self._report_model.summary

    @property
    def scopes(self) -> Sequence[ReportScope]:
        """Return the scopes."""
        return [self._redactor.scope(each) for each in self._report_model.scopes]

    @property
    def nodes(self) -> Iterator[ReportNode]:
        """Return the nodes."""
        return map(self._redactor.node, self._report_model.nodes)

    @property
    def findings(self) -> Iterator[ReportFinding]:
        """Return the findings."""
        return map(self._finding, self._report_model.findings)

    @property
    def compared(self) -> BaselineComparison | None:
        """Return the comparison with a baseline."""
        told = self._report_model.compared
        if told is None:
            return None
        fixed, unseen = (list(map(self._finding, each)) for each in (told.fixed, told.unseen))
        return BaselineComparison(told.generated_at, fixed, unseen)

    def sentence(self, text: str) -> str:
        """Redact a sentence about the report."""
        return self._redactor.redactor.sentence(text)

    def finding(self, id_: str) -> ReportFinding | None:
        """Return the finding with that redacted ID."""
        if not self._was:
            self._was = {self._redactor.finding_id(each.id): each.id for each in self._report_model.findings}
        found = self._report_model.finding(self._was[id_]) if id_ in self._was else None
        return self._finding(found) if found is not None else None

    def _finding(self, finding: ReportFinding) -> ReportFinding:
        return self._redactor.finding(finding)
