"""The facts about the computer that sessions are opened from, as the engine comes by them."""

from __future__ import annotations

from collections import Counter

import pytest

from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.workstation_protocol import Invocation, Workstation
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.plan import FactChange
from ssmtui.model.workstation import (
    ClockDifference,
    Credentials,
    MessagesConnection,
    NodeElsewhere,
    NodeQuery,
    Plugin,
    TemporaryFolder,
)
from tests.builders.fleet import ACCOUNT, NOON, a_node, a_scope
from tests.builders.workstation import a_plugin
from tests.evidence.fake_aws import FakeAws

NODE = a_node("i-1")
KINDS = (Plugin, TemporaryFolder, Credentials, ClockDifference, MessagesConnection, NodeQuery)


class CountingMachine:
    """A plugin that was just installed, and how often it was looked for; of nothing else anything is known."""

    def __init__(self) -> None:
        self.looked = Counter[str]()

    async def plugin(self) -> Plugin:
        self.looked["plugin"] += 1
        return a_plugin()


def store(description: WorkstationDescription) -> FactStore:
    return FactStore(FakeAws(), a_scope(), Now(NOON), machine_of(description))


def machine_of(description: WorkstationDescription) -> Workstation:
    return description.workstation(Clients(), Invocation())


async def test_every_fact_of_a_described_computer_is_as_it_is_described() -> None:
    described = WorkstationDescription(node_query=NodeQuery(frozenset({"i-1"}), ACCOUNT, "us-east-1"))
    resolver = store(described).resolver(NODE)
    told = [(await resolver.fact(kind)).value for kind in KINDS]
    assert told == [
        described.plugin,
        described.folder,
        described.credentials,
        described.clock,
        MessagesConnection("ssmmessages.eu-west-3.amazonaws.com:443", "", None),
        described.node_query,
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_where_no_computer_is_looked_at_its_facts_are_moot(kind: type) -> None:
    resolver = FactStore(FakeAws(), a_scope(), Now(NOON)).resolver(NODE)
    assert (await resolver.fact(kind)).value == NotApplicable("this computer is not checked")


async def test_it_is_looked_at_once_and_again_where_it_may_have_changed() -> None:
    workstation = CountingMachine()
    facts = FactStore(FakeAws(), a_scope(), Now(NOON), workstation)  # type: ignore[arg-type]
    for node in (NODE, a_node("i-2")):
        assert (await facts.resolver(node).fact(Plugin)).value == a_plugin()
    assert workstation.looked == {"plugin": 1}
    facts.forget({Plugin})
    await facts.resolver(NODE).fact(Plugin)
    assert workstation.looked == {"plugin": 2}


async def test_it_can_be_supposed_to_be_otherwise() -> None:
    missing = Absent("the Session Manager plugin", "PATH")
    supposed = store(WorkstationDescription(plugin=missing)).with_fact_changes([FactChange(Plugin, a_plugin())])
    assert (await supposed.resolver(NODE).fact(Plugin)).value == a_plugin()
    assert (await supposed.resolver(NODE).fact(TemporaryFolder)).value == WorkstationDescription().folder


REFUSED = Unreadable("", "sts:GetCallerIdentity failed", source="sts:GetCallerIdentity")


@pytest.mark.parametrize(
    ("node_query", "expected"),
    [
        (NodeQuery(frozenset({"i-1"}), ACCOUNT, "us-east-1"), NodeElsewhere),
        (NodeQuery(frozenset({"i-1"}), "210987654321", "eu-west-3"), NodeElsewhere),
        (NodeQuery(frozenset({"i-1"}), ACCOUNT, "eu-west-3"), NotApplicable),
        (NodeQuery(frozenset({"i-2"}), ACCOUNT, "us-east-1"), NotApplicable),
        (NotApplicable("no node was requested by its ID"), NotApplicable),
        (REFUSED, Unreadable),
    ],
)
async def test_a_node_is_elsewhere_where_account_or_region_differ(
    node_query: NodeQuery | NotApplicable | Unreadable, expected: type
) -> None:
    resolver = store(WorkstationDescription(node_query=node_query)).resolver(NODE)
    value = (await resolver.fact(NodeElsewhere)).value
    assert isinstance(value, expected)
    if isinstance(value, NodeElsewhere):
        assert value == NodeElsewhere(node_query)  # type: ignore[arg-type]
