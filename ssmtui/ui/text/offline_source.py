"""Describe a report or a snapshot that is shown in place of a live diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.language import say, translatable
from ssmtui.model.finding import Link, Verdict
from ssmtui.model.node import Node
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.links import LINK_MEANINGS, STATE_SENTENCES
from ssmtui.ui.text.notices import Notice, fleet_banner, fleet_notice
from ssmtui.ui.text.styled_text import LINKS, Piece, Prose, TextStyle, heading, item, paragraph, short_duration


@dataclass(frozen=True, slots=True)
class OfflineReport:
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
            (say("report"), TextStyle.KEY),
            (say(" of {made}", made=f"{self.made:%Y-%m-%d %H:%M} UTC"), TextStyle.MUTED),
            (say("  {age} old{parts}", age=short_duration(now - self.oldest), parts=parts), TextStyle.WARN),
        )

    def banner(self, fleet: Fleet) -> tuple[Piece, ...]:
        """One line above the rows for what was not looked at."""
        return fleet_banner(fleet, translatable("i tells more"))

    def notice(self, fleet: Fleet) -> Notice | None:
        """What to show in the fleet's place, where it names no node."""
        if fleet.state.nodes or fleet.state.errors:
            return fleet_notice(fleet)
        places = [paragraph(f"{scope.account} · {scope.region}", indent=2) for scope in fleet.scopes]
        told = paragraph(say("It tells of neither an EC2 instance nor a hybrid node."))
        return Notice(say("No nodes in this report"), (told, *places))


def reported_link_text(node: Node, link: Link, verdict: Verdict, connection: str) -> Prose:
    """A link explained as far as a report tells it."""
    state = verdict.link(link)
    sign = LINKS[state]
    facts = [
        paragraph((f"{name:<16}", TextStyle.MUTED), value) for name, value in _facts(node, link, connection) if value
    ]
    return (
        item(
            sign.glyph,
            (say(link.value), TextStyle.STRONG),
            ("  ", TextStyle.PLAIN),
            (sign.word, sign.text_style),
            text_style=sign.text_style,
        ),
        paragraph(say(LINK_MEANINGS[link]), gap=True),
        paragraph((say(STATE_SENTENCES[state]), sign.text_style), gap=True),
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


_SAME_TIME = timedelta(minutes=10)
"""Scopes that were looked at within that time were looked at together."""


@dataclass(frozen=True, slots=True)
class OfflineSnapshot:
    """A snapshot that is looked at. `made` is when it was recorded (UTC), `looked_at` when each of its scopes was.

    Its present is then; `clock` tells the time here, by which its age is told.
    """

    made: datetime
    looked_at: tuple[datetime, ...]
    why_not: str
    clock: Callable[[], datetime]
    redacted: bool = False

    def pieces(self, _then: datetime) -> tuple[Piece, ...]:
        """That it is a snapshot, and how old: as old as the oldest of what it holds."""
        oldest = min((self.made, *self.looked_at))
        parts = say(" in part") if max(self.looked_at, default=oldest) - oldest > _SAME_TIME else ""
        kind = say("redacted snapshot") if self.redacted else say("snapshot")
        return (
            (kind, TextStyle.KEY),
            (say(" of {made}", made=f"{self.made:%Y-%m-%d %H:%M} UTC"), TextStyle.MUTED),
            (say("  {age} old{parts}", age=short_duration(self.clock() - oldest), parts=parts), TextStyle.WARN),
        )

    def notice(self, fleet: Fleet) -> Notice | None:
        """What to show in the fleet's place: while nothing is told yet, nobody is asked for credentials."""
        if fleet.scopes or fleet.state.errors or fleet.state.crashes:
            return fleet_notice(fleet)
        return Notice(
            say("Reading the snapshot…"), (paragraph(say("Every check is run again, by what was read then.")),)
        )
