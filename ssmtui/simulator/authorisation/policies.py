"""Parse policy documents: statements, the principals that they name, and their condition blocks."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Context:
    """Condition keys (compared without regard to case, as IAM does) and their values."""

    _values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, str | Iterable[str]]) -> Context:
        """Return a context from keys as AWS spells them; a single string is a list of one value."""
        return cls({key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()})

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, or None if the request does not have it."""
        return self._values.get(key.lower())

    def completed_by(self, other: Context) -> Context:
        """Return these keys, overridden by those of the other context."""
        return Context({**self._values, **other._values})


_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": r"\*", "?": r"\?", "$": r"\$"}


def matches(pattern: str, value: str, context: Context, *, ignoring_case: bool = False) -> bool:
    """Return whether a value matches a pattern; a variable without a value in the context matches nothing."""
    source = _source(pattern, context)
    return source is not None and _compiled(source, ignoring_case).fullmatch(value) is not None


def arn_matches(pattern: str, arn: str, context: Context) -> bool:
    """Return whether an ARN matches an ARN pattern, field by field.

    IAM completes a pattern of fewer than six fields with wildcards
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
    """
    if pattern == "*":
        return True
    wanted, actual = _fields(pattern), _fields(arn)
    if len(actual) < 6:
        return matches(pattern, arn, context)
    wanted += ["*"] * (6 - len(wanted))
    return all(matches(part, value, context) for part, value in zip(wanted, actual, strict=True))


def _fields(arn: str) -> list[str]:
    if "${" not in arn:
        return arn.split(":", 5)
    # A variable contains a colon: ${aws:username} is part of one field, not two fields.
    pieces = re.findall(r"(?:\$\{[^}]*\}|[^:])*(?::|$)", arn)
    fields = [piece.removesuffix(":") for piece in pieces if piece] + ([""] if arn.endswith(":") else [])
    return [*fields[:5], ":".join(fields[5:])] if len(fields) > 6 else fields


def _source(pattern: str, context: Context) -> str | None:
    pieces: list[str] = []
    position = 0
    for variable in _VARIABLE.finditer(pattern):
        pieces.append(_globbed(pattern[position : variable.start()]))
        position = variable.end()
        name, _, default = variable.group(1).partition(",")
        literal = _LITERALS.get(name)
        if literal is not None:
            pieces.append(literal)
            continue
        values = context.values(name.strip())
        if values is None and default:
            values = (default.strip().strip("'"),)
        if not values:
            return None
        pieces.append(re.escape(values[0]))
    pieces.append(_globbed(pattern[position:]))
    return "".join(pieces)


@lru_cache(maxsize=8192)
def _globbed(text: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character) or re.escape(character) for character in text)


@lru_cache(maxsize=8192)
def _compiled(source: str, ignoring_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - the cache's key
    return re.compile(source, re.DOTALL | (re.IGNORECASE if ignoring_case else 0))


class UnknownOperatorError(ValueError):
    """The policy language has no such condition operator."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a condition block: the request's values must match the values of the policy."""

    operator: str
    key: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        name = _bare(self.operator)
        if name != "Null" and name not in _POSITIVE and name not in _NEGATED:
            raise UnknownOperatorError(self.operator)

    def holds(self, context: Context) -> bool:
        """Return whether the request fulfils this condition."""
        actual = context.values(self.key) or None
        name = _bare(self.operator)
        if name == "Null":
            return any((value.lower() == "true") == (actual is None) for value in self.values)
        negated = name in _NEGATED
        compare = _POSITIVE[_NEGATED.get(name, name)]

        def fits(value: str) -> bool:
            return any(compare(wanted, value, context) for wanted in self.values) != negated

        if actual is None and self.operator.endswith("IfExists"):
            return True
        if self.operator.startswith("ForAllValues:"):
            return all(fits(value) for value in actual or ())
        if self.operator.startswith("ForAnyValue:"):
            return any(fits(value) for value in actual or ())
        if actual is None:
            # If the key is missing, a negated operator is fulfilled, and any other operator is not.
            return negated
        return all(fits(value) for value in actual) if negated else any(fits(value) for value in actual)


def _bare(operator: str) -> str:
    return operator.rpartition(":")[2].removesuffix("IfExists")


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str, Context], bool]:
    def compared(wanted: str, actual: str, _context: Context) -> bool:
        try:
            return compare(float(actual), float(wanted))
        except ValueError:
            return False

    return compared


def _moment(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), tz=UTC)
    is_month = len(text) == len("2026-11")
    moment = datetime.fromisoformat(f"{text}-01" if is_month else text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _date(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str, Context], bool]:
    def compared(wanted: str, actual: str, _context: Context) -> bool:
        try:
            return compare(_moment(actual), _moment(wanted))
        except ValueError:
            return False

    return compared


def _in_network(wanted: str, actual: str, _context: Context) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _same_bytes(wanted: str, actual: str, _context: Context) -> bool:
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(actual, validate=True)
    except ValueError:
        return wanted == actual


def _exactly(text: str) -> str:
    # StringEquals supports variables, but no wildcards.
    outside = re.split(r"(\$\{[^}]*\})", text)
    return "".join(
        piece if place % 2 else piece.replace("*", "${*}").replace("?", "${?}") for place, piece in enumerate(outside)
    )


_POSITIVE: Final[dict[str, Callable[[str, str, Context], bool]]] = {
    "StringEquals": lambda wanted, actual, context: matches(_exactly(wanted), actual, context),
    "StringEqualsIgnoreCase": lambda wanted, actual, context: matches(
        _exactly(wanted), actual, context, ignoring_case=True
    ),
    "StringLike": matches,
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": lambda wanted, actual, context: matches(_exactly(wanted), actual, context, ignoring_case=True),
    "IpAddress": _in_network,
    "NumericEquals": _number(lambda actual, wanted: actual == wanted),
    "NumericLessThan": _number(lambda actual, wanted: actual < wanted),
    "NumericLessThanEquals": _number(lambda actual, wanted: actual <= wanted),
    "NumericGreaterThan": _number(lambda actual, wanted: actual > wanted),
    "NumericGreaterThanEquals": _number(lambda actual, wanted: actual >= wanted),
    "DateEquals": _date(lambda actual, wanted: actual == wanted),
    "DateLessThan": _date(lambda actual, wanted: actual < wanted),
    "DateLessThanEquals": _date(lambda actual, wanted: actual <= wanted),
    "DateGreaterThan": _date(lambda actual, wanted: actual > wanted),
    "DateGreaterThanEquals": _date(lambda actual, wanted: actual >= wanted),
    "BinaryEquals": _same_bytes,
}

_NEGATED: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


_TYPES: Final = {"role": "AssumedRole", "user": "User"}


@dataclass(frozen=True, slots=True)
class Principal:
    """An IAM principal: the role or user that policies name, and the ARN that AWS shows for its sessions.

    A service principal (``ec2.amazonaws.com``) has neither account nor session.
    """

    arn: str
    caller_arn: str
    account: str
    user_id: str = ""
    user_name: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @classmethod
    def service(cls, name: str) -> Principal:
        """Return a service that assumes roles, such as ``ec2.amazonaws.com``."""
        return cls(arn=name, caller_arn=name, account="")

    @property
    def context(self) -> Context:
        """The condition keys that describe the principal itself."""
        if not self.account:
            return Context.of({"aws:PrincipalIsAWSService": "true"})
        values = {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": _TYPES.get(self.arn.split(":", 5)[5].partition("/")[0], "Account"),
            "aws:PrincipalIsAWSService": "false",
        }
        values |= {f"aws:PrincipalTag/{key}": value for key, value in self.tags}
        if self.user_id:
            values["aws:userid"] = self.user_id
        if self.user_name:
            values["aws:username"] = self.user_name
        return Context.of(values)


@dataclass(frozen=True, slots=True)
class PrincipalPattern:
    """A Principal or NotPrincipal element."""

    names_listed: tuple[str, ...]
    excludes: bool

    @classmethod
    def parse(cls, statement: Mapping[str, Any]) -> PrincipalPattern | None:
        """Return the element of a statement, or None if it has none (identity-based policies)."""
        for key in ("Principal", "NotPrincipal"):
            if key in statement:
                element = statement[key]
                by_kind = element if isinstance(element, Mapping) else {"AWS": element}
                listed = [name for names in by_kind.values() for name in ([names] if isinstance(names, str) else names)]
                return cls(tuple(listed), excludes=key == "NotPrincipal")
        return None

    def names(self, principal: Principal, *, is_bounded: bool = False) -> bool:
        """Return whether the pattern names the principal itself, its session or everybody.

        NotPrincipal excludes a principal that is named together with its account, or together with its session. It
        never excludes a principal that has a permissions boundary
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
        """
        itself = "*" in self.names_listed or principal.arn in self.names_listed
        its_session = principal.caller_arn in self.names_listed
        if not self.excludes:
            return itself or its_session
        spared = (itself or its_session) and self._lists_account(principal.account)
        return is_bounded or not (spared or (itself and its_session))

    def names_directly(self, principal: Principal, *, by_arn: bool) -> bool:
        """Return whether the session or user itself is named, or everybody with a condition on the ARN (`by_arn`)."""
        if self.excludes:
            return False
        is_role = principal.caller_arn != principal.arn
        itself = principal.caller_arn in self.names_listed and (is_role or ":user/" in principal.arn)
        return itself or (by_arn and "*" in self.names_listed)

    def names_account(self, account: str) -> bool:
        """Return whether the account is named, by its root or its number."""
        return bool(account) and not self.excludes and self._lists_account(account)

    def _lists_account(self, account: str) -> bool:
        return any(
            name == account or (name.startswith("arn:") and name.endswith(f":iam::{account}:root"))
            for name in self.names_listed
        )


_Json: TypeAlias = Any

_FIRST_VERSION: Final = "2008-10-17"


class MalformedPolicyError(ValueError):
    """The text is not a policy document."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `principals` is None in an identity-based policy, which applies to its owner."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    excludes_actions: bool
    resources: tuple[str, ...]
    excludes_resources: bool
    conditions: tuple[Condition, ...]
    principals: PrincipalPattern | None = None

    def speaks_of(self, action: str, resource: str, context: Context) -> bool:
        """Return whether action, resource and conditions of this statement match the request."""
        about_service = _patterns_about(self.actions, action.partition(":")[0].lower())
        by_action = any(matches(pattern, action, context, ignoring_case=True) for pattern in about_service)
        if by_action == self.excludes_actions:
            return False
        by_resource = any(arn_matches(pattern, resource, context) for pattern in self.resources)
        if by_resource == self.excludes_resources:
            return False
        return all(condition.holds(context) for condition in self.conditions)

    def names(self, principal: Principal, *, is_bounded: bool = False) -> bool:
        """Return whether this statement names that principal, its session or everybody."""
        return self.principals is None or self.principals.names(principal, is_bounded=is_bounded)

    @property
    def asks_for_principal_arn(self) -> bool:
        """Whether a condition restricts the principal by its ARN."""
        return any(
            each.key.lower() == "aws:principalarn" and "Not" not in each.operator and each.operator != "Null"
            for each in self.conditions
        )

    def names_account_of(self, principal: Principal) -> bool:
        """Return whether this statement delegates the decision to the identity policies of the principal's account."""
        return self.principals is not None and self.principals.names_account(principal.account)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document with its name, and its ARN if it has one."""

    name: str
    statements: tuple[Statement, ...]
    arn: str = ""

    @classmethod
    def parse(cls, name: str, document: str | Mapping[str, Any]) -> Policy:
        """Parse a document; raise MalformedPolicyError if it is none."""
        try:
            content = json.loads(document) if isinstance(document, str) else document
            # Without a Version, the document uses the language of 2008, in which ``${…}`` is ordinary text
            # (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html).
            read = _strings if content.get("Version", _FIRST_VERSION) != _FIRST_VERSION else _plain_strings
            return cls(name, tuple(_statement(entry, read) for entry in _listed(content["Statement"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedPolicyError(f"{name}: {error}") from error


def _statement(entry: Mapping[str, Any], read: Callable[[_Json], tuple[str, ...]]) -> Statement:
    effect = entry["Effect"]
    if effect not in {"Allow", "Deny"}:
        raise MalformedPolicyError(f"Effect {effect!r}")
    return Statement(
        sid=str(entry.get("Sid", "")),
        allows=effect == "Allow",
        actions=_strings(entry["Action"] if "Action" in entry else entry["NotAction"]),
        excludes_actions="Action" not in entry,
        # A trust policy names no resource: it applies to its own role.
        resources=read(entry.get("Resource", entry.get("NotResource", "*"))),
        excludes_resources="NotResource" in entry,
        conditions=tuple(
            Condition(operator, key, read(values))
            for operator, block in entry.get("Condition", {}).items()
            for key, values in block.items()
        ),
        principals=PrincipalPattern.parse(entry),
    )


@lru_cache(maxsize=2048)
def _patterns_about(actions: tuple[str, ...], service: str) -> tuple[str, ...]:
    """Return the action patterns that can match an action of a service: ReadOnlyAccess has thousands of others."""
    return tuple(
        pattern
        for pattern in actions
        if (part := pattern.partition(":")[0].lower()) == service or set(part) & {"*", "?"}
    )


def _listed(value: _Json) -> list[_Json]:
    return value if isinstance(value, list) else [value]


def _plain_strings(value: _Json) -> tuple[str, ...]:
    return tuple(text.replace("${", "${$}{") for text in _strings(value))


def _strings(value: _Json) -> tuple[str, ...]:
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in _listed(value))
