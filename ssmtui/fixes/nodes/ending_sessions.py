"""Sessions that are ended: the plan of it, for those that nobody seems to use, and for those that a person picked."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.language import marked, say, say_many
from ssmtui.model.plan import JSON, Call, FactChange, Guard, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import ActiveSession, StaleSessions
from ssmtui.model.subject import Subject, SubjectKind

PICKED = "terminate-session"
"""What the journal calls it where a person picked the sessions: no finding offers it."""

STALE = (StaleSessions,)
AT_ONCE = 20
"""Sessions that one plan ends at most."""

_NO_WAY_BACK = marked("There is none: a session that has ended is opened anew.")
_LOSES = marked("Whoever is still in one of these sessions is cut off, and what runs in its shell may end.")


def plan_to_end(
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
        way_back=WayBack(tuple(_guard(each, "") for each in sessions), ()),
        reach=Reach.NODE,
        undo=say(_NO_WAY_BACK),
        facts_after=facts_after,
        stale=STALE,
        loses=say(_LOSES),
        delay=say("Seconds."),
        notes=(say("A policy often allows a person to end their own sessions only."),),
    )


def plans_to_end_picked(scope: Scope, node: str, name: str, sessions: Sequence[ActiveSession]) -> tuple[Plan, ...]:
    """The plans to end sessions of one node that a person picked; `name` is what the node is called."""
    parts = [sessions[start : start + AT_ONCE] for start in range(0, len(sessions), AT_ONCE)]
    return tuple(
        plan_to_end(
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
