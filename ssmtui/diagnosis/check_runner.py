"""Run one check for one node's path; each combination of facts is judged once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial

from ssmtui.analysis.finding_parts import add_interface_findings
from ssmtui.analysis.refused_calls import REFUSAL_CAUSES, apply_refusals
from ssmtui.checks.registry import Check
from ssmtui.evidence.facts.fact_resolver import FactResolver, PerNode, ResolvedNeeds, UnresolvedNeed
from ssmtui.language import say
from ssmtui.model.access_denied import SessionRefusals, lookup_evidence
from ssmtui.model.fact import OfNode, Unreadable
from ssmtui.model.finding import (
    SKIPPED_SOURCE,
    Confidence,
    Evidence,
    Finding,
    Findings,
    Link,
    Status,
    Subject,
    SubjectKind,
)
from ssmtui.model.network import AddressBlock, NetworkInterface, NetworkInterfaces, Placement
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.registry import makes_stale


@dataclass(frozen=True, slots=True)
class CheckFindings:
    """A check came to a result; no findings mean that it is without a fault."""

    findings: Findings


@dataclass(frozen=True, slots=True)
class CheckNotApplicable:
    """The check's question has no meaning for this node."""

    why: str


CheckResult = CheckFindings | CheckNotApplicable


@dataclass(frozen=True, slots=True)
class CheckPerNode:
    """Each node of a class is judged by itself.

    `judge` does so if nothing but the node is missing; it is None if the node has facts of its own as well.
    """

    check: Check
    judge: Callable[[Node], CheckResult] | None = None


_WITHOUT_FAULT = CheckFindings(())


def _result(findings: Findings, scope: Scope) -> CheckResult:
    """The result without the fixes that change the preferences, where sessions are judged by another document."""
    if not findings:
        return _WITHOUT_FAULT
    if scope.document is None:
        return CheckFindings(findings)
    return CheckFindings(
        tuple(
            replace(each, fixes=tuple(fix for fix in each.fixes if not makes_stale(fix, PreferencesDocument)))
            for each in findings
        )
    )


_By = tuple[str, tuple[Hashable, ...], Subject | None]
"""By what something was judged: the check, the keys of its facts, and whom it is about where that is no fact of its."""


class CheckRunner:
    """Judges, and remembers what it judged by which facts: a thousand nodes on one role are judged once."""

    def __init__(self, skipped: frozenset[str] = frozenset()) -> None:
        self._skipped = skipped
        self._judged: dict[_By, CheckResult | OfNode[Findings]] = {}
        self._judged_before: dict[_By, CheckResult | OfNode[Findings]] = {}

    def begin_anew(self) -> None:
        """Facts may be others from now on: what is not asked for again until the next time is forgotten then."""
        self._judged_before, self._judged = self._judged, {}

    async def judge(self, check: Check, resolver: FactResolver) -> CheckResult:
        """What a check says of the path of one node."""
        result = await self.judge_class(check, resolver)
        if isinstance(result, CheckPerNode):
            raise TypeError(f"{check.name} is asked of several nodes")
        return result

    async def judge_class(self, check: Check, resolver: FactResolver) -> CheckResult | CheckPerNode:
        """What a check says of a path, which may be that of all nodes with the same traits."""
        if check.name in self._skipped:
            skipped = Evidence(say("this check was skipped"), SKIPPED_SOURCE)
            subject = await self._subject(check, resolver)
            if subject is None:
                return CheckPerNode(check)
            return CheckFindings((_unknown(check, subject, (), (skipped,)),))
        shared = await self._shared(check, resolver)
        if isinstance(shared, CheckNotApplicable):
            return shared
        if isinstance(shared, CheckPerNode):
            goes_on = check.link is Link.NETWORK or not REFUSAL_CAUSES.isdisjoint(check.causes)
            return CheckPerNode(check) if goes_on else shared
        # What a node alone proves is judged beside, and known only of one that somebody points at.
        if not REFUSAL_CAUSES.isdisjoint(check.causes):
            return await self._with_what_was_refused(check, shared, resolver)
        if check.link is Link.NETWORK:
            return await self._with_other_interfaces(check, shared, resolver)
        return shared

    async def _shared(self, check: Check, resolver: FactResolver) -> CheckResult | CheckPerNode:
        needs = await resolver.answers(check.needs)
        if isinstance(needs, UnresolvedNeed) and isinstance(needs.by, PerNode):
            return CheckPerNode(check, _judge_of_node(check, needs.by, resolver.scope))
        unread = isinstance(needs, UnresolvedNeed) and isinstance(needs.by, tuple)
        # What is unknown is about the check's subject, or the Region where not even that is known.
        subject = await self._subject(check, resolver) if unread else None
        if unread and subject is None:
            return CheckPerNode(check)
        if needs.of_the_node:
            result = _judge(check, needs, subject, resolver.scope)
        else:
            by = (check.name, needs.keys, subject)
            known = self._judged.get(by) or self._judged_before.get(by)
            result = self._judged[by] = known or _judge(check, needs, subject, resolver.scope)
        if not isinstance(result, OfNode):
            return result
        answer, scope = result.answer, resolver.scope
        node = await resolver.supposed_node()
        return (
            CheckPerNode(check, lambda each: _result(answer(each), scope))
            if node is None
            else _result(answer(node), scope)
        )

    async def _with_what_was_refused(self, check: Check, judged: CheckFindings, resolver: FactResolver) -> CheckResult:
        refusals = (await resolver.fact(SessionRefusals)).value
        if not isinstance(refusals, SessionRefusals):
            return judged
        return CheckFindings(apply_refusals(judged.findings, check.causes, refusals))

    async def _with_other_interfaces(self, check: Check, judged: CheckFindings, resolver: FactResolver) -> CheckResult:
        interfaces = (await resolver.fact(NetworkInterfaces)).value
        others: list[tuple[NetworkInterface, Findings]] = []
        for each in interfaces.others if isinstance(interfaces, NetworkInterfaces) else ():
            path = resolver.with_changed_facts(
                FactChange(Placement, each.placement), FactChange(AddressBlock, AddressBlock(each.private_ip))
            )
            by_it = await self._shared(check, path)
            if isinstance(by_it, CheckFindings):
                others.append((each, by_it.findings))
        return CheckFindings(add_interface_findings(judged.findings, others)) if others else judged

    async def _subject(self, check: Check, resolver: FactResolver) -> Subject | None:
        """Whom the check is about; None if each node of a class has another subject.

        The Region, where not even that can be told: what hides it hides it of all nodes.
        """
        needs = await resolver.answers(check.subject_needs)
        if isinstance(needs, ResolvedNeeds):
            return check.subject(**needs.arguments)
        return None if isinstance(needs.by, PerNode) else Subject(SubjectKind.REGION, resolver.scope.region)


def _judge_of_node(check: Check, needs: PerNode, scope: Scope) -> Callable[[Node], CheckResult] | None:
    if needs.arguments is None:
        return None
    judge_shared, name = partial(check.judge, **needs.arguments), needs.name

    def judge(node: Node) -> CheckResult:
        findings = judge_shared(**{name: node})
        return _result(findings.answer(node) if isinstance(findings, OfNode) else findings, scope)

    return judge


def _judge(
    check: Check, needs: ResolvedNeeds | UnresolvedNeed, subject: Subject | None, scope: Scope
) -> CheckResult | OfNode[Findings]:
    if isinstance(needs, ResolvedNeeds):
        findings = check.judge(**needs.arguments)
        return findings if isinstance(findings, OfNode) else _result(findings, scope)
    if isinstance(needs.by, tuple):
        assert subject is not None  # noqa: S101 - it was looked up for this
        return CheckFindings((_unreadable(check, subject, needs.by),))
    return CheckNotApplicable(getattr(needs.by, "why", "") or getattr(needs.by, "what", ""))


def _unreadable(check: Check, subject: Subject, reasons: tuple[Unreadable, ...]) -> Finding:
    actions = tuple(dict.fromkeys(each.action for each in reasons if each.action))
    evidence = tuple(dict.fromkeys(Evidence(each.why, each.source) for each in reasons))
    finding = _unknown(check, subject, actions, evidence)
    own_words = dict.fromkeys(said for each in reasons for said in lookup_evidence(each.looked_up))
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
