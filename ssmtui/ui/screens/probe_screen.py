"""Probes: real sessions on some nodes, followed stage by stage until they open or end, and ended by us."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.language import marked, say, say_many
from ssmtui.model.node import NodeKey
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.probe import ProbeKind
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import OpenNode, ProbeNodes
from ssmtui.ui.state.bench import NO_SESSIONS, Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.probe_run import ProbedNode, ProbeRun
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.copying import copied
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.probe_rows import COLUMNS, cells
from ssmtui.ui.words.probe_text import course_prose, footprint_prose, theory_prose, told_of_several
from ssmtui.ui.words.prose import Prose, heading, paragraph

_LOOK = 1 / 20


class ProbedTable(LineTable[NodeKey]):
    """The nodes that are probed."""


class ProbeScreen(BenchScreen):
    """The probes of some nodes: the footprint first, then the stages as they are gone through."""

    CRUMB = marked("Probe")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", marked("Back"), key_display="Esc"),
        Binding("enter", "go_on", marked("Go on"), key_display="⏎", tooltip=marked("Open the sessions"), priority=True),
        Binding(
            "m",
            "compare",
            marked("Shell or port"),
            tooltip=marked("Probe a port as well: what it does not go through tells connectivity from preferences"),
        ),
        Binding("v", "again", marked("Probe again"), tooltip=marked("Probe once more")),
        Binding("o", "open_node", marked("Node"), tooltip=marked("Show the node's path, with what was found")),
        Binding("tab", "other_pane", marked("Other pane"), show=False),
    ]

    def __init__(self, bench: Bench, run: ProbeRun | None) -> None:
        super().__init__(bench)
        self.run = run
        self._begun = False
        self._preferences: dict[ScopeName, SessionPreferences] = {}
        self.who = Static(id="who")
        self.rows = ProbedTable(COLUMNS, self._cells, id="probed")
        self.pane = TextPane(id="probe")

    def compose(self) -> ComposeResult:
        """The nodes, and the probes of the one under the cursor."""
        yield self.crumbs
        yield self.who
        yield self.rows
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Say what probing leaves behind."""
        self.rows.display = False
        self.pane.focus()
        self._paint()
        if self.run is not None:
            self.bench.probes.append(self.run)
            self.set_interval(_LOOK, self._look)
            self.run_worker(self._read_footprint(self.run), exit_on_error=False)

    def on_unmount(self) -> None:
        """Leave no session behind."""
        if self.run is not None:
            self.run.cancel()
            self.bench.probes.remove(self.run)

    @property
    def probed_here(self) -> ProbedNode | None:
        """The node under the cursor."""
        key = self.rows.cursor
        return self.run.nodes.get(key) if self.run is not None and key is not None else None

    @property
    def node_here(self) -> NodeKey | None:
        """The node under the cursor."""
        return self.probed_here.node.key if self.probed_here else None

    @property
    def scope_here(self) -> Scope | None:
        """The scope of the node under the cursor."""
        return self.probed_here.scope if self.probed_here else super().scope_here

    @property
    def text_here(self) -> str:
        """What the probes of the node under the cursor ended with, the shell's first."""
        courses = self.probed_here.courses.values() if self.probed_here else ()
        return next((each.outcome.text for each in courses if each.outcome and each.outcome.text), "")

    @property
    def to_copy(self) -> str:
        """The text that the probe ended with."""
        return copied(self.text_here.splitlines())

    def board_changed(self, changes: Changes) -> None:
        """Causes have titles once they are read."""
        if self.is_mounted and changes.other:
            self._paint()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Nothing is compared or probed again before it has begun, or while it goes on."""
        match action:
            case "go_on" | "compare" | "again" if self.run is None:
                return say(NO_SESSIONS)
            case "compare" | "again" if not self._begun:
                return say("nothing has been probed yet: Enter goes on")
            case "compare" | "again" if self.run is not None and self.run.is_running:
                return say("a probe is under way: Esc gives it up")
            case "open_node" if self.node_here is None:
                return say("no node is chosen")
            case _:
                return super().why_not(action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to go on to once only."""
        if action == "go_on" and self._begun:
            return False
        return super().check_action(action, parameters)

    def explain(self, text: str = "") -> None:
        """Have the text explained that the probe ended with."""
        super().explain(text or self.text_here)

    def action_back(self) -> None:
        """Give up what is under way; else go back."""
        if self.run is not None and self.run.is_running:
            self.run.cancel()
            self.notify(say("Given up: the sessions are being ended"), timeout=3)
        else:
            self.dismiss()

    def action_go_on(self) -> None:
        """Open the sessions."""
        if self.run is None or self._begun:
            return
        self._begun = True
        self.run.start(ProbeKind.SHELL)
        self.rows.show(list(self.run.nodes))
        self.rows.display = True
        self.rows.focus()
        self._paint()

    def action_compare(self) -> None:
        """Probe a port as well."""
        if self.run is not None:
            self.run.start(ProbeKind.PORT)
            self._paint()

    def action_again(self) -> None:
        """Probe once more, a shell and whatever it was compared with."""
        if self.run is not None:
            for kind in list(ProbeKind):
                keys = [key for key, each in self.run.nodes.items() if kind in each.courses]
                self.run.start(kind, keys)
            self._paint()

    def action_open_node(self) -> None:
        """Show the node's path."""
        if self.node_here is not None:
            self.post_message(OpenNode(self.node_here))

    def action_other_pane(self) -> None:
        """Move between the nodes and the probes of one."""
        (self.pane if self.rows.has_focus else self.rows).focus()

    @on(LineTable.Moved, "#probed")
    def _other_node(self) -> None:
        self._tell(from_top=True)
        self.refresh_bindings()

    @on(LineTable.Opened, "#probed")
    def _into_pane(self) -> None:
        self.pane.focus()

    def _look(self) -> None:
        if self.run is not None and self.run.look():
            self._paint()

    def _paint(self) -> None:
        self.rows.touch_all()
        self._say_who()
        self._tell(from_top=False)
        self.refresh_bindings()

    def _say_who(self) -> None:
        nodes = list(self.run.nodes.values()) if self.run is not None else []
        name = nodes[0].node.name or nodes[0].node.id if nodes else ""
        title = say_many("Probe of {node}", "Probe of {count} nodes", count=len(nodes), node=name)
        words = say("nothing has been opened yet")
        if self.run is not None and self._begun:
            words = (
                say("{done} of {count} done · Esc gives up", done=self.run.done, count=len(nodes))
                if self.run.is_running
                else say("given up: what was open is being ended")
                if self.run.given_up
                else say("done: every session has been ended")
            )
        self.who.update(inked((title, Ink.STRONG), "\n", (words, Ink.MUTED)))

    def _tell(self, *, from_top: bool) -> None:
        self.pane.show(self._prose(), from_top=from_top)

    def _prose(self) -> Prose:
        if self.run is None:
            return (paragraph(say(NO_SESSIONS)),)
        if not self._begun:
            told = [(scope.region, self._preferences.get(scope.name)) for scope in self.run.scopes]
            return footprint_prose(len(self.run.nodes), told)
        probed, board = self.probed_here, self.bench.board
        if probed is None:
            return ()
        courses = (
            block
            for kind, each in probed.courses.items()
            for block in course_prose(board, kind, each.stages, each.outcome, each.problem)
        )
        shell = probed.course(ProbeKind.SHELL).outcome
        theory = theory_prose(board, probed.theory, probed.root_cause, shell) if shell is not None else ()
        return (told_of_several(probed.node), *courses, *self._conclusion(probed), *theory)

    def _conclusion(self, probed: ProbedNode) -> Prose:
        shell, port = (probed.course(kind).outcome for kind in (ProbeKind.SHELL, ProbeKind.PORT))
        if shell is None or port is None:
            return ()
        from ssmtui.session.probe.comparing import compared  # noqa: PLC0415 - the catalogue of causes comes with it

        return (heading(say("Shell against port")), paragraph((compared(shell, port).words, Ink.STRONG), indent=2))

    async def _read_footprint(self, run: ProbeRun) -> None:
        """What the Regions' preferences add to the footprint."""
        if self.bench.inquiry is None:
            return
        for scope in run.scopes:
            try:
                facts = await asyncio.wrap_future(self.bench.inquiry.region_facts(scope.name))
            except LookupError:
                continue
            if isinstance(facts.preferences, SessionPreferences):
                self._preferences[scope.name] = facts.preferences
        self._tell(from_top=False)

    def _cells(self, key: NodeKey) -> Mapping[str, Cell]:
        probed = self.run.nodes.get(key) if self.run is not None else None
        if probed is None:
            return {}
        course = probed.course(ProbeKind.SHELL)
        return cells(self.bench.board, probed.node, course.stages, course.outcome, course.problem)


@put_up_by(ProbeNodes)
def probes(bench: Bench, wish: ProbeNodes) -> ProbeScreen:
    """Probes of nodes."""
    if bench.sessions is None or bench.inquiry is None:
        return ProbeScreen(bench, None)
    return ProbeScreen(bench, ProbeRun(bench.board, bench.sessions, bench.inquiry, wish.keys))
