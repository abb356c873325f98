"""The sessions of a Region for whoever looks at them: open, or ended within 30 days, told page by page.

No fact of a check: a check goes by `ActiveSessions`, which does not change with how a session is called or connected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.operations import declare
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.listed_session import ListedSession, SessionState, SessionStatus

_A_PAGE = 200
_CALL = "ssm:DescribeSessions"
_JUST_IN_TIME = "JustInTime"

LISTING_SESSIONS = declare(_CALL)
"""What listing sessions takes."""


async def tell_sessions(
    aws: Aws, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
) -> Unreadable | None:
    """Tell every session of a Region, a page at a time; gives why not all could be told, where that is so."""
    try:
        async for page in aws.pages("ssm", "DescribeSessions", State=state.value, MaxResults=_A_PAGE):
            told(tuple(listed_session(raw) for raw in page.parts("Sessions")))
    except (ReadFailed, MalformedAnswer) as failed:
        return failed.unreadable
    except AwsError as error:
        return Unreadable("", f"{_CALL}: {error}", Obstacle.FAILED, _CALL)
    return None


def listed_session(raw: Answer) -> ListedSession:
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
