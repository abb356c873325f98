"""Show the lines around a screen: breadcrumbs, summary, banner and notice above its rows, and the keys below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import App, RenderResult
from textual.binding import ActiveBinding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ssmtui.language import say, say_many
from ssmtui.text.printable import printable
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.text.fleet import short_caller
from ssmtui.ui.text.notices import Notice, fleet_banner, fleet_notice, progress_pieces, unfinished_banner
from ssmtui.ui.text.styled_text import (
    CHANGED,
    CHECKING,
    PRESUMED,
    SCOPE_COLOURS,
    VERDICTS,
    Piece,
    Sign,
    TextStyle,
    word_behind,
)
from ssmtui.ui.widgets.text_pane import TextPane, styled_content

_SEPARATOR = " › "
_ELLIPSIS = "…"


class Breadcrumbs(Widget):
    """One line with the path of screens. A click on a screen's name goes back to it."""

    DEFAULT_CSS = "Breadcrumbs { height: 1; padding: 0 1; background: $panel; pointer: pointer; }"
    ALLOW_SELECT = False

    def __init__(self, places: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._places = places

    def on_mount(self) -> None:
        """Follow the screen's bindings: they change with the subject of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def render(self) -> RenderResult:
        """Return the names, the last one bright; if they do not all fit, those in the middle are left out."""
        pieces: list[Piece] = []
        shown = fitting_places(self._places(), self.content_size.width)
        for number, (place, words) in enumerate(shown):
            pieces += [(_SEPARATOR, TextStyle.FAINT)] if number else []
            here = number == len(shown) - 1
            pieces.append((words, TextStyle.STRONG if here else TextStyle.FAINT if place is None else TextStyle.LINK))
        return styled_content(*pieces)

    async def on_click(self, event: events.Click) -> None:
        """Go back to the clicked screen."""
        place = self._place_at(event.x)
        if place is not None:
            event.stop()
            await self.run_action(f"app.back_along({place})")

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show where a click leads."""
        place = self._place_at(event.x)
        self.tooltip = say("Back to {place}", place=printable(self._places()[place])) if place is not None else None

    def _place_at(self, x: int) -> int | None:
        """Return the screen under a cell of the line, counted from the first; None for the current screen."""
        shown = fitting_places(self._places(), self.content_size.width)
        begin = self.gutter.left
        for place, words in shown[:-1]:
            end = begin + cell_len(words)
            if begin <= x < end:
                return place
            begin = end + cell_len(_SEPARATOR)
        return None

    def _changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()


def fitting_places(places: Sequence[str], room: int) -> list[tuple[int | None, str]]:
    """Return the names that fit, with their numbers: always the first and the last, then those nearest to the last.

    One sign without a number stands for all names left out.
    """
    every: list[tuple[int | None, str]] = [(place, printable(words)) for place, words in enumerate(places)]
    for first_kept in range(1, len(every)):
        shown = every if first_kept == 1 else [every[0], (None, _ELLIPSIS), *every[first_kept:]]
        if _places_width(shown) <= room:
            return shown
    return every[-1:] if len(every) < 3 or _places_width(every[:1]) > room else [every[0], (None, _ELLIPSIS), every[-1]]


def _places_width(places: Sequence[tuple[int | None, str]]) -> int:
    return sum(cell_len(words) for _, words in places) + cell_len(_SEPARATOR) * max(0, len(places) - 1)


_MAX_NAMES = 3
"""Up to this many accounts, Regions or callers are all named; of more, only the first."""


class _ClickTarget(NamedTuple):
    """The action of a click, and its tooltip."""

    action: str
    told: str


class SummaryBar(Widget):
    """Account, Regions and caller; nodes by verdict, progress and API calls."""

    DEFAULT_CSS = """
    SummaryBar { height: 2; padding: 0 1; pointer: pointer; }
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._app_context = context
        self.marked = 0
        self.is_in_range = False
        self._shown: object = None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show what a click there does."""
        self.tooltip = self._target(event).told

    async def on_click(self, event: events.Click) -> None:
        """Filter by the clicked verdict, open the scopes, or show the complete status of the fleet."""
        await self.run_action(self._target(event).action)

    def _target(self, event: events.MouseEvent) -> _ClickTarget:
        """Return the click target under the mouse."""
        x = event.x - self.gutter.left
        whose, standing = self._lines()
        if event.y == 0:
            left = styled_content(*self._whose()[0]).cell_length
            return _switch_target() if left < x and whose.plain[x : x + 1].strip() else _overview_target()
        with_words, without = self._counts(words=True), self._counts(words=False)
        shown = with_words if standing.plain.startswith("".join(text for (text, _), _ in with_words)) else without
        for (text, _), sign in shown:
            if 0 <= x < cell_len(text):
                return _verdict_target(sign)
            x -= cell_len(text)
        return _overview_target()

    def _counts(self, *, words: bool) -> list[tuple[Piece, Sign]]:
        """Return the nodes per verdict, with or without its word; each piece with its sign."""
        sign_counts = self._app_context.fleet_view.sign_counts
        told: list[tuple[Piece, Sign]] = []
        for sign in (each for each in (*VERDICTS.values(), PRESUMED, CHECKING) if sign_counts[each]):
            told.append(((f"{sign.glyph} {sign_counts[sign]} ", sign.text_style), sign))
            if words:
                told.append(((f"{word_behind(sign_counts[sign], sign)}  ", TextStyle.MUTED), sign))
        return told

    def update_summary(self) -> None:
        """Repaint if the text has changed."""
        lines = (self._whose(), self._standing())
        if lines != self._shown:
            self._shown = lines
            self.refresh()

    def render(self) -> RenderResult:
        """Return the two lines."""
        return Content("\n").join(self._lines())

    def _lines(self) -> tuple[Content, Content]:
        width = self.content_size.width
        left, right = self._whose()
        return _spread((left,), (right,), width), _spread(*self._standing(), width)

    def _whose(self) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        scopes = self._app_context.fleet_view.scopes
        worn = {
            scope.account: SCOPE_COLOURS[colour] for scope in scopes if (colour := self._app_context.colour_of(scope))
        }
        left: list[Piece] = [("ssmtui  ", TextStyle.HEADING)]
        if self._app_context.label:
            left.append((f"{self._app_context.label}  ", TextStyle.KEY))
        if (instead := self._app_context.offline_source) is not None:
            left += instead.pieces(self._app_context.now())
        elif self._app_context.read_only:
            left.append((say("read-only"), TextStyle.WARN))
        if not scopes:
            return tuple(left), ()
        callers = dict.fromkeys(short_caller(scope) for scope in scopes)
        # Accounts with a colour are first: of many accounts, only the first is named.
        accounts = dict.fromkeys((*worn, *(scope.account for scope in scopes)))
        right: list[Piece] = [
            *_account_pieces(tuple(accounts), worn),
            ("· ", TextStyle.FAINT),
            (f"{_short_list(tuple(dict.fromkeys(scope.region for scope in scopes)))} ", TextStyle.PLAIN),
            ("· ", TextStyle.FAINT),
            (_short_list(tuple(callers)), TextStyle.MUTED),
        ]
        return tuple(left), tuple(right)

    def _standing(self) -> tuple[Sequence[tuple[Piece, ...]], Sequence[tuple[Piece, ...]]]:
        fleet_view = self._app_context.fleet_view
        more: list[Piece] = []
        if fleet_view.recent:
            changed = say_many("{count} changed", "{count} changed", count=len(fleet_view.recent))
            more += [(f"{CHANGED.glyph} {changed}", CHANGED.text_style), ("  ", TextStyle.PLAIN)]
        if self.marked:
            range_ = say(" (range)") if self.is_in_range else ""
            marked = say_many("{count} marked", "{count} marked", count=self.marked)
            more.append((f"◆ {marked}{range_}", TextStyle.KEY))
        progress = progress_pieces(fleet_view, fleet_view.calls, self._app_context.refresh_words)
        told, counts = ([piece for piece, _ in self._counts(words=words)] for words in (True, False))
        return ((*told, *more), (*counts, *more)), progress


def _switch_target() -> _ClickTarget:
    return _ClickTarget("app.switch_scopes", say("Choose accounts, profiles and Regions"))


def _overview_target() -> _ClickTarget:
    return _ClickTarget("screen.put_up('pulse')", say("Show the fleet overview and its history"))


def _verdict_target(sign: Sign) -> _ClickTarget:
    return _ClickTarget(f"app.show_like({sign.sentence.split()[0]!r})", say("Show only these nodes, or all nodes"))


def _account_pieces(accounts: Sequence[str], worn: Mapping[str, TextStyle]) -> Iterator[Piece]:
    """Yield the accounts, each in its colour."""
    shown = accounts if len(accounts) <= _MAX_NAMES else accounts[:1]
    for account in shown:
        if account in worn:
            yield f" {account} ", worn[account]
            yield " ", TextStyle.PLAIN
        else:
            yield f"{account} ", TextStyle.PLAIN
    if len(shown) < len(accounts):
        yield f"+{len(accounts) - len(shown)} ", TextStyle.PLAIN


def _short_list(names: Sequence[str]) -> str:
    return " ".join(names) if len(names) <= _MAX_NAMES else f"{names[0]} +{len(names) - 1}"


def _spread(lefts: Sequence[tuple[Piece, ...]], rights: Sequence[tuple[Piece, ...]], width: int) -> Content:
    """Return left and right at the two ends of a line: the longest of each that fit, the left first.

    If no two of them fit, the right one is cut.
    """
    pairs = [(styled_content(*left), styled_content(*right)) for left in lefts for right in rights]
    whole, shown = next((each for each in pairs if sum(side.cell_length for side in each) + 2 <= width), pairs[-1])
    if whole.cell_length > width:
        return whole.truncate(width, ellipsis=True)
    room = width - whole.cell_length - 2
    if shown.cell_length > room:
        shown = shown.truncate(max(0, room), ellipsis=True)
    blank = max(0, width - whole.cell_length - shown.cell_length)
    return whole + Content(" " * blank) + shown


class TitleLine(Static):
    """The title of a screen: two lines, whatever they say, so that another text needs no new layout."""

    def __init__(self) -> None:
        super().__init__(id="who")
        self._shown_pieces: tuple[Piece | str, ...] = ()

    def tell(self, *pieces: Piece | str) -> None:
        """Show a text, if it has changed."""
        if pieces != self._shown_pieces:
            self._shown_pieces = pieces
            self.update(styled_content(*pieces), layout=False)


def notice_and_banner(context: AppContext) -> tuple[Notice | None, tuple[Piece, ...]]:
    """Return what to show instead of the rows, and above them: for a running diagnosis, or a report."""
    fleet_view, report = context.fleet_view, context.report
    if report is not None:
        return report.notice(fleet_view), report.banner(fleet_view)
    interrupted, scopes = unfinished_banner(len(context.unfinished)), fleet_banner(fleet_view)
    banner = (*interrupted, ("\n", TextStyle.PLAIN), *scopes) if interrupted and scopes else (*interrupted, *scopes)
    return (context.snapshot.notice(fleet_view) if context.snapshot is not None else fleet_notice(fleet_view)), banner


class NoticePane(TextPane):
    """The state of the whole screen, shown if there are no rows."""

    def tell(self, notice: Notice | None) -> None:
        """Show a notice; None hides it."""
        self.display = notice is not None
        if notice:
            self.border_title = styled_content(notice.title)
            self.show(notice.prose)


class Banner(Static):
    """Up to two lines of text; hidden without a text."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown_pieces: tuple[Piece, ...] = ()
        self.display = False

    def tell(self, pieces: tuple[Piece, ...]) -> None:
        """Show a text, or hide the banner."""
        if pieces != self._shown_pieces:
            self._shown_pieces = pieces
            self.update(styled_content(*pieces))
            self.display = bool(pieces)


_ALWAYS_SHOWN = ("open", "close")
"""Actions whose keys are shown at any width, as are those of the whole app: open, back, help, quit."""

_DROPPED_FIRST = ("command_palette", "only_failing", "drop", "finding", "explain", "put_up", "mark", "copy")
"""Actions whose keys are dropped first, from the last one; `?` lists them always."""

_SWITCHES = ("switch_bucket", "switch_log_group")
"""Actions whose keys share a word if there is no room for two."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as it is shown; `pressed` is the name of its key press."""

    pressed: str
    display: str
    enabled: bool
    words: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """Keys that share a word. Keys `of_app` (help and quit) are at the end."""

    action: str
    keys: tuple[ShownKey, ...]
    word: str
    of_app: bool = False

    @property
    def width(self) -> int:
        """The width in cells."""
        return sum(cell_len(key.display) + 1 for key in self.keys) + cell_len(self.word)


def key_entries(bindings: Iterable[ActiveBinding], display: Sequence[str]) -> list[KeyEntry]:
    """Return the entries of the shown bindings in order: one for each action or group of bindings."""
    found: dict[str, KeyEntry] = {}
    shown_actions: set[str] = set()
    for active, shown in zip(bindings, display, strict=True):
        binding = active.binding
        if not binding.show or binding.action in shown_actions:
            continue
        shown_actions.add(binding.action)
        action = binding.action.partition("(")[0]
        key = ShownKey(binding.key, shown, active.enabled, binding.tooltip or binding.description)
        together = binding.group.description if binding.group is not None else binding.action
        held = found.get(together)
        found[together] = (
            replace(held, keys=(*held.keys, key))
            if held is not None
            else KeyEntry(action, (key,), binding.description, _is_of_app(active))
        )
    return sorted(found.values(), key=_drop_rank)


def fitting_entries(wanted: Sequence[KeyEntry], room: int) -> list[KeyEntry]:
    """Return the entries that fit, in order. The two switches share a word before any entry is dropped."""
    kept = list(wanted)
    while not _fits(kept, room):
        going = [entry for entry in kept if entry.action not in _ALWAYS_SHOWN and not entry.of_app]
        if not going:
            break
        if going[-1].action not in _DROPPED_FIRST and len(joined := _switches_together(kept)) < len(kept):
            kept = joined
        else:
            kept.remove(going[-1])
    return kept


def _fits(kept: Sequence[KeyEntry], room: int) -> bool:
    return sum(entry.width + 1 for entry in kept) - 1 <= room


def _switches_together(wanted: Sequence[KeyEntry]) -> list[KeyEntry]:
    switches = [entry for entry in wanted if entry.action in _SWITCHES]
    if len(switches) < len(_SWITCHES):
        return list(wanted)
    keys = tuple(key for entry in switches for key in entry.keys)
    both = replace(switches[0], keys=keys, word=say("Switches"))
    return [both if entry is switches[0] else entry for entry in wanted if entry not in switches[1:]]


def _is_of_app(active: ActiveBinding) -> bool:
    return isinstance(active.node, App) and active.binding.action not in _DROPPED_FIRST


def _drop_rank(entry: KeyEntry) -> int:
    if entry.of_app:
        return len(_DROPPED_FIRST) + 1
    return 1 + _DROPPED_FIRST.index(entry.action) if entry.action in _DROPPED_FIRST else 0


class KeyBar(Widget):
    """The keys that work on the screen now; keys that cannot be used are dim. A click presses a key."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $footer-background; pointer: pointer; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[KeyEntry] = ()
        """The entries of the line as it is painted: a click presses the key that is read there."""

    def on_mount(self) -> None:
        """Subscribe to changes of the bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def render(self) -> RenderResult:
        """Return the line."""
        pieces: list[Piece] = []
        self._entries = self._shown()
        for entry in self._entries:
            pieces += [(f"{key.display} ", TextStyle.KEY if key.enabled else TextStyle.FAINT) for key in entry.keys]
            usable = any(key.enabled for key in entry.keys)
            # The blanks are at the end: some SVG viewers drop leading blanks.
            pieces.append((f"{entry.word} ", TextStyle.MUTED if usable else TextStyle.FAINT))
        return styled_content(*pieces)

    def on_click(self, event: events.Click) -> None:
        """Press the clicked key; a dim key says why it does nothing."""
        if key := self._key_at(event.x):
            event.stop()
            self.app.simulate_key(key.pressed)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show what the key under the mouse does."""
        key = self._key_at(event.x)
        self.tooltip = key.words if key else None

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()

    def _shown(self) -> list[KeyEntry]:
        active = list(self.screen.active_bindings.values())
        display = [self.app.get_key_display(each.binding) for each in active]
        return fitting_entries(key_entries(active, display), self.size.width)

    def _key_at(self, x: int) -> ShownKey | None:
        place = 0
        for entry in self._entries:
            for number, key in enumerate(entry.keys, start=1):
                place += cell_len(key.display) + 1
                if number == len(entry.keys):
                    place += cell_len(entry.word)
                if x < place:
                    return key
            place += 1
        return None
