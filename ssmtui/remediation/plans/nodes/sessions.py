"""Fixes that terminate sessions of a node."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.language import say, say_many, translatable
from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import JSON, Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import ActiveSession, StaleSessions
from ssmtui.remediation.plans.common.fix import fix

PICKED = "terminate-session"
"""What the journal calls it where a person picked the sessions: no finding offers it."""

STALE = (StaleSessions,)
MAX_SESSIONS = 20
"""Sessions that one plan ends at most."""

_NO_WAY_BACK = translatable("There is none: a session that has ended is opened anew.")
_LOSES = translatable("Whoever is still in one of these sessions is cut off, and what runs in its shell may end.")


def termination_plan(
    scope: Scope,
    node: str,
    sessions: Sequence[ActiveSession],
    *,
    fix: str,
    title: str,
    facts_after: tuple[FactChange, ...] = (),
) -> Plan:
    """The plan to end open sessions of one node, by its id, in this order."""
    return Plan(
        fix=fix,
        title=title,
        scope=scope,
        subject=Subject(SubjectKind.NODE, node),
        calls=tuple(_terminate(scope, each) for each in sessions),
        before="\n".join(_line(each) for each in sessions),
        after="",
        guards=tuple(_guard(each, each.id) for each in sessions),
        way_back=UndoPlan(tuple(_guard(each, "") for each in sessions), ()),
        reach=Reach.NODE,
        undo=say(_NO_WAY_BACK),
        facts_after=facts_after,
        stale=STALE,
        loses=say(_LOSES),
        delay=say("Seconds."),
        notes=(say("A policy often allows a person to end their own sessions only."),),
    )


def termination_plans_of_chosen(
    scope: Scope, node: str, name: str, sessions: Sequence[ActiveSession]
) -> tuple[Plan, ...]:
    """The plans to end sessions of one node that a person picked; `name` is what the node is called."""
    parts = [sessions[start : start + MAX_SESSIONS] for start in range(0, len(sessions), MAX_SESSIONS)]
    return tuple(
        termination_plan(
            scope,
            node,
            part,
            fix=PICKED,
            title=say_many("End a session on {node}", "End {count} sessions on {node}", count=len(part), node=name),
        )
        for part in parts
    )


def _line(session: ActiveSession) -> str:
    return f"{session.id}  {session.started:%Y-%m-%d %H:%M}Z  {session.owner}"


def _terminate(scope: Scope, session: ActiveSession) -> Call:
    arn = scope.arn("ssm", f"session/{session.id}")
    parameters = {"SessionId": session.id}
    return Call("ssm", "TerminateSession", parameters, "ssm:TerminateSession", arn, context=_own(scope, session))


def _own(scope: Scope, session: ActiveSession) -> tuple[tuple[str, str], ...]:
    """The variable that policies about one's own sessions are written with: the ids of a role's begin with it."""
    beginning = session.id.rpartition("-")[0]
    return (("aws:userid", beginning),) if session.owner == scope.caller and ":" in beginning else ()


def _guard(session: ActiveSession, expected: str) -> Guard:
    which: dict[str, JSON] = {"State": "Active", "Filters": [{"key": "SessionId", "value": session.id}]}
    return Guard(say("the session"), "ssm", "DescribeSessions", which, "Sessions.*.SessionId", expected)


_TERMINATE_STALE_SESSION = "terminate-stale-session"


@fix(slug=_TERMINATE_STALE_SESSION, stale=STALE)
def terminate_stale_session(scope: Scope, stale: StaleSessions) -> Plan | FixNotApplicable:
    """End them, the oldest first."""
    node, sessions = stale.node, stale.sessions[:MAX_SESSIONS]
    title = say_many(
        "End a session on {node} that has been open for more than a day",
        "End {count} sessions on {node} that have been open for more than a day",
        count=len(sessions),
        node=node.name,
    )
    return termination_plan(
        scope, node.id, sessions, fix=_TERMINATE_STALE_SESSION, title=title, facts_after=(_facts_after(stale),)
    )


def _facts_after(stale: StaleSessions) -> FactChange:
    left = stale.sessions[MAX_SESSIONS:]
    after = (
        StaleSessions(stale.node, left) if left else NotApplicable(say("no session has been open for more than a day"))
    )
    return FactChange(StaleSessions, after, replaces=stale)
