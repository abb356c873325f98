"""The two lines above the fleet: whose it is, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from ssmtui.language import say, say_many
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.words.ink import WORN, Ink, Piece
from ssmtui.ui.words.progress_text import progress_pieces
from ssmtui.ui.words.scopes_text import short_caller
from ssmtui.ui.words.signs import CHANGED, CHECKING, PRESUMED, VERDICTS, Sign

_MOST_NAMES = 3
"""Accounts, Regions or callers that are all named; of more, the first is."""


class _Target(NamedTuple):
    """What a click does, and what is said of it."""

    action: str
    told: str


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

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what a click there does."""
        self.tooltip = self._target(event).told

    async def on_click(self, event: events.Click) -> None:
        """Filter by the verdict that was clicked, look elsewhere, or show how the fleet stands in full."""
        await self.run_action(self._target(event).action)

    def _target(self, event: events.MouseEvent) -> _Target:
        """What is under the mouse."""
        x = event.x - self.gutter.left
        whose, standing = self._lines()
        if event.y == 0:
            left = inked(*self._whose()[0]).cell_length
            return _elsewhere() if left < x and whose.plain[x : x + 1].strip() else _at_a_glance()
        with_words, without = self._counts(words=True), self._counts(words=False)
        shown = with_words if standing.plain.startswith("".join(text for (text, _), _ in with_words)) else without
        for (text, _), sign in shown:
            if 0 <= x < cell_len(text):
                return _like(sign)
            x -= cell_len(text)
        return _at_a_glance()

    def _counts(self, *, words: bool) -> list[tuple[Piece, Sign]]:
        """How many nodes have each verdict, with or without its word; each piece with the sign that it is about."""
        tally = self._bench.board.tally
        told: list[tuple[Piece, Sign]] = []
        for sign in (each for each in (*VERDICTS.values(), PRESUMED, CHECKING) if tally[each]):
            told.append(((f"{sign.glyph} {tally[sign]} ", sign.ink), sign))
            if words:
                told.append(((f"{sign.word}  ", Ink.MUTED), sign))
        return told

    def update_summary(self) -> None:
        """Paint it again, if it says something else now."""
        lines = (self._whose(), self._standing())
        if lines != self._shown:
            self._shown = lines
            self.refresh()

    def render(self) -> RenderResult:
        """The two lines."""
        return Content("\n").join(self._lines())

    def _lines(self) -> tuple[Content, Content]:
        width = self.content_size.width
        left, right = self._whose()
        return _spread((left,), (right,), width), _spread(*self._standing(), width)

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
        more: list[Piece] = []
        if board.recent:
            changed = say_many("{count} changed", "{count} changed", count=len(board.recent))
            more += [(f"{CHANGED.glyph} {changed}", CHANGED.ink), ("  ", Ink.PLAIN)]
        if self.marked:
            more.append(("◆ " + say_many("{count} marked", "{count} marked", count=self.marked), Ink.KEY))
        progress = progress_pieces(board, board.calls, self._bench.refresh_words)
        told, counts = ([piece for piece, _ in self._counts(words=words)] for words in (True, False))
        return ((*told, *more), (*counts, *more)), progress


def _elsewhere() -> _Target:
    return _Target("app.switch_scopes", say("Look at other accounts, profiles and Regions"))


def _at_a_glance() -> _Target:
    return _Target("screen.put_up('pulse')", say("The fleet at a glance, and over time"))


def _like(sign: Sign) -> _Target:
    return _Target(f"app.show_like({sign.sentence.split()[0]!r})", say("Show these nodes only, or all again"))


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
