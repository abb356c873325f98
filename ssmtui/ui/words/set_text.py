"""Several changes as a person reads them: what they do together, each of them, and how far they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ssmtui.changes.outcome import Applied, ChangeOutcome, Defective, Failed, FailedOnNode, Refused, Unsure
from ssmtui.language import say, say_many
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.preview.lines import call_lines
from ssmtui.preview.plan_set import PlanSet
from ssmtui.preview.reach_words import reach_words
from ssmtui.ui.words.change_text import call_prose, difference_prose, forecast_prose
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Block, Prose, heading, indented, item, paragraph


def set_prose(fleet: Fleet, plans: PlanSet, forecasts: Mapping[ScopeName, Forecast]) -> Prose:
    """The whole preview. A scope without a forecast is still being reckoned."""
    return (
        heading(say("What turns, with all of them made")),
        *_forecasts(fleet, plans, forecasts),
        *_given_up(plans),
        *(block for number, plan in enumerate(plans.plans, start=1) for block in _one(number, plan)),
    )


def progress_prose(plans: PlanSet, outcomes: Sequence[ChangeOutcome], *, under_way: bool) -> Prose:
    """How far they came: each that was made, the one that was not, and those that were not sent."""
    blocks: list[Block] = [heading(say("The changes"))]
    for number, plan in enumerate(plans.plans):
        outcome = outcomes[number] if number < len(outcomes) else None
        blocks += _line(plan, outcome, at_it=under_way and number == len(outcomes))
    return tuple(blocks)


def ending_prose(plans: PlanSet, outcomes: Sequence[ChangeOutcome]) -> Prose:
    """How many were made, and that it stopped where one was not."""
    count, made = len(plans.plans), sum(isinstance(outcome, Applied) for outcome in outcomes)
    words = say_many("{made} of {count} made", "{made} of {count} made", count=count, made=made)
    if made == count:
        return (item("●", (words, Ink.STRONG), ink=Ink.OK),)
    return (
        item("▲", (words, Ink.STRONG), ink=Ink.WARN),
        paragraph((say("It stopped there. What was made stays: Z shows it with its way back."), Ink.WARN), indent=2),
    )


def _forecasts(fleet: Fleet, plans: PlanSet, forecasts: Mapping[ScopeName, Forecast]) -> Prose:
    blocks: list[Block] = []
    several = len(plans.by_scope) > 1
    for name, of_scope in plans.by_scope.items():
        if several:
            blocks.append(paragraph((name.region, Ink.MUTED)))
        told = forecast_prose(fleet, of_scope[0], forecasts.get(name))
        blocks += indented(told, 2) if several else told
    return tuple(blocks)


def _given_up(plans: PlanSet) -> Prose:
    lost = [plan for plan in plans.plans if plan.loses]
    if not lost:
        return ()
    rows = (item("▲", (plan.loses, Ink.WARN), (f"  {plan.title}", Ink.MUTED), ink=Ink.WARN) for plan in lost)
    return (heading(say("What is given up")), *rows)


def _one(number: int, plan: Plan) -> Prose:
    facts = (
        (say("reach"), reach_words(plan)),
        (say("costs"), plan.costs or say("nothing")),
        (say("delay"), plan.delay),
        (say("way back"), plan.undo),
    )
    return (
        heading(f"{number} · {plan.title}"),
        paragraph((f"{plan.scope.region} · {say(plan.subject.kind.value)} {plan.subject.name}", Ink.MUTED), indent=2),
        *indented(difference_prose(plan.before, plan.after), 2),
        *indented(call_prose(call_lines(plan)), 2),
        *(item("•", note, indent=2) for note in plan.notes),
        *(item(name.ljust(9), words, indent=2) for name, words in facts if words),
    )


def _line(plan: Plan, outcome: ChangeOutcome | None, *, at_it: bool) -> Prose:
    match outcome:
        case Applied(_, notes):
            return (item("●", plan.title, ink=Ink.OK), *(paragraph((note, Ink.WARN), indent=2) for note in notes))
        case Refused(why, _, action):
            needs = (say("needs {action}", action=action),) if action else ()
            return (item("✖", plan.title, ink=Ink.FAIL), *_because(why, *needs))
        case Failed(why):
            return (item("✖", plan.title, ink=Ink.FAIL), *_because(why))
        case FailedOnNode(why):
            told = say("What the node did before that stays done.")
            return (item("✖", plan.title, ink=Ink.FAIL), *_because(why, told))
        case Unsure(why):
            told = say("It may have been made: it is in the journal as unsure, and is not sent a second time.")
            return (item("?", plan.title, ink=Ink.UNKNOWN), *_because(why, told))
        case Defective(why, change):
            defect = say("A defect in ssmtui ended it: {defect}.", defect=why)
            if change is None:
                return (item("✖", plan.title, ink=Ink.FAIL), *_because(defect, say("Nothing of it was sent.")))
            told = say("It may have been made: it is in the journal as unsure, and is not sent a second time.")
            return (item("?", plan.title, ink=Ink.UNKNOWN), *_because(defect, told))
        case None if at_it:
            return (item("…", (plan.title, Ink.STRONG), ink=Ink.ACCENT),)
        case None:
            return (item("·", (plan.title, Ink.FAINT), ink=Ink.FAINT),)


def _because(*sentences: str) -> Prose:
    return tuple(paragraph((sentence, Ink.MUTED), indent=2) for sentence in sentences if sentence)
