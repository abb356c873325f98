"""Probe nodes with real sessions, and show the stages of each probe."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual.binding import BindingType

from ssmtui.language import say, say_many, translatable
from ssmtui.model.node import NodeKey
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.probe import ProbeKind
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.screens.base_screen import OTHER_PANE_KEY, BaseScreen
from ssmtui.ui.screens.screen_requests import OpenNode, ProbeNodes, screen_for_request
from ssmtui.ui.state.app_context import NO_SESSIONS, AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.state.sessions import ProbedNode, ProbeRun
from ssmtui.ui.text.cause_rows import text_to_copy
from ssmtui.ui.text.probes import COLUMNS, cells, expectation_prose, footprint_prose, probe_status_prose, probe_targets
from ssmtui.ui.text.styled_text import Cell, Prose, TextStyle, heading, paragraph
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

_POLL_SECONDS = 1 / 20


class ProbeScreen(BaseScreen):
    """The probes of some nodes: the footprint first, then the stages as they are gone through."""

    BREADCRUMB = translatable("Probe")
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "back", translatable("Back"), display="Esc"),
        bind(
            "enter",
            "go_on",
            translatable("Continue"),
            translatable("Open the probe sessions"),
            display="⏎",
            priority=True,
        ),
        bind(
            "m",
            "compare",
            translatable("Shell or port"),
            translatable("Also probe a port, to separate connectivity problems from preference problems"),
        ),
        bind("v", "again", translatable("Probe again"), translatable("Run the probe again")),
        bind("o", "open_node", translatable("Node"), translatable("Show the path of the node and its findings")),
        OTHER_PANE_KEY,
    ]

    def __init__(self, context: AppContext, run: ProbeRun | None) -> None:
        super().__init__(context)
        self.run = run
        self._begun = False
        self._preferences: dict[ScopeName, SessionPreferences] = {}
        self.rows = LineTable[NodeKey](COLUMNS, self._cells, id="probed")
        self.pane = TextPane(id="probe")
        self.body = (self.rows, self.pane)

    def on_mount(self) -> None:
        """Show what probing leaves behind."""
        self.rows.display = False
        self.pane.focus()
        self._paint()
        if self.run is not None:
            self.context.probes.append(self.run)
            self.set_interval(_POLL_SECONDS, self._look)
            self.run_worker(self._read_footprint(self.run), exit_on_error=False)

    def on_unmount(self) -> None:
        """End the open sessions."""
        if self.run is not None:
            self.run.cancel()
            self.context.probes.remove(self.run)

    @property
    def current_probe(self) -> ProbedNode | None:
        """The node under the cursor."""
        key = self.rows.cursor
        return self.run.nodes.get(key) if self.run is not None and key is not None else None

    @property
    def current_node(self) -> NodeKey | None:
        """The node under the cursor."""
        return self.current_probe.node.key if self.current_probe else None

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the node under the cursor."""
        return self.current_probe.scope if self.current_probe else super().current_scope

    @property
    def current_text(self) -> str:
        """The result of the probes of the node under the cursor, the shell first."""
        probe_statuses = self.current_probe.probe_statuses.values() if self.current_probe else ()
        return next((each.outcome.text for each in probe_statuses if each.outcome and each.outcome.text), "")

    @property
    def to_copy(self) -> str:
        """The text with which the probe ended."""
        return text_to_copy(self.current_text.splitlines())

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Update the titles of causes after the catalogue is loaded."""
        if self.is_mounted and changes.other:
            self._paint()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible: the probe has not started, or is still running."""
        match action:
            case "go_on" | "compare" | "again" if self.run is None:
                return say(NO_SESSIONS)
            case "compare" | "again" if not self._begun:
                return say("no probe has run yet: press Enter to continue")
            case "compare" | "again" if self.run is not None and self.run.is_running:
                return say("a probe is running: press Esc to cancel it")
            case "open_node" if self.current_node is None:
                return say("no node is selected")
            case _:
                return super().why_not(action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the continue key after its first use."""
        if action == "go_on" and self._begun:
            return False
        return super().check_action(action, parameters)

    def explain(self, text: str = "") -> None:
        """Explain the text with which the probe ended."""
        super().explain(text or self.current_text)

    def action_back(self) -> None:
        """Cancel the running probes; if none is running, go back."""
        self.leave_screen()

    def leave_screen(self) -> None:
        """Cancel the running probes; if none is running, go back."""
        if self.run is not None and self.run.is_running:
            self.run.cancel()
            self.notify(say("Canceled: ending the sessions"), timeout=3)
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
        """Probe again: the shell, and the port if it was compared."""
        if self.run is not None:
            for kind in list(ProbeKind):
                keys = [key for key, each in self.run.nodes.items() if kind in each.probe_statuses]
                self.run.start(kind, keys)
            self._paint()

    def action_open_node(self) -> None:
        """Show the node's path."""
        if self.current_node is not None:
            self.post_message(OpenNode(self.current_node))

    def row_moved(self) -> None:
        """Show the probes of the node under the cursor."""
        self._tell(from_top=True)
        self.refresh_bindings()

    def _look(self) -> None:
        if self.run is not None and self.run.look():
            self._paint()

    def _paint(self) -> None:
        self.rows.touch_all()
        self._update_title_line()
        self._tell(from_top=False)
        self.refresh_bindings()

    def _update_title_line(self) -> None:
        nodes = list(self.run.nodes.values()) if self.run is not None else []
        name = nodes[0].node.name or nodes[0].node.id if nodes else ""
        title = say_many("Probe of {node}", "Probe of {count} nodes", count=len(nodes), node=name)
        words = say("no session opened yet")
        if self.run is not None and self._begun:
            words = (
                say("{done} of {count} done · Esc cancels", done=self.run.done, count=len(nodes))
                if self.run.is_running
                else say("canceled: ending the open sessions")
                if self.run.given_up
                else say("done: all sessions have ended")
            )
        self.show_title(title, words)

    def _tell(self, *, from_top: bool) -> None:
        self.pane.show(self._prose(), from_top=from_top)

    def _prose(self) -> Prose:
        if self.run is None:
            return (paragraph(say(NO_SESSIONS)),)
        if not self._begun:
            told = [(scope.region, self._preferences.get(scope.name)) for scope in self.run.scopes]
            return footprint_prose(len(self.run.nodes), told)
        probed, fleet_view = self.current_probe, self.context.fleet_view
        if probed is None:
            return ()
        probe_statuses = (
            block
            for kind, each in probed.probe_statuses.items()
            for block in probe_status_prose(fleet_view, kind, each.stages, each.outcome, each.problem)
        )
        shell = probed.probe_status(ProbeKind.SHELL).outcome
        expectation = (
            expectation_prose(fleet_view, probed.expectation, probed.root_cause, shell) if shell is not None else ()
        )
        return (probe_targets(probed.node), *probe_statuses, *self._conclusion(probed), *expectation)

    def _conclusion(self, probed: ProbedNode) -> Prose:
        shell, port = (probed.probe_status(kind).outcome for kind in (ProbeKind.SHELL, ProbeKind.PORT))
        if shell is None or port is None:
            return ()
        from ssmtui.session.probe.conclusions import compare_probes  # noqa: PLC0415 - the catalogue of causes comes with it

        return (
            heading(say("Shell and port compared")),
            paragraph((compare_probes(shell, port).words, TextStyle.STRONG), indent=2),
        )

    async def _read_footprint(self, run: ProbeRun) -> None:
        """Read what the Regions' preferences add to the footprint."""
        if self.context.handle is None:
            return
        for scope in run.scopes:
            try:
                facts = await asyncio.wrap_future(self.context.handle.region_facts(scope.name))
            except LookupError:
                continue
            if isinstance(facts.preferences, SessionPreferences):
                self._preferences[scope.name] = facts.preferences
        self._tell(from_top=False)

    def _cells(self, key: NodeKey) -> Mapping[str, Cell]:
        probed = self.run.nodes.get(key) if self.run is not None else None
        if probed is None:
            return {}
        probe_status = probed.probe_status(ProbeKind.SHELL)
        return cells(
            self.context.fleet_view, probed.node, probe_status.stages, probe_status.outcome, probe_status.problem
        )


@screen_for_request(ProbeNodes)
def probe_screen(context: AppContext, request: ProbeNodes) -> ProbeScreen:
    """Return the screen of probes."""
    if context.sessions is None or context.handle is None:
        return ProbeScreen(context, None)
    return ProbeScreen(context, ProbeRun(context.fleet_view, context.sessions, context.handle, request.keys))
