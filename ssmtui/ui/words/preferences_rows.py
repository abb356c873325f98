"""A row of the form of the session preferences, as it is stored and as it is edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from ssmtui.fixes.preferences.preference_fields import FIELD, ONLY_ENCRYPTED_BUCKET, ONLY_ENCRYPTED_GROUP, FieldKind
from ssmtui.language import marked, say, say_many
from ssmtui.model.fleet import FleetFinding
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.preference_places import PLAIN
from ssmtui.ui.words.signs import STATUSES, Sign

COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("setting", marked("setting"), 22, 26, 1),
    Column("value", marked("value"), 14, 34, 2),
    Column("here", marked("what it means here"), 24, None, 3),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as the form shows it. `key` is its name in the document (`document` for the document itself).

    `causes` begin the slugs of the findings that are about it.
    """

    key: str
    title: str
    value: str
    sign: Sign
    here: str
    more: str
    causes: tuple[str, ...] = ()
    switch: str = ""

    @property
    def name(self) -> str:
        """What `--set` calls it; empty for the document's own line."""
        return self.key if self.key in FIELD else ""


_SWITCHES = {
    ONLY_ENCRYPTED_BUCKET.name: ("e", marked("S3 switch")),
    ONLY_ENCRYPTED_GROUP.name: ("w", marked("Log switch")),
}


def switch_key(setting: Setting) -> str:
    """The key that previews turning a setting; empty for one that has none."""
    key, _ = _SWITCHES.get(setting.key, ("", ""))
    return key


def of_setting(setting: Setting, findings: list[FleetFinding]) -> list[FleetFinding]:
    """The findings that are about a setting."""
    return [each for each in findings if each.finding.cause.startswith(setting.causes)] if setting.causes else []


def value_width(setting: Setting) -> int:
    """The cells that a value takes, with the key of its switch."""
    key, words = _SWITCHES.get(setting.key, ("", ""))
    return cell_len(setting.value) + (cell_len(say(words)) + len(key) + 3 if key else 0)


def cells(setting: Setting, findings: list[FleetFinding], switchable: Callable[[str], bool]) -> Mapping[str, Cell]:
    """One row of the form; a finding about the setting says more than the setting itself."""
    about = of_setting(setting, findings)
    worst = min(about, key=lambda each: tuple(STATUSES).index(each.finding.status), default=None)
    sign = STATUSES[worst.finding.status] if worst else setting.sign
    held = len({key for each in about for key in each.nodes})
    here = cell(setting.here, Ink.MUTED if setting.sign is PLAIN else setting.sign.ink)
    if worst and held:
        here = (
            (say_many("{count} node affected", "{count} nodes affected", count=held), sign.ink),
            (" · ", Ink.FAINT),
            *here,
        )
    value: Cell = cell(setting.value or "–", Ink.STRONG if setting.value else Ink.FAINT)
    if setting.key in _SWITCHES:
        key, words = _SWITCHES[setting.key]
        can = switchable(setting.switch)
        # The blanks stand behind: leading ones are lost in some SVG viewers.
        of_key, of_words = (Ink.KEY, Ink.MUTED) if can else (Ink.FAINT, Ink.FAINT)
        value = (*value, ("  ", Ink.PLAIN), (f"{key} ", of_key), (say(words), of_words))
    return {
        "sign": cell(sign.glyph, sign.ink),
        "setting": cell(setting.title),
        "value": value,
        "here": here,
    }


def edited_cells(setting: Setting, value: str) -> Mapping[str, Cell]:
    """The row of a setting that has been edited, and not saved."""
    was = say("was {value}", value=setting.value) if setting.value else say("was not set")
    return {
        "sign": cell("±", Ink.ACCENT),
        "setting": cell(setting.title, Ink.STRONG),
        "value": cell(shown_value(setting, value) or "–", Ink.ACCENT),
        "here": cell(was, Ink.MUTED),
    }


def shown_value(setting: Setting, value: str) -> str:
    """A value as the form shows it, on one line."""
    if FIELD[setting.key].kind is FieldKind.SWITCH:
        return say("on") if value == "true" else say("off")
    return in_one_line(value)


def in_one_line(text: str) -> str:
    """Lines one after the other."""
    return text.strip().replace("\n", " ⏎ ")
