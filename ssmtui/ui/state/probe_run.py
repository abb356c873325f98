"""Probes of some nodes: a few at a time, followed stage by stage, each outcome told to the diagnosis."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from ssmtui.diagnosis.inquiry import Inquiry
from ssmtui.language import say
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, ProbeStage, StageTold
from ssmtui.model.scope import Scope
from ssmtui.session.calls import SessionProblem
from ssmtui.ui.state.board import Board

if TYPE_CHECKING:
    from ssmtui.session.desk import Sessions

AT_ONCE = 3
"""StartSession is asked for three times a second at most (docs/facts/limits.md §1)."""

_Job = tuple[NodeKey, ProbeKind]


@dataclass(slots=True)
class Course:
    """How one probe goes, and how it ended: `problem` says why there is no outcome."""

    stages: dict[ProbeStage, StageTold] = field(default_factory=dict)
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
    theory: VerdictStatus
    root_cause: str | None
    courses: dict[ProbeKind, Course] = field(default_factory=dict)

    def course(self, kind: ProbeKind) -> Course:
        """How the probe of that kind goes, empty where it was not asked for."""
        return self.courses.get(kind, Course())


class ProbeRun:
    """The probes of some nodes. Nothing is opened before `start`."""

    def __init__(self, board: Board, sessions: Sessions, inquiry: Inquiry, keys: Iterable[NodeKey]) -> None:
        self._sessions = sessions
        self._inquiry = inquiry
        self._waiting: deque[_Job] = deque()
        self._running: dict[_Job, Future[ProbeOutcome]] = {}
        self._told: SimpleQueue[tuple[Course, StageTold]] = SimpleQueue()
        self.given_up = False
        self.nodes: dict[NodeKey, ProbedNode] = {}
        for key in keys:
            node, scope, verdict = board.node(key), board.scope_of(key), board.verdict(key)
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
        return sum(bool(each.courses) and all(c.is_over for c in each.courses.values()) for each in self.nodes.values())

    def start(self, kind: ProbeKind, keys: Iterable[NodeKey] | None = None) -> None:
        """Probe nodes anew: all, where none are named. One that is being probed so already is not again."""
        self.given_up = False
        for key in self.nodes if keys is None else keys:
            job = (key, kind)
            if job not in self._running and job not in self._waiting:
                self.nodes[key].courses[kind] = Course()
                self._waiting.append(job)
        self._go_on()

    def cancel(self) -> None:
        """Give up: sessions that are open are ended."""
        self.given_up = self.is_running
        for key, kind in self._waiting:
            self.nodes[key].courses[kind].problem = say("given up before it began")
        self._waiting.clear()
        for future in self._running.values():
            future.cancel()

    def look(self) -> bool:
        """Take in what has been told since the last look; whether that is anything."""
        changed = False
        while True:
            try:
                course, told = self._told.get_nowait()
            except Empty:
                break
            course.stages[told.stage] = told
            changed = True
        for job, future in [each for each in self._running.items() if each[1].done()]:
            del self._running[job]
            self._take(job, future)
            changed = True
        self._go_on()
        return changed

    def _go_on(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            key, kind = job = self._waiting.popleft()
            probed = self.nodes[key]
            told = partial(_put, self._told, probed.courses[kind])
            self._running[job] = self._sessions.probe(probed.scope, key, kind, told)

    def _take(self, job: _Job, future: Future[ProbeOutcome]) -> None:
        key, kind = job
        probed = self.nodes[key]
        course = probed.courses[kind]
        try:
            course.outcome = future.result()
        except CancelledError:
            course.problem = say("given up: its session is being ended")
            return
        except SessionProblem as problem:
            course.problem = problem.text
            return
        course.stages.update((each.stage, each) for each in course.outcome.stages)
        self._inquiry.probed(probed.scope.name, course.outcome)


def _put(queue: SimpleQueue[tuple[Course, StageTold]], course: Course, told: StageTold) -> None:
    queue.put((course, told))
