"""The facts about the computer that sessions are opened from, as the engine comes by them."""

from __future__ import annotations

from collections import Counter

import pytest

from ssmtui.evidence.gathering.machine import Invocation, Machine
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.workstation.described_machine import MachineDescription
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.moment import Now
from ssmtui.model.plan import FactChange
from ssmtui.model.workstation import (
    AskedElsewhere,
    ClockDifference,
    Credentials,
    Errand,
    MessagesWay,
    Plugin,
    TemporaryFolder,
)
from tests.builders.fleet import ACCOUNT, NOON, a_node, a_scope
from tests.builders.workstation import a_plugin
from tests.evidence.fake_aws import FakeAws

NODE = a_node("i-1")
KINDS = (Plugin, TemporaryFolder, Credentials, ClockDifference, MessagesWay, Errand)


class CountingMachine:
    """A plugin that was just installed, and how often it was looked for; of nothing else anything is known."""

    def __init__(self) -> None:
        self.looked = Counter[str]()

    async def plugin(self) -> Plugin:
        self.looked["plugin"] += 1
        return a_plugin()


def gathering(description: MachineDescription) -> Gathering:
    return Gathering(FakeAws(), a_scope(), Now(NOON), machine_of(description))


def machine_of(description: MachineDescription) -> Machine:
    return description.machine(Clients(), Invocation())


async def test_every_fact_of_a_described_computer_is_as_it_is_described() -> None:
    described = MachineDescription(errand=Errand(frozenset({"i-1"}), ACCOUNT, "us-east-1"))
    journey = gathering(described).journey(NODE)
    told = [(await journey.fact(kind)).value for kind in KINDS]
    assert told == [
        described.plugin,
        described.folder,
        described.credentials,
        described.clock,
        MessagesWay("ssmmessages.eu-west-3.amazonaws.com:443", "", None),
        described.errand,
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_where_no_computer_is_looked_at_its_facts_are_moot(kind: type) -> None:
    journey = Gathering(FakeAws(), a_scope(), Now(NOON)).journey(NODE)
    assert (await journey.fact(kind)).value == Moot("this computer is not looked at")


async def test_it_is_looked_at_once_and_again_where_it_may_have_changed() -> None:
    machine = CountingMachine()
    facts = Gathering(FakeAws(), a_scope(), Now(NOON), machine)  # type: ignore[arg-type]
    for node in (NODE, a_node("i-2")):
        assert (await facts.journey(node).fact(Plugin)).value == a_plugin()
    assert machine.looked == {"plugin": 1}
    facts.forget({Plugin})
    await facts.journey(NODE).fact(Plugin)
    assert machine.looked == {"plugin": 2}


async def test_it_can_be_supposed_to_be_otherwise() -> None:
    missing = Absent("the Session Manager plugin", "PATH")
    supposed = gathering(MachineDescription(plugin=missing)).supposing([FactChange(Plugin, a_plugin())])
    assert (await supposed.journey(NODE).fact(Plugin)).value == a_plugin()
    assert (await supposed.journey(NODE).fact(TemporaryFolder)).value == MachineDescription().folder


REFUSED = Unreadable("", "sts:GetCallerIdentity failed", source="sts:GetCallerIdentity")


@pytest.mark.parametrize(
    ("errand", "expected"),
    [
        (Errand(frozenset({"i-1"}), ACCOUNT, "us-east-1"), AskedElsewhere),
        (Errand(frozenset({"i-1"}), "210987654321", "eu-west-3"), AskedElsewhere),
        (Errand(frozenset({"i-1"}), ACCOUNT, "eu-west-3"), Moot),
        (Errand(frozenset({"i-2"}), ACCOUNT, "us-east-1"), Moot),
        (Moot("no node was asked for by its id"), Moot),
        (REFUSED, Unreadable),
    ],
)
async def test_a_node_is_elsewhere_where_account_or_region_differ(
    errand: Errand | Moot | Unreadable, expected: type
) -> None:
    journey = gathering(MachineDescription(errand=errand)).journey(NODE)
    value = (await journey.fact(AskedElsewhere)).value
    assert isinstance(value, expected)
    if isinstance(value, AskedElsewhere):
        assert value == AskedElsewhere(NODE, errand)  # type: ignore[arg-type]
