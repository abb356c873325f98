"""Implement the policy language by the IAM User Guide: statements, wildcards, trust policies, and combinations."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

Reading = bool | None


def every(parts: Iterable[Reading]) -> Reading:
    """Return the conjunction."""
    told = list(parts)
    if any(each is False for each in told):
        return False
    return None if None in told else True


def some(parts: Iterable[Reading]) -> Reading:
    """Return the disjunction."""
    return opposite(every(opposite(each) for each in parts))


def opposite(part: Reading) -> Reading:
    """Return the negation."""
    return None if part is None else not part


_STAR, _ONE = object(), object()
Token = str | object

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'(.*)'\s*$")

Keys = Mapping[str, tuple[str, ...]]
"""The condition keys of a request, in lower case."""


@dataclass(frozen=True)
class Filling:
    """The values of variables: the keys of a request, for documents whose version has variables."""

    keys: Keys
    variables: bool = True

    def tokens(self, pattern: str) -> list[Token] | None:
        """Return a pattern with its variables replaced, whose values are no patterns; None if one has no value."""
        made: list[Token] = []
        at = 0
        while at < len(pattern):
            found = _VARIABLE.match(pattern, at) if self.variables else None
            if found is not None:
                filled = _filled(found.group(1), self.keys)
                if filled is None:
                    return None
                made.extend(filled)
                at = found.end()
                continue
            letter = pattern[at]
            made.append(_STAR if letter == "*" else _ONE if letter == "?" else letter)
            at += 1
        return made

    def text(self, text: str) -> str | None:
        """Return a text with its variables replaced, in which an asterisk is an asterisk."""
        tokens = self.tokens(text)
        if tokens is None:
            return None
        return "".join("*" if each is _STAR else "?" if each is _ONE else str(each) for each in tokens)


def _filled(name: str, keys: Keys) -> str | None:
    if name in ("*", "?", "$"):
        return name
    told = _DEFAULT.match(name)
    key, default = (told.group(1), told.group(2)) if told else (name, None)
    values = keys.get(key.strip().lower(), ())
    return values[0] if len(values) == 1 else default


def matches(tokens: list[Token], text: str, *, case: bool = True) -> bool:
    """Return whether the whole text matches the pattern, by trying every length for each asterisk."""
    reached = {0}
    for token in tokens:
        if token is _STAR:
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and _same(token, text[at], case=case)}
    return len(text) in reached


def _same(token: Token, letter: str, *, case: bool) -> bool:
    if token is _ONE or token == letter:
        return True
    return not case and str(token).lower() == letter.lower()


def split_at_colons(tokens: list[Token]) -> list[list[Token]]:
    """Return the six parts of an ARN pattern; the last keeps its colons."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


Statement = Mapping[str, object]

_MULTIVALUED = frozenset(
    {"aws:tagkeys", "aws:calledvia", "aws:principalorgpaths", "kms:encryptioncontextkeys", "kms:resourcealiases"}
)


@dataclass(frozen=True)
class Request:
    """A request of a role's session: its action and resource, and its condition keys, in lower case.

    `encryption_context` has the pairs that a request to KMS passes.
    """

    action: str
    resource: str
    keys: Keys
    role: str
    session: str
    encryption_context: Mapping[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        return self.role.split(":")[4]

    @property
    def root(self) -> str:
        return f"arn:{self.role.split(':')[1]}:iam::{self.account}:root"


def listed(held: object) -> list[str]:
    """Return a list for a text or a list of texts."""
    if held is None:
        return []
    return [str(each) for each in held] if isinstance(held, list | tuple) else [str(held)]


def is_about(statement: Statement, request: Request, *, variables: bool) -> Reading:
    """Return whether a statement's action, resource and conditions match a request, for any principal."""
    filling = Filling(request.keys, variables)
    return every((_action(statement, request), _resource(statement, request, filling), _conditions(statement, filling)))


def _action(statement: Statement, request: Request) -> bool:
    def named(element: str) -> bool:
        return any(
            matches(Filling({}).tokens(each) or [], request.action, case=False)
            for each in listed(statement.get(element))
        )

    return named("Action") if "Action" in statement else not named("NotAction")


def _resource(statement: Statement, request: Request, filling: Filling) -> Reading:
    def meant(pattern: str) -> Reading:
        if pattern == "*":
            return True
        if request.resource == "*":
            return False
        # "AWS completes an incomplete ARN with wildcards" (reference_identifiers).
        missing = 5 - pattern.count(":")
        tokens = filling.tokens(pattern + ":*" * missing if pattern.startswith("arn:") else pattern)
        if tokens is None:
            return False
        return matches(tokens, request.resource)

    if "Resource" in statement:
        return some(meant(each) for each in listed(statement["Resource"]))
    if "NotResource" not in statement:
        return True
    patterns = listed(statement["NotResource"])
    # AWS does not document the effect of a NotResource with a variable without a value ("the statement might be
    # invalid").
    if any(filling.tokens(each) is None for each in patterns):
        return None
    return opposite(some(meant(each) for each in patterns))


def _conditions(statement: Statement, filling: Filling) -> Reading:
    block = statement.get("Condition") or {}
    assert isinstance(block, Mapping)
    return every(
        _condition(operator, key, listed(values), filling)
        for operator, tests in block.items()
        for key, values in tests.items()
    )


def _condition(operator: str, key: str, wanted: list[str], filling: Filling) -> Reading:
    held = filling.keys.get(key.lower())
    if operator == "Null":
        return (held is None) is (wanted[0].lower() == "true")
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    test = _TESTS[name.replace("Not", "")]

    def one(value: str) -> Reading:
        said = some(test(each, value, filling) for each in wanted)
        return opposite(said) if negated else said

    if quantifier == "ForAllValues":
        return True if held is None else every(one(each) for each in held)
    if quantifier == "ForAnyValue":
        if held is None:
            # "If no key in the request matches, ForAnyValue is false"; with IfExists AWS's two pages disagree.
            return None if if_exists else False
        return some(one(each) for each in held)
    if held is None:
        return negated or if_exists
    if len(held) != 1 or key.lower() in _MULTIVALUED:
        return None  # AWS: "do not use a single-valued operator with a multivalued key"
    return one(held[0])


Test = Callable[[str, str, Filling], Reading]


def _equal(wanted: str, value: str, filling: Filling) -> Reading:
    return filling.text(wanted) == value


def _equal_in_any_case(wanted: str, value: str, filling: Filling) -> Reading:
    filled = filling.text(wanted)
    return filled is not None and filled.lower() == value.lower()


def _like(wanted: str, value: str, filling: Filling) -> Reading:
    tokens = filling.tokens(wanted)
    return tokens is not None and matches(tokens, value)


def _arn(wanted: str, value: str, filling: Filling) -> Reading:
    tokens = filling.tokens(wanted)
    if tokens is None:
        return False
    patterns, parts = split_at_colons(tokens), value.split(":", 5)
    if len(patterns) < 6 or len(parts) < 6:
        return None
    return all(matches(pattern, part) for pattern, part in zip(patterns, parts, strict=True))


def _boolean(wanted: str, value: str, _filling: Filling) -> Reading:
    return wanted.lower() == value.lower()


def _address(wanted: str, value: str, _filling: Filling) -> Reading:
    network, address = ipaddress.ip_network(wanted), ipaddress.ip_address(value)
    return network.version == address.version and address in network


def _number(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, value, _filling: compare(float(value), float(wanted))


def _moment(compare: Callable[[datetime, datetime], bool]) -> Test:
    return lambda wanted, value, _filling: compare(_date(value), _date(wanted))


def _date(text: str) -> datetime:
    if text.isdigit() and len(text) > 4:
        return datetime.fromtimestamp(int(text), UTC)
    at = datetime.fromisoformat(f"{text}-01" if len(text) == len("2020-01") else text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


_TESTS: dict[str, Test] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_in_any_case,
    "BinaryEquals": lambda wanted, value, _filling: wanted == value,
    "StringLike": _like,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _boolean,
    "IpAddress": _address,
    "NumericEquals": _number(lambda one, other: one == other),
    "NumericLessThan": _number(lambda one, other: one < other),
    "NumericLessThanEquals": _number(lambda one, other: one <= other),
    "NumericGreaterThan": _number(lambda one, other: one > other),
    "NumericGreaterThanEquals": _number(lambda one, other: one >= other),
    "DateEquals": _moment(lambda one, other: one == other),
    "DateLessThan": _moment(lambda one, other: one < other),
    "DateLessThanEquals": _moment(lambda one, other: one <= other),
    "DateGreaterThan": _moment(lambda one, other: one > other),
    "DateGreaterThanEquals": _moment(lambda one, other: one >= other),
}


def principals_in(statement: Statement, element: str) -> Sequence[str]:
    """Return the names in a Principal or NotPrincipal, without services: the caller is a role."""
    held = statement.get(element)
    if isinstance(held, Mapping):
        return listed(held.get("AWS"))
    return listed(held)


VERSION_WITH_VARIABLES = "2012-10-17"


@dataclass(frozen=True)
class Document:
    """A policy document."""

    statements: Sequence[Statement]
    version: str | None = VERSION_WITH_VARIABLES

    def applies(self, effect: str, request: Request) -> Reading:
        """Return whether a statement of that effect applies, for any principal."""
        return some(self._meant(each, request) for each in self.statements if each["Effect"] == effect)

    def _meant(self, statement: Statement, request: Request) -> Reading:
        return is_about(statement, request, variables=self.version == VERSION_WITH_VARIABLES)

    def allows_as(self, name: str, request: Request) -> Reading:
        """Return whether a statement allows it whose Principal has that name."""
        return some(
            self._meant(each, request)
            for each in self.statements
            if each["Effect"] == "Allow" and name in principals_in(each, "Principal")
        )

    def denies(self, request: Request, *, bounded: bool) -> Reading:
        """Return whether it denies it to this role's session."""
        return some(
            every((self._meant(each, request), _is_denied_to(each, request, bounded=bounded)))
            for each in self.statements
            if each["Effect"] == "Deny"
        )

    def allows_past_boundary(self, request: Request) -> Reading:
        """Return whether it allows it to the session itself, or to everybody whose `aws:PrincipalArn` is the role's."""
        by_arn = some(
            self._meant(each, request)
            for each in self.statements
            if each["Effect"] == "Allow" and "*" in principals_in(each, "Principal") and _asks_for_principal(each)
        )
        return some((self.allows_as(request.session, request), by_arn))


def _asks_for_principal(statement: Statement) -> bool:
    block = statement.get("Condition") or {}
    assert isinstance(block, Mapping)
    return any(
        key.lower() == "aws:principalarn" and operator in ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
        for operator, tests in block.items()
        for key in tests
    )


def _is_denied_to(statement: Statement, request: Request, *, bounded: bool) -> Reading:
    own = {request.role, request.session, request.root, request.account}
    if "NotPrincipal" not in statement:
        return not own.isdisjoint(principals_in(statement, "Principal")) or "*" in principals_in(statement, "Principal")
    spared = set(principals_in(statement, "NotPrincipal"))
    if "*" in spared:
        return None
    if bounded or own.isdisjoint(spared):
        return True  # "NotPrincipal with Deny … always denies an IAM principal that has a permissions boundary"
    whole = {request.role, request.session} <= spared and not {request.root, request.account}.isdisjoint(spared)
    return False if whole else None


@dataclass(frozen=True)
class Grant:
    """A grant on a key: the grantee, the operations, and the constraints on the encryption context."""

    grantee: str
    actions: Sequence[str]
    subset: Mapping[str, str] | None = None
    equals: Mapping[str, str] | None = None

    def admits(self, encryption_context: Mapping[str, str]) -> bool:
        """Return whether the constraints admit an encryption context: both are case-sensitive."""
        own = dict(encryption_context)
        within = self.subset is None or all(own.get(key) == value for key, value in self.subset.items())
        return within and (self.equals is None or own == self.equals)


@dataclass(frozen=True)
class OnResource:
    """The policy of a resource, its owner, and whether it controls its account's access (a key's)."""

    policy: Document
    account: str
    governs: bool = False
    grants: Sequence[Grant] = ()

    def granted(self, request: Request) -> Reading:
        """Return whether a grant allows it to the session."""
        return some(
            each.admits(request.encryption_context)
            for each in self.grants
            if each.grantee in (request.role, request.session) and request.action in each.actions
        )


@dataclass(frozen=True)
class Account:
    """All policies for one request. `levels` are the service control policies, level by level."""

    identity: Sequence[Document]
    boundary: Document | None = None
    levels: Sequence[Sequence[Document]] = ()
    resource: OnResource | None = None
    endpoint: Document | None = None
    resource_controls: Sequence[Document] = field(default=())

    def allows(self, request: Request) -> Reading:
        """Return whether AWS allows it."""
        return every((opposite(self._denied(request)), self._within_limits(request), self._given(request)))

    def _denied(self, request: Request) -> Reading:
        bounded = self.boundary is not None
        own = [
            *self.identity,
            *([self.boundary] if self.boundary else []),
            *(d for level in self.levels for d in level),
        ]
        on_others = [*([self.resource.policy] if self.resource else []), *([self.endpoint] if self.endpoint else [])]
        return some(
            (
                *(each.applies("Deny", request) for each in own),
                *(each.denies(request, bounded=bounded) for each in on_others),
                *(each.denies(request, bounded=bounded) for each in self.resource_controls),
            )
        )

    def _within_limits(self, request: Request) -> Reading:
        levels = (some(each.applies("Allow", request) for each in level) for level in self.levels)
        return every((*levels, self._through_endpoint(request)))

    def _through_endpoint(self, request: Request) -> Reading:
        if self.endpoint is None:
            return True
        by_name = some(self.endpoint.allows_as(each, request) for each in ("*", request.role, request.session))
        # An account in an endpoint's policy is "the root user only" on one page, and the whole account on others.
        by_account = some(self.endpoint.allows_as(each, request) for each in (request.root, request.account))
        return some((by_name, None if by_account is not False else False))

    def _given(self, request: Request) -> Reading:
        by_own = some(each.applies("Allow", request) for each in self.identity)
        inside = True if self.boundary is None else self.boundary.applies("Allow", request)
        by_identity = every((by_own, inside))
        if self.resource is None:
            return by_identity
        policy = self.resource.policy
        to_account = some(policy.allows_as(each, request) for each in (request.root, request.account))
        to_role = some(policy.allows_as(each, request) for each in (request.role, request.session))
        to_all = policy.allows_as("*", request)
        granted = self.resource.granted(request)
        if self.resource.account != request.account:
            return every((by_identity, some((to_account, to_role, to_all, granted))))
        # AWS does not document a grant, or a bare `*`, under a boundary without a matching statement.
        unlimited = True if inside is True else None
        given = some(
            (
                policy.allows_past_boundary(request),
                every((policy.allows_as(request.role, request), inside)),
                every((to_all, unlimited)),
                every((granted, unlimited)),
            )
        )
        delegated = every((by_identity, to_account)) if self.resource.governs else by_identity
        return some((given, delegated))
