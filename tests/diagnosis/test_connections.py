"""Who is asked about, and what is told of those that are not, by what others like them answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ssmtui.diagnosis.connections import FIRST_BATCH_SIZE, EvidenceSource, NodeConnections
from ssmtui.diagnosis.node_queues import ConnectionQueue, Urgency
from ssmtui.diagnosis.verdicts import Connectedness, Outcome, Presence
from ssmtui.evidence.facts.read_cache import ReadCache
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import NO_VERDICT, Link, Status
from ssmtui.model.node import ConnectionStatus, InstanceState, Node, PingStatus
from ssmtui.model.node_facts import Observation
from tests.builders.fleet import a_finding, a_node
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws

ONE, TWO, THREE = (a_node(f"i-{number}", f"web-{number}") for number in range(3))
WELL = Outcome(NO_VERDICT, {}, complete=True)
DOUBTFUL = Outcome(NO_VERDICT, {"a": (Link.NETWORK, a_finding(status=Status.FAIL))}, complete=True)
DENIED = Outcome(NO_VERDICT, {"a": (Link.PREFERENCES, a_finding(status=Status.FAIL))}, complete=True)


def connections(whom: ConnectionOption = ConnectionOption.SUSPECT) -> NodeConnections:
    return NodeConnections(store(FakeAws()), whom, EvidenceSource(ReadCache()))


def asked_after(known: NodeConnections, *nodes: tuple[Node, Outcome]) -> list[str]:
    """The ids of the nodes that stand in line once these have been judged, in their order."""
    for node, outcome in nodes:
        known.presence(node, lambda _, told=outcome: told)  # type: ignore[misc]
    return [key.id for key in iter(known.queue.next, None)]


def said(node: Node, connection: ConnectionStatus | Unreadable) -> Observation:
    return Observation(node.ping, connection)


def test_one_of_each_kind_is_asked_about_and_the_suspicious() -> None:
    assert asked_after(connections(), (ONE, WELL), (TWO, WELL), (THREE, DOUBTFUL)) == ["i-0", "i-2"]


def test_what_a_connection_would_not_disprove_is_no_reason_to_ask() -> None:
    assert asked_after(connections(), (ONE, WELL), (TWO, DENIED)) == ["i-0"]


def test_where_the_first_of_its_kind_is_not_connected_the_others_are_suspicious() -> None:
    known = connections()
    assert asked_after(known, (ONE, WELL), (TWO, WELL)) == ["i-0"]
    assert known.record_answer(ONE, said(ONE, ConnectionStatus.NOT_CONNECTED)) == (TWO.key,)
    assert asked_after(known, (TWO, WELL)) == ["i-1"]


def test_who_is_like_a_connected_node_is_expected_to_be() -> None:
    known = connections()
    asked_after(known, (ONE, WELL), (TWO, WELL))
    why = "ssm:GetConnectionStatus was not called because of --connection suspect; run ssmtui without this option"
    unasked = Presence(at_rest=False, connected=Connectedness.NOT_READ, why_not_read=why)
    assert known.presence(TWO, lambda _: WELL) == unasked
    known.record_answer(ONE, said(ONE, ConnectionStatus.CONNECTED))
    assert known.presence(TWO, lambda _: WELL) == Presence(at_rest=False, connected=Connectedness.LIKE_PEERS)


def test_of_silent_nodes_that_are_alike_one_is_asked_about_unless_it_surprises() -> None:
    one, two = a_node("i-1", ping=PingStatus.CONNECTION_LOST), a_node("i-2", ping=PingStatus.CONNECTION_LOST)
    known = connections()
    assert asked_after(known, (a_node("i-0"), WELL), (one, DOUBTFUL), (two, DOUBTFUL)) == ["i-0", "i-1"]
    assert known.record_answer(one, said(one, ConnectionStatus.CONNECTED)) != ()
    assert asked_after(known, (two, DOUBTFUL)) == ["i-2"]


def test_all_are_asked_about_the_suspicious_first_and_who_is_looked_at_before() -> None:
    known = connections(ConnectionOption.ALL)
    known.check_first([THREE.key])
    fourth = a_node("i-9")
    assert asked_after(known, (ONE, WELL), (TWO, WELL), (fourth, DOUBTFUL), (THREE, WELL)) == [
        "i-2",
        "i-0",
        "i-9",
        "i-1",
    ]


@pytest.mark.parametrize("whom", list(ConnectionOption))
def test_a_stopped_node_is_never_asked_about(whom: ConnectionOption) -> None:
    assert asked_after(connections(whom), (a_node(state=InstanceState.STOPPED), DOUBTFUL)) == []


def test_nobody_is_asked_about_where_nobody_is_to_be() -> None:
    assert asked_after(connections(ConnectionOption.NONE), (ONE, DOUBTFUL)) == []


def test_who_is_asked_about_again_is_judged_by_the_last_answer_meanwhile() -> None:
    known = connections(ConnectionOption.ALL)
    known.record_answer(ONE, said(ONE, ConnectionStatus.CONNECTED))
    assert [resolved.value for resolved in known.known(ONE).values()] == [said(ONE, ConnectionStatus.CONNECTED)]
    assert known.presence(ONE, lambda _: WELL) == Presence(at_rest=False, connected=Connectedness.SEEN, awaited=True)
    silent = a_node("i-0", "web-0", ping=PingStatus.CONNECTION_LOST)
    assert [resolved.value for resolved in known.known(silent).values()] == [Observation(silent.ping, None)]


def test_who_was_not_reached_in_time_is_as_before_where_aws_answers_others() -> None:
    late = said(TWO, Unreadable("", "no answer within 120 s", ReadFailure.TIMED_OUT, "ssm:GetConnectionStatus"))
    refused = replace(late, connection=Unreadable("ssm:GetConnectionStatus", "AccessDenied"))
    known = connections()
    assert not known.was_missed(TWO, late)
    known.record_answer(ONE, said(ONE, ConnectionStatus.CONNECTED))
    assert known.was_missed(TWO, late)
    assert not known.was_missed(TWO, refused)


def test_where_more_are_listed_than_are_asked_at_once_asking_begins_before_they_are_judged() -> None:
    known = connections(ConnectionOption.ALL)
    known.begin()
    nodes = [a_node(f"i-{number}", f"web-{number}") for number in range(53)]
    for node in nodes:
        known.queue_listed(node)
    assert [key.id for key in iter(known.queue.next, None)] == ["i-50", "i-51", "i-52"]


def test_a_node_that_is_not_judged_yet_is_asked_about_once_one_like_it_is_not_connected() -> None:
    known = connections()
    known.begin()
    for node in (ONE, TWO):
        known.queue_listed(node)
    assert [key.id for key in iter(known.queue.next, None)] == ["i-0"]
    assert known.record_answer(ONE, said(ONE, ConnectionStatus.NOT_CONNECTED)) == (TWO.key,)
    known.queue_unchecked(TWO)
    assert [key.id for key in iter(known.queue.next, None)] == ["i-1"]


def test_who_is_no_suspect_is_not_asked_about_for_others_sake() -> None:
    known = connections()
    known.queue_unchecked(TWO)
    known.queue_listed(ONE)
    known.give_up()
    known.record_answer(ONE, said(ONE, ConnectionStatus.NOT_CONNECTED))
    silent = a_node("i-1", "web-1", ping=PingStatus.CONNECTION_LOST)
    for node in (TWO, silent):
        known.queue_unchecked(node)
    nobody = connections(ConnectionOption.NONE)
    nobody.record_answer(ONE, said(ONE, ConnectionStatus.NOT_CONNECTED))
    nobody.queue_unchecked(TWO)
    assert (len(known.queue), len(nobody.queue)) == (0, 0)


async def test_who_was_asked_about_is_not_asked_first_and_of_the_others_only_so_many() -> None:
    answer = {"Target": ONE.id, "Status": "notconnected"}
    facts = store(FakeAws(ssm_GetConnectionStatus=answer))
    known = NodeConnections(facts, ConnectionOption.ALL, EvidenceSource(ReadCache()))
    assert not known.is_observed_first(ONE)
    known.begin()
    assert known.is_observed_first(ONE)
    await facts.resolver(ONE).fact(Observation)
    assert (known.is_observed_first(ONE), known.is_observed_first(TWO)) == (False, True)
    assert not known.is_observed_first(a_node("i-9", state=InstanceState.STOPPED))
    for _ in range(FIRST_BATCH_SIZE):
        known.count_observed_first()
    assert not known.is_observed_first(TWO)


async def test_who_takes_from_an_open_line_waits_for_the_next_and_ends_when_it_is_closed() -> None:
    line = ConnectionQueue()
    line.open()
    taking = asyncio.create_task(line.take())
    await asyncio.sleep(0)
    line.add(ONE.key, Urgency.SUSPICIOUS)
    assert await taking == ONE.key
    taking = asyncio.create_task(line.take())
    await asyncio.sleep(0)
    line.close()
    assert await taking is None
