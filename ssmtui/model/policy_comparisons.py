"""One value of a condition against one value of the request: texts, ARNs, numbers, dates, addresses.

What cannot be read as what it should be (a date, a number) is `PERHAPS`: AWS does not document what it does then.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from ssmtui.model.moment import moment_at, moment_in
from ssmtui.model.policy_patterns import Filling, arn_like, like
from ssmtui.model.truth import Truth, truth_of

Comparison = Callable[[str, str, Filling], Truth]
"""Called with the policy's value, the request's, and what policy variables stand for."""

_Value = TypeVar("_Value", Decimal, datetime)

_ARN_PARTS = 6
_MONTH = re.compile(r"\d{4}-\d{2}")
_FIRST_EPOCH_DIGITS = 5


def equal(wanted: str, value: str, filling: Filling) -> Truth:
    """StringEquals: variables, and no wildcards."""
    return like(wanted, value, filling, wild=False)


def equal_in_any_case(wanted: str, value: str, filling: Filling) -> Truth:
    """StringEqualsIgnoreCase."""
    lowered = Filling(
        {key: tuple(each.lower() for each in values) for key, values in filling.context.items()}, filling.has_variables
    )
    return like(wanted.lower(), value.lower(), lowered, wild=False)


def similar(wanted: str, value: str, filling: Filling) -> Truth:
    """StringLike."""
    return like(wanted, value, filling)


def arn(wanted: str, value: str, filling: Filling) -> Truth:
    """ArnLike and ArnEquals, which are the same: the six parts for themselves.

    Whether an incomplete pattern is completed here as it is in a Resource element is not documented.
    """
    fits = arn_like(wanted, value, filling)
    complete = min(wanted.count(":"), value.count(":")) >= _ARN_PARTS - 1
    return fits if complete or fits is Truth.NO else Truth.PERHAPS


def boolean(wanted: str, value: str, filling: Filling) -> Truth:
    """Bool, in any case."""
    if wanted.lower() not in ("true", "false") and "${" not in wanted:
        return Truth.PERHAPS
    return equal_in_any_case(wanted, value, filling)


def binary(wanted: str, value: str, _filling: Filling) -> Truth:
    """BinaryEquals: both in base64."""
    if wanted == value:
        return Truth.YES
    try:
        return truth_of(base64.b64decode(wanted, validate=True) == base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return Truth.NO


def in_network(wanted: str, value: str, _filling: Filling) -> Truth:
    """IpAddress: an address, or a range in CIDR form."""
    try:
        address, network = ipaddress.ip_address(value), ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return Truth.PERHAPS
    if network.version == 6 and "/" not in wanted and address not in network:
        return Truth.PERHAPS  # AWS's default prefix is documented as /32, which is IPv4's
    return truth_of(address in network)


def number(compare: Callable[[Decimal, Decimal], bool]) -> Comparison:
    """A Numeric operator by its comparison of the request's value with the policy's."""
    return _typed(_decimal, compare)


def date(compare: Callable[[datetime, datetime], bool]) -> Comparison:
    """A Date operator by its comparison of the request's value with the policy's."""
    return _typed(_moment, compare)


def _typed(read: Callable[[str], _Value | None], compare: Callable[[_Value, _Value], bool]) -> Comparison:
    def compared(wanted: str, value: str, _filling: Filling) -> Truth:
        of_policy, of_request = read(wanted), read(value)
        if of_policy is None or of_request is None:
            return Truth.PERHAPS
        return truth_of(compare(of_request, of_policy))

    return compared


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _moment(text: str) -> datetime | None:
    """A W3C form of ISO 8601, or seconds since 1970."""
    try:
        if text.isascii() and text.isdigit():
            return moment_at(int(text)) if len(text) >= _FIRST_EPOCH_DIGITS else None
        return moment_in(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except (ValueError, OverflowError):  # more digits than a number of seconds has
        return None
