"""The session preferences of a Region as a form, with what each setting means here and whom it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Static

from ssmtui.model.fleet import FleetFinding
from ssmtui.model.path import Link
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.bench import Bench
from ssmtui.ui.board import Changes
from ssmtui.ui.cause_rows import subject_name
from ssmtui.ui.ink import Cell, Ink, inked
from ssmtui.ui.line_table import LineTable
from ssmtui.ui.preferences_rows import COLUMNS, Setting, cells, of_setting, settings
from ssmtui.ui.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.screen import BenchScreen
from ssmtui.ui.signs import STATUSES
from ssmtui.ui.text_pane import TextPane
from ssmtui.ui.wishes import OpenCause

_NAMED = 8


class PreferencesScreen(BenchScreen):
    """One Region's session preferences."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", "Back", key_display="Esc"),
        *BenchScreen.SHARED,
        Binding("tab,greater_than_sign", "region(1)", "Region", key_display="Tab", tooltip="The next Region"),
        Binding("less_than_sign", "region(-1)", "Region", show=False, key_display="<", tooltip="The Region before"),
        Binding("r", "recheck", "Recheck", tooltip="Read the preferences of this Region again"),
    ]

    def __init__(self, bench: Bench, scope: ScopeName) -> None:
        super().__init__(bench)
        self._scope_name = scope
        self._facts: RegionFacts | None = None
        self._settings: dict[str, Setting] = {}
        self._problem = ""
        self._settled = False
        self.who = Static(id="who")
        self.form = LineTable[str](COLUMNS, self._cells, id="settings")
        self.said = TextPane(id="setting")

    def compose(self) -> ComposeResult:
        """Whose preferences, the form, and what there is to say of a setting."""
        yield self.who
        yield self.form
        yield self.said
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Read the preferences."""
        self.form.focus()
        self._read()

    @property
    def scope_here(self) -> Scope | None:
        """The scope whose preferences are shown."""
        return self.bench.board.state.scopes.get(self._scope_name)

    def board_changed(self, changes: Changes) -> None:
        """Follow the findings; read again when the scope has settled again."""
        if not self.is_mounted:
            return
        if changes.other:
            self.refresh_keys()
            self._read_when_settled()
        if changes.findings:
            self._paint()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_recheck(self) -> None:
        """Read them again."""
        self.bench.recheck(self._scope_name)

    def action_region(self, by: int) -> None:
        """Show another Region's."""
        names = [each.name for each in self.bench.board.scopes]
        self._scope_name = names[(names.index(self._scope_name) + by) % len(names)]
        self._facts = None
        self._settings = {}
        self._paint()
        self._read()
        self.refresh_bindings()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """There may be one Region only."""
        if action == "region" and len(self.bench.board.state.scopes) < 2:
            return "only one Region is open"
        return super().why_not(action, parameters)

    @on(LineTable.Moved, "#settings")
    def _other_setting(self) -> None:
        self._explain(from_top=True)

    @on(LineTable.Opened, "#settings")
    def _open_finding(self) -> None:
        setting = self._settings.get(self.form.cursor or "")
        about = of_setting(setting, self._findings()) if setting else []
        if about:
            self.post_message(OpenCause(about[0].id))

    def _read_when_settled(self) -> None:
        settled = self._scope_name in self.bench.board.state.settled
        if settled and not self._settled:
            self._read()
        self._settled = settled

    def _read(self) -> None:
        if self.bench.inquiry is not None:
            self.run_worker(self._ask(self._scope_name), exclusive=True, group="preferences", exit_on_error=False)

    async def _ask(self, scope: ScopeName) -> None:
        if self.bench.inquiry is None:
            return
        try:
            facts = await asyncio.wrap_future(self.bench.inquiry.region_facts(scope))
        except LookupError:
            self._problem = "This Region could not be opened, so its preferences cannot be read."
            self._paint()
            return
        if scope == self._scope_name and facts != self._facts:
            self._problem = ""
            self._facts = facts
            self._settings = {each.key: each for each in settings(facts)}
            self._paint()

    def _paint(self) -> None:
        name = self._scope_name
        scope = self.scope_here
        self.who.update(
            inked(
                ("Session preferences ", Ink.HEADING),
                (name.region, Ink.STRONG),
                (f" · {scope.account}" if scope else "", Ink.MUTED),
                "\n",
                (self._standing(), Ink.MUTED),
            )
        )
        self.form.measure(
            {"setting": 26, "value": max((len(each.value) for each in self._settings.values()), default=0)}
        )
        self.form.show(list(self._settings))
        self.form.touch_all()
        self._explain()

    def _standing(self) -> str:
        if self._problem:
            return self._problem
        if self._facts is None:
            return "Reading…"
        board = self.bench.board
        held = {key for each in self._findings() if each.finding.status.value == "fail" for key in each.nodes}
        total = sum(key.region == self._scope_name.region for key in board.state.nodes)
        return f"They stop {len(held)} of the Region's {total} nodes." if held else "They stop no node."

    def _explain(self, *, from_top: bool = False) -> None:
        setting = self._settings.get(self.form.cursor or "")
        self.said.show(self._said(setting) if setting else (), from_top=from_top)

    def _said(self, setting: Setting) -> Prose:
        blocks: list[Block] = [
            Block(
                paragraph(
                    (setting.title, Ink.STRONG), ("  ", Ink.PLAIN), (setting.value or "not set", Ink.ACCENT)
                ).content
            ),
            paragraph((setting.here, Ink.MUTED if not setting.sign.word else setting.sign.ink)),
        ]
        if setting.more:
            blocks.append(paragraph(setting.more, gap=True))
        if setting.switch:
            key = "e" if setting.switch == "toggle-s3-encryption" else "w"
            reason = self.bench.why_no_switch(self.scope_here, setting.switch)
            words = reason or "previews the change: what is written, whom it reaches, what turns green"
            blocks.append(item(key, (words, Ink.MUTED if reason else Ink.PLAIN), ink=Ink.FAINT if reason else Ink.KEY))
        about = of_setting(setting, self._findings())
        if about:
            blocks.append(heading("Found here"))
            for each in sorted(about, key=lambda held: tuple(STATUSES).index(held.finding.status)):
                blocks += self._finding(each)
        return tuple(blocks)

    def _finding(self, held: FleetFinding) -> list[Block]:
        board = self.bench.board
        sign = STATUSES[held.finding.status]
        names = sorted(node.name or node.id for key in held.nodes if (node := board.node(key)))
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return [
            item(
                sign.glyph,
                board.finding_title(held.finding),
                (f"  {held.finding.subject.kind.value} ", Ink.FAINT),
                subject_name(board, held),
                ink=sign.ink,
            ),
            paragraph((", ".join(names[:_NAMED]) + more, Ink.MUTED), indent=2),
        ]

    def _findings(self) -> list[FleetFinding]:
        found = self.bench.board.state.findings.values()
        return [
            each
            for each in found
            if each.scope.name == self._scope_name and each.link in (Link.PREFERENCES, Link.CALLER)
        ]

    def _cells(self, key: str) -> Mapping[str, Cell]:
        setting = self._settings.get(key)
        if setting is None:
            return {}
        return cells(setting, self._findings(), lambda fix: not self.bench.why_no_switch(self.scope_here, fix))
