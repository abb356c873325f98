"""The findings that a node's probes make by themselves: each about what its cause is about, as far as that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.cause import Cause
from ssmtui.checks.check import Check
from ssmtui.checks.probed import OF_THE_PORT, PASSING, Held, OwnFinding, probe_words, with_probes
from ssmtui.checks.subjects import the_node
from ssmtui.evidence.gathering.journey import Answered, Journey
from ssmtui.language import say
from ssmtui.model.finding import PROBE, Confidence, Evidence, Finding, Status
from ssmtui.model.path import Link
from ssmtui.model.probe import ProbeOutcome, Probes
from ssmtui.model.subject import Subject


@dataclass(frozen=True, slots=True)
class Probed:
    """What is known of a node by probes, and what they found by themselves."""

    probes: Probes
    own: tuple[OwnFinding, ...]
    caller_judged: bool

    def beside(self, found: Sequence[Held]) -> tuple[Held, ...]:
        """The findings of the checks with what the probes prove."""
        return with_probes(found, self.probes, self.own, caller_judged=self.caller_judged)


async def probed(journey: Journey, checks: Sequence[Check]) -> Probed | None:
    """What the probes of a path's node tell; None where it was not probed."""
    probes = (await journey.fact(Probes)).value
    if not isinstance(probes, Probes) or journey.node is None:
        return None
    own = [await _own(each, journey, checks) for each in probes.in_order if not each.opened]
    return Probed(probes, tuple(each for each in own if each is not None), caller_judged=journey.scope.judged is None)


async def _own(outcome: ProbeOutcome, journey: Journey, checks: Sequence[Check]) -> OwnFinding | None:
    cause = catalogue().get(outcome.cause or "")
    if cause is None or cause.slug in PASSING:
        return None
    harmless = cause.link is Link.WORKSTATION or cause.slug in OF_THE_PORT
    subject = await _subject(cause, journey, checks)
    finding = Finding(
        cause=cause.slug,
        status=Status.WARN if harmless else Status.FAIL,
        confidence=Confidence.LIKELY if outcome.ambiguous else Confidence.PROVED,
        subject=subject,
        summary=say("A session was tried: {title}.", title=cause.title),
        evidence=(Evidence(probe_words(outcome), PROBE),),
        fixes=tuple(each.slug for each in cause.fixes),
    )
    return OwnFinding(outcome.kind, cause.link, finding)


async def _subject(cause: Cause, journey: Journey, checks: Sequence[Check]) -> Subject:
    """Whom the checks that name this cause are about; the node, where none can tell."""
    for check in checks:
        if cause.slug not in check.causes:
            continue
        needs = await journey.answers(check.subject_needs)
        if isinstance(needs, Answered):
            subject = check.subject(**needs.arguments)
            if subject.kind is cause.subject:
                return subject
    assert journey.node is not None  # noqa: S101 - the Region's own path has no probe
    return the_node(journey.node)
