"""Policy documents as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

_FIRST_VERSION = "2008-10-17"
"""What holds where a document has no Version (reference_policies_elements_version)."""


class Effect(Enum):
    """What a statement does when it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyMalformed(ValueError):
    """A text that is no policy document."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one key: `StringEquals`, `aws:SourceArn`, its values."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Principals are `type:value` pairs flattened to their values (`*`, ARNs, service names)."""

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
    """A policy document; `text` is what AWS holds, for showing and for diffs.

    `has_variables` says that `${…}` stands for a value of the request: so it does since the language of 2012, which a
    document must ask for by its Version.
    """

    statements: tuple[Statement, ...]
    text: str = ""
    has_variables: bool = True


def parse_policy(text: str) -> Policy:
    """The policy in a JSON text (URL-encoded as IAM returns it, or not).

    Raises:
        PolicyMalformed: the text is no JSON, or not of a policy's form.

    """
    source = unquote(text) if text.lstrip().startswith("%7B") else text
    try:
        document = json.loads(source)
    except ValueError as error:
        raise PolicyMalformed(str(error)) from error
    if not isinstance(document, dict):
        raise PolicyMalformed("the document is no object")
    return policy_of(document, source)


def policy_of(document: Mapping[str, object], text: str = "") -> Policy:
    """The policy in an already decoded document."""
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise PolicyMalformed("Statement is neither an object nor a list")
    has_variables = document.get("Version", _FIRST_VERSION) != _FIRST_VERSION
    return Policy(tuple(_statement(each) for each in statements), text, has_variables)


def _statement(raw: object) -> Statement:
    if not isinstance(raw, dict):
        raise PolicyMalformed("a statement is no object")
    try:
        effect = Effect(raw.get("Effect"))
    except ValueError as error:
        raise PolicyMalformed(str(error)) from error
    return Statement(
        effect=effect,
        principals=_principals(raw.get("Principal")),
        not_principals=_principals(raw.get("NotPrincipal")),
        actions=_texts(raw.get("Action")),
        not_actions=_texts(raw.get("NotAction")),
        resources=_texts(raw.get("Resource")),
        not_resources=_texts(raw.get("NotResource")),
        conditions=_conditions(raw.get("Condition")),
    )


def _texts(raw: object) -> tuple[str, ...]:
    if raw is None:
        return ()
    if isinstance(raw, list):
        return tuple(text for each in raw for text in _texts(each))
    if isinstance(raw, bool):
        return ("true" if raw else "false",)
    return (str(raw),)


def _principals(raw: object) -> tuple[str, ...]:
    if isinstance(raw, dict):
        return tuple(value for values in raw.values() for value in _texts(values))
    return _texts(raw)


def _conditions(raw: object) -> tuple[Condition, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, dict) or not all(isinstance(tests, dict) for tests in raw.values()):
        raise PolicyMalformed("Condition is no object of objects")
    return tuple(
        Condition(str(operator), str(key), _texts(values))
        for operator, tests in raw.items()
        for key, values in tests.items()
    )
