"""Simulate a diagnosis of a big fleet that never rests: thousands of changes per second, sent from a thread."""

from __future__ import annotations

import gc
from dataclasses import replace
from itertools import cycle, islice
from random import Random
from threading import Event as Flag
from threading import Thread
from time import monotonic

from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    FindingChanged,
    NodeListed,
    ProgressChanged,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.evidence.facts.event_loop import GC_THRESHOLD
from ssmtui.model.finding import FleetFinding, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import ConnectionStatus, Node, PingStatus, Registration
from ssmtui.ui.app.app import SsmtuiApp
from tests.ui.builders import HEALTHY, PARIS, finding, node, told, verdict
from tests.ui.scripted_inquiry import ScriptedInquiry

LETTERS = "qzxjkvwu"
"""First letters of names that occur in no id and in no other name, so that each typed letter narrows the rows."""

BURST = 1000
"""Events that arrive together."""

_LAPS = 2
"""How many times all nodes change before the changes are repeated."""

_BROKEN = 10
"""One node in this many has a fault."""


def nodes_of(count: int) -> list[Node]:
    """Return nodes with random names; for ten thousand this takes a fifth of a second."""
    random = Random(count)  # noqa: S311 - the same names each time
    return [
        node("".join(random.choices(LETTERS, k=4)) + f"-{number:05}", number, tags=(("Env", "prod"),))
        for number in range(count)
    ]


def faults_among(nodes: list[Node]) -> list[FleetFinding]:
    """Return twelve findings, each with its share of the broken nodes."""
    causes = ("log-group-unencrypted", "log-group-unwritable", "kms-node-denied", "s3-bucket-missing")
    broken = nodes[::_BROKEN]
    return [
        finding(
            causes[number % len(causes)],
            Link.PREFERENCES,
            Subject(SubjectKind.ROLE, PARIS.arn("iam", f"role/web-{number}")),
            broken[number::12],
            fixes=("encrypt-log-group",),
            status=Status.FAIL,
        )
        for number in range(min(12, len(broken)))
    ]


class Storm(ScriptedInquiry):
    """A diagnosis that has reported all its nodes, and then changes `rate` of them per second.

    If it is `busy`, its thread also uses CPU time in pure Python, as the checks do.
    """

    def __init__(self, count: int, rate: int, *, busy: bool = False) -> None:
        super().__init__()
        self._nodes = nodes_of(count)
        self._faults = faults_among(self._nodes)
        self._rate = rate
        self._busy = busy
        self._over = Flag()
        self.tell(ScopeOpened(PARIS), *told(PARIS, self._nodes, verdicts=HEALTHY))
        for fault in self._faults:
            bad = verdict(VerdictStatus.FAIL, fault)
            self.tell(FindingChanged(fault), *(VerdictChanged(key, bad) for key in fault.nodes))
        self.tell(self._progress(0), ScopeSettled(PARIS.name))
        self._thread = Thread(target=self._blow, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._over.set()
        super().close()

    def _blow(self) -> None:
        changes = self._changes()
        due = monotonic()
        told = 0
        while not self._over.is_set():
            if self._rate and monotonic() >= due:
                self.tell(*islice(changes, BURST), self._progress(told))
                due += BURST / self._rate
                told += BURST
            elif self._busy:
                sum(number * number for number in range(2_000))
            else:
                self._over.wait(max(due - monotonic(), 0.001) if self._rate else 0.2)

    def _progress(self, told: int) -> ProgressChanged:
        count = len(self._nodes)
        calls = (("ec2:DescribeInstances", 11), ("ssm:GetConnectionStatus", told))
        return ProgressChanged(PARIS.name, told % count, count, listing=False, api_calls=calls, throttled=False)

    def _changes(self) -> cycle[Event]:
        """Return possible changes of nodes and findings, in a balanced order.

        After one lap, the same changes would change nothing: the second lap changes the nodes again.
        """
        random = Random(1)  # noqa: S311 - the same changes each time
        warned = verdict(VerdictStatus.WARN)
        bad = [verdict(VerdictStatus.FAIL, fault) for fault in self._faults]
        events: list[Event] = []
        for lap in range(_LAPS):
            for number, each in enumerate(random.sample(self._nodes, len(self._nodes))):
                key = each.key
                connection = (ConnectionStatus.CONNECTED, ConnectionStatus.NOT_CONNECTED)[
                    (int(key.id[2:], 16) + lap) % 2
                ]
                events += [
                    VerdictChanged(key, random.choice((HEALTHY, HEALTHY, HEALTHY, warned, *bad[:2]))),
                    ConnectionRead(key, connection),
                ]
                if number % 4 == 0 and isinstance(each.registration, Registration):
                    ping = random.choice((PingStatus.ONLINE, PingStatus.CONNECTION_LOST))
                    events.append(NodeListed(PARIS, replace(each, registration=replace(each.registration, ping=ping))))
                if number % 50 == 0:
                    fault = random.choice(self._faults)
                    held = frozenset(islice(fault.nodes, random.randrange(1, len(fault.nodes) + 1)))
                    events.append(FindingChanged(replace(fault, nodes=held)))
        return cycle(events)


def run(count: int, rate: int, *, busy: bool) -> None:
    """Run the app with such a diagnosis on this terminal."""
    gc.set_threshold(*GC_THRESHOLD)  # as in every process with an evidence thread
    SsmtuiApp(lambda: Storm(count, rate, busy=busy), mode="demo").run()
