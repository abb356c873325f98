"""Where what is wrong is told: in the place of the rows, or in one line above them."""

from __future__ import annotations

from textual.widgets import Static

from ssmtui.ui.state.bench import Bench
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.notices import Notice, banner_of, notice_of, unfinished_banner


def told_of(bench: Bench) -> tuple[Notice | None, tuple[Piece, ...]]:
    """What is told in the place of the rows, and above them: of a diagnosis that runs, or of a report."""
    board, report = bench.board, bench.report
    if report is not None:
        return report.notice(board), report.banner(board)
    interrupted, scopes = unfinished_banner(len(bench.unfinished)), banner_of(board)
    banner = (*interrupted, ("\n", Ink.PLAIN), *scopes) if interrupted and scopes else (*interrupted, *scopes)
    return (bench.snapshot.notice(board) if bench.snapshot is not None else notice_of(board)), banner


class NoticePane(TextPane):
    """The state of the whole screen, where there are no rows to show."""

    def tell(self, notice: Notice | None) -> None:
        """Show it; with None, give the place back."""
        self.display = notice is not None
        if notice:
            self.border_title = inked(notice.title)
            self.show(notice.prose)


class Banner(Static):
    """Two lines at most; without words, none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._told: tuple[Piece, ...] = ()
        self.display = False

    def tell(self, pieces: tuple[Piece, ...]) -> None:
        """Show it, or take it away."""
        if pieces != self._told:
            self._told = pieces
            self.update(inked(*pieces))
            self.display = bool(pieces)
