"""Running one check for one node's path: gathered needs in, findings out, each combination of facts judged once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from ssmtui.checks.check import Check
from ssmtui.checks.other_interfaces import with_others
from ssmtui.checks.refused import CAUSES, with_refusals
from ssmtui.evidence.gathering.journey import Answered, Blocked, Journey
from ssmtui.fixes.frame.fix import makes_stale
from ssmtui.language import say
from ssmtui.model.address_block import AddressBlock
from ssmtui.model.answers import Unreadable
from ssmtui.model.authorization_text import look_up_evidence
from ssmtui.model.finding import LEFT_OUT, Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.interfaces import NetworkInterface, NetworkInterfaces
from ssmtui.model.network import Placement
from ssmtui.model.path import Link
from ssmtui.model.plan import FactChange
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.refused_calls import SessionRefusals
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Judged:
    """A check came to a result; no findings mean that it is without a fault."""

    findings: Findings


@dataclass(frozen=True, slots=True)
class Mooted:
    """The check's question has no meaning for this node."""

    why: str


Judgement = Judged | Mooted


def _withheld(judgement: Judgement, scope: Scope) -> Judgement:
    """Without the fixes that change the preferences, where sessions are judged by another document."""
    if scope.document is None or isinstance(judgement, Mooted):
        return judgement
    return Judged(
        tuple(
            replace(each, fixes=tuple(fix for fix in each.fixes if not makes_stale(fix, PreferencesDocument)))
            for each in judgement.findings
        )
    )


_By = tuple[str, tuple[Hashable, ...], Subject | None]
"""By what something was judged: the check, the keys of its facts, and whom it is about where that is no fact of its."""


class Judging:
    """Judges, and remembers what it judged by which facts: a thousand nodes on one role are judged once."""

    def __init__(self, skipped: frozenset[str] = frozenset()) -> None:
        self._skipped = skipped
        self._judged: dict[_By, Judgement] = {}
        self._judged_before: dict[_By, Judgement] = {}

    def begin_anew(self) -> None:
        """Facts may be others from now on: what is not asked for again until the next time is forgotten then."""
        self._judged_before, self._judged = self._judged, {}

    async def judge(self, check: Check, journey: Journey) -> Judgement:
        """What a check says of the path that a journey follows.

        Raises:
            NodesOwn: it is the path of a class, and the nodes of the class may differ in this.

        """
        if check.name in self._skipped:
            skipped = Evidence(say("this check was skipped"), LEFT_OUT)
            return Judged((_unknown(check, await self._subject(check, journey), (), (skipped,)),))
        shared = await self._shared(check, journey)
        if isinstance(shared, Mooted):
            return shared
        # What a node alone proves is judged beside, and known only of one that somebody points at.
        if not CAUSES.isdisjoint(check.causes):
            return await self._with_what_was_refused(check, shared, journey)
        if check.link is Link.NETWORK:
            return await self._with_other_interfaces(check, shared, journey)
        return shared

    async def _shared(self, check: Check, journey: Journey) -> Judgement:
        needs = await journey.answers(check.needs)
        unread = isinstance(needs, Blocked) and isinstance(needs.by, tuple)
        # What is unknown is about the check's subject, or the Region where not even that is known.
        subject = await self._subject(check, journey) if unread else None
        if needs.of_the_node:
            return _withheld(_judge(check, needs, subject, journey), journey.scope)
        by = (check.name, needs.keys, subject)
        known = self._judged.get(by) or self._judged_before.get(by)
        if known is None:
            known = _withheld(_judge(check, needs, subject, journey), journey.scope)
        self._judged[by] = known
        return known

    async def _with_what_was_refused(self, check: Check, judged: Judged, journey: Journey) -> Judgement:
        refusals = (await journey.fact(SessionRefusals)).value
        if not isinstance(refusals, SessionRefusals):
            return judged
        return Judged(with_refusals(judged.findings, check.causes, refusals))

    async def _with_other_interfaces(self, check: Check, judged: Judged, journey: Journey) -> Judgement:
        interfaces = (await journey.fact(NetworkInterfaces)).value
        others: list[tuple[NetworkInterface, Findings]] = []
        for each in interfaces.others if isinstance(interfaces, NetworkInterfaces) else ():
            path = journey.elsewhere(
                FactChange(Placement, each.placement), FactChange(AddressBlock, AddressBlock(each.private_ip))
            )
            by_it = await self._shared(check, path)
            if isinstance(by_it, Judged):
                others.append((each, by_it.findings))
        return Judged(with_others(judged.findings, others)) if others else judged

    async def _subject(self, check: Check, journey: Journey) -> Subject:
        """Whom the check is about; the Region, where not even that can be told: what hides it hides it of all nodes."""
        needs = await journey.answers(check.subject_needs)
        if isinstance(needs, Answered):
            return journey.call(check.subject, needs.arguments)
        return Subject(SubjectKind.REGION, journey.scope.region)


def _judge(check: Check, needs: Answered | Blocked, subject: Subject | None, journey: Journey) -> Judgement:
    if isinstance(needs, Answered):
        return Judged(journey.call(check.judge, needs.arguments))
    if isinstance(needs.by, tuple):
        assert subject is not None  # noqa: S101 - it was looked up for this
        return Judged((_unreadable(check, subject, needs.by),))
    return Mooted(getattr(needs.by, "why", "") or getattr(needs.by, "what", ""))


def _unreadable(check: Check, subject: Subject, reasons: tuple[Unreadable, ...]) -> Finding:
    actions = tuple(dict.fromkeys(each.action for each in reasons if each.action))
    evidence = tuple(dict.fromkeys(Evidence(each.why, each.source) for each in reasons))
    finding = _unknown(check, subject, actions, evidence)
    own_words = dict.fromkeys(said for each in reasons for said in look_up_evidence(each.looked_up))
    return replace(finding, evidence=(*finding.evidence, *own_words))


def _unknown(check: Check, subject: Subject, actions: tuple[str, ...], evidence: tuple[Evidence, ...]) -> Finding:
    why = "; ".join(dict.fromkeys(each.fact for each in evidence))
    return Finding(
        cause=check.causes[0],
        status=Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        subject=subject,
        summary=say("{title}: could not be told. {why}", title=say(check.title), why=why),
        evidence=evidence,
        needs=actions,
    )
