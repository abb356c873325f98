"""Hold the fixes of several findings: their plans, and which of them can be applied together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.finding import FleetFinding, Status
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.remediation.preview import combination_conflict
from ssmtui.ui.state.fleet_view import FleetView

OfferKey = tuple[str, str]
"""A finding's id, and the slug of a fix."""


@dataclass(frozen=True, slots=True)
class FixOffer:
    """A fix of a finding. `answer` is None while it is worked out; `nodes` are those that it would serve.

    `is_gone` says that the checks do not find any more what it would mend, or do not offer it for that.
    """

    finding: FleetFinding
    fix: str
    nodes: frozenset[NodeKey]
    answer: Plan | FixNotApplicable | None = None
    is_gone: bool = False

    @property
    def key(self) -> OfferKey:
        """What tells it apart."""
        return self.finding.id, self.fix

    @property
    def is_for_itself(self) -> bool:
        """Whether it is opened alone: something must be chosen first, or it is done by hand."""
        by_hand = isinstance(self.answer, FixNotApplicable) and bool(self.answer.choices or self.answer.steps)
        return by_hand and not self.is_gone

    @property
    def why_not(self) -> str:
        """Why it cannot be among several; empty where it can, or that is not known yet."""
        match self.answer:
            case _ if self.is_gone:
                return say("the checks do not find it any more")
            case FixNotApplicable() if self.answer.choices:
                return say("something must be chosen first: Enter previews it alone")
            case FixNotApplicable() if self.answer.steps:
                return say("it is done by hand: Enter shows the steps")
            case FixNotApplicable():
                return self.answer.why
            case _:
                return ""


def most_needed_first(
    fleet_view: FleetView, findings: Iterable[FleetFinding], nodes: Collection[NodeKey]
) -> list[FleetFinding]:
    """The findings in their order, those before the others that hold these nodes down (all of theirs, if none)."""

    def need(fleet_finding: FleetFinding) -> int:
        behind = fleet_finding.nodes & frozenset(nodes) if nodes else fleet_finding.nodes
        if any(fleet_view.verdict(key).root_cause == fleet_finding.finding.cause for key in behind):
            return 0
        return 1 if fleet_finding.finding.status is Status.FAIL else 2

    return sorted(findings, key=need)


class FixOffers:
    """The offers in their order, and which are chosen. Of one finding one fix is chosen at most."""

    def __init__(self, findings: Sequence[FleetFinding], nodes: Collection[NodeKey] = ()) -> None:
        self._asked_for = frozenset(nodes)
        self._chosen: dict[OfferKey, None] = {}
        # Each for itself; what is shown is `_offers`, where those that are the same change are one.
        self._all = {
            (fleet_finding.id, fix): FixOffer(fleet_finding, fix, self._served(fleet_finding))
            for fleet_finding in findings
            for fix in fleet_finding.finding.fixes
        }
        self._offers = dict(self._all)

    def __iter__(self) -> Iterator[FixOffer]:
        return iter(tuple(self._offers.values()))

    @property
    def keys(self) -> list[OfferKey]:
        """The offers, in order."""
        return list(self._offers)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans that are chosen, in the order of the offers."""
        answers = (offer.answer for offer in self if offer.key in self._chosen)
        return tuple(answer for answer in answers if isinstance(answer, Plan))

    @property
    def served(self) -> frozenset[NodeKey]:
        """The nodes behind what is chosen."""
        return frozenset().union(*(self._offers[key].nodes for key in self._chosen))

    def offer(self, key: OfferKey | None) -> FixOffer | None:
        """One offer."""
        return self._offers.get(key) if key is not None else None

    def is_chosen(self, key: OfferKey) -> bool:
        """Whether an offer is chosen."""
        return key in self._chosen

    @property
    def open(self) -> tuple[FixOffer, ...]:
        """Those that a plan can be worked out for, each for itself."""
        return tuple(offer for offer in self._all.values() if not offer.is_gone)

    def answered(self, key: OfferKey, answer: Plan | FixNotApplicable) -> None:
        """What has become of an offer. One that is the same change as an earlier one is taken into that."""
        self._all[key] = replace(self._all[key], answer=answer)
        self._take_together()

    def follow(self, findings: Mapping[str, FleetFinding]) -> bool:
        """Go by what is found now; whether the plans are to be worked out anew. What is gone is chosen no more."""
        anew = False
        for key, offer in self._all.items():
            now = findings.get(offer.finding.id)
            is_gone = now is None or offer.fix not in now.finding.fixes
            fleet_finding = now or offer.finding
            other = is_gone is not offer.is_gone or fleet_finding.finding != offer.finding.finding
            anew = anew or other
            self._all[key] = replace(
                offer,
                finding=fleet_finding,
                nodes=self._served(fleet_finding),
                is_gone=is_gone,
                answer=None if other else offer.answer,
            )
        self._take_together()
        return anew

    def _served(self, fleet_finding: FleetFinding) -> frozenset[NodeKey]:
        return fleet_finding.nodes & self._asked_for if self._asked_for else fleet_finding.nodes

    def _take_together(self) -> None:
        shown: dict[OfferKey, FixOffer] = {}
        for key, offer in self._all.items():
            same = next((each for each in shown.values() if _are_one(each, offer)), None)
            if same is None:
                shown[key] = offer
            else:
                shown[same.key] = replace(same, nodes=same.nodes | offer.nodes)
        self._offers = shown
        self._chosen = {key: None for key in self._chosen if key in shown and not shown[key].is_gone}

    def toggle(self, key: OfferKey) -> None:
        """Choose an offer, or choose it no more; another fix of the same finding gives way to it."""
        if key in self._chosen:
            del self._chosen[key]
            return
        self._chosen = {each: None for each in self._chosen if each[0] != key[0]}
        self._chosen[key] = None

    def why_not(self, key: OfferKey) -> str:
        """Why an offer cannot be chosen besides those that are; empty where it can, or is chosen."""
        offer = self._offers[key]
        if key in self._chosen or offer.why_not:
            return offer.why_not
        if offer.answer is None:
            return say("it is still being worked out")
        others = (self._offers[each].answer for each in self._chosen if each[0] != key[0])
        plans = (each for each in others if isinstance(each, Plan))
        reasons = (combination_conflict(offer.answer, each) for each in plans if isinstance(offer.answer, Plan))
        return next((reason for reason in reasons if reason), "")


def _are_one(first: FixOffer, second: FixOffer) -> bool:
    is_change = isinstance(second.answer, Plan) and not first.is_gone and not second.is_gone
    return is_change and first.answer == second.answer
