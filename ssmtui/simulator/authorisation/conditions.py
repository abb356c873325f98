"""Condition blocks: the operators of the policy language.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ssmtui.simulator.authorisation.context import Context
from ssmtui.simulator.authorisation.patterns import arn_matches, matches


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
