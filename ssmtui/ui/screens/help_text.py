"""The help of a screen: what the signs mean, every key as it is bound now, and the grammar of its filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from ssmtui.language import say
from ssmtui.model.path import Link
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.fleet_filtering import FleetFiltering
from ssmtui.ui.screens.key_catalogue import KeyRow, keys_of, keys_of_either
from ssmtui.ui.widgets.named_keys import NamedKeys
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.signs import CHANGED, CHECKING, LINKS, MARKED, PRESUMED, STATUSES, VERDICTS, Sign

if TYPE_CHECKING:
    from ssmtui.ui.screens.key_catalogue import Keymap
    from ssmtui.ui.screens.screen import BenchScreen
    from ssmtui.ui.words.filtering import Fields

_KEY_ROOM = 20
_FIXES = tuple(f"fix_{number}" for number in range(1, 10))


def help_prose(screen: BenchScreen, app: type, keymap: Keymap) -> Prose:
    """Help for a screen: the signs first, as they are on it; then its keys, and those that work everywhere."""
    widgets = tuple(dict.fromkeys(type(each) for each in screen.query(Widget) if isinstance(each, NamedKeys)))
    own = keys_of((type(screen),), keymap)
    moving = keys_of_either(widgets, keymap)
    return (
        *_legend(),
        heading(say("Keys of this screen")),
        *_rows((*(row for row in moving if row.told), *own)),
        heading(say("Keys everywhere")),
        *_rows(keys_of((app,), keymap)),
        heading(say("Moving")),
        *_rows(row for row in moving if not row.told),
        *(_grammar(screen) if isinstance(screen, FilteredScreen) else ()),
    )


def _legend() -> Prose:
    return (
        heading(say("Nodes")),
        _signs((*VERDICTS.values(), PRESUMED, CHECKING, CHANGED, MARKED)),
        heading(say("The path")),
        paragraph(
            say("A session walks these links, and the strip of a node shows them in this order: "),
            (" → ".join(say(link.value) for link in Link), Ink.ACCENT),
        ),
        _signs(LINKS.values()),
        heading(say("Findings")),
        _signs(STATUSES.values()),
    )


def _rows(rows: Iterable[KeyRow]) -> list[Block]:
    told = list(rows)
    fixes = [row for row in told if row.id in _FIXES]
    return [
        item(
            (_of_fixes(fixes) if row.id in _FIXES else row.display).ljust(_KEY_ROOM),
            say(row.sentence),
            indent=2,
            ink=Ink.KEY,
        )
        for row in told
        if row.id not in _FIXES[1:]
    ]


def _of_fixes(fixes: Sequence[KeyRow]) -> str:
    return f"{fixes[0].display} … {fixes[-1].display}"


def _signs(signs: Iterable[Sign]) -> Block:
    """Signs with their words, one behind the other; a word stays with its sign where the line is folded."""
    pieces = (piece for sign in signs for piece in ((f"{sign.glyph}\u00a0", sign.ink), _kept_together(sign.word)))
    return paragraph(*pieces, indent=2)


def _kept_together(word: str) -> str:
    return word.replace(" ", "\u00a0") + "   "


def _grammar(screen: FilteredScreen) -> Prose:
    fields, kept = screen.filter_line.fields, screen.filter_line.keeps
    causes: Prose = ()
    if isinstance(screen, FleetFiltering):
        causes = (heading(say("Filter of the causes")), *_fields(screen.cause_filter.fields))
    return (
        heading(say("Filter")),
        paragraph(
            say("Words that all must hold; "),
            ("!", Ink.CODE),
            say(" before one means not; "),
            ("*", Ink.CODE),
            say(" stands for anything."),
        ),
        *((_row("tag:Env=prod", say("a tag, with or without its value")),) if "ping" in fields else ()),
        _row("/^web-[0-9]+$/", say("a regular expression; behind a field's name, too, or a tag's")),
        *((_row("@name", say("what was saved under that name: Ctrl+S saves, Ctrl+O shows them all")),) if kept else ()),
        *_fields(fields),
        *causes,
    )


def _fields(fields: Fields) -> list[Block]:
    return [_row(f"{name}:", say(field.hint)) for name, field in fields.items()]


def _row(left: str, right: str) -> Block:
    return item(left.ljust(_KEY_ROOM), right, indent=2, ink=Ink.KEY)
