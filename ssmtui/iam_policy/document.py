"""Parse IAM policy documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

from ssmtui.text.json_text import nests_too_deeply

_FIRST_VERSION = "2008-10-17"
"""The version of a document without Version (reference_policies_elements_version)."""


class Effect(Enum):
    """The effect of a statement that applies."""

    ALLOW = "Allow"
    DENY = "Deny"


class MalformedPolicy(ValueError):
    """The text is not a policy document."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An operator for a key with its values: `StringEquals`, `aws:SourceArn`."""

    operator: str
    key: str
    values: tuple[str, ...]


UNDOCUMENTED = Condition("Undocumented", "", ())
"""The condition of a statement if AWS does not document whether the statement applies: it is undecided."""

_NEGATED = ("NotAction", "NotResource", "NotPrincipal")
_NOBODY = ("",)
"""A name that nothing has."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement. Principals are the values of the `type: value` pairs (`*`, ARNs, service names)."""

    effect: Effect
    principals: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document; `text` is AWS's text, to show it and its changes.

    `has_variables`: `${…}` stands for a value of the request. This is so since the policy language of 2012, which a
    document selects with its Version.
    """

    statements: tuple[Statement, ...]
    text: str = ""
    has_variables: bool = True


def parse_policy(text: str) -> Policy:
    """Parse a policy from JSON (URL-encoded as IAM returns it, or not).

    Raises:
        MalformedPolicy: the text is not JSON, or does not have the form of a policy.
        RecursionError: the nesting is too deep.

    """
    source = unquote(text) if text.lstrip().startswith("%7B") else text
    try:
        document = json.loads(source)
    except ValueError as error:
        raise MalformedPolicy(str(error)) from error
    if not isinstance(document, dict):
        raise MalformedPolicy("the document is no object")
    if nests_too_deeply(document):
        raise RecursionError("the document nests too deeply")
    return policy_from_data(document, source)


def policy_from_data(document: Mapping[str, object], text: str = "") -> Policy:
    """Parse a policy from a decoded document.

    Raises:
        MalformedPolicy: it does not have the form of a policy (reference_policies_grammar).

    """
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise MalformedPolicy("Statement is neither an object nor a list")
    version = document.get("Version", _FIRST_VERSION)
    if not isinstance(version, str):
        raise MalformedPolicy("Version is no text")
    has_variables = version != _FIRST_VERSION
    read = [_statement(each) for each in statements]
    meant = (statement for raw, statement in zip(statements, read, strict=True) if not _names_nothing(raw))
    return Policy(tuple(meant), text, has_variables)


def _names_nothing(raw: Mapping[str, object]) -> bool:
    """Return whether an element is empty: such a statement applies to no request (docs/facts/permissions.md §9)."""
    return any(element in raw and not _names_in(raw, element) for element in ("Action", "Resource", "Principal"))


def _names_in(raw: Mapping[str, object], element: str) -> tuple[str, ...]:
    return _principals(raw, element) if element.endswith("Principal") else _names(raw, element)


def _statement(raw: object) -> Statement:
    if not isinstance(raw, dict):
        raise MalformedPolicy("a statement is no object")
    try:
        effect = Effect(raw.get("Effect"))
    except ValueError as error:
        raise MalformedPolicy(str(error)) from error
    # AWS does not document an empty list of exceptions, so it is unknown whether the statement applies.
    spares_nothing = {each for each in _NEGATED if each in raw and not _names_in(raw, each)}

    def spared(element: str) -> tuple[str, ...]:
        return _NOBODY if element in spares_nothing else _names_in(raw, element)

    return Statement(
        effect=effect,
        principals=_principals(raw, "Principal"),
        not_principals=spared("NotPrincipal"),
        actions=_names(raw, "Action"),
        not_actions=spared("NotAction"),
        resources=_names(raw, "Resource"),
        not_resources=spared("NotResource"),
        conditions=(*_conditions(raw.get("Condition")), *((UNDOCUMENTED,) if spares_nothing else ())),
    )


def _names(raw: Mapping[str, object], element: str) -> tuple[str, ...]:
    """Return a text or a list of texts as a tuple; empty if the element is missing."""
    value = raw.get(element, [])
    named = value if isinstance(value, list) else [value]
    names = tuple(each for each in named if isinstance(each, str))
    if len(names) != len(named):
        raise MalformedPolicy(f"{element} is neither a text nor a list of texts")
    return names


def _principals(raw: Mapping[str, object], element: str) -> tuple[str, ...]:
    principals = raw.get(element, [])
    if isinstance(principals, dict):
        return tuple(name for kind in principals for name in _names(principals, kind))
    return _names(raw, element)


def _conditions(raw: object) -> tuple[Condition, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, dict) or not all(isinstance(tests, dict) for tests in raw.values()):
        raise MalformedPolicy("Condition is no object of objects")
    return tuple(
        Condition(str(operator), str(key), _values(values))
        for operator, tests in raw.items()
        for key, values in tests.items()
    )


def _values(raw: object) -> tuple[str, ...]:
    """Return the values of a condition as texts. IAM also accepts numbers and booleans, and stores them as texts."""
    return tuple(_value(each) for each in (raw if isinstance(raw, list) else [raw]))


def _value(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | int | float):
        return str(raw)
    raise MalformedPolicy("a value of a condition is neither a text nor a number nor a boolean")
