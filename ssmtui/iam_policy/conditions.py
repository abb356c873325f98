"""Evaluate the conditions of IAM policy statements in three-valued logic."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import reduce
from types import MappingProxyType
from typing import TypeVar

from ssmtui.iam_policy.document import Condition
from ssmtui.iam_policy.patterns import UNKNOWN_VALUE, VariableValues, arn_like, known_values, matches_with_variables
from ssmtui.iam_policy.truth import Truth, logical_and, logical_not, logical_or, truth_from_bool
from ssmtui.text.times import moment_at, moment_in

Comparison = Callable[[str, str, VariableValues], Truth]
"""Compares the policy's value with the request's value. The third argument has the values of policy variables."""

_Value = TypeVar("_Value", Decimal, datetime)

_ARN_PARTS = 6
_MONTH = re.compile(r"\d{4}-\d{2}")
_FIRST_EPOCH_DIGITS = 5


def string_equals(wanted: str, value: str, filling: VariableValues) -> Truth:
    """StringEquals, with variables and without wildcards."""
    return matches_with_variables(wanted, value, filling, wild=False)


def string_equals_ignore_case(wanted: str, value: str, filling: VariableValues) -> Truth:
    """StringEqualsIgnoreCase."""
    lowered = VariableValues(
        {key: tuple(each.lower() for each in values) for key, values in filling.context.items()}, filling.has_variables
    )
    return matches_with_variables(wanted.lower(), value.lower(), lowered, wild=False)


def string_like(wanted: str, value: str, filling: VariableValues) -> Truth:
    """StringLike."""
    return matches_with_variables(wanted, value, filling)


def arn_matches(wanted: str, value: str, filling: VariableValues) -> Truth:
    """ArnLike and ArnEquals, which are the same: each of the six parts is compared.

    AWS does not document whether an incomplete pattern is completed here, as in a Resource element.
    """
    fits = arn_like(wanted, value, filling)
    complete = min(wanted.count(":"), value.count(":")) >= _ARN_PARTS - 1
    return fits if complete or fits is Truth.NO else Truth.PERHAPS


def bool_equals(wanted: str, value: str, filling: VariableValues) -> Truth:
    """Bool, without regard to case."""
    if wanted.lower() not in ("true", "false") and "${" not in wanted:
        return Truth.PERHAPS
    return string_equals_ignore_case(wanted, value, filling)


def binary_equals(wanted: str, value: str, _filling: VariableValues) -> Truth:
    """BinaryEquals: both values are in base64."""
    if wanted == value:
        return Truth.YES
    try:
        return truth_from_bool(base64.b64decode(wanted, validate=True) == base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return Truth.NO


def ip_address_matches(wanted: str, value: str, _filling: VariableValues) -> Truth:
    """IpAddress: an address, or a range in CIDR notation."""
    try:
        address, network = ipaddress.ip_address(value), ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return Truth.PERHAPS
    if network.version == 6 and "/" not in wanted and address not in network:
        return Truth.PERHAPS  # AWS documents the default prefix as /32, which is for IPv4
    return truth_from_bool(address in network)


def numeric_comparison(compare: Callable[[Decimal, Decimal], bool]) -> Comparison:
    """Return a Numeric operator from its comparison of the request's value with the policy's."""
    return _typed(_decimal, compare)


def date_comparison(compare: Callable[[datetime, datetime], bool]) -> Comparison:
    """Return a Date operator from its comparison of the request's value with the policy's."""
    return _typed(_moment, compare)


def _typed(read: Callable[[str], _Value | None], compare: Callable[[_Value, _Value], bool]) -> Comparison:
    def compared(wanted: str, value: str, _filling: VariableValues) -> Truth:
        of_policy, of_request = read(wanted), read(value)
        if of_policy is None or of_request is None:
            return Truth.PERHAPS
        return truth_from_bool(compare(of_request, of_policy))

    return compared


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(text: str) -> datetime | None:
    """Parse a W3C form of ISO 8601, or seconds since 1970."""
    try:
        if text.isascii() and text.isdigit():
            return moment_at(int(text)) if len(text) >= _FIRST_EPOCH_DIGITS else None
        return moment_in(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except (ValueError, OverflowError):  # too many digits for a number of seconds
        return None


_ALL, _ANY = "ForAllValues", "ForAnyValue"

_POSITIVE: MappingProxyType[str, Comparison] = MappingProxyType(
    {
        "StringEquals": string_equals,
        "StringEqualsIgnoreCase": string_equals_ignore_case,
        "StringLike": string_like,
        "ArnEquals": arn_matches,
        "ArnLike": arn_matches,
        "Bool": bool_equals,
        "BinaryEquals": binary_equals,
        "IpAddress": ip_address_matches,
        "NumericEquals": numeric_comparison(lambda value, wanted: value == wanted),
        "NumericLessThan": numeric_comparison(lambda value, wanted: value < wanted),
        "NumericLessThanEquals": numeric_comparison(lambda value, wanted: value <= wanted),
        "NumericGreaterThan": numeric_comparison(lambda value, wanted: value > wanted),
        "NumericGreaterThanEquals": numeric_comparison(lambda value, wanted: value >= wanted),
        "DateEquals": date_comparison(lambda value, wanted: value == wanted),
        "DateLessThan": date_comparison(lambda value, wanted: value < wanted),
        "DateLessThanEquals": date_comparison(lambda value, wanted: value <= wanted),
        "DateGreaterThan": date_comparison(lambda value, wanted: value > wanted),
        "DateGreaterThanEquals": date_comparison(lambda value, wanted: value >= wanted),
    }
)
_NEGATED = MappingProxyType(
    {
        "StringNotEquals": "StringEquals",
        "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
        "StringNotLike": "StringLike",
        "ArnNotEquals": "ArnEquals",
        "ArnNotLike": "ArnLike",
        "NotIpAddress": "IpAddress",
        "NumericNotEquals": "NumericEquals",
        "DateNotEquals": "DateEquals",
    }
)


def condition_holds(condition: Condition, filling: VariableValues) -> Truth:
    """Return whether the request meets a condition; `PERHAPS` for an unknown key or operator."""
    quantifier, _, named = condition.operator.rpartition(":")
    operator = named.removesuffix("IfExists")
    values = known_values(condition.key, filling.context)
    if not condition.values:
        return Truth.PERHAPS  # IAM refuses a condition without values; other services do not document it
    if values is None or quantifier not in ("", _ALL, _ANY):
        return Truth.PERHAPS
    if named == "Null" and not quantifier:
        return truth_from_bool(any((wanted.lower() == "true") != bool(values) for wanted in condition.values))
    comparison = _POSITIVE.get(_NEGATED.get(operator, operator))
    if comparison is None:
        return Truth.PERHAPS
    negated = operator in _NEGATED
    if not values:
        # A missing key meets a negated condition, and a condition that applies only if the key exists.
        missing = {_ALL: True, _ANY: False, "": negated}[quantifier]
        return truth_from_bool(missing or operator != named)

    def fits(value: str) -> Truth:
        if value == UNKNOWN_VALUE:
            return _fits_any_value(operator, condition.values)
        compared = _folded(logical_or, Truth.NO, (comparison(wanted, value, filling) for wanted in condition.values))
        return logical_not(compared) if negated else compared

    return _over(quantifier, [fits(value) for value in values])


def _fits_any_value(operator: str, wanted: tuple[str, ...]) -> Truth:
    """Return whether a condition holds for every value, or for none, of a key that the request has."""
    if _NEGATED.get(operator, operator) != "StringLike" or not any(set(each) == {"*"} for each in wanted):
        return Truth.PERHAPS
    return truth_from_bool(operator not in _NEGATED)


def _over(quantifier: str, fitting: list[Truth]) -> Truth:
    if quantifier == _ALL:
        return _folded(logical_and, Truth.YES, fitting)
    if quantifier == _ANY:
        return _folded(logical_or, Truth.NO, fitting)
    # AWS requires a set operator for a key with several values, and does not document what happens without one.
    return fitting[0] if len(set(fitting)) == 1 else Truth.PERHAPS


def _folded(joined: Callable[[Truth, Truth], Truth], start: Truth, truths: Iterable[Truth]) -> Truth:
    return reduce(joined, truths, start)
