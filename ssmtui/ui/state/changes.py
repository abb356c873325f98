"""Hold changes as the screens use them: pending changes, batches, offered fixes, and the history of the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.finding import FleetFinding, Status, Subject, SubjectKind
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FixNotApplicable, Forecast, Plan, Reach, UndoPlan
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.remediation.apply.change import Change, ChangeOutcome
from ssmtui.remediation.apply.follow_up import Effect, FollowUp, follow_up_of_apply, follow_up_of_undo
from ssmtui.remediation.apply.journal import Journal, JournalUnusable, made_elsewhere
from ssmtui.remediation.plans.preferences.document_plan import facts_after_undo
from ssmtui.remediation.preview import PlanSet, call_lines, combination_conflict, undo_lines
from ssmtui.ui.state.app_context import scope_of_change
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.changes import call_prose, change_prose, difference_prose, forecast_prose, undo_nodes_prose
from ssmtui.ui.text.styled_text import Prose, TextStyle, heading, paragraph

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.remediation.apply.change_service import ChangeService


class ChangePhase(Enum):
    """The phase of a change."""

    PREVIEW = "preview"
    MAKING = "making"
    MADE = "made"
    NOT_MADE = "not made"


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that waits for confirmation.

    `prose` is its text, with the forecast as soon as there is one. `confirmation` is the word to type; empty if a key
    is enough. `make` starts the change, with the ids of the nodes that wait for it; None means that the change can only
    be read and copied. `plan` is what a forecast can be made for; None for an undo. `subject` is what changes.
    `afterwards` returns the follow-up of its outcome, for the nodes that wait for it. `verb` is one word for what
    confirming does. `has_way_back` says whether a key can undo the change afterwards. `foresee` returns the forecast of
    an undo, as far as the facts before the change are known.
    """

    title: str
    where: str
    scope: ScopeName
    confirmation: str
    verb: str
    make: Callable[[tuple[str, ...]], Future[ChangeOutcome]] | None
    prose: Callable[[Forecast | None], Prose]
    subject: Subject
    afterwards: Callable[[ChangeOutcome, tuple[NodeKey, ...], datetime], FollowUp]
    plan: Plan | None = None
    has_way_back: bool = False
    foresee: Callable[[DiagnosisHandle], Awaitable[Forecast | None]] | None = None


_REGIONAL_SUBJECTS = (SubjectKind.DOCUMENT, SubjectKind.SERVICE_SETTING, SubjectKind.REGION)
"""Subjects of which a Region has exactly one, shared by all its nodes."""


def pending_apply(fleet_view: FleetView, change_service: ChangeService | None, plan: Plan) -> PendingChange:
    """Return the pending change of a plan; it can only be read if changes are not allowed."""
    return PendingChange(
        title=plan.title,
        where=say(
            "{region} · affects {reach} · {kind} {subject}",
            region=plan.scope.region,
            kind=say(plan.subject.kind.value),
            subject=plan.subject.name,
            reach=say(plan.reach.value),
        ),
        scope=plan.scope.name,
        confirmation=plan.confirmation,
        verb=say("apply"),
        make=(lambda awaited_by: change_service.apply(replace(plan, awaited_by=awaited_by)))
        if change_service is not None
        else None,
        prose=lambda forecast: change_prose(fleet_view, plan, forecast),
        subject=plan.subject,
        afterwards=partial(follow_up_of_apply, plan),
        plan=plan,
        has_way_back=bool(plan.way_back.calls),
    )


def pending_undo(
    fleet_view: FleetView, change_service: ChangeService | None, scope: Scope, change: Change
) -> PendingChange:
    """Return the pending undo of a change, in the open scope of the change."""
    return PendingChange(
        title=say("Undo: {title}", title=change.title),
        where=" · ".join((scope.region, change.subject.name, say("applied {at:%Y-%m-%d %H:%M} UTC", at=change.at))),
        scope=scope.name,
        # An undo affects the whole Region again, and needs the same confirmation.
        confirmation=scope.region if change.subject.kind in _REGIONAL_SUBJECTS else "",
        verb=say("undo the change"),
        make=(lambda _awaited_by: change_service.undo(change.id, scope)) if change_service is not None else None,
        prose=lambda forecast: _undo_prose(fleet_view, change, forecast),
        subject=change.subject,
        afterwards=lambda outcome, _hoped, now: follow_up_of_undo(change, scope.name, outcome, now),
        foresee=lambda handle: _forecast_of_undo(handle, scope, change),
    )


async def _forecast_of_undo(handle: DiagnosisHandle, scope: Scope, change: Change) -> Forecast | None:
    """Return the forecast of an undo that stores the previous text of the preferences again; None for other undos.

    The journal has no facts. The facts before other changes are not known any more.
    """
    if not change.before or all(call.operation != "UpdateDocument" for call in change.way_back.calls):
        return None
    try:
        document = (await asyncio.wrap_future(handle.region_facts(scope.name))).document
    except LookupError:
        return None
    after = facts_after_undo(document, change.before) if isinstance(document, PreferencesDocument) else None
    if after is None:
        return None
    undo = Plan(
        title=change.title,
        scope=scope,
        subject=change.subject,
        calls=change.way_back.calls,
        before=change.after,
        after=change.before,
        guards=(),
        way_back=UndoPlan((), ()),
        reach=Reach.REGION,
        undo="",
        facts_after=after,
    )
    return await asyncio.wrap_future(handle.forecast(undo))


def completing(change_service: ChangeService | None, scope: Scope, change: Change, plan: Plan) -> PendingChange:
    """Return the pending rest of an interrupted change, in the open scope of the change."""
    return PendingChange(
        title=plan.title,
        where=" · ".join((scope.region, change.subject.name, say("started {at:%Y-%m-%d %H:%M} UTC", at=change.at))),
        scope=scope.name,
        confirmation=scope.region if change.subject.kind in _REGIONAL_SUBJECTS else "",
        verb=say("complete the change"),
        make=(lambda _awaited_by: change_service.complete(change.id)) if change_service is not None else None,
        prose=lambda _forecast: _completion_prose(change, plan),
        subject=change.subject,
        afterwards=lambda outcome, hoped, now: follow_up_of_apply(replace(plan, scope=scope), outcome, hoped, now),
        has_way_back=bool(change.way_back.calls),
    )


def _completion_prose(change: Change, plan: Plan) -> Prose:
    left, number = len(plan.calls), len(change.calls)
    made = say("{made} of {number} calls were made before the interruption", made=number - left, number=number)
    return (
        paragraph(made),
        paragraph((say("If the resource has changed since then, nothing is written."), TextStyle.MUTED)),
        heading(say("Remaining API calls")),
        *call_prose(call_lines(plan)),
        heading(say("Difference")),
        *difference_prose(change.before, change.after),
        heading(say("How to undo")),
        paragraph(change.undo, indent=2),
    )


def _undo_prose(fleet_view: FleetView, change: Change, forecast: Forecast | None) -> Prose:
    opened = (
        (
            paragraph(
                (say("It is not known whether the change was applied. The undo checks this first."), TextStyle.WARN)
            ),
        )
        if change.is_open
        else ()
    )
    return (
        paragraph(change.undo),
        *opened,
        paragraph((say("If the resource has changed since then, nothing is written."), TextStyle.MUTED)),
        heading(say("What changes")),
        *(undo_nodes_prose(fleet_view, change) if forecast is None else forecast_prose(fleet_view, change, forecast)),
        heading(say("Difference")),
        *difference_prose(change.after, change.before),
        heading(say("API calls")),
        *call_prose(undo_lines(change)),
    )


async def apply_in_order(
    plans: PlanSet,
    change_service: ChangeService,
    hoped: Callable[[Plan], tuple[NodeKey, ...]],
    now: Callable[[], datetime],
) -> AsyncIterator[tuple[Plan, ChangeOutcome, FollowUp]]:
    """Apply the changes in order; yield each with its outcome and follow-up, and stop after the first failure.

    `hoped` returns the nodes that a change is expected to repair.
    """
    for plan in plans.plans:
        nodes = hoped(plan)
        outcome = await asyncio.wrap_future(
            change_service.apply(replace(plan, awaited_by=tuple(key.id for key in nodes)))
        )
        after = follow_up_of_apply(plan, outcome, nodes, now())
        yield plan, outcome, after
        if after.effect is not Effect.MADE:
            return


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """The changes, newest first.

    `damaged` holds the lines that cannot be parsed, `problem` the reason if the journal cannot be read.
    `under_way` holds the ids of the changes that another run of ssmtui is making.
    """

    changes: tuple[Change, ...] = ()
    damaged: tuple[int, ...] = ()
    problem: str = ""
    under_way: frozenset[str] = frozenset()


def read_history(journal: Journal | None) -> ChangeHistory:
    """Return the current changes of a journal; an empty history if there is no journal."""
    if journal is None:
        return ChangeHistory()
    try:
        reading = journal.read()
    except JournalUnusable as unusable:
        return ChangeHistory(problem=str(unusable))
    under_way = frozenset(each.id for each in reading.changes if each.is_open and journal.is_made_elsewhere(each))
    return ChangeHistory(reading.changes, reading.damaged, under_way=under_way)


def change_to_go_back(history: ChangeHistory, change: Change) -> Change:
    """Return the change that an undo applies to: for an interrupted undo, the change that it undoes."""
    taken_back = next((each for each in history.changes if each.id == change.undoes), change)
    return taken_back if change.is_open else change


def why_not_completed(fleet_view: FleetView, history: ChangeHistory, change: Change) -> str:
    """Return why a change cannot be completed from here; empty if it can."""
    if change.id in history.under_way:
        return made_elsewhere(change.id)
    if not change.is_open:
        return say("this change was not interrupted")
    if change.undoes:
        return say("this change is an undo: press z to complete it")
    return _why_not_here(fleet_view, change, say("to complete it, run ssmtui fix --complete {id}", id=change.id))


def why_not_undoable(fleet_view: FleetView, history: ChangeHistory, change: Change) -> str:
    """Return why a change cannot be undone from here; empty if it can."""
    at_it = {change.id, *(each.id for each in history.changes if each.undoes == change.id)} & history.under_way
    if at_it:
        return made_elsewhere(min(at_it))
    return change.why_it_stays or _why_not_here(
        fleet_view, change, say("to undo it, run ssmtui undo {id}", id=change.id)
    )


def why_not_redoable(fleet_view: FleetView, change: Change) -> str:
    """Return why a change cannot be redone from here; empty if it can."""
    return change.why_not_redone or _why_not_here(fleet_view, change, say("press a to open the Region"))


def _why_not_here(fleet_view: FleetView, change: Change, elsewhere: str) -> str:
    if scope_of_change(fleet_view, change) is None:
        return say(
            "{region} of account {account} is not open: {command}",
            region=change.scope.region,
            account=change.scope.account,
            command=elsewhere,
        )
    return ""


OfferKey = tuple[str, str]
"""A finding's id, and the slug of a fix."""


@dataclass(frozen=True, slots=True)
class FixOffer:
    """A fix of a finding. `answer` is None while the plan is computed, `forecast` while its forecast is.

    `nodes` are the nodes that the finding affects, as far as they were requested; the plan can change more nodes.
    `is_gone` means that the checks no longer report the finding, or no longer offer this fix for it.
    """

    finding: FleetFinding
    fix: str
    nodes: frozenset[NodeKey]
    answer: Plan | FixNotApplicable | None = None
    is_gone: bool = False
    forecast: Forecast | None = None

    @property
    def key(self) -> OfferKey:
        """The key of the offer."""
        return self.finding.id, self.fix

    @property
    def is_for_itself(self) -> bool:
        """Whether the fix must be opened alone: it needs a choice first, or is done by hand."""
        by_hand = isinstance(self.answer, FixNotApplicable) and bool(self.answer.choices or self.answer.steps)
        return by_hand and not self.is_gone

    @property
    def why_not(self) -> str:
        """Why the fix cannot be combined with others; empty if it can, or if that is not known yet."""
        match self.answer:
            case _ if self.is_gone:
                return say("the checks no longer report this finding")
            case FixNotApplicable() if self.answer.choices:
                return say("this fix needs a choice: press Enter to preview it alone")
            case FixNotApplicable() if self.answer.steps:
                return say("this fix is manual: press Enter for the steps")
            case FixNotApplicable():
                return self.answer.why
            case _:
                return ""


def most_needed_first(
    fleet_view: FleetView, findings: Iterable[FleetFinding], nodes: Collection[NodeKey]
) -> list[FleetFinding]:
    """Return the findings in order: root causes of these nodes (of all, if none are named) first, then failures."""

    def need(fleet_finding: FleetFinding) -> int:
        behind = fleet_finding.nodes & frozenset(nodes) if nodes else fleet_finding.nodes
        if any(fleet_view.verdict(key).root_cause == fleet_finding.finding.cause for key in behind):
            return 0
        return 1 if fleet_finding.finding.status is Status.FAIL else 2

    return sorted(findings, key=need)


class FixOffers:
    """The offers in order, and the chosen ones. At most one fix is chosen per finding."""

    def __init__(self, findings: Sequence[FleetFinding], nodes: Collection[NodeKey] = ()) -> None:
        self._asked_for = frozenset(nodes)
        self._chosen: dict[OfferKey, None] = {}
        # One entry per offer. The screen shows `_offers`, in which offers of the same change are merged.
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
        """The keys of the offers, in order."""
        return list(self._offers)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The chosen plans, in the order of the offers."""
        answers = (offer.answer for offer in self if offer.key in self._chosen)
        return tuple(answer for answer in answers if isinstance(answer, Plan))

    def offer(self, key: OfferKey | None) -> FixOffer | None:
        """Return one offer."""
        return self._offers.get(key) if key is not None else None

    def is_chosen(self, key: OfferKey) -> bool:
        """Return whether an offer is chosen."""
        return key in self._chosen

    @property
    def open(self) -> tuple[FixOffer, ...]:
        """The offers that can still get a plan, not merged."""
        return tuple(offer for offer in self._all.values() if not offer.is_gone)

    def answered(self, key: OfferKey, answer: Plan | FixNotApplicable) -> None:
        """Record the answer for an offer. If it is the same change as an earlier offer, merge the two."""
        self._all[key] = replace(self._all[key], answer=answer, forecast=None)
        self._take_together()

    def foreseen(self, plan: Plan, forecast: Forecast) -> None:
        """Record the forecast of a plan, for each offer with this plan."""
        for key, offer in self._all.items():
            if offer.answer == plan:
                self._all[key] = replace(offer, forecast=forecast)
        self._take_together()

    def follow(self, findings: Mapping[str, FleetFinding]) -> bool:
        """Apply the current findings and deselect offers that are gone; return whether to compute the plans again."""
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
                forecast=None if other else offer.forecast,
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
        """Select or deselect an offer; selecting it deselects another fix of the same finding."""
        if key in self._chosen:
            del self._chosen[key]
            return
        self._chosen = {each: None for each in self._chosen if each[0] != key[0]}
        self._chosen[key] = None

    def why_not(self, key: OfferKey) -> str:
        """Return why an offer cannot be added to the chosen ones; empty if it can, or if it is chosen."""
        offer = self._offers[key]
        if key in self._chosen or offer.why_not:
            return offer.why_not
        if offer.answer is None:
            return say("it is still being computed")
        others = (self._offers[each].answer for each in self._chosen if each[0] != key[0])
        plans = (each for each in others if isinstance(each, Plan))
        reasons = (combination_conflict(offer.answer, each) for each in plans if isinstance(offer.answer, Plan))
        return next((reason for reason in reasons if reason), "")


def _are_one(first: FixOffer, second: FixOffer) -> bool:
    is_change = isinstance(second.answer, Plan) and not first.is_gone and not second.is_gone
    return is_change and first.answer == second.answer
