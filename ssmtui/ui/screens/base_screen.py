"""Provide the base classes of screens: shared keys, breadcrumbs, position on return, and the filter line."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.actions import parse
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.language import say, translatable
from ssmtui.model.console_url import console_url
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import InstanceState, Node, NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.screens.localized_screen import LocalizedScreen, accepts_text, copy_and_notify
from ssmtui.ui.screens.screen_requests import (
    ExplainText,
    OpenConsolePage,
    OpenPreferences,
    OpenShell,
    OpenTunnel,
    PreviewFix,
    ProbeNodes,
    ShowNamedScreen,
    UndoChange,
)
from ssmtui.ui.state.app_context import (
    BUCKET_SWITCH,
    LOG_GROUP_SWITCH,
    NO_SESSIONS,
    READ_ONLY,
    READ_ONLY_PROFILE,
    AppContext,
    last_undoable_change,
    no_colour,
)
from ssmtui.ui.state.ui_state import ScreenPosition
from ssmtui.ui.text.filters import Filter
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import ConfigurableKeys
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_header import Breadcrumbs
from ssmtui.ui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding
    from ssmtui.model.scope import Scope
    from ssmtui.ui.state.fleet_view import FleetChanges


class PaneNavigationScreen(ConfigurableKeys, LocalizedScreen[None]):
    """The part of a screen that has a left and a right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right,l", "go_right", translatable("Right"), show=False, tooltip=translatable("Into what the cursor is on")
        ),
        Binding(
            "left,h", "go_left", translatable("Left"), show=False, tooltip=translatable("Back to the rows, then back")
        ),
    ]

    def action_go_right(self) -> None:
        """From the rows into the text beside them; where there is none, open the row."""
        table = self.focused
        if isinstance(table, LineTable):
            pane = next(self._shown(TextPane), None)
            if pane is not None:
                self.set_focus(pane)
            else:
                table.action_open()

    async def action_go_left(self) -> None:
        """From the text to the rows; from these to the screen before."""
        rows = next(self._shown(LineTable), None)
        if rows is not None and isinstance(self.focused, TextPane):
            self.set_focus(rows)
        elif "escape" in self.active_bindings and len(self.app.screen_stack) > 1:
            binding = self.active_bindings["escape"].binding
            if binding.action in ("close", "back"):
                await self.run_action(binding.action)

    def _shown(self, kind: type[Widget]) -> Iterator[Widget]:
        return (each for each in self.query(kind) if each.display and each.is_attached)


class SubjectScreen(ConfigurableKeys, LocalizedScreen[None]):
    """The part of a screen that knows what its cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "b", "console", translatable("Console"), show=False, tooltip=translatable("Open it in AWS's web console")
        ),
    ]

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """What the cursor is on, and the scope that shows it; None where it is on nothing of AWS's."""
        return None

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:  # noqa: ARG002
        """Why an action cannot be used now; empty where it can."""
        here = self.current_subject
        match action:
            case "console" if here is None:
                return say("the cursor is on nothing of AWS's")
            case "console" if here is not None and not console_url(*here):
                return say("AWS's console has no page about it")
            case _:
                return ""

    def action_console(self) -> None:
        """Open the page about it in AWS's web console."""
        if self.current_subject is not None:
            scope, subject = self.current_subject
            self.post_message(OpenConsolePage(console_url(scope, subject), printable(subject.name), scope.account))


W = TypeVar("W", bound=Widget)


class BreadcrumbScreen(LocalizedScreen[None]):
    """The part of a screen that has a name, the way to it, and a place that is come back to."""

    BREADCRUMB: ClassVar[str] = ""
    """What the screen is called, marked."""
    context: AppContext

    def __init__(self) -> None:
        super().__init__()
        self.breadcrumbs = Breadcrumbs(self._breadcrumb_labels)

    @property
    def breadcrumb(self) -> str:
        """What stands for the screen on the way to others."""
        return say(self.BREADCRUMB)

    @property
    def about(self) -> Hashable:
        """What the screen is about: whoever comes back to that comes back to the place; None where nobody does."""
        return None

    def _breadcrumb_labels(self) -> Sequence[str]:
        stack = self.app.screen_stack
        below = stack[: stack.index(self) + 1] if self in stack else [self]
        return tuple(each.breadcrumb for each in below if isinstance(each, BreadcrumbScreen))

    def on_mount(self) -> None:
        """Come back to where somebody was."""
        if self.about is not None:
            self._restore_position(self.context.screen_positions.of(self.about))

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave the screen; where somebody was on it is kept."""
        if self.about is not None:
            self.context.screen_positions.keep(self.about, self._current_position())
        return super().dismiss(result)

    def _current_position(self) -> ScreenPosition:
        tables, panes = self._tables(), self._widgets_of_type(TextPane)
        cursors = {each.id or "": each.cursor for each in tables if each.has_moved_cursor and each.cursor is not None}
        scrolled = {each.id or "": round(each.scroll_y) for each in (*tables, *panes) if each.scroll_y}
        filters = [each.text for each in self._widgets_of_type(FilterLine)]
        return ScreenPosition(cursors, scrolled, next(iter(filters), ""))

    def _restore_position(self, place: ScreenPosition) -> None:
        for line in self._widgets_of_type(FilterLine)[:1] if place.filter else ():
            line.put(place.filter)
        for table in self._tables():
            if (row := place.cursors.get(table.id or "")) is not None:
                table.go_to(row)
        self.call_after_refresh(self._restore_scroll, place)

    def _restore_scroll(self, place: ScreenPosition) -> None:
        for each in (*self._tables(), *self._widgets_of_type(TextPane)):
            if down := place.scrolled.get(each.id or ""):
                each.scroll_to(y=down, animate=False)

    def _tables(self) -> list[LineTable[Any]]:
        return self._widgets_of_type(LineTable)

    def _widgets_of_type(self, kind: type[W]) -> list[W]:
        """The widgets of a kind."""
        return list(self.query(kind))


_NODE_ACTIONS = ("shell", "tunnel", "probe")
_SHARED_ACTIONS = ("switch_bucket", "switch_log_group", "undo", "preferences", "recheck", "fix_marked", *_NODE_ACTIONS)


class BaseScreen(SubjectScreen, PaneNavigationScreen, BreadcrumbScreen):
    """A screen over the bench. A key that cannot be used now is dimmed, and says why when it is pressed."""

    AUTO_FOCUS = ""
    ALLOWS_AUTO_REFRESH: ClassVar[bool] = False
    """Whether rows may change below whoever is on this screen: nothing is decided or typed there."""
    screen_name: str = ""
    """The name that it was put up by, where it has one."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (68, "-wide"), (160, "-roomy")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x", "explain", translatable("Explain"), tooltip=translatable("Paste an error text and have it explained")
        ),
        Binding(
            "tilde",
            "put_up('pulse')",
            translatable("Pulse"),
            tooltip=translatable("The fleet at a glance, and over time"),
        ),
        Binding("Z", "put_up('changes')", translatable("Changes"), tooltip=translatable("What has been changed here")),
        Binding("c", "copy", translatable("Copy"), tooltip=translatable("Copy what the screen is about")),
        Binding(
            "C", "copy_ids", translatable("Copy id"), show=False, tooltip=translatable("Copy the id, and nothing else")
        ),
    ]
    SHARED: ClassVar[list[BindingType]] = [
        Binding(
            "e", "switch_bucket", translatable("S3 switch"), tooltip=translatable("Toggle “only encrypted S3 buckets”")
        ),
        Binding(
            "w",
            "switch_log_group",
            translatable("Log switch"),
            tooltip=translatable("Toggle “only encrypted log groups”"),
        ),
        Binding("z", "undo", translatable("Undo"), tooltip=translatable("Take back the last change")),
    ]

    SHELL: ClassVar[list[BindingType]] = [
        Binding("s", "shell", translatable("Shell"), tooltip=translatable("Open a shell on this node")),
    ]
    SESSIONS: ClassVar[list[BindingType]] = [
        Binding(
            "v",
            "probe",
            translatable("Probe"),
            tooltip=translatable("Open a real session and see exactly where it stops"),
        ),
        Binding(
            "t",
            "tunnel",
            translatable("Tunnel"),
            tooltip=translatable("Forward a port of this computer through this node"),
        ),
        Binding(
            "T",
            "put_up('tunnels')",
            translatable("Tunnels"),
            show=False,
            tooltip=translatable("The tunnels that are open"),
        ),
        Binding(
            "S",
            "put_up('sessions')",
            translatable("Sessions"),
            tooltip=translatable("The account's sessions, open and ended"),
        ),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self._reasons: tuple[str, ...] = ()
        self._scope_colour = ""

    @property
    def current_scope(self) -> Scope | None:
        """The scope that the toggles act on."""
        return next(iter(self.context.fleet_view.scopes), None)

    @property
    def current_node(self) -> NodeKey | None:
        """The node that the screen is about, where it is about one."""
        return None

    @property
    def selected_node(self) -> NodeKey | None:
        """The node that a key would open a session on."""
        return self.current_node

    @property
    def selected_nodes(self) -> tuple[NodeKey, ...]:
        """The nodes that a key would probe."""
        return (self.selected_node,) if self.selected_node is not None else ()

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The node that a key would act on."""
        key = self.selected_node
        scope = self.context.fleet_view.scope_of(key) if key is not None else None
        return (scope, Subject(SubjectKind.NODE, key.id)) if key is not None and scope is not None else None

    @property
    def to_copy(self) -> str:
        """What `c` copies; empty where there is nothing."""
        return ""

    @property
    def can_copy(self) -> bool:
        """Whether there is something to copy: asked whenever the keys are painted."""
        return bool(self.to_copy)

    @property
    def ids_to_copy(self) -> str:
        """What `C` copies; empty where nothing has an id."""
        return ""

    @property
    def unsaved(self) -> str:
        """What would be lost if the app were left now, in a sentence; empty where nothing would."""
        return ""

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Paint what has changed."""

    def apply_scope_colour(self) -> None:
        """Wear the colour of the scope that keys act on now, at the header's edge."""
        if self.context.colour_of is no_colour:
            return
        scope = self.current_scope
        colour = self.context.colour_of(scope) if scope is not None else ""
        if colour != self._scope_colour:
            self.remove_class(*(f"-worn-{each}" for each in (self._scope_colour,) if each))
            self.add_class(*(f"-worn-{each}" for each in (colour,) if each))
            self._scope_colour = colour

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be used now; empty where it can."""
        match action:
            case "switch_bucket":
                return self.context.why_no_switch(self.current_scope, BUCKET_SWITCH)
            case "switch_log_group":
                return self.context.why_no_switch(self.current_scope, LOG_GROUP_SWITCH)
            case "undo":
                return self._why_no_undo()
            case "shell" | "tunnel":
                return self._why_no_session((self.selected_node,) if self.selected_node else ())
            case "probe":
                return self._why_no_session(self.selected_nodes)
            case "copy" if not self.can_copy:
                return say("there is nothing to copy here")
            case "copy_ids" if not self.ids_to_copy:
                return say("nothing here has an id")
            case _:
                return super().why_not(action, parameters)

    def _why_no_undo(self) -> str:
        if self.context.change_service is None:
            return say(READ_ONLY)
        if last_undoable_change(self.context.fleet_view, self.context.change_service) is None:
            return say("nothing has been changed here that could be taken back")
        return ""

    def _why_no_session(self, keys: Sequence[NodeKey]) -> str:
        if self.context.sessions is None:
            return say(NO_SESSIONS)
        # One that runs is enough, and thousands may be marked: they are looked at one after another.
        nodes = (node for key in keys if (node := self.context.fleet_view.node(key)))
        first = next(nodes, None)
        if first is None:
            return say("no node is chosen")
        scope = self.context.fleet_view.scope_of(first.key)
        if scope is not None and self.context.is_read_only(scope.name):
            return say(READ_ONLY_PROFILE)  # of others that are marked nothing is lent either
        if _is_not_running(first) and all(_is_not_running(node) for node in nodes):
            return say("the instance is {state}", state=first.state.value if first.state else "")
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what cannot be used."""
        return None if self.why_not_now(action, parameters) else True

    def why_not_now(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be used now, on this screen or because of what is shown; empty where it can."""
        return self.context.why_not_without_aws(action, parameters) or self.why_not(action, parameters)

    def refresh_keys(self) -> None:
        """Dim and light the shared keys anew, where that has changed: the footer is made again for it."""
        reasons = tuple(self.why_not_now(action, ()) for action in _SHARED_ACTIONS)
        if reasons != self._reasons:
            self._reasons = reasons
            self.refresh_bindings()

    def on_key(self, event: events.Key) -> None:
        """Say why a dimmed key does nothing."""
        bound = self.active_bindings.get(event.key)
        if bound is None or bound.enabled:
            return
        _, action, parameters = parse(bound.binding.action)
        if reason := self.why_not_now(action, parameters):
            event.stop()
            self.notify(reason, title=bound.binding.description, severity="warning", markup=False)

    def on_paste(self, event: events.Paste) -> None:
        """A text that is pasted where nothing is typed is an error text to be explained."""
        if not accepts_text(self.focused):
            event.stop()
            self.explain(event.text)

    def explain(self, text: str = "") -> None:
        """Have an error text explained: its causes looked for on the node that is shown, or on all."""
        self.post_message(ExplainText(self.current_node, text))

    def action_shell(self) -> None:
        """Open a shell on the node."""
        if self.selected_node is not None:
            self.post_message(OpenShell(self.selected_node))

    def action_tunnel(self) -> None:
        """Ask what is to be forwarded through the node."""
        if self.selected_node is not None:
            self.post_message(OpenTunnel(self.selected_node))

    def action_probe(self) -> None:
        """Probe the node, or the marked ones, as far as they run."""
        nodes = [node for key in self.selected_nodes if (node := self.context.fleet_view.node(key))]
        self.post_message(ProbeNodes(tuple(node.key for node in nodes if not _is_not_running(node))))

    def action_switch_bucket(self) -> None:
        """Preview toggling “only encrypted S3 buckets”."""
        self._preview_switch(BUCKET_SWITCH)

    def action_switch_log_group(self) -> None:
        """Preview toggling “only encrypted CloudWatch log groups”."""
        self._preview_switch(LOG_GROUP_SWITCH)

    def action_undo(self) -> None:
        """Take back the last change, after asking."""
        self.post_message(UndoChange())

    def action_preferences(self) -> None:
        """Show the session preferences of the Region that the screen is about."""
        if scope := self.current_scope:
            self.post_message(OpenPreferences(scope.name))

    def action_recheck(self) -> None:
        """Check the Region that the screen is about again."""
        if scope := self.current_scope:
            self.context.recheck(scope.name)
            self.notify(say("Checking {region} again", region=scope.region), timeout=3, markup=False)

    def action_explain(self) -> None:
        """Paste an error text, and have it explained."""
        self.explain()

    def action_put_up(self, name: str) -> None:
        """Put up the screen of that name."""
        self.post_message(
            ShowNamedScreen(name, self.current_scope.name if self.current_scope else None, self.current_node)
        )

    def action_copy(self) -> None:
        """Copy what the screen is about, through the terminal."""
        copy_and_notify(self, self.to_copy)

    def action_copy_ids(self) -> None:
        """Copy the ids of what the screen is about."""
        copy_and_notify(self, self.ids_to_copy)

    def _preview_switch(self, fix: str) -> None:
        if self.current_scope is not None:
            self.post_message(PreviewFix(self.current_scope.name, fix, None))


def _is_not_running(node: Node) -> bool:
    return node.state is not None and node.state is not InstanceState.RUNNING


def subject_of(fleet_finding: FleetFinding | None) -> tuple[Scope, Subject] | None:
    """What a finding is about, and the scope that shows it."""
    return (fleet_finding.scope, fleet_finding.finding.subject) if fleet_finding is not None else None


class FilteredScreen(BaseScreen):
    """A screen with a line that filters what its table shows: it says which rows these are, and where they stand."""

    FILTER: ClassVar[list[BindingType]] = [
        # Of priority, so that it is done before the next key is given to anybody: that is the filter's first.
        Binding(
            "slash",
            "filter",
            translatable("Filter"),
            key_display="/",
            tooltip=translatable("Filter the rows"),
            priority=True,
        ),
    ]
    filter_line: FilterLine

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:
        """Show what a filter admits."""
        raise NotImplementedError

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        raise NotImplementedError

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_line.open()

    def action_close(self) -> None:
        """Filter no more; else go back."""
        if self.filter_line.text:
            self.filter_line.put("")
        else:
            self.leave_screen()

    def leave_screen(self) -> None:
        """Go back."""
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where a text is typed, a slash is a part of it."""
        if action == "filter" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    @on(FilterLine.Changed)
    def _narrowed(self, event: FilterLine.Changed) -> None:
        self.filter_by(event.line, event.wanted)

    @on(FilterLine.Left)
    def _done_filtering(self) -> None:
        self.focus_rows()
