"""Whether a condition of a policy holds, as far as the request is known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from types import MappingProxyType

from ssmtui.model.policy import Condition
from ssmtui.model.policy_comparisons import (
    Comparison,
    arn,
    binary,
    boolean,
    date,
    equal,
    equal_in_any_case,
    in_network,
    number,
    similar,
)
from ssmtui.model.policy_patterns import Filling, known_values
from ssmtui.model.truth import Truth, both, either, opposite, truth_of

_ALL, _ANY = "ForAllValues", "ForAnyValue"

_POSITIVE: MappingProxyType[str, Comparison] = MappingProxyType(
    {
        "StringEquals": equal,
        "StringEqualsIgnoreCase": equal_in_any_case,
        "StringLike": similar,
        "ArnEquals": arn,
        "ArnLike": arn,
        "Bool": boolean,
        "BinaryEquals": binary,
        "IpAddress": in_network,
        "NumericEquals": number(lambda value, wanted: value == wanted),
        "NumericLessThan": number(lambda value, wanted: value < wanted),
        "NumericLessThanEquals": number(lambda value, wanted: value <= wanted),
        "NumericGreaterThan": number(lambda value, wanted: value > wanted),
        "NumericGreaterThanEquals": number(lambda value, wanted: value >= wanted),
        "DateEquals": date(lambda value, wanted: value == wanted),
        "DateLessThan": date(lambda value, wanted: value < wanted),
        "DateLessThanEquals": date(lambda value, wanted: value <= wanted),
        "DateGreaterThan": date(lambda value, wanted: value > wanted),
        "DateGreaterThanEquals": date(lambda value, wanted: value >= wanted),
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


def holds(condition: Condition, filling: Filling) -> Truth:
    """Whether the request fulfils a condition; `PERHAPS` of an unknown key, and of an operator not known here."""
    quantifier, _, named = condition.operator.rpartition(":")
    operator = named.removesuffix("IfExists")
    values = known_values(condition.key, filling.context)
    if not condition.values:
        return Truth.PERHAPS  # IAM refuses a condition without values; what one does elsewhere is not documented
    if values is None or quantifier not in ("", _ALL, _ANY):
        return Truth.PERHAPS
    if named == "Null" and not quantifier:
        return truth_of(any((wanted.lower() == "true") != bool(values) for wanted in condition.values))
    comparison = _POSITIVE.get(_NEGATED.get(operator, operator))
    if comparison is None:
        return Truth.PERHAPS
    negated = operator in _NEGATED
    if not values:
        # A missing key fulfils what forbids a value, and what is only asked where the key exists.
        missing = {_ALL: True, _ANY: False, "": negated}[quantifier]
        return truth_of(missing or operator != named)

    def fits(value: str) -> Truth:
        compared = _folded(either, Truth.NO, (comparison(wanted, value, filling) for wanted in condition.values))
        return opposite(compared) if negated else compared

    return _over(quantifier, [fits(value) for value in values])


def _over(quantifier: str, fitting: list[Truth]) -> Truth:
    if quantifier == _ALL:
        return _folded(both, Truth.YES, fitting)
    if quantifier == _ANY:
        return _folded(either, Truth.NO, fitting)
    # AWS asks for a set operator where a key has several values, and does not say what happens without one.
    return fitting[0] if len(set(fitting)) == 1 else Truth.PERHAPS


def _folded(joined: Callable[[Truth, Truth], Truth], start: Truth, truths: Iterable[Truth]) -> Truth:
    return reduce(joined, truths, start)
