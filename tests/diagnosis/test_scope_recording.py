"""What of a scope is recorded, and what is not."""

from __future__ import annotations

from ssmtui.diagnosis.probes import ProbeResults
from ssmtui.diagnosis.scope_recording import record_scope, restore_individual_facts
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.snapshots.record import ListingReference, RecordedFact
from ssmtui.evidence.snapshots.replay import RecordedAws, RecordedReads
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import Now
from ssmtui.model.node_facts import ConsoleOutput
from tests.builders.fleet import NOON, a_node
from tests.evidence.snapshots.snapshots import a_record

CONSOLE = "Linux version 6.1\npassword for admin: hunter2\n2026 INFO Amazon SSM Agent v3.3 is running\nweb-1 login: "


async def test_of_a_console_only_what_a_check_goes_by_is_recorded() -> None:
    node = a_node()
    fact = RecordedFact(ConsoleOutput, node.id, ConsoleOutput(CONSOLE, NOON))
    record = a_record(node)
    record = type(record)(record.head, record.nodes, (*record.facts, fact))
    store = FactStore(RecordedAws(record), record.head.scope, Now(NOON), kept=RecordedReads(record))
    store.individual_nodes.point_at(node.key)
    again = record_scope(store, {node.key: node}, (), ConnectionOption.ALL, {"sts:GetCallerIdentity": 1}, {})
    assert (again.head.at, again.head.pointed, again.nodes) == (NOON, (node.key,), (node,))
    kept = {each.kind: each for each in again.facts}
    assert kept[ConsoleOutput].value == ConsoleOutput(CONSOLE.replace("password for admin: hunter2\n", ""), NOON)
    assert [each.own for each in again.facts if isinstance(each.own, ListingReference)] == [
        ListingReference("ListedRegistrations")
    ]

    other = FactStore(RecordedAws(record), record.head.scope, Now(NOON), kept=RecordedReads(record))
    restore_individual_facts(again.head, other, ProbeResults(other, lambda _event: None))
    assert other.individual_nodes.pointed == (node.key,)
