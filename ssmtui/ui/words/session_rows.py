"""The rows of the sessions: one a session that is open, one a session that has ended, or one a node and owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.language import marked, say
from ssmtui.model.listed_session import ListedSession, SessionStatus
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.filtering import FilteredRow, FilterField
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.session_endings import ending_word
from ssmtui.ui.words.signs import Sign

STALE_AFTER = timedelta(days=1)
"""From then on nobody works in it: it is as long as preferences can let a session last."""

STATUSES = {
    SessionStatus.CONNECTED: Sign("●", Ink.OK, marked("connected")),
    SessionStatus.CONNECTING: Sign("·", Ink.MUTED, marked("connecting")),
    SessionStatus.DISCONNECTED: Sign("○", Ink.WARN, marked("disconnected")),
    SessionStatus.TERMINATING: Sign("·", Ink.MUTED, marked("ending")),
    SessionStatus.TERMINATED: Sign("■", Ink.FAINT, marked("ended")),
    SessionStatus.FAILED: Sign("✖", Ink.FAIL, marked("failed")),
}

_NODE = Column("node", marked("node"), 10, 28, 0)
_OWNER = Column("owner", marked("owner"), 10, 36, 1)
_REGION = Column("region", marked("region"), 9, 14, 5, whole=True)
_DOCUMENT = Column("document", marked("document"), 12, 32, 6)

OPEN_COLUMNS = (
    Column("sign", "", 1, 1, 0),
    _NODE,
    _OWNER,
    Column("age", marked("open for"), 8, 9, 2),
    Column("status", marked("state"), 12, 14, 4, spare=True),
    _REGION,
    Column("since", marked("since (UTC)"), 16, 16, 7, whole=True),
    _DOCUMENT,
    Column("id", marked("id"), 12, None, 8),
)
HISTORY_COLUMNS = (
    Column("ended", marked("ended (UTC)"), 16, 16, 2),
    _NODE,
    _OWNER,
    Column("lasted", marked("lasted"), 6, 9, 4),
    Column("why", marked("why it ended"), 21, 32, 3),
    _REGION,
    _DOCUMENT,
    Column("id", marked("id"), 12, None, 8),
)
GROUP_COLUMNS = (
    Column("count", marked("open"), 4, 6, 0, numeric=True),
    _NODE,
    _OWNER,
    Column("by", marked("opened by"), 9, 16, 3),
    Column("age", marked("oldest"), 8, 9, 4),
    Column("disconnected", marked("disconnected"), 12, 12, 6, numeric=True, whole=True),
    _REGION,
)

FIELDS: Mapping[str, FilterField] = {
    "node": FilterField(marked("the name or id of the node"), 0),
    "owner": FilterField(marked("who opened it"), 1),
    "document": FilterField(marked("its document"), 2),
    "status": FilterField(marked("connected, disconnected, ended, failed"), 3, by_beginning=True),
    "region": FilterField(marked("a Region"), 4),
    "reason": FilterField(marked("what its owner said that it was for"), 5),
}


@dataclass(frozen=True, slots=True)
class SessionLine:
    """What a row tells of a session: with its node's name, its Region, and whether it was ended from here."""

    session: ListedSession
    node: str
    region: str
    ended_here: bool = False


def open_cells(line: SessionLine, now: datetime) -> Mapping[str, Cell]:
    """A session that is open."""
    session = line.session
    sign, age = STATUSES[session.status], now - session.started
    return {
        **_common(line),
        "sign": cell(sign.glyph, sign.ink),
        "status": cell(sign.word, sign.ink),
        "age": cell(short_duration(age), Ink.WARN if age > STALE_AFTER else Ink.PLAIN),
        "since": cell(f"{session.started:%Y-%m-%d %H:%M}", Ink.MUTED),
    }


def history_cells(line: SessionLine) -> Mapping[str, Cell]:
    """A session that has ended."""
    session = line.session
    failed = session.status is SessionStatus.FAILED
    return {
        **_common(line),
        "ended": cell(f"{session.ended or session.started:%Y-%m-%d %H:%M}", Ink.MUTED),
        "lasted": cell(short_duration(session.ended - session.started) if session.ended else "", Ink.PLAIN),
        "why": cell(ending_word(session, from_here=line.ended_here), Ink.FAIL if failed else Ink.MUTED),
    }


def group_cells(lines: Sequence[SessionLine], now: datetime) -> Mapping[str, Cell]:
    """The open sessions of one owner on one node."""
    first = lines[0]
    oldest = now - min(line.session.started for line in lines)
    left = sum(line.session.status is SessionStatus.DISCONNECTED for line in lines)
    program = first.session.by_a_program
    return {
        **_common(first),
        "count": cell(str(len(lines)), Ink.STRONG),
        "by": cell(say("a program") if program else "", Ink.WARN),
        "age": cell(short_duration(oldest), Ink.WARN if oldest > STALE_AFTER else Ink.PLAIN),
        "disconnected": cell(str(left) if left else "", Ink.WARN),
    }


def widths(line: SessionLine) -> Mapping[str, int]:
    """How wide the texts of a session are, of the columns that grow with them."""
    return {
        "status": len(STATUSES[line.session.status].word),
        "node": len(line.node),
        "owner": len(line.session.owner_name),
        "region": len(line.region),
        "document": len(line.session.document),
        "why": len(ending_word(line.session, from_here=line.ended_here)),
        "by": len(say("a program")),
    }


def filtered_row(line: SessionLine) -> FilteredRow:
    """What a filter sees of a session."""
    session = line.session
    words = (line.node, session.target, session.owner_name, session.id, session.reason, session.document)
    fields = {
        "node": (line.node, session.target),
        "owner": (session.owner_name,),
        "document": (session.document,),
        "status": (session.status.value, STATUSES[session.status].word),
        "region": (line.region,),
        "reason": (session.reason,),
    }
    held = {name: tuple(value.casefold() for value in values if value) for name, values in fields.items()}
    return FilteredRow(text="\n".join(words).casefold(), fields=held, tags={})


def _common(line: SessionLine) -> Mapping[str, Cell]:
    session = line.session
    return {
        "node": cell(line.node),
        "owner": cell(session.owner_name, Ink.WARN if session.by_a_program else Ink.PLAIN),
        "region": cell(line.region, Ink.MUTED),
        "document": cell(session.document, Ink.MUTED),
        "id": cell(session.id, Ink.MUTED),
    }
