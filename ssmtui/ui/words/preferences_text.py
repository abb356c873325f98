"""What there is to say of one setting of the preferences, and of the findings that are about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.fleet import FleetFinding
from ssmtui.ui.words.cause_rows import subject_name
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.preferences_rows import Setting, shown_value, switch_key
from ssmtui.ui.words.prose import Block, Prose, heading, item, lines_of, paragraph
from ssmtui.ui.words.signs import STATUSES

_NAMED = 8


@dataclass(frozen=True, slots=True)
class Saying:
    """A setting under the cursor. `edit` is what it is edited to, None where it is not; `no_edit` why it cannot be.

    `no_switch` is why the setting's own key previews no change now.
    """

    setting: Setting
    about: Sequence[FleetFinding]
    edit: str | None
    no_edit: str
    no_switch: str


def setting_prose(fleet: Fleet, saying: Saying) -> Prose:
    """What the setting is, what can be done with it, and what was found."""
    setting = saying.setting
    blocks: list[Block] = [
        paragraph((f"{setting.title}  ", Ink.STRONG), *_value(saying)),
        paragraph((setting.here, setting.sign.ink if setting.sign.word else Ink.MUTED)),
    ]
    if saying.edit is not None and "\n" in saying.edit:
        blocks += lines_of(saying.edit, Ink.ACCENT, indent=2)
    if setting.more:
        blocks.append(paragraph(setting.more, gap=True))
    blocks += _keys(saying)
    if saying.about:
        blocks.append(heading(say("Found here")))
        for each in sorted(saying.about, key=lambda held: tuple(STATUSES).index(held.finding.status)):
            blocks += _finding(fleet, each)
    return tuple(blocks)


def _value(saying: Saying) -> tuple[Piece, ...]:
    stored = saying.setting.value or say("not set")
    if saying.edit is None:
        return ((stored, Ink.ACCENT),)
    edit = shown_value(saying.setting, saying.edit) or say("not set")
    # The blanks stand behind: leading ones are lost in some SVG viewers.
    return ((f"{stored} ", Ink.MUTED), ("→ ", Ink.FAINT), (f"{edit}  ", Ink.ACCENT), (say("not saved"), Ink.WARN))


def _keys(saying: Saying) -> list[Block]:
    setting = saying.setting
    keys = []
    if setting.name:
        keys.append(_key("⏎", say("edits it; s previews the change of all edits"), saying.no_edit))
    if saying.edit is not None:
        keys.append(_key("d", say("drops the edit"), ""))
    if setting.switch:
        words = say("previews the change: what is written, whom it reaches, what turns green")
        keys.append(_key(switch_key(setting), words, saying.no_switch))
    if saying.about:
        keys.append(_key("o", say("opens what was found"), ""))
    return keys


def _key(key: str, words: str, reason: str) -> Block:
    return item(key, (reason or words, Ink.MUTED if reason else Ink.PLAIN), ink=Ink.FAINT if reason else Ink.KEY)


def _finding(fleet: Fleet, held: FleetFinding) -> list[Block]:
    sign = STATUSES[held.finding.status]
    names = sorted(node.name or node.id for key in held.nodes if (node := fleet.node(key)))
    more = say(" and {more} more", more=len(names) - _NAMED) if len(names) > _NAMED else ""
    return [
        item(
            sign.glyph,
            fleet.finding_title(held.finding),
            (f"  {say(held.finding.subject.kind.value)} ", Ink.FAINT),
            subject_name(fleet, held),
            ink=sign.ink,
        ),
        paragraph((", ".join(names[:_NAMED]) + more, Ink.MUTED), indent=2),
    ]
