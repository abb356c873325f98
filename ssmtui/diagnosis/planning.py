"""From a fix's slug to its plan: the needs gathered, the fix asked."""

from __future__ import annotations

from ssmtui.evidence.gathering import Answered, Journey
from ssmtui.fixes.fix import all_fixes
from ssmtui.model.answers import Moot, Unreadable
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.subject import Subject


async def plan_fix(slug: str, journey: Journey, subject: Subject | None = None) -> Plan | NotApplicable:
    """The plan of a fix on the facts of a journey, or why there is none. `subject` is the finding's, where one is."""
    fix = all_fixes().get(slug)
    if fix is None:
        return NotApplicable(slug, "ssmtui cannot make this change yet: follow the steps by hand.")
    journey.know(Subject, subject or Moot("it can be made only for a finding: none is named"))
    needs = await journey.answers(fix.needs)
    if isinstance(needs, Answered):
        return fix.draft(**needs.arguments)
    if isinstance(needs.by, tuple):
        return NotApplicable(slug, _unreadable(needs.by))
    return NotApplicable(slug, getattr(needs.by, "why", "") or f"there is no {getattr(needs.by, 'what', 'such thing')}")


def _unreadable(reasons: tuple[Unreadable, ...]) -> str:
    actions = ", ".join(dict.fromkeys(each.action for each in reasons if each.action))
    why = "; ".join(dict.fromkeys(each.why for each in reasons))
    return f"what it would change could not be read ({actions}): {why}" if actions else why
