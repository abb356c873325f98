"""Findings from a node's probes, and how long the results of probes stay valid."""

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
    """What is known of a node by probes, and what they found by themselves."""

    probes: Probes
    own: tuple[ProbeFinding, ...]
    caller_judged: bool

    def beside(self, found: Sequence[FindingOnLink]) -> tuple[FindingOnLink, ...]:
        """The findings of the checks with what the probes prove."""
        return apply_probes(found, self.probes, self.own, caller_judged=self.caller_judged)


async def probe_findings(resolver: FactResolver, checks: Sequence[Check]) -> ProbeFindings | None:
    """What the probes of a path's node tell; None where it was not probed."""
    probes = (await resolver.fact(Probes)).value
    if not isinstance(probes, Probes) or resolver.node is None:
        return None
    own = [await _own(each, resolver, checks) for each in probes.in_order if not each.opened]
    return ProbeFindings(
        probes, tuple(each for each in own if each is not None), caller_judged=resolver.scope.judged is None
    )


async def _own(outcome: ProbeOutcome, resolver: FactResolver, checks: Sequence[Check]) -> ProbeFinding | None:
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
        summary=say("A session was tried: {title}.", title=cause.title),
        evidence=(Evidence(describe_probe(outcome), PROBE),),
        fixes=tuple(each.slug for each in cause.fixes),
    )
    return ProbeFinding(outcome.kind, cause.link, finding)


async def _subject(cause: Cause, resolver: FactResolver, checks: Sequence[Check]) -> Subject:
    """Whom the checks that name this cause are about; the node, where none can tell."""
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


_OPENS = frozenset({VerdictStatus.OK, VerdictStatus.WARN})


class ProbeResults:
    """Puts what probes met among the facts of a scope and takes it away again; tells of both."""

    def __init__(self, store: FactStore, emit: Callable[[Event], None]) -> None:
        self._store = store
        self._emit = emit

    @property
    def nodes(self) -> tuple[NodeKey, ...]:
        """The nodes of which something is known."""
        return self._store.individual_nodes.probed

    def know(self, outcome: ProbeOutcome) -> bool:
        """Know what a probe met; whether it met anything. One that was interrupted did not."""
        if outcome.end is ProbeEnd.INTERRUPTED:
            return False
        self._store.individual_nodes.know_probe(outcome)
        self._emit(ProbesChanged(outcome.node, self._store.individual_nodes.probes_of(outcome.node)))
        return True

    def forget(self, keys: Collection[NodeKey]) -> None:
        """What was observed before something changed, or is read anew, proves nothing of what is now."""
        for key in keys:
            if self._store.individual_nodes.forget_probe(key):
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


def adjust_for_probes(told: Verdict, before: Verdict, after: Verdict) -> tuple[Verdict, Verdict]:
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
