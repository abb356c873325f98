"""Run probes on several nodes, a few at a time, and report each outcome to the diagnosis."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.language import say
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, ProbeStage, StageResult
from ssmtui.model.scope import Scope
from ssmtui.session.calls import SessionProblem
from ssmtui.ui.state.fleet_view import FleetView

if TYPE_CHECKING:
    from ssmtui.session.session_service import SessionService


MAX_PARALLEL = 3
"""StartSession is asked for three times a second at most (docs/facts/limits.md §1)."""

_Job = tuple[NodeKey, ProbeKind]


@dataclass(slots=True)
class ProbeStatus:
    """How one probe goes, and how it ended: `problem` says why there is no outcome."""

    stages: dict[ProbeStage, StageResult] = field(default_factory=dict)
    outcome: ProbeOutcome | None = None
    problem: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.outcome is not None or bool(self.problem)


@dataclass(slots=True)
class ProbedNode:
    """A node that is probed, and what the checks said of it before: its verdict, and its root cause in words."""

    node: Node
    scope: Scope
    expectation: VerdictStatus
    root_cause: str | None
    probe_statuses: dict[ProbeKind, ProbeStatus] = field(default_factory=dict)

    def probe_status(self, kind: ProbeKind) -> ProbeStatus:
        """How the probe of that kind goes, empty where it was not asked for."""
        return self.probe_statuses.get(kind, ProbeStatus())


class ProbeRun:
    """The probes of some nodes. Nothing is opened before `start`."""

    def __init__(
        self, fleet_view: FleetView, sessions: SessionService, handle: DiagnosisHandle, keys: Iterable[NodeKey]
    ) -> None:
        self._sessions = sessions
        self._inquiry = handle
        self._waiting: deque[_Job] = deque()
        self._running: dict[_Job, Future[ProbeOutcome]] = {}
        self._told: SimpleQueue[tuple[ProbeStatus, StageResult]] = SimpleQueue()
        self.given_up = False
        self.nodes: dict[NodeKey, ProbedNode] = {}
        for key in keys:
            node, scope, verdict = fleet_view.node(key), fleet_view.scope_of(key), fleet_view.verdict(key)
            if node is not None and scope is not None:
                self.nodes[key] = ProbedNode(node, scope, verdict.status, verdict.root_cause)

    @property
    def scopes(self) -> dict[Scope, None]:
        """The scopes that sessions are opened in, each once."""
        return dict.fromkeys(each.scope for each in self.nodes.values())

    @property
    def is_running(self) -> bool:
        """Whether a session is open, or about to be opened."""
        return bool(self._waiting or self._running)

    @property
    def done(self) -> int:
        """How many nodes are done with."""
        return sum(
            bool(each.probe_statuses) and all(c.is_over for c in each.probe_statuses.values())
            for each in self.nodes.values()
        )

    def start(self, kind: ProbeKind, keys: Iterable[NodeKey] | None = None) -> None:
        """Probe nodes anew: all, where none are named. One that is being probed so already is not again."""
        self.given_up = False
        for key in self.nodes if keys is None else keys:
            job = (key, kind)
            if job not in self._running and job not in self._waiting:
                self.nodes[key].probe_statuses[kind] = ProbeStatus()
                self._waiting.append(job)
        self._go_on()

    def cancel(self) -> None:
        """Give up: sessions that are open are ended."""
        self.given_up = self.is_running
        for key, kind in self._waiting:
            self.nodes[key].probe_statuses[kind].problem = say("given up before it began")
        self._waiting.clear()
        for future in self._running.values():
            future.cancel()

    def look(self) -> bool:
        """Take in what has been told since the last look; whether that is anything."""
        changed = False
        while True:
            try:
                probe_status, told = self._told.get_nowait()
            except Empty:
                break
            probe_status.stages[told.stage] = told
            changed = True
        for job, future in [each for each in self._running.items() if each[1].done()]:
            del self._running[job]
            self._take(job, future)
            changed = True
        self._go_on()
        return changed

    def _go_on(self) -> None:
        while self._waiting and len(self._running) < MAX_PARALLEL:
            key, kind = job = self._waiting.popleft()
            probed = self.nodes[key]
            told = partial(_put_stage, self._told, probed.probe_statuses[kind])
            self._running[job] = self._sessions.probe(probed.scope, key, kind, told)

    def _take(self, job: _Job, future: Future[ProbeOutcome]) -> None:
        key, kind = job
        probed = self.nodes[key]
        probe_status = probed.probe_statuses[kind]
        try:
            probe_status.outcome = future.result()
        except CancelledError:
            probe_status.problem = say("given up: its session is being ended")
            return
        except SessionProblem as problem:
            probe_status.problem = problem.text
            return
        probe_status.stages.update((each.stage, each) for each in probe_status.outcome.stages)
        self._inquiry.probed(probed.scope.name, probe_status.outcome)


def _put_stage(
    queue: SimpleQueue[tuple[ProbeStatus, StageResult]], probe_status: ProbeStatus, told: StageResult
) -> None:
    queue.put((probe_status, told))
