"""The sessions that are open in a Region, and those of a node that nobody seems to use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import timedelta

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.moment import Now
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import ActiveSession, ActiveSessions, CrowdedSessions, StaleSessions
from ssmtui.model.standing import ManagedNode

# The longest that preferences can let a session last is 1,440 minutes (User Guide, session preferences).
_LONGEST_WORK = timedelta(days=1)
# More than anybody works in at once; a program that leaks them comes to this within one run.
_CROWD = 10
_A_PAGE = 200


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ssm:DescribeSessions", key=_region)
async def active_sessions(aws: Aws, scope: Scope) -> ActiveSessions:
    """One listing a Region."""
    found = [
        ActiveSession(
            raw.text("SessionId"), raw.text("Target"), raw.optional_text("Owner") or "", raw.moment("StartDate")
        )
        async for page in aws.pages("ssm", "DescribeSessions", State="Active", MaxResults=_A_PAGE)
        for raw in page.parts("Sessions")
    ]
    return ActiveSessions(tuple(sorted(found, key=lambda each: (each.started, each.id))))


@derives
def stale_sessions(managed: ManagedNode, active: ActiveSessions, now: Now) -> StaleSessions | Moot:
    """Those of the node that have been open for more than a day."""
    since = now.at - _LONGEST_WORK
    own = tuple(each for each in active.sessions if each.target == managed.node.id and each.started < since)
    return StaleSessions(managed.node, own) if own else Moot(say("no session has been open for more than a day"))


@derives
def crowded_sessions(managed: ManagedNode, active: ActiveSessions) -> CrowdedSessions | Moot:
    """Those of the owner with the most on the node, where they are a crowd."""
    by_owner: defaultdict[str, list[ActiveSession]] = defaultdict(list)
    for each in active.sessions:
        if each.target == managed.node.id:
            by_owner[each.owner].append(each)
    owner, sessions = max(by_owner.items(), key=lambda one: (len(one[1]), one[0]), default=("", []))
    if len(sessions) < _CROWD:
        return Moot(say("nobody holds {number} sessions on the node", number=_CROWD))
    return CrowdedSessions(managed.node, owner, tuple(sessions))
