"""A session in full, the open sessions of one owner on one node, and what is said where none could be listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ssmtui.language import say, say_many
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.listed_session import SessionStatus
from ssmtui.model.scope import ScopeName
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.ink import Ink, Piece, pieced
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.session_endings import ending_sentence
from ssmtui.ui.words.session_rows import STALE_AFTER, STATUSES, SessionLine

_NAME_ROOM = 11
_NAMED = 12


def session_prose(line: SessionLine, account: str, now: datetime) -> Prose:
    """Everything that AWS tells of a session."""
    session = line.session
    sign = STATUSES[session.status]
    limit = say("{minutes} min", minutes=session.longest) if session.longest else ""
    ended = f"{session.ended:%Y-%m-%d %H:%M:%S} UTC" if session.ended else ""
    lasted = short_duration((session.ended or now) - session.started)
    node = line.node if line.node == session.target else f"{line.node} ({session.target})"
    rows = (
        (say("node"), node),
        (say("owner"), session.owner),
        (say("opened"), f"{session.started:%Y-%m-%d %H:%M:%S} UTC"),
        (say("ended"), ended),
        (say("lasted") if session.ended else say("open for"), lasted),
        (say("longest"), limit),
        (say("document"), session.document),
        (say("reason"), session.reason),
        (say("access"), say("just in time: by an approved request") if session.just_in_time else ""),
        (say("where"), f"{account} · {line.region}"),
    )
    return (
        item(sign.glyph, (f"{session.id}  ", Ink.STRONG), (sign.word, sign.ink), ink=sign.ink),
        *(paragraph((words, Ink.MUTED), indent=2) for words in _standing(line, now)),
        *(Block(pieced(value), indent=2, marker=name.ljust(_NAME_ROOM)) for name, value in rows if value),
    )


def group_prose(lines: Sequence[SessionLine], now: datetime) -> Prose:
    """The open sessions of one owner on one node, the oldest first."""
    first = lines[0]
    words = say_many(
        "{owner} holds {count} session on {node}.",
        "{owner} holds {count} sessions on {node}.",
        count=len(lines),
        owner=first.session.owner_name,
        node=first.node,
    )
    guess = say("Its name is one that programs are given: see that whatever opens them ends them (TerminateSession).")
    more = len(lines) - _NAMED
    return (
        paragraph((words, Ink.STRONG)),
        *((paragraph((guess, Ink.WARN)),) if first.session.by_a_program else ()),
        *(
            item(
                STATUSES[line.session.status].glyph,
                line.session.id,
                (f"  {short_duration(now - line.session.started)}  {line.session.document}", Ink.MUTED),
                ink=STATUSES[line.session.status].ink,
            )
            for line in lines[:_NAMED]
        ),
        *((paragraph((say("and {more} more", more=more), Ink.MUTED)),) if more > 0 else ()),
    )


def unread_prose(unread: Mapping[ScopeName, Unreadable]) -> Prose:
    """That sessions could not be listed, why, and what to do about it."""
    blocks: list[Block] = [item("✖", (say("The sessions could not be listed"), Ink.STRONG), ink=Ink.FAIL)]
    for name, each in unread.items():
        blocks.append(paragraph((f"{name.region}: ", Ink.STRONG), each.why, indent=2))
    blocks.append(heading(say("What to do")))
    actions = tuple(dict.fromkeys(each.action for each in unread.values() if each.action))
    refused = any(each.obstacle is Obstacle.REFUSED for each in unread.values())
    if refused and actions:
        words = say("Ask for a policy that allows {action} on *, then press r here.", action=", ".join(actions))
    else:
        words = say("Press r to ask again.")
    blocks.append(item("→", words, ink=Ink.ACCENT))
    return tuple(blocks)


def unread_banner(unread: Mapping[ScopeName, Unreadable]) -> tuple[Piece, ...]:
    """One line for the Regions that are missing among the rows."""
    if not unread:
        return ()
    regions = ", ".join(sorted({name.region for name in unread}))
    why = next(iter(unread.values())).why
    return pieced(("▲ ", Ink.WARN), say("Not all sessions of {regions} are shown: {why}", regions=regions, why=why))


def _standing(line: SessionLine, now: datetime) -> tuple[str, ...]:
    session = line.session
    if session.ended is not None or session.status in (SessionStatus.TERMINATED, SessionStatus.FAILED):
        return (ending_sentence(session, from_here=line.ended_here),)
    words = []
    if session.status is SessionStatus.DISCONNECTED:
        words.append(say("Nobody is connected to it: it stays until it has been idle for long enough, or is ended."))
    if now - session.started > STALE_AFTER:
        words.append(say("It has been open for longer than anybody works."))
    words.append(say("AWS does not tell when something was last typed into it."))
    return tuple(words)
