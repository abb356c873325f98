"""Sessions of a scripted fleet: people's, a pipeline's that never ends them, and those of a month that have ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ssmtui.model.sessions import ListedSession, SessionState, SessionStatus
from tests.ui.builders import ACCOUNT, FRANKFURT, NOON, PARIS
from tests.ui.demo_fleet import demo_inquiry, frankfurt, paris
from tests.ui.scripted_inquiry import ScriptedInquiry

ADA = f"arn:aws:sts::{ACCOUNT}:assumed-role/platform-engineer/ada"
PIPELINE = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/botocore-session-1764000000"
SHELL = "SSM-SessionManagerRunShell"


def named(name: str) -> str:
    """The id of a node in Paris."""
    return next(each.id for each in paris() if each.name == name)


def session(
    number: int,
    target: str,
    owner: str = ADA,
    *,
    started: datetime = NOON - timedelta(minutes=12),
    status: SessionStatus = SessionStatus.CONNECTED,
    lasted: timedelta | None = None,
    longest: int | None = None,
    reason: str = "",
    document: str = SHELL,
) -> ListedSession:
    """A session; one that `lasted` has ended."""
    id_ = f"{owner.rpartition('/')[2][:12]}-{number:017x}"
    ended = started + lasted if lasted is not None else None
    return ListedSession(id_, target, status, owner, started, ended, document, reason, longest)


def open_sessions() -> list[ListedSession]:
    web, api, batch = (named(name) for name in ("web-2", "api-1", "batch-1"))
    left = SessionStatus.DISCONNECTED
    return [
        session(1, web, reason="INC-4711: disk full"),
        session(2, api, started=NOON - timedelta(hours=3, minutes=5), longest=240),
        session(3, api, started=NOON - timedelta(days=9, hours=4), status=left),
        *(session(10 + n, batch, PIPELINE, started=NOON - timedelta(hours=n), status=left) for n in range(1, 13)),
        session(30, batch, PIPELINE, started=NOON - timedelta(minutes=1), document="AWS-StartPortForwardingSession"),
    ]


def ended_sessions() -> list[ListedSession]:
    web, api, batch = (named(name) for name in ("web-2", "api-1", "batch-1"))
    over = SessionStatus.TERMINATED
    day = NOON - timedelta(days=1)
    return [
        session(40, web, started=day, status=over, lasted=timedelta(minutes=47)),
        session(41, api, started=day, status=over, lasted=timedelta(minutes=60), longest=60),
        session(42, batch, PIPELINE, started=day, status=over, lasted=timedelta(seconds=2)),
        session(43, batch, started=day, status=SessionStatus.FAILED, lasted=timedelta(0)),
        session(44, web, started=day, status=over, lasted=timedelta(seconds=40)),
        session(45, api, started=day, status=over, lasted=timedelta(seconds=1), reason="ssmtui probe"),
    ]


def with_sessions(
    opened: Sequence[ListedSession] | None = None, ended: Sequence[ListedSession] | None = None
) -> ScriptedInquiry:
    """The scripted fleet with sessions, told in pages of ten; one more is open in another Region."""
    handle = demo_inquiry()
    held = {
        SessionState.ACTIVE: open_sessions() if opened is None else opened,
        SessionState.HISTORY: ended_sessions() if ended is None else ended,
    }
    for state, sessions in held.items():
        handle.pages[PARIS.name, state] = [sessions[start : start + 10] for start in range(0, len(sessions), 10)]
    if opened is None:
        handle.pages[FRANKFURT.name, SessionState.ACTIVE] = [[session(50, frankfurt()[0].id)]]
    return handle
