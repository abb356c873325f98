"""Describe sessions: the account's tables of them, and what a terminal shows around a shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.language import say, say_many, translatable
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import FleetFinding
from ssmtui.model.node import Node
from ssmtui.model.plan import Step
from ssmtui.model.probe import PROBE_REASON
from ssmtui.model.scope import ScopeName
from ssmtui.model.sessions import ListedSession, SessionEnding, SessionState, SessionStatus
from ssmtui.text.printable import printable
from ssmtui.ui.text.cause_rows import fix_title
from ssmtui.ui.text.filters import Column, FilterField, FilterValues
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import (
    Block,
    Cell,
    Piece,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    item,
    lines_of,
    paragraph,
    short_duration,
    to_pieces,
)

_IMMEDIATE = timedelta(seconds=5)
# The shortest idle timeout that preferences can hold (docs/facts/sessions.md §7).
_SHORTEST_IDLE = timedelta(minutes=1)
_TOLERANCE = timedelta(seconds=30)


def ending_word(session: ListedSession, *, from_here: bool) -> str:
    """Return how a session ended, in a few words for a row."""
    lasted = _duration(session)
    if session.status is SessionStatus.FAILED:
        return say("failed to open")
    if from_here:
        return say("ended from ssmtui")
    if session.reason == PROBE_REASON:
        return say("end of a probe")
    if _reached_its_limit(session, lasted):
        return say("maximum duration")
    if lasted is not None and lasted < _IMMEDIATE:
        return say("ended immediately")
    if lasted is not None and lasted < _SHORTEST_IDLE:
        return say("terminated")
    return say("terminated or idle")


def ending_sentence(session: ListedSession, *, from_here: bool) -> str:
    """Return how a session ended, in a sentence or two, with what the record leaves out."""
    lasted = _duration(session)
    if session.status is SessionStatus.FAILED:
        return say(
            "The session failed before it opened. AWS keeps no error text. To see the reason, open a session here or "
            "probe the node."
        )
    if session.reason == PROBE_REASON:
        return say("The session was a probe of ssmtui. Probes end automatically.")
    if from_here:
        return say("The session was terminated from this computer. The journal shows when and by whom.")
    if _reached_its_limit(session, lasted):
        return say(
            "The session reached the maximum duration in its preferences: {minutes} min.", minutes=session.longest
        )
    if lasted is not None and lasted < _IMMEDIATE:
        return say(
            "The session ended after {duration}. A program opened the session and exited, or the handshake failed. "
            "AWS keeps no error text. To see the reason, probe the node.",
            duration=short_duration(lasted),
        )
    if lasted is not None and lasted < _SHORTEST_IDLE:
        return say(
            "The owner left the session, or a principal terminated it (TerminateSession). The session was too short "
            "for the idle timeout."
        )
    return say(
        "The owner left the session, a principal terminated it (TerminateSession), or it was idle for too long. AWS "
        "does not report which."
    )


def _duration(session: ListedSession) -> timedelta | None:
    return session.ended - session.started if session.ended is not None else None


def _reached_its_limit(session: ListedSession, lasted: timedelta | None) -> bool:
    if session.longest is None or lasted is None:
        return False
    return (lasted + _TOLERANCE).total_seconds() >= 60 * session.longest


STALE_AFTER = timedelta(days=1)
"""The age from which a session counts as unused: the longest duration that preferences allow."""

SESSION_STATUSES = {
    SessionStatus.CONNECTED: Sign("●", TextStyle.OK, translatable("connected")),
    SessionStatus.CONNECTING: Sign("·", TextStyle.MUTED, translatable("connecting")),
    SessionStatus.DISCONNECTED: Sign("○", TextStyle.WARN, translatable("disconnected")),
    SessionStatus.TERMINATING: Sign("·", TextStyle.MUTED, translatable("ending")),
    SessionStatus.TERMINATED: Sign("■", TextStyle.FAINT, translatable("ended")),
    SessionStatus.FAILED: Sign("✖", TextStyle.FAIL, translatable("failed")),
}

_NODE = Column("node", translatable("node"), 10, 28, 0)
_OWNER = Column("owner", translatable("owner"), 10, 36, 1)
_REGION = Column("region", translatable("region"), 9, 14, 5, whole=True)
_DOCUMENT = Column("document", translatable("document"), 12, 32, 6)

OPEN_COLUMNS = (
    Column("sign", "", 1, 1, 0),
    _NODE,
    _OWNER,
    Column("age", translatable("duration"), 8, 9, 2),
    Column("status", translatable("state"), 12, 14, 4, spare=True),
    _REGION,
    Column("since", translatable("since (UTC)"), 16, 16, 7, whole=True),
    _DOCUMENT,
    Column("id", translatable("id"), 12, None, 8),
)
HISTORY_COLUMNS = (
    Column("ended", translatable("ended (UTC)"), 16, 16, 2),
    _NODE,
    _OWNER,
    Column("lasted", translatable("duration"), 6, 9, 4),
    Column("why", translatable("end reason"), 21, 32, 3),
    _REGION,
    _DOCUMENT,
    Column("id", translatable("id"), 12, None, 8),
)
GROUP_COLUMNS = (
    Column("count", translatable("open"), 4, 6, 0, numeric=True),
    _NODE,
    _OWNER,
    Column("by", translatable("opened by"), 9, 16, 3),
    Column("age", translatable("oldest"), 8, 9, 4),
    Column("disconnected", translatable("disconnected"), 12, 12, 6, numeric=True, whole=True),
    _REGION,
)

FIELDS: Mapping[str, FilterField] = {
    "node": FilterField(translatable("the name or ID of the node"), 0),
    "owner": FilterField(translatable("the owner of the session"), 1),
    "document": FilterField(translatable("the Session document"), 2),
    "status": FilterField(translatable("connected, disconnected, ended, failed"), 3, by_beginning=True),
    "region": FilterField(translatable("the AWS Region"), 4),
    "reason": FilterField(translatable("the reason that the owner gave"), 5),
}


@dataclass(frozen=True, slots=True)
class SessionLine:
    """The contents of a session's row: the node's name, the Region, and whether the session was ended from here."""

    session: ListedSession
    node: str
    region: str
    ended_here: bool = False


def open_cells(line: SessionLine, now: datetime) -> Mapping[str, Cell]:
    """Return the cells of an open session."""
    session = line.session
    sign, age = SESSION_STATUSES[session.status], now - session.started
    return {
        **_common(line),
        "sign": cell(sign.glyph, sign.text_style),
        "status": cell(sign.word, sign.text_style),
        "age": cell(short_duration(age), TextStyle.WARN if age > STALE_AFTER else TextStyle.PLAIN),
        "since": cell(f"{session.started:%Y-%m-%d %H:%M}", TextStyle.MUTED),
    }


def history_cells(line: SessionLine) -> Mapping[str, Cell]:
    """Return the cells of an ended session."""
    session = line.session
    failed = session.status is SessionStatus.FAILED
    return {
        **_common(line),
        "ended": cell(f"{session.ended or session.started:%Y-%m-%d %H:%M}", TextStyle.MUTED),
        "lasted": cell(short_duration(session.ended - session.started) if session.ended else "", TextStyle.PLAIN),
        "why": cell(ending_word(session, from_here=line.ended_here), TextStyle.FAIL if failed else TextStyle.MUTED),
    }


def group_cells(lines: Sequence[SessionLine], now: datetime) -> Mapping[str, Cell]:
    """Return the cells of the open sessions of one owner on one node."""
    first = lines[0]
    oldest = now - min(line.session.started for line in lines)
    left = sum(line.session.status is SessionStatus.DISCONNECTED for line in lines)
    program = first.session.by_a_program
    return {
        **_common(first),
        "count": cell(str(len(lines)), TextStyle.STRONG),
        "by": cell(say("a program") if program else "", TextStyle.WARN),
        "age": cell(short_duration(oldest), TextStyle.WARN if oldest > STALE_AFTER else TextStyle.PLAIN),
        "disconnected": cell(str(left) if left else "", TextStyle.WARN),
    }


def widths(line: SessionLine) -> Mapping[str, int]:
    """Return the text widths of a session, for the columns that grow with their texts."""
    return {
        "status": len(SESSION_STATUSES[line.session.status].word),
        "node": len(line.node),
        "owner": len(line.session.owner_name),
        "region": len(line.region),
        "document": len(line.session.document),
        "why": len(ending_word(line.session, from_here=line.ended_here)),
        "by": len(say("a program")),
    }


def filtered_row(line: SessionLine) -> FilterValues:
    """Return the filter values of a session."""
    session = line.session
    words = (line.node, session.target, session.owner_name, session.id, session.reason, session.document)
    fields = {
        "node": (line.node, session.target),
        "owner": (session.owner_name,),
        "document": (session.document,),
        "status": (session.status.value, SESSION_STATUSES[session.status].word),
        "region": (line.region,),
        "reason": (session.reason,),
    }
    held = {name: tuple(value.casefold() for value in values if value) for name, values in fields.items()}
    return FilterValues(text="\n".join(words).casefold(), fields=held, tags={})


def _common(line: SessionLine) -> Mapping[str, Cell]:
    session = line.session
    return {
        "node": cell(line.node),
        "owner": cell(session.owner_name, TextStyle.WARN if session.by_a_program else TextStyle.PLAIN),
        "region": cell(line.region, TextStyle.MUTED),
        "document": cell(session.document, TextStyle.MUTED),
        "id": cell(session.id, TextStyle.MUTED),
    }


def session_summary(
    state: SessionState,
    count: int,
    *,
    by_programs: int,
    reading: bool,
    regions: Sequence[str],
    unread: int,
    marked: int,
) -> tuple[str, Sequence[Piece]]:
    """Return what is shown, and the pieces of the line below; `unread` is the number of Regions that failed."""
    if state is SessionState.HISTORY:
        title = say("Sessions that ended in the last 30 days")
        words = say_many("{count} session", "{count} sessions", count=count)
        programs = 0
    else:
        title = say("Active sessions")
        words = say_many("{count} session is open", "{count} sessions are open", count=count)
        programs = by_programs
    pieces: list[Piece] = [(words, TextStyle.MUTED)]
    if not regions:
        return title, [(say("no Region is open yet"), TextStyle.WARN)]
    if unread and not count:
        pieces = [(say("some sessions could not be read"), TextStyle.WARN)]
    if programs:
        held = say_many("{count} opened by a program", "{count} opened by programs", count=programs)
        pieces += [(" · ", TextStyle.FAINT), (held, TextStyle.WARN)]
    pieces += [(" · ", TextStyle.FAINT), (", ".join(regions) or "…", TextStyle.MUTED)]
    if marked:
        pieces.append(("  ◆ " + say_many("{count} marked", "{count} marked", count=marked), TextStyle.KEY))
    if reading:
        pieces.append(("  " + say("reading…"), TextStyle.FAINT))
    return title, pieces


def empty_sessions_text(state: SessionState, *, reading: bool, of: int, unread: int, regions: int) -> str:
    """Return the text shown if there are no rows.

    `of` is the count without the filter; `unread` is how many of the open `regions` could not be read.
    """
    if not regions:
        return say("The sessions could not be read.")
    if reading:
        return say("Reading the sessions…")
    if of:
        return say("No session matches the filter. Esc clears it.")
    if unread:
        return say("The sessions could not be read.")
    if state is SessionState.HISTORY:
        return say("No session ended in the last 30 days.")
    return say("No session is open.")


_NAME_WIDTH = 11
_MAX_NAMES = 12


def session_prose(line: SessionLine, account: str, now: datetime) -> Prose:
    """Return everything that AWS records about a session."""
    session = line.session
    sign = SESSION_STATUSES[session.status]
    limit = say("{minutes} min", minutes=session.longest) if session.longest else ""
    ended = f"{session.ended:%Y-%m-%d %H:%M:%S} UTC" if session.ended else ""
    lasted = short_duration((session.ended or now) - session.started)
    node = line.node if line.node == session.target else f"{line.node} ({session.target})"
    rows = (
        (say("node"), node),
        (say("owner"), session.owner),
        (say("opened"), f"{session.started:%Y-%m-%d %H:%M:%S} UTC"),
        (say("ended"), ended),
        (say("duration"), lasted),
        (say("longest"), limit),
        (say("document"), session.document),
        (say("reason"), session.reason),
        (say("access"), say("just-in-time, by an approved request") if session.just_in_time else ""),
        (say("where"), f"{account} · {line.region}"),
    )
    return (
        item(
            sign.glyph, (f"{session.id}  ", TextStyle.STRONG), (sign.word, sign.text_style), text_style=sign.text_style
        ),
        *(paragraph((words, TextStyle.MUTED), indent=2) for words in _session_status(line, now)),
        *(Block(to_pieces(value), indent=2, marker=name.ljust(_NAME_WIDTH)) for name, value in rows if value),
    )


def group_prose(lines: Sequence[SessionLine], now: datetime) -> Prose:
    """Return the open sessions of one owner on one node, the oldest first."""
    first = lines[0]
    words = say_many(
        "{owner} has {count} open session on {node}.",
        "{owner} has {count} open sessions on {node}.",
        count=len(lines),
        owner=first.session.owner_name,
        node=first.node,
    )
    guess = say(
        "The name is typical of a program. Make sure that the program terminates its sessions (TerminateSession)."
    )
    more = len(lines) - _MAX_NAMES
    return (
        paragraph((words, TextStyle.STRONG)),
        *((paragraph((guess, TextStyle.WARN)),) if first.session.by_a_program else ()),
        *(
            item(
                SESSION_STATUSES[line.session.status].glyph,
                line.session.id,
                (f"  {short_duration(now - line.session.started)}  {line.session.document}", TextStyle.MUTED),
                text_style=SESSION_STATUSES[line.session.status].text_style,
            )
            for line in lines[:_MAX_NAMES]
        ),
        *((paragraph((say("and {more} more", more=more), TextStyle.MUTED)),) if more > 0 else ()),
    )


def unread_prose(unread: Mapping[ScopeName, Unreadable]) -> Prose:
    """Return that sessions could not be listed, why, and what to do about it."""
    blocks: list[Block] = [
        item("✖", (say("The sessions could not be listed"), TextStyle.STRONG), text_style=TextStyle.FAIL)
    ]
    for name, each in unread.items():
        blocks.append(paragraph((f"{name.region}: ", TextStyle.STRONG), each.why, indent=2))
    blocks.append(heading(say("What to do")))
    actions = tuple(dict.fromkeys(each.action for each in unread.values() if each.action))
    refused = any(each.obstacle is ReadFailure.REFUSED for each in unread.values())
    if refused and actions:
        words = say("Ask for a policy that allows {action} on *, then press r.", action=", ".join(actions))
    else:
        words = say("Press r to try again.")
    blocks.append(item("→", words, text_style=TextStyle.ACCENT))
    return tuple(blocks)


def unread_banner(unread: Mapping[ScopeName, Unreadable]) -> tuple[Piece, ...]:
    """Return one line about the Regions that are missing from the rows."""
    if not unread:
        return ()
    regions = ", ".join(sorted({name.region for name in unread}))
    why = next(iter(unread.values())).why
    return to_pieces(
        ("▲ ", TextStyle.WARN), say("Some sessions of {regions} are not shown: {why}", regions=regions, why=why)
    )


def _session_status(line: SessionLine, now: datetime) -> tuple[str, ...]:
    session = line.session
    if session.ended is not None or session.status in (SessionStatus.TERMINATED, SessionStatus.FAILED):
        return (ending_sentence(session, from_here=line.ended_here),)
    words = []
    if session.status is SessionStatus.DISCONNECTED:
        words.append(
            say("No client is connected. The session stays open until the idle timeout or until it is terminated.")
        )
    if now - session.started > STALE_AFTER:
        words.append(say("The session has been open for more than one day."))
    words.append(say("AWS does not report when the session was last used."))
    return tuple(words)


MOST_FIXES = 9


def node_label(node: Node) -> str:
    """Return the name of a node, safe to print."""
    return printable(node.name or node.id)


def broken_prose(
    fleet: Fleet, fleet_finding: FleetFinding | None, *, for_tunnel: bool = False, can_try: bool = True
) -> Prose:
    """Return why a session is expected to fail, what would fix it, and whether trying makes sense."""
    blocks: list[Block] = []
    if fleet_finding is None:
        blocks.append(item("✖", say("The checks show that a session cannot be opened."), text_style=TextStyle.FAIL))
    else:
        blocks += [
            item("✖", (fleet.finding_title(fleet_finding.finding), TextStyle.STRONG), text_style=TextStyle.FAIL),
            paragraph(fleet_finding.finding.summary, indent=2),
        ]
        for number, slug in enumerate(fleet_finding.finding.fixes[:MOST_FIXES], start=1):
            title = fix_title(fleet, fleet_finding.finding.cause, slug)
            blocks.append(item(f"{number}", title, indent=2, text_style=TextStyle.KEY))
    if not can_try:
        words = say("The node is not connected: no tunnel can reach it before this is fixed.")
    elif for_tunnel:
        words = say("A tunnel can work despite this failure. Press Enter to continue.")
    else:
        words = say("Press Enter to try anyway and see where the session stops.")
    blocks.append(paragraph((words, TextStyle.MUTED), gap=True))
    return tuple(blocks)


def no_plugin_prose(why: str, steps: Sequence[Step], *, for_tunnel: bool = False) -> Prose:
    """Return why the plugin cannot be used, how to install the current version, and the alternative, if any."""
    blocks: list[Block] = [item("▲", (f"{why}.", TextStyle.STRONG), text_style=TextStyle.WARN)]
    for step in steps:
        blocks.append(paragraph(step.text, gap=True))
        blocks += lines_of(step.copy, TextStyle.CODE, indent=2)
    words = (
        say('The setting client = "plugin" requires the plugin. Without this setting, tunnels need no plugin.')
        if for_tunnel
        else say("Press Enter to use the built-in client instead. It works in Linux and macOS terminals.")
    )
    blocks.append(paragraph((words, TextStyle.MUTED), gap=True))
    return tuple(blocks)


def warned_plugin_prose(warning: str, steps: Sequence[Step]) -> Prose:
    """Return the risks of the installed plugin, and how to install the current version."""
    blocks: list[Block] = [item("▲", (f"{warning}.", TextStyle.STRONG), text_style=TextStyle.WARN)]
    for step in steps:
        blocks.append(paragraph(step.text, gap=True))
        blocks += lines_of(step.copy, TextStyle.CODE, indent=2)
    words = say("Press Enter to use this plugin, or b to use the built-in client.")
    blocks.append(paragraph((words, TextStyle.MUTED), gap=True))
    return tuple(blocks)


def opening_prose(node: Node, *, access: bool = False) -> Prose:
    """Return that a session is being opened; if needed, with an access request that somebody must approve."""
    where = f"{node_label(node)} · {node.id} · {node.key.region}"
    if not access:
        return (
            paragraph(where),
            paragraph((say("Requesting a session from AWS. Press Esc to cancel."), TextStyle.MUTED), gap=True),
        )
    return (
        paragraph(where),
        paragraph(say("Access was requested. An approver must approve the request."), gap=True),
        paragraph((say("The shell opens after the approval. Press Esc to stop waiting."), TextStyle.MUTED)),
    )


def access_prose(text: str) -> Prose:
    """Return that the caller is not allowed to open a session, but can request access."""
    return (
        item("✖", printable(text), text_style=TextStyle.FAIL),
        paragraph(
            say("If the account uses just-in-time node access, an approver can grant access for a limited time."),
            gap=True,
        ),
        paragraph(
            (
                say("An approval policy (Cedar or manual) must apply to the node. AWS charges per node and hour."),
                TextStyle.MUTED,
            )
        ),
        paragraph((say("Press Enter to request access with a reason, or x to explain the error."), TextStyle.MUTED)),
    )


def shell_banner(node: Node, *, builtin: bool) -> str:
    """Return the line on the terminal above the shell. A simulated shell says itself that it is simulated."""
    name = node_label(node)
    if builtin:
        return say("ssmtui: shell on {node}, without the plugin. Type exit to return.", node=name)
    return say("ssmtui: shell on {node}. Type exit to return.", node=name)


def ended_sentence(node: Node, ending: SessionEnding, lasted: timedelta) -> str:
    """Return that a session has ended normally."""
    name, duration = node_label(node), short_duration(lasted)
    if ending.exit_code:
        return say(
            "The session on {node} ended after {duration}, with exit code {code}.",
            node=name,
            duration=duration,
            code=ending.exit_code,
        )
    return say("The session on {node} ended after {duration}.", node=name, duration=duration)
