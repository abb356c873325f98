"""`terminate-stale-session`: the sessions of a node that nobody seems to use are ended."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.language import marked, say, say_many
from ssmtui.model.answers import Moot
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import ActiveSession, StaleSessions
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "terminate-stale-session"
_STALE = (StaleSessions,)
_AT_ONCE = 20

_NO_WAY_BACK = marked("There is none: a session that has ended is opened anew.")
_LOSES = marked("Whoever is still in one of these sessions is cut off, and what runs in its shell may end.")


@fix(slug=_SLUG, stale=_STALE)
def terminate_stale_session(scope: Scope, stale: StaleSessions) -> Plan | NotApplicable:
    """End them, the oldest first."""
    node, sessions = stale.node, stale.sessions[:_AT_ONCE]
    return Plan(
        fix=_SLUG,
        title=say_many(
            "End a session on {node} that has been open for more than a day",
            "End {count} sessions on {node} that have been open for more than a day",
            count=len(sessions),
            node=node.name,
        ),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=tuple(_terminate(scope, each) for each in sessions),
        before="\n".join(_line(each) for each in sessions),
        after="",
        guards=tuple(_guard(each, each.id) for each in sessions),
        way_back=WayBack(tuple(_guard(each, "") for each in sessions), ()),
        reach=Reach.NODE,
        undo=say(_NO_WAY_BACK),
        facts_after=(_facts_after(stale),),
        stale=_STALE,
        loses=say(_LOSES),
        delay=say("Seconds."),
        notes=(say("A policy often allows a person to end their own sessions only."),),
    )


def _facts_after(stale: StaleSessions) -> FactChange:
    left = stale.sessions[_AT_ONCE:]
    after = StaleSessions(stale.node, left) if left else Moot(say("no session has been open for more than a day"))
    return FactChange(StaleSessions, after, replaces=stale)


def _line(session: ActiveSession) -> str:
    return f"{session.id}  {session.started:%Y-%m-%d %H:%M}Z  {session.owner}"


def _terminate(scope: Scope, session: ActiveSession) -> Call:
    arn = scope.arn("ssm", f"session/{session.id}")
    return Call("ssm", "TerminateSession", {"SessionId": session.id}, "ssm:TerminateSession", arn)


def _guard(session: ActiveSession, expected: str) -> Guard:
    which: dict[str, JSON] = {"State": "Active", "Filters": [{"key": "SessionId", "value": session.id}]}
    return Guard(say("the session"), "ssm", "DescribeSessions", which, "Sessions.*.SessionId", expected)
