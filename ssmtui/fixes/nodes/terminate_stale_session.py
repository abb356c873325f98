"""`terminate-stale-session`: the sessions of a node that nobody seems to use are ended."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.nodes.ending_sessions import AT_ONCE, STALE, plan_to_end
from ssmtui.language import say, say_many
from ssmtui.model.answers import Moot
from ssmtui.model.plan import FactChange, NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import StaleSessions

_SLUG = "terminate-stale-session"


@fix(slug=_SLUG, stale=STALE)
def terminate_stale_session(scope: Scope, stale: StaleSessions) -> Plan | NotApplicable:
    """End them, the oldest first."""
    node, sessions = stale.node, stale.sessions[:AT_ONCE]
    title = say_many(
        "End a session on {node} that has been open for more than a day",
        "End {count} sessions on {node} that have been open for more than a day",
        count=len(sessions),
        node=node.name,
    )
    return plan_to_end(scope, node.id, sessions, fix=_SLUG, title=title, facts_after=(_facts_after(stale),))


def _facts_after(stale: StaleSessions) -> FactChange:
    left = stale.sessions[AT_ONCE:]
    after = StaleSessions(stale.node, left) if left else Moot(say("no session has been open for more than a day"))
    return FactChange(StaleSessions, after, replaces=stale)
