"""Check whether open sessions use up the node's resources."""

from __future__ import annotations

from ssmtui.analysis.console_log import OUT_OF_INOTIFY_INSTANCES, captured_at, console_evidence, is_current, last_line
from ssmtui.analysis.finding_parts import the_node, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say, say_many
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node import Node
from ssmtui.model.node_facts import ConsoleAsked, ConsoleOutput, ManagedNode, RunningNode
from ssmtui.model.sessions import ActiveSession, CrowdedSessions, StaleSessions

_CROWDED_CAUSE = "sessions-left-open"
_SOURCE = "ssm:DescribeSessions"


@check(
    link=Link.INSTANCE,
    causes=(_CROWDED_CAUSE,),
    subject=the_node,
    after=("node-has-watches-left",),
    without={CrowdedSessions: "it denies, and does not allow"},
)
def sessions_are_ended(managed: ManagedNode, crowded: CrowdedSessions | NotApplicable | Unreadable) -> Findings:
    """Whether those who open sessions to the node end them."""
    node = managed.node
    if isinstance(crowded, Unreadable):
        # Those that are open for more than a day are asked for besides, and say what could not be read.
        return ()
    if isinstance(crowded, NotApplicable):
        return ()
    return (
        Finding(
            cause=_CROWDED_CAUSE,
            status=Status.WARN,
            confidence=Confidence.POSSIBLE,
            subject=the_node(node),
            summary=say(
                "{owner} holds {count} sessions on {node} at once: a program may open them and not end them.",
                owner=crowded.owner_name,
                count=len(crowded.sessions),
                node=node.name,
            ),
            evidence=(
                Evidence(
                    say(
                        "{count} sessions of {owner} are open, the oldest since {since} UTC",
                        count=len(crowded.sessions),
                        owner=crowded.owner,
                        since=f"{crowded.sessions[0].started:%Y-%m-%d %H:%M}",
                    ),
                    _SOURCE,
                ),
            ),
            fixes=("steps-end-sessions",),
        ),
    )


_INOTIFY_CAUSE = "run-out-of-watches"
_NAMED = 5
_BOTH = ("terminate-stale-session", "raise-inotify-limit")


@check(
    link=Link.INSTANCE,
    causes=(_INOTIFY_CAUSE,),
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
    asked: ConsoleAsked | NotApplicable | Unreadable,
    console: ConsoleOutput | Absent | NotApplicable | Unreadable,
    stale: StaleSessions | NotApplicable | Unreadable,
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
        return (unread_finding(_INOTIFY_CAUSE, the_node(node), summary, stale),)
    if isinstance(stale, NotApplicable):
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
    asked: ConsoleAsked, console: ConsoleOutput, stale: StaleSessions | NotApplicable | Unreadable, now: Now
) -> Finding | None:
    line = last_line(console, OUT_OF_INOTIFY_INSTANCES)
    if line is None:
        return None
    node, holds = asked.node, is_current(asked, console, now)
    summary = (
        say("SSM Agent of {node} has no inotify instances left.", node=node.name)
        if holds
        else say("SSM Agent of {node} had no inotify instances left when it last wrote to the console.", node=node.name)
    )
    held = stale.sessions if isinstance(stale, StaleSessions) else ()
    evidence = (console_evidence(line), *(captured_at(console) if asked.connected else ()), *_named(held))
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
    return Finding(_INOTIFY_CAUSE, status, confidence, the_node(node), summary, evidence, fixes)
