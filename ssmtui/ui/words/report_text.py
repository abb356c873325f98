"""What is said where a report is shown, and not a diagnosis that runs: how old it is, and what it does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ssmtui.language import marked, say
from ssmtui.model.fleet import Verdict
from ssmtui.model.node import Node
from ssmtui.model.path import Link
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.link_text import MEANING, SAID
from ssmtui.ui.words.notices import Notice, banner_of, notice_of
from ssmtui.ui.words.prose import Prose, heading, item, paragraph
from ssmtui.ui.words.signs import LINKS


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report that is shown. `made` is when, `oldest` when the first of its scopes was looked at (UTC)."""

    made: datetime
    oldest: datetime

    @property
    def why_not(self) -> str:
        """Why nothing is read, changed or opened by it."""
        return say("this is a report, made at {made}: AWS is not asked", made=f"{self.made:%Y-%m-%d %H:%M} UTC")

    def pieces(self, now: datetime) -> tuple[Piece, ...]:
        """That it is a report, and how old: as old as the oldest of what it holds."""
        parts = "" if self.oldest == self.made else say(" in part")
        return (
            (say("report"), Ink.KEY),
            (say(" of {made}", made=f"{self.made:%Y-%m-%d %H:%M} UTC"), Ink.MUTED),
            (say("  {age} old{parts}", age=short_duration(now - self.oldest), parts=parts), Ink.WARN),
        )

    def banner(self, fleet: Fleet) -> tuple[Piece, ...]:
        """One line above the rows for what was not looked at."""
        return banner_of(fleet, marked("i tells more"))

    def notice(self, fleet: Fleet) -> Notice | None:
        """What to show in the fleet's place, where it names no node."""
        if fleet.state.nodes or fleet.state.errors:
            return notice_of(fleet)
        places = [paragraph(f"{scope.account} · {scope.region}", indent=2) for scope in fleet.scopes]
        told = paragraph(say("It tells of neither an EC2 instance nor a hybrid node."))
        return Notice(say("No nodes in this report"), (told, *places))


def reported_link_text(node: Node, link: Link, verdict: Verdict, connection: str) -> Prose:
    """A link explained as far as a report tells it."""
    state = verdict.link(link)
    sign = LINKS[state]
    facts = [paragraph((f"{name:<16}", Ink.MUTED), value) for name, value in _facts(node, link, connection) if value]
    return (
        item(sign.glyph, (say(link.value), Ink.STRONG), ("  ", Ink.PLAIN), (sign.word, sign.ink), ink=sign.ink),
        paragraph(say(MEANING[link]), gap=True),
        paragraph((say(SAID[state]), sign.ink), gap=True),
        *((heading(say("Known of it")), *facts) if facts else ()),
    )


def _facts(node: Node, link: Link, connection: str) -> Iterator[tuple[str, str]]:
    match link:
        case Link.CALLER:
            yield say("account"), node.key.account
        case Link.INSTANCE:
            yield say("state"), node.state.value if node.state else ""
        case Link.AGENT:
            yield say("ping"), node.ping.value if node.ping else ""
            yield say("agent"), node.agent_version or ""
            yield say("channel"), connection
        case Link.SYSTEM:
            yield say("platform"), node.platform
        case _:
            return
