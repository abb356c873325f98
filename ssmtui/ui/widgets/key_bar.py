"""Show the key bar at the bottom of a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import events
from textual.app import App, RenderResult
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widget import Widget

from ssmtui.language import say
from ssmtui.ui.text.styled_text import Piece, TextStyle
from ssmtui.ui.widgets.content import styled_content

_ALWAYS_SHOWN = ("open", "close")
"""Actions whose keys are there however narrow it is, as those of the whole app are: onwards, back; help, out."""

_DROPPED_FIRST = ("command_palette", "only_failing", "drop", "finding", "explain", "put_up", "mark", "copy")
"""Actions whose keys are there where there is room to spare; the last gives way first. `?` names them always."""

_SWITCHES = ("switch_bucket", "switch_log_group")
"""Actions whose keys share a word where there is no room for both of theirs."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as it is shown: `pressed` is what pressing it is called."""

    pressed: str
    display: str
    enabled: bool
    words: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """Keys that share a word. Those `of_app`, help and the way out, stand at the end."""

    action: str
    keys: tuple[ShownKey, ...]
    word: str
    of_app: bool = False

    @property
    def width(self) -> int:
        """Cells of it."""
        return sum(cell_len(key.display) + 1 for key in self.keys) + cell_len(self.word)


def key_entries(bindings: Iterable[ActiveBinding], display: Sequence[str]) -> list[KeyEntry]:
    """What the bindings that are to be shown say, in order: one entry an action, or a group of actions."""
    found: dict[str, KeyEntry] = {}
    shown_actions: set[str] = set()
    for active, shown in zip(bindings, display, strict=True):
        binding = active.binding
        if not binding.show or binding.action in shown_actions:
            continue
        shown_actions.add(binding.action)
        action = binding.action.partition("(")[0]
        key = ShownKey(binding.key, shown, active.enabled, binding.tooltip or binding.description)
        together = action if binding.group is not None else binding.action
        held = found.get(together)
        found[together] = (
            replace(held, keys=(*held.keys, key))
            if held is not None
            else KeyEntry(action, (key,), binding.description, _is_of_app(active))
        )
    return sorted(found.values(), key=_drop_rank)


def fitting_entries(wanted: Sequence[KeyEntry], room: int) -> list[KeyEntry]:
    """The entries that there is room for, in their order. The two switches share a word before anything else goes."""
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
    """The keys that work on the screen now; those that cannot be used are dim. A click presses one."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $footer-background; pointer: pointer; }
    """
    ALLOW_SELECT = False

    def on_mount(self) -> None:
        """Follow the bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def on_unmount(self) -> None:
        """Follow them no more."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def render(self) -> RenderResult:
        """The line."""
        pieces: list[Piece] = []
        for entry in self._shown():
            pieces += [(f"{key.display} ", TextStyle.KEY if key.enabled else TextStyle.FAINT) for key in entry.keys]
            usable = any(key.enabled for key in entry.keys)
            # The blanks stand behind: leading ones are lost in some SVG viewers.
            pieces.append((f"{entry.word} ", TextStyle.MUTED if usable else TextStyle.FAINT))
        return styled_content(*pieces)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked; one that is dim says why it does nothing."""
        if key := self._key_at(event.x):
            event.stop()
            self.app.simulate_key(key.pressed)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what the key under the mouse does."""
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
        for entry in self._shown():
            for number, key in enumerate(entry.keys, start=1):
                place += cell_len(key.display) + 1
                if number == len(entry.keys):
                    place += cell_len(entry.word)
                if x < place:
                    return key
            place += 1
        return None
