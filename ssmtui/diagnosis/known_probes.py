"""What is known of a scope's nodes by probes, and for how long: until what their sessions rest on may be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from ssmtui.diagnosis.events import Event, ProbesChanged
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.node import Node, NodeKey, Registration
from ssmtui.model.probe import NOT_PROBED, ProbeEnd, ProbeOutcome

_OPENS = frozenset({VerdictStatus.OK, VerdictStatus.WARN})


class KnownProbes:
    """Puts what probes met among the facts of a scope and takes it away again; tells of both."""

    def __init__(self, gathering: Gathering, emit: Callable[[Event], None]) -> None:
        self._gathering = gathering
        self._emit = emit

    @property
    def nodes(self) -> tuple[NodeKey, ...]:
        """The nodes of which something is known."""
        return self._gathering.singled_out.probed

    def know(self, outcome: ProbeOutcome) -> bool:
        """Know what a probe met; whether it met anything. One that was interrupted did not."""
        if outcome.end is ProbeEnd.INTERRUPTED:
            return False
        self._gathering.singled_out.know_probe(outcome)
        self._emit(ProbesChanged(outcome.node, self._gathering.singled_out.probes_of(outcome.node)))
        return True

    def forget(self, keys: Collection[NodeKey]) -> None:
        """What was observed before something changed, or is read anew, proves nothing of what is now."""
        for key in keys:
            if self._gathering.singled_out.forget_probe(key):
                self._emit(ProbesChanged(key, NOT_PROBED))

    def forget_all(self) -> None:
        """Something was changed, or is read anew, that any node's sessions may rest on."""
        self.forget(self.nodes)

    def compare(self, before: Node | None, now: Node) -> None:
        """Forget the probes of a node that was changed since: started anew, given another role, updated."""
        if has_changed(before, now):
            self.forget([now.key])


def has_changed(before: Node | None, now: Node) -> bool:
    """Whether a node is listed as another than before, its heartbeat apart."""
    return before is not None and before is not now and _at_heart(before) != _at_heart(now)


def beside_theory(told: Verdict, before: Verdict, after: Verdict) -> tuple[Verdict, Verdict]:
    """The two verdicts of a forecast about a probed node, both by theory, as far as theory may speak.

    Where a probe stopped at what theory does not see, a change that mends what theory sees may leave the node red: then
    neither verdict says that a session opens.
    """
    if told.status not in _OPENS and before.root_cause != told.root_cause:
        return _unsure(before), _unsure(after)
    return before, after


def _unsure(verdict: Verdict) -> Verdict:
    return replace(verdict, status=VerdictStatus.UNKNOWN) if verdict.status in _OPENS else verdict


def _at_heart(node: Node) -> object:
    """A node without what changes by itself: its last heartbeat."""
    registration = node.registration
    if isinstance(registration, Registration):
        registration = replace(registration, last_ping=None)
    return node.instance, registration
