"""The help of a screen: its keys as they are bound, what the signs mean, and the grammar of the filter."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.screen import Screen

from ssmtui.language import say
from ssmtui.model.path import Link
from ssmtui.ui.words.fleet_rows import FIELDS
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.signs import CHANGED, CHECKING, LINKS, MARKED, PRESUMED, STATUSES, VERDICTS, Sign

_KEY_ROOM = 20


def help_prose(app: App[None], screen: Screen[object], *, filters: bool) -> Prose:
    """Help for a screen; the filter's grammar where it has one."""
    return (
        heading(say("Keys")),
        *_keys(app, screen),
        heading(say("Nodes")),
        *_signs((*VERDICTS.values(), PRESUMED, CHECKING, *((CHANGED, MARKED) if filters else ()))),
        heading(say("The path")),
        paragraph(
            say("A session walks these links, and the strip of a node shows them in this order: "),
            (" → ".join(say(link.value) for link in Link), Ink.ACCENT),
        ),
        *_signs(LINKS.values()),
        heading(say("Findings")),
        *_signs(STATUSES.values()),
        *(_grammar() if filters else ()),
    )


def _keys(app: App[None], screen: Screen[object]) -> list[Block]:
    """What the keys do; those that only move stand last."""
    rows: dict[str, tuple[list[str], str]] = {}
    moving: dict[str, tuple[list[str], str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        words = binding.tooltip or binding.description
        if not words or not _is_ours(active):
            continue
        keys, _ = (rows if binding.tooltip or binding.show else moving).setdefault(words, ([], words))
        shown = app.get_key_display(binding)
        if shown not in keys:
            keys.append(shown)
    return [_row(" ".join(keys), words) for keys, words in (*rows.values(), *moving.values())]


def _is_ours(active: ActiveBinding) -> bool:
    """Whether a binding is one of ssmtui's: what widgets inherit from Textual is left out."""
    ours = (each for each in type(active.node).__mro__ if each.__module__.startswith("ssmtui."))
    bound = (binding for each in ours for binding in each.__dict__.get("BINDINGS", ()))
    return any(isinstance(binding, Binding) and binding.action == active.binding.action for binding in bound)


def _row(left: str, right: str) -> Block:
    return item(left.ljust(_KEY_ROOM), right, indent=2, ink=Ink.KEY)


def _signs(signs: Iterable[Sign]) -> list[Block]:
    return [item(sign.glyph, sign.word, indent=2, ink=sign.ink) for sign in signs]


def _grammar() -> Prose:
    return (
        heading(say("Filter")),
        paragraph(
            say("Words that all must hold; "),
            ("!", Ink.CODE),
            say(" before one means not; "),
            ("*", Ink.CODE),
            say(" stands for anything; "),
            ("=", Ink.CODE),
            say(" before a value means all of it."),
        ),
        _row("web", say("in the name, the id, an address or a cause")),
        _row("tag:Env=prod", say("a tag, with or without its value")),
        *(_row(f"{name}:", say(field.hint)) for name, field in FIELDS.items()),
    )
