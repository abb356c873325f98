"""Asking for one fact of one node, as the engine does."""

from __future__ import annotations

from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Now
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange
from ssmtui.model.preferences import SessionPreferences
from tests.builders.fleet import NOON, a_scope
from tests.evidence.fake_aws import FakeAws

DOCUMENT_ARN = "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"


def store(aws: FakeAws, *supposed: object) -> FactStore:
    """The facts of a scope; those supposed are not read."""
    facts = FactStore(aws, a_scope(), Now(NOON))
    return facts.with_fact_changes([FactChange(type(each), each) for each in supposed]) if supposed else facts


async def fact(aws: FakeAws, kind: type, node: Node | None = None, *supposed: object) -> object:
    """One fact, or what stands in its place."""
    return (await store(aws, *supposed).resolver(node).fact(kind)).value


def resolver(aws: FakeAws, node: Node | None = None) -> FactResolver:
    """The facts of one path."""
    return store(aws).resolver(node)


def preferences(**settings: object) -> SessionPreferences:
    """Preferences in which only these settings are made."""
    return SessionPreferences(DOCUMENT_ARN, True, **settings)  # type: ignore[arg-type]
