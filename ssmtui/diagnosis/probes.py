"""Make findings from a node's probes, and decide how long the results of probes stay valid."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from ssmtui.analysis.finding_parts import the_node
from ssmtui.analysis.probe_results import (
    PORT_CAUSES,
    TRANSIENT_CAUSES,
    FindingOnLink,
    ProbeFinding,
    apply_probes,
    describe_probe,
)
from ssmtui.causes.catalogue import Cause, catalogue
from ssmtui.checks.registry import Check
from ssmtui.diagnosis.events import Event, ProbesChanged
from ssmtui.evidence.facts.fact_resolver import FactResolver, ResolvedNeeds
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.language import say
from ssmtui.model.finding import PROBE, Confidence, Evidence, Finding, Link, Status, Subject, Verdict, VerdictStatus
from ssmtui.model.node import Node, NodeKey, Registration
from ssmtui.model.probe import NOT_PROBED, ProbeEnd, ProbeOutcome, Probes


@dataclass(frozen=True, slots=True)
class ProbeFindings:
    """The probes of a node, and the findings from them."""

    probes: Probes
    own: tuple[ProbeFinding, ...]
    caller_judged: bool

    def adjust(self, findings: Sequence[FindingOnLink]) -> tuple[FindingOnLink, ...]:
        """Return the findings of the checks, adjusted by the probes."""
        return apply_probes(findings, self.probes, self.own, caller_judged=self.caller_judged)


async def probe_findings(resolver: FactResolver, checks: Sequence[Check]) -> ProbeFindings | None:
    """Return the findings from the probes of a path's node; None if it was not probed."""
    probes = (await resolver.fact(Probes)).value
    if not isinstance(probes, Probes) or resolver.node is None:
        return None
    own = [await _finding_of(each, resolver, checks) for each in probes.in_order if not each.opened]
    return ProbeFindings(
        probes, tuple(each for each in own if each is not None), caller_judged=resolver.scope.judged is None
    )


async def _finding_of(outcome: ProbeOutcome, resolver: FactResolver, checks: Sequence[Check]) -> ProbeFinding | None:
    cause = catalogue().get(outcome.cause or "")
    if cause is None or cause.slug in TRANSIENT_CAUSES:
        return None
    harmless = cause.link is Link.WORKSTATION or cause.slug in PORT_CAUSES
    subject = await _subject(cause, resolver, checks)
    finding = Finding(
        cause=cause.slug,
        status=Status.WARN if harmless else Status.FAIL,
        confidence=Confidence.LIKELY if outcome.ambiguous else Confidence.PROVED,
        subject=subject,
        summary=say("A test session was opened: {title}.", title=cause.title),
        evidence=(Evidence(describe_probe(outcome), PROBE),),
        fixes=tuple(each.slug for each in cause.fixes),
    )
    return ProbeFinding(outcome.kind, cause.link, finding)


async def _subject(cause: Cause, resolver: FactResolver, checks: Sequence[Check]) -> Subject:
    """Return the subject of the checks with this cause; the node, if none has a known subject."""
    for check in checks:
        if cause.slug not in check.causes:
            continue
        needs = await resolver.answers(check.subject_needs)
        if isinstance(needs, ResolvedNeeds):
            subject = check.subject(**needs.arguments)
            if subject.kind is cause.subject:
                return subject
    assert resolver.node is not None  # noqa: S101 - the Region's own path has no probe
    return the_node(resolver.node)


_CAN_OPEN = frozenset({VerdictStatus.OK, VerdictStatus.WARN})


class ProbeResults:
    """Adds the results of probes to the facts of a scope, removes them, and publishes both."""

    def __init__(self, store: FactStore, emit: Callable[[Event], None]) -> None:
        self._store = store
        self._emit = emit

    @property
    def nodes(self) -> tuple[NodeKey, ...]:
        """Return the nodes with probes."""
        return self._store.individual_nodes.probed

    def know(self, outcome: ProbeOutcome) -> bool:
        """Record the result of a probe; return False for an interrupted probe, which has no result."""
        if outcome.end is ProbeEnd.INTERRUPTED:
            return False
        self._store.individual_nodes.know_probe(outcome)
        self._emit(ProbesChanged(outcome.node, self._store.individual_nodes.probes_of(outcome.node)))
        return True

    def forget(self, keys: Collection[NodeKey]) -> None:
        """Remove the probes of these nodes: they prove nothing about the state after a change or a new read."""
        for key in keys:
            if self._store.individual_nodes.forget_probe(key):
                self._emit(ProbesChanged(key, NOT_PROBED))

    def forget_all(self) -> None:
        """Remove all probes, because something that any node's sessions can depend on was changed or read again."""
        self.forget(self.nodes)

    def compare(self, before: Node | None, now: Node) -> None:
        """Remove the probes of a node that has changed: restarted, with another role, or updated."""
        if has_changed(before, now):
            self.forget([now.key])


def has_changed(before: Node | None, now: Node) -> bool:
    """Return whether the listing of a node has changed, ignoring its heartbeat."""
    return before is not None and before is not now and _without_heartbeat(before) != _without_heartbeat(now)


def adjust_for_probes(published: Verdict, before: Verdict, after: Verdict) -> tuple[Verdict, Verdict]:
    """Adjust the two verdicts of a forecast about a probed node, which come from the checks alone.

    If a probe stopped at something that the checks do not see, a change that fixes what they see can leave the node
    red: then neither verdict says that a session opens.
    """
    if published.status not in _CAN_OPEN and before.root_cause != published.root_cause:
        return _unsure(before), _unsure(after)
    return before, after


def _unsure(verdict: Verdict) -> Verdict:
    return replace(verdict, status=VerdictStatus.UNKNOWN) if verdict.status in _CAN_OPEN else verdict


def _without_heartbeat(node: Node) -> object:
    """Return a node without its last heartbeat, which changes by itself."""
    registration = node.registration
    if isinstance(registration, Registration):
        registration = replace(registration, last_ping=None)
    return node.instance, registration
