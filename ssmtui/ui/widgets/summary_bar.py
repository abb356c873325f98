"""The two lines above the fleet: whose it is, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from ssmtui.language import say, say_many
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.words.ink import WORN, Ink, Piece
from ssmtui.ui.words.progress_text import progress_pieces
from ssmtui.ui.words.scopes_text import short_caller
from ssmtui.ui.words.signs import CHANGED, CHECKING, PRESUMED, VERDICTS

_MOST_NAMES = 3
"""Accounts, Regions or callers that are all named; of more, the first is."""


class SummaryBar(Widget):
    """Account, Regions and caller; nodes by verdict, progress and API calls."""

    DEFAULT_CSS = """
    SummaryBar { height: 2; padding: 0 1; pointer: pointer; }
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self.marked = 0
        self._shown: object = None

    def on_mount(self) -> None:
        """Say what a click shows."""
        self.tooltip = say("The fleet at a glance, and over time")

    async def on_click(self) -> None:
        """Show how the fleet stands in full."""
        await self.run_action("screen.put_up('pulse')")

    def update_summary(self) -> None:
        """Paint it again, if it says something else now."""
        lines = (self._whose(), self._standing())
        if lines != self._shown:
            self._shown = lines
            self.refresh()

    def render(self) -> RenderResult:
        """The two lines."""
        width = self.content_size.width
        left, right = self._whose()
        return Content("\n").join([_spread((left,), (right,), width), _spread(*self._standing(), width)])

    def _whose(self) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        scopes = self._bench.board.scopes
        worn = {scope.account: WORN[colour] for scope in scopes if (colour := self._bench.colour_of(scope))}
        left: list[Piece] = [("ssmtui  ", Ink.HEADING)]
        if self._bench.label:
            left.append((f"{self._bench.label}  ", Ink.KEY))
        if (instead := self._bench.instead_of_aws) is not None:
            left += instead.pieces(self._bench.now())
        elif self._bench.read_only:
            left.append((say("read-only"), Ink.WARN))
        if not scopes:
            return tuple(left), ()
        callers = dict.fromkeys(short_caller(scope) for scope in scopes)
        # Those that wear a colour come first: of many, the first alone is named.
        accounts = dict.fromkeys((*worn, *(scope.account for scope in scopes)))
        right: list[Piece] = [
            *_told_accounts(tuple(accounts), worn),
            ("· ", Ink.FAINT),
            (f"{_few(tuple(dict.fromkeys(scope.region for scope in scopes)))} ", Ink.PLAIN),
            ("· ", Ink.FAINT),
            (_few(tuple(callers)), Ink.MUTED),
        ]
        return tuple(left), tuple(right)

    def _standing(self) -> tuple[Sequence[tuple[Piece, ...]], Sequence[tuple[Piece, ...]]]:
        board = self._bench.board
        signs = [sign for sign in (*VERDICTS.values(), PRESUMED, CHECKING) if board.tally[sign]]
        counts = [(f"{sign.glyph} {board.tally[sign]} ", sign.ink) for sign in signs]
        words = [(f"{sign.word}  ", Ink.MUTED) for sign in signs]
        more: list[Piece] = []
        if board.recent:
            changed = say_many("{count} changed", "{count} changed", count=len(board.recent))
            more += [(f"{CHANGED.glyph} {changed}", CHANGED.ink), ("  ", Ink.PLAIN)]
        if self.marked:
            more.append(("◆ " + say_many("{count} marked", "{count} marked", count=self.marked), Ink.KEY))
        told = [piece for pair in zip(counts, words, strict=True) for piece in pair]
        progress = progress_pieces(board, board.calls, self._bench.refresh_words)
        return ((*told, *more), (*counts, *more)), progress


def _told_accounts(accounts: Sequence[str], worn: Mapping[str, Ink]) -> Iterator[Piece]:
    """The accounts, each in the colour that it wears."""
    shown = accounts if len(accounts) <= _MOST_NAMES else accounts[:1]
    for account in shown:
        if account in worn:
            yield f" {account} ", worn[account]
            yield " ", Ink.PLAIN
        else:
            yield f"{account} ", Ink.PLAIN
    if len(shown) < len(accounts):
        yield f"+{len(accounts) - len(shown)} ", Ink.PLAIN


def _few(names: Sequence[str]) -> str:
    return " ".join(names) if len(names) <= _MOST_NAMES else f"{names[0]} +{len(names) - 1}"


def _spread(lefts: Sequence[tuple[Piece, ...]], rights: Sequence[tuple[Piece, ...]], width: int) -> Content:
    """Left and right at the two ends of a line: the longest of each that fit, the left before the right.

    Where no two of them do, the right one is cut.
    """
    pairs = [(inked(*left), inked(*right)) for left in lefts for right in rights]
    whole, shown = next((each for each in pairs if sum(side.cell_length for side in each) + 2 <= width), pairs[-1])
    if whole.cell_length > width:
        return whole.truncate(width, ellipsis=True)
    room = width - whole.cell_length - 2
    if shown.cell_length > room:
        shown = shown.truncate(max(0, room), ellipsis=True)
    blank = max(0, width - whole.cell_length - shown.cell_length)
    return whole + Content(" " * blank) + shown
