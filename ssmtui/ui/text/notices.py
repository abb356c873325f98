"""Write the notices of the whole fleet: progress, errors, and what a report or a snapshot shows instead of AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ssmtui.diagnosis.events import ScopeCrashed
from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import Link, LinkState, Status, Verdict
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable
from ssmtui.ui.text.fleet import Fleet, error_prose, problem_title
from ssmtui.ui.text.styled_text import (
    STATUSES,
    Block,
    Piece,
    Prose,
    TextStyle,
    heading,
    indented,
    item,
    paragraph,
    short_duration,
)

if TYPE_CHECKING:
    from ssmtui.diagnosis.events import ProgressChanged
    from ssmtui.model.finding import FleetFinding


_MAX_NAMES = 3
"""The most Regions or errors that a line names."""

_SEVERITY = (Status.FAIL, Status.WARN)


@dataclass(frozen=True, slots=True)
class Notice:
    """A state of the whole screen: a title, and the text below it."""

    title: str
    prose: Prose


def fleet_notice(fleet: Fleet) -> Notice | None:
    """Return the notice to show instead of the fleet; None if there are nodes."""
    state = fleet.state
    if state.nodes:
        return None
    if fleet.trouble:
        return _defect(fleet.trouble)
    ended = next((each for each in state.crashes if isinstance(each, ScopeCrashed)), None)
    if ended is not None:
        return _defect(ended.summary)
    if state.errors and len(state.errors) >= len({*state.scopes, *state.errors}):
        return _errors(list(state.errors.values()))
    if state.scopes and not fleet.pending:
        return _empty(fleet)
    return _loading(fleet)


def fleet_banner(fleet: Fleet, more: str = translatable("press a for details")) -> tuple[Piece, ...]:
    """Return one line above the rows about errors in part of the fleet; empty if there are none.

    `more` names the key that shows more about a scope.
    """
    state = fleet.state
    pieces: list[Piece] = []
    alike: dict[str, list[str]] = {}
    for error in state.errors.values():
        where = error.name.role_account or error.name.region or error.name.profile or say("a scope")
        alike.setdefault(problem_title(error), []).append(where)
    for words, names in alike.items():
        # The message of AWS is long, and one key away.
        sign = "? " if pieces else " ? "
        pieces += [
            (sign, TextStyle.UNKNOWN),
            (f"{_short_list(names)}: ", TextStyle.STRONG),
            (f"{words}  ", TextStyle.PLAIN),
        ]
    for crash in state.crashes:
        pieces += [
            (" ✖ ", TextStyle.FAIL),
            (f"{crash.scope.region}: ", TextStyle.STRONG),
            (say("error in ssmtui: {summary}  ", summary=crash.summary), TextStyle.PLAIN),
        ]
    if pieces:
        pieces.append((say(more), TextStyle.KEY))
    for word in state.nowhere():
        near = similar_names(word, state.others())
        pieces += [
            (" ? ", TextStyle.UNKNOWN),
            (say("{word}: node not found", word=printable(word)), TextStyle.STRONG),
            (say(" (similar: {names})", names=", ".join(map(printable, near))) if near else "", TextStyle.MUTED),
            (" ", TextStyle.PLAIN),
        ]
    return (*pieces, *_workstation_problem(fleet))


def unfinished_banner(count: int) -> tuple[Piece, ...]:
    """Return that changes were interrupted, and the key that shows them; empty if none was."""
    if not count:
        return ()
    words = say_many("{count} change was interrupted", "{count} changes were interrupted", count=count)
    return ((" ? ", TextStyle.UNKNOWN), (f"{words}  ", TextStyle.STRONG), (say("press Z for details"), TextStyle.KEY))


def _workstation_problem(fleet: Fleet) -> tuple[Piece, ...]:
    """Return the problem of the computer that opens sessions: no verdict of a node shows it."""
    wrong = sorted(
        (fleet_finding.finding for fleet_finding in fleet.state.findings.values() if _is_blocking(fleet_finding)),
        key=lambda finding: (_SEVERITY.index(finding.status), finding.cause),
    )
    if not wrong:
        return ()
    sign = STATUSES[wrong[0].status]
    titles = tuple(dict.fromkeys(fleet.title(finding.cause) for finding in wrong))
    return (
        (f" {sign.glyph} ", sign.text_style),
        (say("This computer: "), TextStyle.STRONG),
        (f"{_short_list(titles)}  ", TextStyle.PLAIN),
        (say("press Tab for details"), TextStyle.KEY),
    )


def _is_blocking(fleet_finding: FleetFinding) -> bool:
    finding = fleet_finding.finding
    return finding.is_about_workstation and fleet_finding.link is Link.WORKSTATION and finding.status in _SEVERITY


def _short_list(names: Sequence[str]) -> str:
    more = say(" and {more} more", more=len(names) - _MAX_NAMES) if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more


def recovery_command(fleet: Fleet) -> str:
    """Return the command that opens the first scope that failed to open; empty if there is none."""
    return next((error.command for error in fleet.state.errors.values() if error.command), "")


def _errors(errors: list[ScopeError]) -> Notice:
    titles = {problem_title(error) for error in errors}
    blocks: list[Block] = []
    for error in errors:
        first, *rest = error_prose(error)
        blocks += [replace(first, gap=bool(blocks)), *rest]
    return Notice(titles.pop() if len(titles) == 1 else say("No Region could be opened"), tuple(blocks))


def _empty(fleet: Fleet) -> Notice:
    places = ", ".join(
        say("{account} in {region}", account=scope.account, region=scope.region) for scope in fleet.scopes
    )
    return Notice(
        say("No nodes here"),
        (
            paragraph(
                say(
                    "The credentials work, but there are no EC2 instances and no hybrid nodes: {places}.",
                    places=places,
                )
            ),
            heading(say("What to do")),
            item("→", say("Press a to choose another Region or profile,"), text_style=TextStyle.ACCENT),
            item("→", say("or run ssmtui --region NAME --profile NAME (repeatable)"), text_style=TextStyle.ACCENT),
            item("→", say("or press ctrl+r after you launch a node."), text_style=TextStyle.ACCENT),
            item("→", say("To try ssmtui without an account: ssmtui demo"), text_style=TextStyle.ACCENT),
        ),
    )


def _loading(fleet: Fleet) -> Notice:
    scopes, waiting = fleet.scopes, fleet.waiting_for
    waits = (
        [paragraph(say("Waiting for AWS to answer {calls}.", calls=", ".join(waiting)), gap=True)] if waiting else []
    )
    if any(each.throttled for each in fleet.state.delayed.values()):
        waits.append(paragraph(say("AWS throttles the requests. ssmtui sends them more slowly for up to one minute.")))
    if not scopes:
        resolving = paragraph(say("Resolving the credentials and their owner."))
        return Notice(say("Opening…"), (resolving, *waits))
    lines = [item("•", say("{account} in {region}", account=scope.account, region=scope.region)) for scope in scopes]
    prose = (paragraph(say("Rows appear as AWS returns the nodes.")), *indented(lines, 2), *waits)
    return Notice(say("Listing nodes…"), prose)


def _defect(summary: str) -> Notice:
    return Notice(
        say("An error in ssmtui stopped the diagnosis"),
        (
            paragraph(say("Location: {summary}", summary=summary)),
            heading(say("What to do")),
            item("→", say("Press ctrl+r to restart the diagnosis."), text_style=TextStyle.ACCENT),
            item(
                "→",
                say("If the error occurs again, run ssmtui with --log-file FILE and report the content of the file."),
                text_style=TextStyle.ACCENT,
            ),
        ),
    )


_BAR_WIDTH = 12

Pieces = tuple[Piece, ...]


def progress_pieces(fleet: Fleet, calls: int, again: str = "") -> Sequence[Pieces]:
    """Return versions of the progress line from long to short; the first that fits is shown.

    `calls` is the number of API calls so far. `again` says when the next auto-refresh is due.
    """
    told = tuple(fleet.state.progress.values())
    if not told:
        return ((),)
    listed = sum(each.listed for each in told)
    listing = ((say("listing "), TextStyle.FAINT),) if any(each.listing for each in told) else ()
    asked = ((say("· {calls} calls", calls=calls), TextStyle.MUTED),)
    hindered = _delays_text(fleet, told)
    if not fleet.pending or not listed:
        count = ((say_many("{count} node", "{count} nodes", count=listed) + " ", TextStyle.PLAIN),)
        then = ((f"· {again} ", TextStyle.ACCENT),) if again else ()
        return ((*hindered, *count, *listing, *then, *asked), (*hindered, *count, *then), (*count, *then), count)
    settled = sum(each.settled for each in told)
    left = _time_left(told)
    long = ((say("checking {settled:,} of {listed:,} ", settled=settled, listed=listed), TextStyle.PLAIN), *left)
    short = ((say("{settled:,} of {listed:,} ", settled=settled, listed=listed), TextStyle.PLAIN), *left)
    bar = _progress_bar(settled, listed)
    # Throttling by AWS is shown at any width.
    slowed = ((say("throttled "), TextStyle.WARN),) if any(each.throttled for each in told) else ()
    return (
        (*hindered, *bar, *long, *listing, *asked),
        (*hindered, *bar, *long, *listing),
        (*hindered, *long, *listing),
        (*hindered, *long),
        (*hindered, *short),
        (*slowed, *long),
        (*slowed, *short),
    )


def _delays_text(fleet: Fleet, told: Sequence[ProgressChanged]) -> Pieces:
    pieces: list[Piece] = []
    if any(each.throttled for each in told):
        pieces.append((say("throttled by AWS  "), TextStyle.WARN))
    if turn := len(fleet.state.waiting):
        wait = say_many("{count} Region waiting  ", "{count} Regions waiting  ", count=turn)
        pieces.append((wait, TextStyle.MUTED))
    if waiting := fleet.waiting_for:
        more = say(" and {more} more", more=len(waiting) - 1) if len(waiting) > 1 else ""
        pieces.append((say("waiting for {call}{more}  ", call=waiting[0], more=more), TextStyle.WARN))
    return tuple(pieces)


def _progress_bar(settled: int, listed: int) -> Pieces:
    done = settled * _BAR_WIDTH // listed
    return (("━" * done, TextStyle.OK), ("━" * (_BAR_WIDTH - done) + " ", TextStyle.FAINT))


def _time_left(told: Sequence[ProgressChanged]) -> Pieces:
    """Return the time left at AWS's rate: scopes are read in parallel, each at its own rate."""
    seconds = max(each.seconds_of_asking for each in told)
    if seconds < 1:
        return ()
    return ((say("· {time} left ", time=short_duration(timedelta(seconds=seconds))), TextStyle.MUTED),)


@dataclass(frozen=True, slots=True)
class OfflineReport:
    """A report that is shown. `made` is its time; `oldest` the time of the earliest diagnosis in it (UTC)."""

    made: datetime
    oldest: datetime

    @property
    def why_not(self) -> str:
        """Why nothing can be read, changed or opened from a report."""
        return say("this is a report of {made}: AWS is not called", made=f"{self.made:%Y-%m-%d %H:%M} UTC")

    def pieces(self, now: datetime) -> tuple[Piece, ...]:
        """Return that this is a report, and the age of its oldest result."""
        parts = "" if self.oldest == self.made else say(" in part")
        return (
            (say("report"), TextStyle.KEY),
            (say(" of {made}", made=f"{self.made:%Y-%m-%d %H:%M} UTC"), TextStyle.MUTED),
            (say("  {age} old{parts}", age=short_duration(now - self.oldest), parts=parts), TextStyle.WARN),
        )

    def banner(self, fleet: Fleet) -> tuple[Piece, ...]:
        """Return one line above the rows about what the report does not cover."""
        return fleet_banner(fleet, translatable("press i for details"))

    def notice(self, fleet: Fleet) -> Notice | None:
        """Return the notice to show instead of the fleet, if the report has no nodes."""
        if fleet.state.nodes or fleet.state.errors:
            return fleet_notice(fleet)
        places = [paragraph(f"{scope.account} · {scope.region}", indent=2) for scope in fleet.scopes]
        told = paragraph(say("The report contains no EC2 instances and no hybrid nodes."))
        return Notice(say("No nodes in this report"), (told, *places))


_REPORTED = {LinkState.NOT_CHECKED: translatable("The report has no result that says that this link is ok.")}
"""Sentences about links that a report words in another way: a report of an older version has no states of links."""


def reported_link_text(node: Node, link: Link, verdict: Verdict, connection: str) -> Prose:
    """Return a link explained with what a report contains."""
    from ssmtui.ui.text.node_path import STATE_SENTENCES, link_prose

    state = verdict.link(link)
    facts = ((name, value) for name, value in _facts(node, link, connection) if value)
    return link_prose(link, state, _REPORTED.get(state, STATE_SENTENCES[state]), facts)


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
"""Scopes that were diagnosed within this time count as diagnosed together."""


@dataclass(frozen=True, slots=True)
class OfflineSnapshot:
    """A snapshot that is shown. `made` is the time of the recording (UTC), `looked_at` the time of each scope.

    For its contents, "now" is that time; `clock` returns the time here, from which its age is computed.
    """

    made: datetime
    looked_at: tuple[datetime, ...]
    why_not: str
    clock: Callable[[], datetime]
    redacted: bool = False

    def pieces(self, _then: datetime) -> tuple[Piece, ...]:
        """Return that this is a snapshot, and the age of its oldest result."""
        oldest = min((self.made, *self.looked_at))
        parts = say(" in part") if max(self.looked_at, default=oldest) - oldest > _SAME_TIME else ""
        kind = say("redacted snapshot") if self.redacted else say("snapshot")
        return (
            (kind, TextStyle.KEY),
            (say(" of {made}", made=f"{self.made:%Y-%m-%d %H:%M} UTC"), TextStyle.MUTED),
            (say("  {age} old{parts}", age=short_duration(self.clock() - oldest), parts=parts), TextStyle.WARN),
        )

    def notice(self, fleet: Fleet) -> Notice | None:
        """Return the notice to show instead of the fleet. Before the first results, it asks nobody for credentials."""
        if fleet.scopes or fleet.state.errors or fleet.state.crashes:
            return fleet_notice(fleet)
        return Notice(say("Reading the snapshot…"), (paragraph(say("All checks run again on the recorded facts.")),))
