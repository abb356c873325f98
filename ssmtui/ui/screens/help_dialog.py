"""Show the help of a screen: its keys, its signs and the words of its filter, to search and to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.actions import parse
from textual.app import App
from textual.binding import ActiveBinding, Binding, BindingType
from textual.widget import Widget

from ssmtui.language import say, translatable
from ssmtui.model.finding import Link
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.key_catalogue import Keymap, KeyRow, keys_of, keys_of_either
from ssmtui.ui.screens.screen_requests import Command
from ssmtui.ui.screens.search_dialogs import CommandInput, PaletteDialog, search_commands
from ssmtui.ui.text.changes import CHANGE_STATES
from ssmtui.ui.text.explanation import CAUSE_SIGNS
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import ScopeState
from ssmtui.ui.text.overview import OUTDATED, SERIES, UNKNOWN_AGE, UP_TO_DATE
from ssmtui.ui.text.preferences import SIGN_BLOCKING, SIGN_EDITED, SIGN_FINE, SIGN_UNREADABLE
from ssmtui.ui.text.probes import NO_RESULT_SIGN, STAGE_SIGNS, TUNNEL_STATES, WAITING_SIGN
from ssmtui.ui.text.sessions import SESSION_STATUSES
from ssmtui.ui.text.styled_text import (
    CHANGED,
    CHECKING,
    LINKS,
    MARKED,
    PRESUMED,
    STATUSES,
    VERDICTS,
    Cell,
    Prose,
    Sign,
    TextStyle,
    cell,
    paragraph,
)
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from ssmtui.ui.text.filters import Fields


OTHER_SIGNS: Mapping[str, tuple[Sign, ...]] = {
    translatable("accounts and Regions"): tuple(each.value for each in ScopeState if each.value.sentence),
    translatable("sessions"): tuple(SESSION_STATUSES.values()),
    translatable("tunnels"): tuple(TUNNEL_STATES.values()),
    translatable("stages of a probe"): (*STAGE_SIGNS.values(), WAITING_SIGN, NO_RESULT_SIGN),
    translatable("preferences"): (SIGN_FINE, SIGN_BLOCKING, SIGN_UNREADABLE, SIGN_EDITED),
    translatable("changes"): tuple(CHANGE_STATES.values()),
    translatable("causes of a text"): CAUSE_SIGNS,
    translatable("agent versions"): (UP_TO_DATE, OUTDATED, UNKNOWN_AGE),
    translatable("lines over time"): tuple(series.sign for series in SERIES),
}
"""The signs of other screens, by their name for people. A sign has the same meaning on every screen."""


@dataclass(frozen=True, slots=True)
class HelpSection:
    """The rows of the help below one title: keys that can be pressed, or explanations."""

    title: str
    rows: Sequence[Command]
    has_keys: bool = False


class HelpInput(CommandInput):
    """The search of the help. In an empty line, `?` closes the help that it has opened."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key writes."""
        return not (character == "?" and not self.value) and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Leave that key to the dialog."""
        if event.is_printable and not self.check_consume_key(event.key, event.character):
            event.prevent_default()


class HelpDialog(PaletteDialog):
    """The help of a screen; returns the row whose key is to be pressed."""

    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("key", "", 3, 3, 0, whole=True),
        Column("name", "", 20, None, 1),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "close", translatable("Back"), show=False),
    ]

    def __init__(self, sections: Sequence[HelpSection]) -> None:
        rows: list[Command] = []
        self._titles: set[Command] = set()
        self._keys = {row for each in sections if each.has_keys for row in each.rows}
        for each in sections:
            title = _explanation("", each.title)
            self._titles.add(title)
            rows += (title, *each.rows)
        super().__init__(say("Help"), say("type to search; Enter presses the key"), rows, line=HelpInput)

    def on_mount(self) -> None:
        """Show all rows, with the cursor on the first key."""
        super().on_mount()
        self.table.action_move(1)

    def cells(self, command: Command) -> Mapping[str, Cell]:
        """Return the cells of a row."""
        if command in self._titles:
            return {"key": (), "name": cell(command.name, TextStyle.HEADING)}
        faint = command.why_not and command in self._keys
        return {
            "key": cell(command.key, TextStyle.FAINT if faint else TextStyle.KEY),
            "name": cell(command.name, TextStyle.FAINT if faint else TextStyle.PLAIN),
        }

    def prose(self, command: Command) -> Prose:
        """Return the complete text of a row, and why its key cannot be pressed now."""
        why_not = f"  {command.why_not}" if command in self._keys and command.why_not else ""
        key = f"{command.key}  " if command.key else ""
        return (paragraph((key, TextStyle.KEY), command.name, (why_not, TextStyle.WARN)),)

    def found(self, typed: str) -> Sequence[Command]:
        """Return all rows below their titles, or those that match what is typed."""
        if not typed.strip():
            return self._commands
        rows = (each for each in self._commands if each not in self._titles)
        return search_commands(rows, typed, by_letters=False)  # sentences have most letters in any order


def help_sections(screen: BaseScreen, keymap: Keymap) -> Iterator[HelpSection]:
    """Return the help of a screen: its keys, those of the app, then the signs and the words of its filter."""
    widgets = tuple(
        dict.fromkeys(type(each) for each in screen.query(Widget) if isinstance(each, LineTable | TextPane))
    )
    own, moving = keys_of((type(screen),), keymap), keys_of_either(widgets, keymap)
    of_rows = [row for row in moving if row.help_text]
    yield HelpSection(say("Keys of this screen"), _key_rows(screen, (*of_rows, *own)), has_keys=True)
    yield HelpSection(
        say("Keys on all screens"), _key_rows(screen, keys_of((type(screen.app),), keymap)), has_keys=True
    )
    if commands := tuple(_own_commands(screen)):
        yield HelpSection(say("Own commands"), _key_rows(screen, commands), has_keys=True)
    yield HelpSection(say("Navigation"), _key_rows(screen, (row for row in moving if not row.help_text)), has_keys=True)
    yield HelpSection(say("Nodes"), _signs((*VERDICTS.values(), PRESUMED, CHECKING, CHANGED, MARKED)))
    order = " → ".join(say(link.value) for link in Link)
    walk = say("The links of a session, in the order of the path: ")
    yield HelpSection(say("Path"), (_explanation("", f"{walk}{order}"), *_signs(LINKS.values())))
    yield HelpSection(say("Findings"), _signs(STATUSES.values()))
    rows = tuple(_explanation(say(name), _in_one_line(signs)) for name, signs in OTHER_SIGNS.items())
    yield HelpSection(say("Signs of other screens"), rows)
    if screen.filter_line is not None:
        yield HelpSection(say("Filter"), tuple(_grammar(screen.filter_line)))
        if isinstance(screen, FleetScreen):
            yield HelpSection(say("Filter for causes"), _fields(screen.filters.causes.fields))


def _own_commands(screen: BaseScreen) -> Iterator[KeyRow]:
    """Yield the commands of the configuration, with their keys."""
    for each in screen.active_bindings.values():
        binding = each.binding
        if parse(binding.action)[1] == "run_own_command":
            words = f"{binding.description}: {binding.tooltip}".replace("{", "{{").replace("}", "}}")
            yield KeyRow(f"({binding.action})", (binding.key,), "", words, shown=False)


_FIX_IDS = tuple(f"fix_{number}" for number in range(1, 10))


def _key_rows(screen: BaseScreen, rows: Iterable[KeyRow]) -> tuple[Command, ...]:
    told = list(rows)
    fixes = [row for row in told if row.id in _FIX_IDS]
    active: dict[str, ActiveBinding] = {}
    by_key = screen.active_bindings
    for each in by_key.values():
        active.setdefault(each.binding.id or f"({each.binding.action})", each)
    # The two tables of a screen share keys: those of the hidden table all have another action now.
    told = [row for row in told if row.id in active or not all(key in by_key for key in row.keys)]
    return tuple(
        _key_row(screen, row, active.get(row.id), f"{fixes[0].display} … {fixes[-1].display}" if row in fixes else "")
        for row in told
        if row.id not in _FIX_IDS[1:]
    )


def _key_row(screen: BaseScreen, row: KeyRow, active: ActiveBinding | None, display: str) -> Command:
    app: App[object] = screen.app
    why_not = ""
    if active is None:
        why_not = say("not available now")
    elif not active.enabled:
        _, name, parameters = parse(active.binding.action)
        why_not = screen.why_not_now(name, parameters) or say("not available now")

    def press() -> None:
        if active is not None:
            app.call_next(app.run_action, active.binding.action, active.node)

    shown = display or row.display
    return Command(say(row.sentence), "", press, shown, also=f"{shown} {row.id} {say(row.word)}", why_not=why_not)


def _explanation(left: str, right: str) -> Command:
    return Command(right, "", lambda: None, left, also=left, why_not=say("This row has no key."))


def _signs(signs: Iterable[Sign]) -> tuple[Command, ...]:
    return tuple(_explanation(sign.glyph, sign.word) for sign in signs)


def _in_one_line(signs: Iterable[Sign]) -> str:
    return "   ".join(f"{sign.glyph} {sign.word}" for sign in signs)


def _grammar(filter_line: FilterLine) -> Iterator[Command]:
    fields = filter_line.fields
    yield _explanation("web eu", say("all words must match"))
    yield _explanation("!web", say("exclude this word"))
    yield _explanation("web*", say("* matches any text"))
    if "ping" in fields:
        yield _explanation("tag:Env=prod", say("a tag, with or without its value"))
    yield _explanation("/^web-[0-9]+$/", say("a regular expression; also after the name of a field or tag"))
    yield _explanation("~wp1", say("letters in this order in one word, as in web-prod-1; also after a field or a tag"))
    if filter_line.keeps:
        yield _explanation(
            "@name", say("the saved filter of that name; Ctrl+S saves a filter, Ctrl+O lists all filters")
        )
    yield from _fields(fields)


def _fields(fields: Fields) -> tuple[Command, ...]:
    return tuple(_explanation(f"{name}:", say(field.hint)) for name, field in fields.items())
