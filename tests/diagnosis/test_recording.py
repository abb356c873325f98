"""What of a scope is recorded, and what is not."""

from __future__ import annotations

from ssmtui.diagnosis.known_probes import KnownProbes
from ssmtui.diagnosis.recording import recorded, remember
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.recorded.kept import NoAws, RecordedReads
from ssmtui.evidence.recorded.scope_record import RecordedFact, TheListing
from ssmtui.model.moment import Now
from ssmtui.model.system import ConsoleOutput
from ssmtui.model.whom_to_ask import WhomToAsk
from tests.builders.fleet import NOON, a_node
from tests.evidence.recorded.snapshots import a_record

CONSOLE = "Linux version 6.1\npassword for admin: hunter2\n2026 INFO Amazon SSM Agent v3.3 is running\nweb-1 login: "


async def test_of_a_console_only_what_a_check_goes_by_is_recorded() -> None:
    node = a_node()
    fact = RecordedFact(ConsoleOutput, node.id, ConsoleOutput(CONSOLE, NOON))
    record = a_record(node)
    record = type(record)(record.head, record.nodes, (*record.facts, fact))
    gathering = Gathering(NoAws(record), record.head.scope, Now(NOON), kept=RecordedReads(record))
    gathering.singled_out.point_at(node.key)
    again = recorded(gathering, {node.key: node}, (), WhomToAsk.ALL, {"sts:GetCallerIdentity": 1}, {})
    assert (again.head.at, again.head.pointed, again.nodes) == (NOON, (node.key,), (node,))
    kept = {each.kind: each for each in again.facts}
    assert kept[ConsoleOutput].value == ConsoleOutput(CONSOLE.replace("password for admin: hunter2\n", ""), NOON)
    assert [each.own for each in again.facts if isinstance(each.own, TheListing)] == [TheListing("ListedRegistrations")]

    other = Gathering(NoAws(record), record.head.scope, Now(NOON), kept=RecordedReads(record))
    remember(again.head, other, KnownProbes(other, lambda _event: None))
    assert other.singled_out.pointed == (node.key,)
