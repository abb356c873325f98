"""A probe from StartSession to TerminateSession: at whatever stage it ends, and however, nothing is left open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer

import pytest

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, ProbeStage, StageResult
from ssmtui.model.sessions import SessionPurpose
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.opener import Opener, OpenSession
from ssmtui.session.probe.runner import (
    REASON,
    AnswerReceived,
    ChallengeReceived,
    ChannelLost,
    ConnectionRefused,
    FollowSession,
    HandshakeCompleted,
    HandshakeStarted,
    OutputReceived,
    ProbeEvent,
    SessionClosed,
    SocketOpened,
    TokenSent,
    probe,
    request_for,
    walk,
)
from ssmtui.session.probe.stages import Deadlines
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, DESTINATIONS, node, preferences, small_world
from tests.builders.fleet import ACCOUNT, REGION, a_scope
from tests.session.data_channel.test_against_the_simulated_aws import calls_to, node_called, simulated, simulated_aws
from tests.session.opened import NODE, ScriptedCalls

__all__ = ["simulated", "simulated_aws"]

KEY = NodeKey(ACCOUNT, REGION, NODE)
SCOPE = a_scope()
JOINED: tuple[ProbeEvent, ...] = (SocketOpened(), TokenSent())
ENCRYPTED: tuple[ProbeEvent, ...] = (
    *JOINED,
    HandshakeStarted("3.3.4624.0", encrypted=True),
    ChallengeReceived(),
    HandshakeCompleted(),
)
ANSWERED: tuple[ProbeEvent, ...] = (OutputReceived(), AnswerReceived())
NO_USER = "----------ERROR-------\nUnable to start command: failed to start pty since RunAs user bob does not exist"
PATIENT = replace(Deadlines(), settled=0.1)
QUICK = Deadlines(*[0.3] * 12)
"""Short for all stages but the ending."""


def meeting(*what: ProbeEvent) -> FollowSession:
    """A walk that meets this, and then nothing any more."""

    async def walk(_session: OpenSession, met: Callable[[ProbeEvent], None]) -> None:
        for each in what:
            met(each)
        await asyncio.Event().wait()

    return walk


class Bench:
    """A probe on calls that are scripted."""

    def __init__(self, folder: Path) -> None:
        self.calls = ScriptedCalls()
        self.registry = SessionRegistry(folder)
        self.told: list[StageResult] = []
        self.given_up = Event()

    def probe(
        self, walk: FollowSession, kind: ProbeKind = ProbeKind.SHELL, deadlines: Deadlines = PATIENT
    ) -> ProbeOutcome:
        opener = Opener(self.registry, lambda _: self.calls, None)
        return probe(opener, SCOPE, KEY, kind, self.told.append, self.given_up, walk=walk, deadlines=deadlines)

    def assert_nothing_is_left(self) -> None:
        assert self.calls.active == []
        assert self.written_down == []

    @property
    def written_down(self) -> list[str]:
        """The sessions that the ledger has as open."""
        lines = [json.loads(line) for line in self.registry.file.read_text().splitlines()] if self.any_opened else []
        ended = {line["id"] for line in lines if line["state"] == "ended"}
        return [line["id"] for line in lines if line["id"] not in ended]

    @property
    def any_opened(self) -> bool:
        return self.registry.file.exists()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.assert_nothing_is_left()


def short(outcome: ProbeOutcome) -> tuple[ProbeEnd, ProbeStage | None, str | None]:
    return outcome.end, outcome.stopped_at, outcome.cause


def test_a_shell_that_speaks_is_open_and_is_ended_at_once(bench: Bench) -> None:
    outcome = bench.probe(meeting(*ENCRYPTED, *ANSWERED))
    assert short(outcome) == (ProbeEnd.OPENED, None, None)
    assert (outcome.session_id, outcome.terminated, outcome.agent_version) == ("alex-1", True, "3.3.4624.0")
    assert [each.stage for each in outcome.stages] == list(ProbeStage)
    assert bench.calls.done == [("start", NODE), ("terminate", "alex-1")]


def test_its_id_is_in_the_ledger_before_the_socket_opens(bench: Bench) -> None:
    known: list[str] = []

    async def walk(_session: OpenSession, met: Callable[[ProbeEvent], None]) -> None:
        known.extend(bench.written_down)
        for each in ANSWERED:
            met(each)

    bench.probe(walk)
    assert known == ["alex-1"]


def test_what_the_session_ended_with_is_named(bench: Bench) -> None:
    outcome = bench.probe(meeting(*ENCRYPTED, SessionClosed(NO_USER)))
    assert short(outcome) == (ProbeEnd.STOPPED, ProbeStage.OUTPUT, "run-as-user-absent")
    assert outcome.text == NO_USER


@pytest.mark.parametrize(
    ("what", "end", "stage"),
    [
        ((), ProbeEnd.SILENT, ProbeStage.SOCKET),
        (JOINED[:1], ProbeEnd.SILENT, ProbeStage.TOKEN),
        (JOINED, ProbeEnd.SILENT, ProbeStage.HANDSHAKE),
        (ENCRYPTED[:3], ProbeEnd.SILENT, ProbeStage.KEY),
        (ENCRYPTED[:4], ProbeEnd.SILENT, ProbeStage.CHALLENGE),
        (ENCRYPTED, ProbeEnd.SILENT, ProbeStage.CHECKS),
        ((*ENCRYPTED, OutputReceived()), ProbeEnd.SILENT, ProbeStage.ANSWER),
        ((*ENCRYPTED, OutputReceived(), SessionClosed("")), ProbeEnd.STOPPED, ProbeStage.ANSWER),
        ((ChannelLost("no route"),), ProbeEnd.LOST, ProbeStage.SOCKET),
        ((*JOINED, ChannelLost("reset")), ProbeEnd.LOST, ProbeStage.HANDSHAKE),
        ((ConnectionRefused("403"),), ProbeEnd.REFUSED, ProbeStage.SOCKET),
    ],
    ids=lambda value: getattr(value, "name", str(len(value)) if isinstance(value, tuple) else value),
)
def test_at_every_stage_it_ends_in_its_time_and_leaves_nothing_open(
    bench: Bench, what: tuple[ProbeEvent, ...], end: ProbeEnd, stage: ProbeStage
) -> None:
    outcome = bench.probe(meeting(*what), deadlines=QUICK if end is ProbeEnd.SILENT else PATIENT)
    assert (outcome.end, outcome.stopped_at, outcome.terminated) == (end, stage, True)


def test_a_port_is_open_where_it_stays_open(bench: Bench) -> None:
    outcome = bench.probe(meeting(*JOINED, HandshakeCompleted()), ProbeKind.PORT)
    assert (outcome.end, outcome.kind) == (ProbeEnd.OPENED, ProbeKind.PORT)


def test_a_session_that_may_be_no_shell_is_open_where_it_stays_open(bench: Bench) -> None:
    outcome = bench.probe(meeting(*JOINED, OutputReceived(asked=False)))
    assert (outcome.end, outcome.stages[-1].stage) == (ProbeEnd.OPENED, ProbeStage.OUTPUT)
    outcome = bench.probe(meeting(*JOINED, OutputReceived(asked=False), SessionClosed("")))
    assert (outcome.end, outcome.stopped_at) == (ProbeEnd.STOPPED, ProbeStage.OUTPUT)


def test_a_probe_that_nobody_wants_any_more_is_ended_at_once(bench: Bench) -> None:
    Timer(0.1, bench.given_up.set).start()
    outcome = bench.probe(meeting(*JOINED))
    assert (outcome.end, outcome.stopped_at) == (ProbeEnd.INTERRUPTED, ProbeStage.HANDSHAKE)


def test_a_defect_on_the_way_is_told_once_the_session_is_ended(bench: Bench) -> None:
    async def walk(_session: OpenSession, _met: Callable[[ProbeEvent], None]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.probe(walk)


def test_a_walk_that_ends_without_a_word_has_lost_its_connection(bench: Bench) -> None:
    async def walk(_session: OpenSession, met: Callable[[ProbeEvent], None]) -> None:
        met(SocketOpened())

    assert bench.probe(walk).end is ProbeEnd.LOST


def test_what_start_session_refuses_is_named_and_opens_nothing(bench: Bench) -> None:
    bench.calls.refuses_to_start = SessionProblem(
        f"An error occurred (TargetNotConnected) when calling the StartSession operation: {NODE} is not connected.",
        "TargetNotConnected",
    )
    outcome = bench.probe(meeting())
    assert short(outcome) == (ProbeEnd.REFUSED, ProbeStage.START, "control-channel-down")
    assert outcome.session_id == ""
    bench.calls.refuses_to_start = SessionUnanswered("Read timeout on endpoint URL")
    assert short(bench.probe(meeting()))[:2] == (ProbeEnd.LOST, ProbeStage.START)
    bench.calls.done.clear()


class FailsToEnd(ScriptedCalls):
    """Ends nothing the first `times`."""

    times = 1

    def terminate(self, session_id: str) -> None:
        self.times -= 1
        if self.times >= 0:
            raise SessionUnanswered("no answer")
        super().terminate(session_id)


def test_ending_it_is_tried_once_more(bench: Bench) -> None:
    bench.calls = FailsToEnd()
    assert bench.probe(meeting(*ANSWERED)).terminated


def test_a_session_that_cannot_be_ended_is_said_to_be_open_and_stays_in_the_ledger(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.calls.refuses_to_end = SessionUnanswered("no answer")
    outcome = bench.probe(meeting(*ANSWERED))
    assert (outcome.end, outcome.terminated) == (ProbeEnd.OPENED, False)
    assert bench.written_down == ["alex-1"]
    bench.calls.refuses_to_end = SessionRefused("no")
    assert not bench.probe(meeting(*ANSWERED)).terminated


@pytest.mark.parametrize(
    ("profile", "end", "stage"),
    [
        ("cd ~ && exec bash --login", ProbeEnd.OPENED, None),
        ("", ProbeEnd.OPENED, None),
        ("exit 3", ProbeEnd.STOPPED, ProbeStage.ANSWER),
        ("exec /none", ProbeEnd.STOPPED, ProbeStage.ANSWER),
        ("echo welcome; exit", ProbeEnd.STOPPED, ProbeStage.ANSWER),
    ],
)
def test_a_shell_that_its_profile_ends_after_the_prompt_has_not_opened(
    simulated: SimulatedAws, tmp_path: Path, profile: str, end: ProbeEnd, stage: ProbeStage | None
) -> None:
    inputs = {"shellProfile": {"linux": profile}}
    simulated.load(
        small_world((node("web-1"),), preferences=preferences(DESTINATIONS, inputs=inputs), caller=ADMINISTRATOR)
    )
    calls, key = calls_to(simulated), NodeKey(ACCOUNT, REGION, node_called(simulated, "web-1"))
    opener = Opener(SessionRegistry(tmp_path), lambda _: calls, None)
    outcome = probe(opener, SCOPE, key, ProbeKind.SHELL, lambda _: None, Event(), walk=walk)
    assert (outcome.end, outcome.stopped_at, outcome.text) == (end, stage, "")
    assert simulated.active_sessions == ()


def test_it_opens_what_people_open_and_says_that_it_is_a_probe() -> None:
    shell = request_for(replace(SCOPE, document="My-Shell"), KEY, ProbeKind.SHELL)
    assert (shell.document, shell.parameters, shell.reason) == ("My-Shell", (), REASON)
    port = request_for(replace(SCOPE, document="My-Shell"), KEY, ProbeKind.PORT)
    assert (port.document, port.parameters) == ("AWS-StartPortForwardingSession", (("portNumber", ("22",)),))
    assert SessionPurpose.PROBE.value == "probe"
