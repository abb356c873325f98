"""One statement of a policy and one request, by the pages of the IAM User Guide about the elements of policies.

reference_policies_elements_action, _notaction, _resource, _notresource, _condition_operators, _principal and
_notprincipal; reference_policies_condition-single-vs-multi-valued-context-keys;
reference_policies_condition-logic-multiple-context-keys-or-values.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tools.trust.oracle.reading import Reading, every, opposite, some
from tools.trust.oracle.wildcards import Filling, Keys, matches, split_at_colons

Statement = Mapping[str, object]

_MULTIVALUED = frozenset({"aws:tagkeys", "aws:calledvia", "aws:principalorgpaths"})


@dataclass(frozen=True)
class Request:
    """A request of a role's session: what it asks for, and the condition keys that it has, in small letters."""

    action: str
    resource: str
    keys: Keys
    role: str
    session: str

    @property
    def account(self) -> str:
        return self.role.split(":")[4]

    @property
    def root(self) -> str:
        return f"arn:{self.role.split(':')[1]}:iam::{self.account}:root"


def listed(held: object) -> list[str]:
    """A text or a list of texts."""
    if held is None:
        return []
    return [str(each) for each in held] if isinstance(held, list | tuple) else [str(held)]


def is_about(statement: Statement, request: Request, *, variables: bool) -> Reading:
    """Whether a statement's action, resource and conditions are those of a request, whoever makes it."""
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
    # What a variable without a value leaves of a NotResource is not documented ("the statement might be invalid").
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
            # "If no key in the request matches, ForAnyValue is false"; with IfExists AWS's two pages say two things.
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
    """The names in a Principal or NotPrincipal, services left aside: who asks is a role."""
    held = statement.get(element)
    if isinstance(held, Mapping):
        return listed(held.get("AWS"))
    return listed(held)
