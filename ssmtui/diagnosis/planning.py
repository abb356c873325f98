"""From a fix's slug to its plan: the needs gathered, the fix asked."""

from __future__ import annotations

from ssmtui.evidence.gathering.journey import Answered, Journey
from ssmtui.fixes.frame.fix import all_fixes, makes_stale
from ssmtui.fixes.frame.needed_rights import questions_about, with_rights
from ssmtui.fixes.frame.owned import with_owner
from ssmtui.fixes.steps.by_hand import all_steps
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.finding import Finding
from ssmtui.model.ownership import ChangedSubject, Ownership
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.plan_rights import PlannedCalls, PlanPermissions
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.steps import Steps
from ssmtui.model.subject import Subject


async def plan_fix(
    slug: str,
    journey: Journey,
    subject: Subject | None = None,
    choices: Choices = NOTHING_CHOSEN,
    finding: Finding | None = None,
) -> Plan | NotApplicable:
    """The plan of a fix on the facts of a journey, or why there is none; steps to follow by hand come with the latter.

    `subject` is the finding's, where one is; `choices` are what a person said to it.
    """
    fix = all_fixes().get(slug) or all_steps().get(slug)
    if fix is None:
        return NotApplicable(slug, say("ssmtui cannot make this change yet: follow the steps by hand."))
    none_named = Moot(say("it can be made only for a finding: none is named"))
    if journey.scope.document is not None and makes_stale(slug, PreferencesDocument):
        return NotApplicable(slug, say("it changes the preferences, and sessions are judged by another document"))
    journey.know(Subject, subject or none_named)
    journey.know(Finding, finding or none_named)
    journey.know(Choices, choices)
    needs = await journey.answers(fix.needs)
    if isinstance(needs, Answered):
        drafted = fix.draft(**needs.arguments)
        return _by_hand(drafted) if isinstance(drafted, Steps) else await _judged(drafted, journey)
    if isinstance(needs.by, tuple):
        return NotApplicable(slug, _unreadable(needs.by))
    missing = getattr(needs.by, "what", "")
    return NotApplicable(slug, getattr(needs.by, "why", "") or say("{what} does not exist", what=missing))


async def _judged(drafted: Plan | NotApplicable, journey: Journey) -> Plan | NotApplicable:
    """A plan with what the caller may not do of it, and who owns what it changes."""
    if isinstance(drafted, NotApplicable):
        return drafted
    plan = await with_caller_rights(drafted, journey)
    journey.know(ChangedSubject, ChangedSubject(plan.subject))
    owner = (await journey.fact(Ownership)).value
    return with_owner(plan, owner) if isinstance(owner, Ownership | Absent | Moot | Unreadable) else plan


async def with_caller_rights(drafted: Plan, journey: Journey) -> Plan:
    """A plan with what the caller may not do of it."""
    journey.know(PlannedCalls, questions_about(drafted))
    found = (await journey.fact(PlanPermissions)).value
    return with_rights(drafted, found) if isinstance(found, PlanPermissions | Absent | Moot | Unreadable) else drafted


def _by_hand(steps: Steps) -> NotApplicable:
    return NotApplicable(steps.fix, say("it is done by hand: the steps say how"), steps=steps)


def _unreadable(reasons: tuple[Unreadable, ...]) -> str:
    actions = ", ".join(dict.fromkeys(each.action for each in reasons if each.action))
    why = "; ".join(dict.fromkeys(each.why for each in reasons))
    return (
        say("what it would change could not be read ({actions}): {why}", actions=actions, why=why) if actions else why
    )
