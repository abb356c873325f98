"""Read the sessions of a Region: active ones for checks, and the history for the sessions screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta

from ssmtui.evidence.aws.allowed_reads import declare_reads
from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable, Now, ReadFailure, Unreadable
from ssmtui.model.node_facts import ManagedNode
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import (
    ActiveSession,
    ActiveSessions,
    CrowdedSessions,
    ListedSession,
    SessionState,
    SessionStatus,
    StaleSessions,
)

# The longest that preferences can let a session last is 1,440 minutes (User Guide, session preferences).
_LONGEST_WORK = timedelta(days=1)
# More than anybody works in at once; a program that leaks them comes to this within one run.
_CROWD = 10
_ACTIVE_SESSIONS_PER_PAGE = 200


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ssm:DescribeSessions", key=_region)
async def active_sessions(aws: Aws, scope: Scope) -> ActiveSessions:
    """One listing a Region."""
    found = [
        ActiveSession(
            raw.text("SessionId"), raw.text("Target"), raw.optional_text("Owner") or "", raw.moment("StartDate")
        )
        async for page in aws.pages("ssm", "DescribeSessions", State="Active", MaxResults=_ACTIVE_SESSIONS_PER_PAGE)
        for raw in page.parts("Sessions")
    ]
    return ActiveSessions(tuple(sorted(found, key=lambda each: (each.started, each.id))))


@derives
def stale_sessions(managed: ManagedNode, active: ActiveSessions, now: Now) -> StaleSessions | NotApplicable:
    """Those of the node that have been open for more than a day."""
    since = now.at - _LONGEST_WORK
    own = tuple(each for each in active.sessions if each.target == managed.node.id and each.started < since)
    return (
        StaleSessions(managed.node, own) if own else NotApplicable(say("no session has been open for more than a day"))
    )


@derives
def crowded_sessions(managed: ManagedNode, active: ActiveSessions) -> CrowdedSessions | NotApplicable:
    """Those of the owner with the most on the node, where they are a crowd."""
    by_owner: defaultdict[str, list[ActiveSession]] = defaultdict(list)
    for each in active.sessions:
        if each.target == managed.node.id:
            by_owner[each.owner].append(each)
    owner, sessions = max(by_owner.items(), key=lambda one: (len(one[1]), one[0]), default=("", []))
    if len(sessions) < _CROWD:
        return NotApplicable(say("nobody holds {number} sessions on the node", number=_CROWD))
    return CrowdedSessions(managed.node, owner, tuple(sessions))


_SESSIONS_PER_PAGE = 200
_CALL = "ssm:DescribeSessions"
_JUST_IN_TIME = "JustInTime"

LISTING_SESSIONS = declare_reads(_CALL)
"""What listing sessions takes."""


async def publish_sessions(
    aws: Aws, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
) -> Unreadable | None:
    """Tell every session of a Region, a page at a time; gives why not all could be told, where that is so."""
    try:
        async for page in aws.pages("ssm", "DescribeSessions", State=state.value, MaxResults=_SESSIONS_PER_PAGE):
            told(tuple(session_from_answer(raw) for raw in page.parts("Sessions")))
    except (ReadFailed, MalformedAnswer) as failed:
        return failed.unreadable
    except AwsError as error:
        return Unreadable("", f"{_CALL}: {error}", ReadFailure.FAILED, _CALL)
    return None


def session_from_answer(raw: Answer) -> ListedSession:
    """One session of an answer."""
    longest = raw.optional_text("MaxSessionDuration") or ""
    return ListedSession(
        id=raw.text("SessionId"),
        target=raw.text("Target"),
        status=raw.word("Status", SessionStatus),
        owner=raw.optional_text("Owner") or "",
        started=raw.moment("StartDate"),
        ended=raw.optional_moment("EndDate"),
        document=raw.optional_text("DocumentName") or "",
        reason=raw.optional_text("Reason") or "",
        longest=int(longest) if longest.isdecimal() else None,
        just_in_time=raw.optional_text("AccessType") == _JUST_IN_TIME,
    )
