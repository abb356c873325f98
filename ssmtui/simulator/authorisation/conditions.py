"""Condition blocks of policies: context keys, wildcard patterns and operators."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Context:
    """Condition keys (compared without regard to case, as IAM does) and their values."""

    _values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, str | Iterable[str]]) -> Context:
        """A context from keys as AWS spells them; a lone string is a single value."""
        return cls({key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()})

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a key, or None where the request does not carry it."""
        return self._values.get(key.lower())

    def completed_by(self, other: Context) -> Context:
        """These keys, and those of the other context on top of them."""
        return Context({**self._values, **other._values})


_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": r"\*", "?": r"\?", "$": r"\$"}


def matches(pattern: str, value: str, context: Context, *, ignoring_case: bool = False) -> bool:
    """Whether a value fits a pattern; a variable without a value in the context fits nothing."""
    source = _source(pattern, context)
    return source is not None and _compiled(source, ignoring_case).fullmatch(value) is not None


def arn_matches(pattern: str, arn: str, context: Context) -> bool:
    """Whether an ARN fits an ARN pattern, each of the six fields on its own.

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
    # A variable holds a colon of its own: ${aws:username} is one piece of a field, not two fields.
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
    """A condition operator that the policy language does not have."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a condition block: the values of one must agree with the values of the other."""

    operator: str
    key: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        name = _bare(self.operator)
        if name != "Null" and name not in _POSITIVE and name not in _NEGATED:
            raise UnknownOperatorError(self.operator)

    def holds(self, context: Context) -> bool:
        """Whether the request fulfils this condition."""
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
            # Without the key an operator that forbids a value is fulfilled, one that asks for a value is not.
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
    # StringEquals knows variables, not wildcards.
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
