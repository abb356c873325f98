"""Run one check on the path of a node, once for each combination of facts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from ssmtui.analysis.finding_parts import add_interface_findings
from ssmtui.analysis.refused_calls import REFUSAL_CAUSES, apply_refusals
from ssmtui.checks.registry import Check
from ssmtui.evidence.facts.fact_resolver import FactResolver, PerNode, ResolvedNeeds, UnresolvedNeed
from ssmtui.language import say
from ssmtui.model.access_denied import SessionRefusals, lookup_evidence
from ssmtui.model.fact import NotApplicable, OfNode, Unreadable
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
    """The check has a result; without findings, nothing is wrong."""

    findings: Findings


@dataclass(frozen=True, slots=True)
class CheckNotApplicable:
    """The check does not apply to this node."""

    why: str


CheckResult = CheckFindings | CheckNotApplicable


@dataclass(frozen=True, slots=True)
class CheckPerNode:
    """The check must run for each node of a class.

    `judge` runs it if only the node is missing; it is None if each node also has its own facts.
    """

    check: Check
    judge: Callable[[Node], CheckResult] | None = None


_WITHOUT_FAULT = CheckFindings(())


@lru_cache(maxsize=1024)
def _not_applicable(why: str) -> CheckNotApplicable:
    """Return the same result for the same reason: it is kept for each node."""
    return CheckNotApplicable(why)


def _result(findings: Findings | NotApplicable, scope: Scope) -> CheckResult:
    """Return the result. If another document than the preferences is checked, fixes of the preferences are left out."""
    if isinstance(findings, NotApplicable):
        return _not_applicable(findings.why)
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


_ResultKey = tuple[str, tuple[Hashable, ...], Subject | None]
"""The key of a result: the check, the keys of its facts, and the subject, if the subject is not in the facts."""


class CheckRunner:
    """Runs checks, and caches the results by their facts.

    A check runs once for a thousand nodes with the same role.
    """

    def __init__(self, skipped: frozenset[str] = frozenset()) -> None:
        self._skipped = skipped
        self._judged: dict[_ResultKey, CheckResult | OfNode[Findings]] = {}
        self._judged_before: dict[_ResultKey, CheckResult | OfNode[Findings]] = {}

    def begin_anew(self) -> None:
        """Start a new generation after facts have changed.

        Results that are not used until the next call are dropped then.
        """
        self._judged_before, self._judged = self._judged, {}

    async def judge(self, check: Check, resolver: FactResolver) -> CheckResult:
        """Return the result of a check for the path of one node."""
        result = await self.judge_class(check, resolver)
        if isinstance(result, CheckPerNode):
            raise TypeError(f"{check.name} is asked of several nodes")
        return result

    async def judge_class(self, check: Check, resolver: FactResolver) -> CheckResult | CheckPerNode:
        """Return the result of a check for a path, which can be the shared path of all nodes with the same traits."""
        if check.name in self._skipped:
            skipped = Evidence(say("this check was skipped"), SKIPPED_SOURCE)
            subject = await self._subject(check, resolver)
            if subject is None:
                return CheckPerNode(check)
            return CheckFindings((_unknown(check, subject, (), (skipped,)),))
        shared = await self._shared_result(check, resolver, await resolver.answers(check.needs))
        if isinstance(shared, CheckNotApplicable):
            return shared
        if isinstance(shared, CheckPerNode):
            has_own_evidence = check.link is Link.NETWORK or not REFUSAL_CAUSES.isdisjoint(check.causes)
            return CheckPerNode(check) if has_own_evidence else shared
        # Evidence of a single node is added separately; it is read only for selected nodes.
        if not REFUSAL_CAUSES.isdisjoint(check.causes):
            return await self._with_refusals(check, shared, resolver)
        if check.link is Link.NETWORK:
            return await self._with_other_interfaces(check, shared, resolver)
        return shared

    async def _shared_result(
        self, check: Check, resolver: FactResolver, needs: ResolvedNeeds | UnresolvedNeed
    ) -> CheckResult | CheckPerNode:
        if isinstance(needs, UnresolvedNeed) and isinstance(needs.by, PerNode):
            return CheckPerNode(check, _judge_of_node(check, needs.by, resolver.scope))
        unread = isinstance(needs, UnresolvedNeed) and isinstance(needs.by, tuple)
        # An unknown finding is about the check's subject, or about the Region if the subject is unknown, too.
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

    async def _with_refusals(self, check: Check, judged: CheckFindings, resolver: FactResolver) -> CheckResult:
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
            by_it = await self._shared_result(check, path, await path.answers(check.needs))
            if isinstance(by_it, CheckFindings):
                others.append((each, by_it.findings))
        return CheckFindings(add_interface_findings(judged.findings, others)) if others else judged

    async def _subject(self, check: Check, resolver: FactResolver) -> Subject | None:
        """Return the subject of a check; None if each node of a class has its own subject.

        If the subject is unknown, it is the Region: the subject is then unknown for all nodes.
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
    lookups = dict.fromkeys(evidence for each in reasons for evidence in lookup_evidence(each.looked_up))
    return replace(finding, evidence=(*finding.evidence, *lookups))


def _unknown(check: Check, subject: Subject, actions: tuple[str, ...], evidence: tuple[Evidence, ...]) -> Finding:
    why = "; ".join(dict.fromkeys(each.fact for each in evidence))
    return Finding(
        cause=check.causes[0],
        status=Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        subject=subject,
        summary=say("{title}: the result is unknown. {why}", title=say(check.title), why=why),
        evidence=evidence,
        needs=actions,
    )
