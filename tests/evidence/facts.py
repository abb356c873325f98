"""Asking for one fact of one node, as the engine does."""

from __future__ import annotations

from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.model.moment import Now
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange
from ssmtui.model.preferences import SessionPreferences
from tests.builders.fleet import NOON, a_scope
from tests.evidence.fake_aws import FakeAws

DOCUMENT_ARN = "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"


def gathering(aws: FakeAws, *supposed: object) -> Gathering:
    """The facts of a scope; those supposed are not read."""
    facts = Gathering(aws, a_scope(), Now(NOON))
    return facts.supposing([FactChange(type(each), each) for each in supposed]) if supposed else facts


async def fact(aws: FakeAws, kind: type, node: Node | None = None, *supposed: object) -> object:
    """One fact, or what stands in its place."""
    return (await gathering(aws, *supposed).journey(node).fact(kind)).value


def journey(aws: FakeAws, node: Node | None = None) -> Journey:
    """The facts of one path."""
    return gathering(aws).journey(node)


def preferences(**settings: object) -> SessionPreferences:
    """Preferences in which only these settings are made."""
    return SessionPreferences(DOCUMENT_ARN, True, **settings)  # type: ignore[arg-type]
