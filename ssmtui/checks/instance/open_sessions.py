"""Whether the node has inotify instances left: each session takes some, and sessions that nobody uses hold them."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import OUT_OF_WATCHES, as_of, last_line, says, still_holds
from ssmtui.checks.doubt import unread
from ssmtui.checks.subjects import the_node
from ssmtui.language import say, say_many
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.moment import Now
from ssmtui.model.node import Node
from ssmtui.model.path import Link
from ssmtui.model.sessions import ActiveSession, StaleSessions
from ssmtui.model.standing import RunningNode
from ssmtui.model.system import ConsoleAsked, ConsoleOutput

_CAUSE = "run-out-of-watches"
_SOURCE = "ssm:DescribeSessions"
_NAMED = 5
_BOTH = ("terminate-stale-session", "raise-inotify-limit")


@check(
    link=Link.INSTANCE,
    causes=(_CAUSE,),
    subject=the_node,
    after=("clock-of-the-node-is-right",),
    without={
        ConsoleAsked: "it denies, and does not allow",
        ConsoleOutput: "it denies, and does not allow",
        StaleSessions: "it denies, and does not allow",
    },
)
def node_has_watches_left(
    running: RunningNode,
    asked: ConsoleAsked | Moot | Unreadable,
    console: ConsoleOutput | Absent | Moot | Unreadable,
    stale: StaleSessions | Moot | Unreadable,
    now: Now,
) -> Findings:
    """Whether the node has inotify instances left."""
    node = running.node
    if isinstance(asked, ConsoleAsked) and isinstance(console, ConsoleOutput):
        said = _by_console(asked, console, stale, now)
        if said is not None:
            return (said,)
    if isinstance(stale, Unreadable):
        summary = say("Whether {node} holds sessions that nobody uses could not be told.", node=node.name)
        return (unread(_CAUSE, the_node(node), summary, stale),)
    if isinstance(stale, Moot):
        return ()
    summary = say_many(
        "{node} holds a session that has been open for more than a day; such sessions use up its inotify instances.",
        "{node} holds {count} sessions that have been open for more than a day; such sessions use up its inotify "
        "instances.",
        count=len(stale.sessions),
        node=node.name,
    )
    return (_finding(node, Status.WARN, Confidence.POSSIBLE, summary, _named(stale.sessions), _BOTH),)


def _by_console(
    asked: ConsoleAsked, console: ConsoleOutput, stale: StaleSessions | Moot | Unreadable, now: Now
) -> Finding | None:
    line = last_line(console, OUT_OF_WATCHES)
    if line is None:
        return None
    node, holds = asked.node, still_holds(asked, console, now)
    summary = (
        say("SSM Agent of {node} has no inotify instances left.", node=node.name)
        if holds
        else say("SSM Agent of {node} had no inotify instances left when it last wrote to the console.", node=node.name)
    )
    held = stale.sessions if isinstance(stale, StaleSessions) else ()
    evidence = (says(line), *(as_of(console) if asked.connected else ()), *_named(held))
    return _finding(
        node,
        Status.FAIL if holds else Status.WARN,
        Confidence.LIKELY if holds else Confidence.POSSIBLE,
        summary,
        evidence,
        _BOTH if held else ("raise-inotify-limit",),
    )


def _named(sessions: tuple[ActiveSession, ...]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            say(
                "the session {session} has been open since {since} UTC",
                session=each.id,
                since=f"{each.started:%Y-%m-%d %H:%M}",
            ),
            _SOURCE,
        )
        for each in sessions[:_NAMED]
    )


def _finding(
    node: Node,
    status: Status,
    confidence: Confidence,
    summary: str,
    evidence: tuple[Evidence, ...],
    fixes: tuple[str, ...],
) -> Finding:
    return Finding(_CAUSE, status, confidence, the_node(node), summary, evidence, fixes)
