"""Give key bindings ids, so that the configuration can assign other keys; bind the number keys of fixes."""

from __future__ import annotations

from dataclasses import dataclass

from textual.actions import parse
from textual.binding import Binding, BindingType
from textual.keys import format_key

from ssmtui.language import translatable

_IDS = {
    "close": "back",
    "command_palette": "commands",
    "copy_ids": "copy_id",
    "extend_marks(1)": "extend_down",
    "extend_marks(-1)": "extend_up",
    "format(1)": "next_format",
    "format(-1)": "previous_format",
    "go_back": "quit",
    "go_first": "first",
    "go_last": "last",
    "half_page(1)": "half_page_down",
    "half_page(-1)": "half_page_up",
    "leave": "quit",
    "move(1)": "down",
    "move(-1)": "up",
    "neighbour(1)": "next_node",
    "neighbour(-1)": "previous_node",
    "next_column": "sort",
    "next_pane": "other_pane",
    "next_panel(1)": "next_panel",
    "next_panel(-1)": "previous_panel",
    "next_view": "other_view",
    "open_row": "open",
    "page(0.5)": "half_page_down",
    "page(-0.5)": "half_page_up",
    "page(1)": "page_down",
    "page(-1)": "page_up",
    "plan(1)": "next_plan",
    "plan(-1)": "previous_plan",
    "region(1)": "next_region",
    "region(-1)": "previous_region",
    "scroll_down": "down",
    "scroll_end": "last",
    "scroll_home": "first",
    "scroll_up": "up",
    "show_calls": "calls",
    "show_causes": "other_view",
    "show_help": "help",
    "show_nodes": "other_view",
    "show_scopes": "scopes",
    "switch_bucket": "s3_switch",
    "switch_log_group": "log_switch",
    "switch_scopes": "accounts",
}
"""The ids of actions whose name is not the common word, or that do the same in two places."""


@dataclass(frozen=True, slots=True)
class KeyOption:
    """An option: its key, by Textual's name and as shown, and a word or two marked for translation."""

    key: str
    shown: str
    words: str


ENTER = "enter"


def action_id(action: str) -> str:
    """Return the id of an action: its name with its parameters, or the name of the screen that it opens."""
    if action in _IDS:
        return _IDS[action]
    _, name, parameters = parse(action)
    if name == "put_up":
        return str(parameters[0])
    return "_".join((_IDS.get(name, name), *map(str, parameters)))


def display_key(key: str) -> str:
    """Return a key as it is shown: `^d` for `ctrl+d`, `?` for `question_mark`."""
    *modifiers, name = key.strip().split("+")
    others = "".join(f"{each}+" for each in modifiers if each != "ctrl")
    if name[:1] == "f" and name[1:].isdecimal():
        name = name.upper()
    return f"{'^' if 'ctrl' in modifiers else ''}{others}{_DISPLAY_NAMES.get(name) or format_key(name)}"


def key_of_action(app: object, id_: str, default: str) -> str:
    """Return the shown key of an action: its first custom key, else its default key."""
    given = str(getattr(app, "keymap", {}).get(id_, ""))
    return display_key(given.split(",", maxsplit=1)[0]) if given else default


_DISPLAY_NAMES = {
    "enter": "⏎",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "backspace": "⌫",
    "delete": "Del",
    "@": "Space",
}


def bind(
    keys: str,
    action: str,
    word: str,
    help_text: str = "",
    *,
    display: str | None = None,
    shown: bool = True,
    priority: bool = False,
    group: Binding.Group | None = None,
) -> Binding:
    """Return a binding whose action has an id, by which the configuration can assign other keys.

    `help_text` is a sentence about the action; key bars leave out a key that is not `shown`.
    """
    return Binding(
        keys,
        action,
        word,
        show=shown,
        key_display=display,
        priority=priority,
        tooltip=help_text,
        id=action_id(action),
        group=group,
    )


FIX_GROUP = Binding.Group(translatable("Fix"), compact=True)
"""The keys that preview a fix, or the choice among several: key bars show them with one word."""

FIX_KEYS: tuple[BindingType, ...] = tuple(
    bind(
        str(number),
        f"fix({number})",
        translatable("Fix"),
        translatable("Preview the fix with this number"),
        group=FIX_GROUP,
    )
    for number in range(1, 10)
)
"""The keys of the fixes, for the screens on which a finding can be selected."""
