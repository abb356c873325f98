"""The two lines above the fleet: whose it is, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from ssmtui.language import say, say_many
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.scopes_text import short_caller
from ssmtui.ui.words.signs import CHECKING, VERDICTS

_BAR = 12


class SummaryBar(Widget):
    """Account, Regions and caller; nodes by verdict, progress and API calls."""

    DEFAULT_CSS = """
    SummaryBar { height: 2; padding: 0 1; }
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self.marked = 0
        self._shown: tuple[tuple[Piece, ...], ...] = ()

    def update_summary(self) -> None:
        """Paint it again, if it says something else now."""
        lines = (*self._whose(), *self._standing())
        if lines != self._shown:
            self._shown = lines
            self.refresh()

    def render(self) -> RenderResult:
        """The two lines."""
        width = self.content_size.width
        return Content("\n").join([_spread(*self._whose(), width), _spread(*self._standing(), width)])

    def _whose(self) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        left: list[Piece] = [("ssmtui  ", Ink.HEADING)]
        if self._bench.label:
            left.append((f"{self._bench.label}  ", Ink.KEY))
        if self._bench.report is not None:
            from ssmtui.ui.words.report_text import report_pieces  # noqa: PLC0415 - nobody else waits for it

            left += report_pieces(self._bench.report, self._bench.now())
        elif self._bench.read_only:
            left.append((say("read-only"), Ink.WARN))
        scopes = self._bench.board.scopes
        if not scopes:
            return tuple(left), ()
        callers = dict.fromkeys(short_caller(scope) for scope in scopes)
        accounts = dict.fromkeys(scope.account for scope in scopes)
        right: list[Piece] = [
            (f"{_few(tuple(accounts))} ", Ink.PLAIN),
            ("· ", Ink.FAINT),
            (f"{_few(tuple(dict.fromkeys(scope.region for scope in scopes)))} ", Ink.PLAIN),
            ("· ", Ink.FAINT),
            (_few(tuple(callers)), Ink.MUTED),
        ]
        return tuple(left), tuple(right)

    def _standing(self) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        tally = self._bench.board.tally
        left: list[Piece] = []
        for sign in VERDICTS.values():
            if tally[sign]:
                left += [(f"{sign.glyph} {tally[sign]} ", sign.ink), (f"{sign.word}  ", Ink.MUTED)]
        if tally[CHECKING]:
            left.append((f"{CHECKING.glyph} {tally[CHECKING]} {CHECKING.word}", Ink.FAINT))
        if self.marked:
            left.append(("  ◆ " + say_many("{count} marked", "{count} marked", count=self.marked), Ink.KEY))
        return tuple(left), tuple(self._progress())

    def _progress(self) -> list[Piece]:
        state = self._bench.board.state
        if not state.progress:
            return []
        settled = sum(each.settled for each in state.progress.values())
        listed = sum(each.listed for each in state.progress.values())
        calls = sum(count for each in state.progress.values() for _, count in each.api_calls)
        pieces: list[Piece] = []
        if any(each.throttled for each in state.progress.values()):
            pieces.append((say("AWS throttles: slower  "), Ink.WARN))
        if waiting := self._bench.board.waiting_for:
            more = say(" and {more} more", more=len(waiting) - 1) if len(waiting) > 1 else ""
            pieces.append((say("waits for {call}{more}  ", call=waiting[0], more=more), Ink.WARN))
        if self._bench.board.pending and listed:
            done = settled * _BAR // listed
            pieces += [
                ("━" * done, Ink.OK),
                ("━" * (_BAR - done) + " ", Ink.FAINT),
                (f"{settled}/{listed} ", Ink.PLAIN),
            ]
        else:
            pieces.append((say_many("{count} node", "{count} nodes", count=listed) + " ", Ink.PLAIN))
        if any(each.listing for each in state.progress.values()):
            pieces.append((say("listing "), Ink.FAINT))
        pieces.append((say("· {calls} calls", calls=calls), Ink.MUTED))
        return pieces


def _few(names: Sequence[str]) -> str:
    return " ".join(names) if len(names) <= 3 else f"{names[0]} +{len(names) - 1}"


def _spread(left: tuple[Piece, ...], right: tuple[Piece, ...], width: int) -> Content:
    """Left and right at the two ends of a line; the right one is cut where both do not fit."""
    whole = inked(*left)
    if whole.cell_length > width:
        return whole.truncate(width, ellipsis=True)
    taken = whole.cell_length
    shown = inked(*right)
    room = width - taken - 2
    if shown.cell_length > room:
        shown = shown.truncate(max(0, room), ellipsis=True)
    blank = max(0, width - taken - shown.cell_length)
    return whole + Content(" " * blank) + shown
