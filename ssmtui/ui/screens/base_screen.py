"""Provide the base class of screens: shared keys, breadcrumbs, filter, panes, and the position on return."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.actions import parse
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import ActiveBinding, BindingType
from textual.geometry import Offset
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.language import say, translatable
from ssmtui.model.console_url import console_url
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import InstanceState, Node, NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.screens.screen_behaviour import (
    accepts_text,
    copy_and_notify,
    localized_bindings,
    place_toasts,
    place_toasts_after_resize,
    selectable_at,
    widget_to_focus,
)
from ssmtui.ui.screens.screen_requests import (
    ExplainText,
    JumpToPanel,
    OpenConsolePage,
    OpenPreferences,
    OpenShell,
    OpenTunnel,
    PreviewFix,
    ProbeNodes,
    RedoChange,
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
    last_redoable_change,
    last_undoable_change,
    no_colour,
)
from ssmtui.ui.state.ui_state import ScreenPosition
from ssmtui.ui.text.styled_text import TextStyle
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_frame import Breadcrumbs, KeyBar, TitleLine
from ssmtui.ui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding
    from ssmtui.model.scope import Scope
    from ssmtui.ui.state.fleet_view import FleetChanges


def subject_of(fleet_finding: FleetFinding | None) -> tuple[Scope, Subject] | None:
    """Return the subject of a finding, and the scope that shows it."""
    return (fleet_finding.scope, fleet_finding.finding.subject) if fleet_finding is not None else None


W = TypeVar("W", bound=Widget)

_SHARED_ACTIONS = (
    *("switch_bucket", "switch_log_group", "undo", "redo", "preferences", "recheck", "fix_marked"),
    *("shell", "tunnel", "probe"),
)

BACK_KEY = bind("escape,backspace", "close", translatable("Back"), display="Esc")
# A priority binding, so that it runs before the next key is delivered: that key belongs to the filter.
FILTER_KEY = bind(
    "slash", "filter", translatable("Filter"), translatable("Filter the rows"), display="/", priority=True
)
OTHER_PANE_KEY = bind("tab", "other_pane", translatable("Other pane"), shown=False)
PREFERENCES_KEY = bind(
    "p", "preferences", translatable("Prefs"), translatable("Show the session preferences of the Region")
)
SHELL_KEY = bind("s", "shell", translatable("Shell"), translatable("Open a shell on this node"))
UNDO_KEY = bind("z", "undo", translatable("Undo"), translatable("Undo the last change"))
REDO_KEY = bind(
    "ctrl+y", "redo", translatable("Redo"), translatable("Preview the change that was undone last again"), shown=False
)
SWITCH_KEYS = (
    bind("e", "switch_bucket", translatable("S3 switch"), translatable("Switch “only encrypted S3 buckets” on or off")),
    bind(
        "w",
        "switch_log_group",
        translatable("Log switch"),
        translatable("Switch “only encrypted log groups” on or off"),
    ),
    UNDO_KEY,
    REDO_KEY,
)
SESSIONS_KEY = bind(
    "S", "put_up('sessions')", translatable("Sessions"), translatable("Show the open and ended sessions of the account")
)
SESSION_KEYS = (
    bind("v", "probe", translatable("Probe"), translatable("Open a real session and show where it stops")),
    bind("t", "tunnel", translatable("Tunnel"), translatable("Forward a local port through this node")),
    bind("T", "put_up('tunnels')", translatable("Tunnels"), translatable("Show the open tunnels"), shown=False),
    SESSIONS_KEY,
)


class BaseScreen(Screen[None]):
    """A screen of the app. A key that cannot be used now is dimmed, and says why when it is pressed.

    A screen composes `body` below its title; if it has a `filter_line`, that filters the rows of its table.
    """

    AUTO_FOCUS = ""
    ALLOWS_AUTO_REFRESH: ClassVar[bool] = False
    """Whether rows can change while this screen is open: nothing is decided or typed there."""
    BREADCRUMB: ClassVar[str] = ""
    """The name of the screen, marked for translation."""
    KEEPS_POSITION: ClassVar[bool] = False
    """Whether the screen opens at the position where it was left."""
    TABLES: ClassVar[tuple[type, ...]] = ()
    """The tables of the screen that have keys of their own."""
    screen_name: str = ""
    """The name that the screen was opened by, if any."""
    filter_line: FilterLine | None = None
    body: tuple[Widget, ...] = ()
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)  # Textual's own paints the whole screen again
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (68, "-wide"), (160, "-roomy")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("right,l", "go_right", translatable("Right"), translatable("Open the selected row"), shown=False),
        bind(
            "left,h",
            "go_left",
            translatable("Left"),
            translatable("Return to the rows, then to the previous screen"),
            shown=False,
        ),
        bind(
            "b", "console", translatable("Console"), translatable("Open this resource in the AWS console"), shown=False
        ),
        bind("x", "explain", translatable("Explain"), translatable("Paste an error message and show its causes")),
        bind(
            "tilde",
            "put_up('pulse')",
            translatable("Overview"),
            translatable("Show the fleet overview and its history"),
        ),
        bind("Z", "put_up('changes')", translatable("Changes"), translatable("Show the changes made on this computer")),
        bind(
            "J",
            "jump",
            translatable("Jump"),
            translatable("Show a letter over each panel; the letter moves the focus there"),
            shown=False,
        ),
        bind("c", "copy", translatable("Copy"), translatable("Copy the main text of the screen")),
        bind("C", "copy_ids", translatable("Copy id"), translatable("Copy only the ID"), shown=False),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.breadcrumbs = Breadcrumbs(self._breadcrumb_labels)
        self.title_line = TitleLine()
        self._reasons: tuple[str, ...] = ()
        self._scope_colour = ""

    def compose(self) -> ComposeResult:
        """Compose breadcrumbs, title, body, and key bar."""
        yield self.breadcrumbs
        yield self.title_line
        yield from self.body
        yield KeyBar()

    @property
    def breadcrumb(self) -> str:
        """The screen's name among the breadcrumbs."""
        return say(self.BREADCRUMB)

    @property
    def about(self) -> Hashable:
        """The subject of the screen: a screen with the same subject opens at the position where it was left."""
        return self.BREADCRUMB if self.KEEPS_POSITION else None

    @property
    def current_scope(self) -> Scope | None:
        """The scope that the toggles act on."""
        return next(iter(self.context.fleet_view.scopes), None)

    @property
    def current_node(self) -> NodeKey | None:
        """The node of the screen, if it shows one."""
        return None

    @property
    def selected_node(self) -> NodeKey | None:
        """The node on which a key would open a session."""
        return self.current_node

    @property
    def selected_nodes(self) -> tuple[NodeKey, ...]:
        """The nodes that a key would probe."""
        return (self.selected_node,) if self.selected_node is not None else ()

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The subject under the cursor, and the scope that shows it; None if it is no AWS resource."""
        node = self.selected_node
        scope = self.context.fleet_view.scope_of(node) if node is not None else None
        return (scope, Subject(SubjectKind.NODE, node.id)) if node is not None and scope is not None else None

    @property
    def fixable_finding(self) -> FleetFinding | None:
        """The finding that the fix keys act on, if the screen has these keys."""
        return None

    @property
    def to_copy(self) -> str:
        """The text that `c` copies; empty if there is nothing to copy."""
        return ""

    @property
    def can_copy(self) -> bool:
        """Whether there is something to copy: read each time the keys are painted."""
        return bool(self.to_copy)

    @property
    def ids_to_copy(self) -> str:
        """The text that `C` copies; empty if nothing has an id."""
        return ""

    @property
    def unsaved(self) -> str:
        """One sentence about what would be lost if the app were closed now; empty if nothing would be lost."""
        return ""

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Paint the changes."""

    def show_rows(self) -> None:
        """Show the rows that match the filter."""

    def row_moved(self) -> None:
        """Show the details of the row under the cursor."""

    def row_opened(self, row: object) -> None:  # noqa: ARG002
        """Open a row: by default, read its details."""
        self.focus_first(TextPane)

    def show_title(self, title: str, words: str) -> None:
        """Show the title, and a line below it."""
        self.title_line.tell((title, TextStyle.STRONG), "\n", (words, TextStyle.MUTED))

    def apply_scope_colour(self) -> None:
        """Show the colour of the current scope at the edge of the header."""
        if self.context.colour_of is no_colour:
            return
        scope = self.current_scope
        colour = self.context.colour_of(scope) if scope is not None else ""
        if colour != self._scope_colour:
            self.remove_class(*(f"-worn-{each}" for each in (self._scope_colour,) if each))
            self.add_class(*(f"-worn-{each}" for each in (colour,) if each))
            self._scope_colour = colour

    @on(LineTable.Moved)
    def _row_moved(self) -> None:
        self.row_moved()

    @on(LineTable.Opened)
    def _row_opened(self, event: LineTable.Opened) -> None:
        self.row_opened(event.row)

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self.show_rows()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.focus_rows()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words translated."""
        return localized_bindings(super().active_bindings, self.focused)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:  # noqa: FBT001, FBT002
        """Focus a widget; remove the focus only if no widget can have it."""
        super().set_focus(widget_to_focus(self, widget), scroll_visible, from_app_focus)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return where a click would begin a selection."""
        return selectable_at(self, super().get_widget_and_offset_at(x, y))

    def focus_first(self, kind: type[Widget]) -> None:
        """Focus the first visible widget of a class, if any."""
        if (widget := next(self._shown(kind), None)) is not None:
            self.set_focus(widget)

    def focus_rows(self) -> None:
        """Focus the rows."""
        self.focus_first(LineTable)

    def on_descendant_focus(self) -> None:
        """Move toasts away from the input line with the focus, after the layout is known."""
        self.call_after_refresh(place_toasts, self)

    def on_resize(self) -> None:
        """Place the toasts again."""
        place_toasts_after_resize(self)

    def on_compose(self) -> None:
        """Set the classes of this size, so that the first layout has them: Textual sets them when it resizes a screen.

        A change of a mounted screen's classes matches every style rule again.
        """
        sides = ((self.HORIZONTAL_BREAKPOINTS, self.app.size.width), (self.VERTICAL_BREAKPOINTS, self.app.size.height))
        for breakpoints, length in sides:
            self.add_class(*[name for least, name in breakpoints or () if least <= length][-1:], update=False)

    @on(events.ScreenResume)
    def _keep_new_styles(self, event: events.ScreenResume) -> None:
        """Keep the styles of a new screen: they were matched when its widgets were mounted."""
        if not self.stack_updates:
            event.refresh_styles = False

    def on_mount(self) -> None:
        """Restore the position at which a screen with the same subject was left."""
        if self.about is not None:
            self._restore_position(self.context.screen_positions.of(self.about))

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave the screen, and store the position."""
        if self.about is not None:
            self.context.screen_positions.keep(self.about, self._current_position())
        return super().dismiss(result)

    def _breadcrumb_labels(self) -> Sequence[str]:
        stack = self.app.screen_stack
        below = stack[: stack.index(self) + 1] if self in stack else [self]
        return tuple(each.breadcrumb for each in below if isinstance(each, BaseScreen))

    def _current_position(self) -> ScreenPosition:
        tables, panes = self._tables(), self._all(TextPane)
        cursors = {each.id or "": each.cursor for each in tables if each.has_moved_cursor and each.cursor is not None}
        scrolled = {each.id or "": round(each.scroll_y) for each in (*tables, *panes) if each.scroll_y}
        return ScreenPosition(cursors, scrolled, self.filter_line.text if self.filter_line is not None else "")

    def _restore_position(self, place: ScreenPosition) -> None:
        if self.filter_line is not None and place.filter:
            self.filter_line.put(place.filter)
        for table in self._tables():
            if (row := place.cursors.get(table.id or "")) is not None:
                table.go_to(row)
        self.call_after_refresh(self._restore_scroll, place)

    def _restore_scroll(self, place: ScreenPosition) -> None:
        for each in (*self._tables(), *self._all(TextPane)):
            if down := place.scrolled.get(each.id or ""):
                each.scroll_to(y=down, animate=False)

    def _tables(self) -> list[LineTable[Any]]:
        return self._all(LineTable)

    def _all(self, kind: type[W]) -> list[W]:
        return list(self.query(kind))

    def _shown(self, kind: type[W]) -> Iterator[W]:
        return (each for each in self.query(kind) if each.display and each.is_attached)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action cannot be used now; empty if it can."""
        match action:
            case "console" if self.current_subject is None:
                return say("no AWS resource is selected")
            case "console" if self.current_subject is not None and not console_url(*self.current_subject):
                return say("the AWS console has no page for this resource")
            case "switch_bucket":
                return self.context.why_no_switch(self.current_scope, BUCKET_SWITCH)
            case "switch_log_group":
                return self.context.why_no_switch(self.current_scope, LOG_GROUP_SWITCH)
            case "undo" | "redo":
                return self._why_no_undo(action)
            case "shell" | "tunnel":
                return self._why_no_session((self.selected_node,) if self.selected_node else ())
            case "probe":
                return self._why_no_session(self.selected_nodes)
            case "run_own_command":
                return self.context.why_no_own_command(str(parameters[0]))
            case "jump" if len(self.focus_chain) < 2:
                return say("this screen has only one panel now")
            case "copy" if not self.can_copy:
                return say("there is nothing to copy here")
            case "copy_ids" if not self.ids_to_copy:
                return say("there is no ID to copy here")
            case _:
                return ""

    def _why_no_undo(self, action: str) -> str:
        if self.context.change_service is None:
            return say(READ_ONLY)
        if action == "redo":
            made = last_redoable_change(self.context.fleet_view, self.context.change_service)
            return "" if made else say("there is no undone change to redo")
        if last_undoable_change(self.context.fleet_view, self.context.change_service) is None:
            return say("there is no change to undo")
        return ""

    def _why_no_session(self, keys: Sequence[NodeKey]) -> str:
        if self.context.sessions is None:
            return say(NO_SESSIONS)
        # One running node is enough, and thousands can be marked: check the nodes one by one.
        nodes = (node for key in keys if (node := self.context.fleet_view.node(key)))
        first = next(nodes, None)
        if first is None:
            return say("no node is selected")
        scope = self.context.fleet_view.scope_of(first.key)
        if scope is not None and self.context.is_read_only(scope.name):
            return say(READ_ONLY_PROFILE)  # the other marked nodes cannot be opened either
        if _is_not_running(first) and all(_is_not_running(node) for node in nodes):
            return say("the instance is {state}", state=first.state.value if first.state else "")
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim actions that cannot be used; while a text is typed, the slash is part of it."""
        if action == "filter" and isinstance(self.focused, Input):
            return False
        return None if self.why_not_now(action, parameters) else True

    def why_not_now(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action cannot be used now, on this screen or because of its contents; empty if it can."""
        return self.context.why_not_without_aws(action, parameters) or self.why_not(action, parameters)

    def refresh_keys(self) -> None:
        """Update which shared keys are dimmed, if that has changed: the key bar is rebuilt for it."""
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
        if isinstance(line := bound.node, FilterLine):
            reason = line.why_not_now(action)
        else:
            reason = self.why_not_now(action, parameters)
        if reason:
            event.stop()
            self.notify(reason, title=bound.binding.description, severity="warning", markup=False)

    def on_paste(self, event: events.Paste) -> None:
        """Explain a text that is pasted outside an input field."""
        if not accepts_text(self.focused):
            event.stop()
            self.explain(event.text)

    def action_go_right(self) -> None:
        """Go from the rows into the text beside them; if there is no text, open the row."""
        table = self.focused
        if isinstance(table, LineTable):
            pane = next(self._shown(TextPane), None)
            if pane is not None:
                self.set_focus(pane)
            else:
                table.action_open()

    async def action_go_left(self) -> None:
        """Go from the text to the rows, and from the rows to the previous screen."""
        rows = next(self._shown(LineTable), None)
        if rows is not None and isinstance(self.focused, TextPane):
            self.set_focus(rows)
        elif "escape" in self.active_bindings and len(self.app.screen_stack) > 1:
            binding = self.active_bindings["escape"].binding
            if binding.action in ("close", "back"):
                await self.run_action(binding.action)

    def action_other_pane(self) -> None:
        """Move between the rows and the text."""
        self.focus_first(TextPane if isinstance(self.focused, LineTable) else LineTable)

    def action_jump(self) -> None:
        """Show a letter over each panel, and focus the chosen panel."""
        self.post_message(JumpToPanel())

    def action_filter(self) -> None:
        """Type a filter."""
        if self.filter_line is not None:
            self.filter_line.open()

    def action_close(self) -> None:
        """Clear the filter; without a filter, go back."""
        if self.filter_line is not None and self.filter_line.text:
            self.filter_line.put("")
        else:
            self.leave_screen()

    def leave_screen(self) -> None:
        """Go back."""
        self.dismiss()

    def explain(self, text: str = "") -> None:
        """Explain an error text: check its causes on the shown node, or on all nodes."""
        self.post_message(ExplainText(self.current_node, text))

    def action_console(self) -> None:
        """Open the subject's page in the AWS console."""
        if self.current_subject is not None:
            scope, subject = self.current_subject
            self.post_message(OpenConsolePage(console_url(scope, subject), printable(subject.name), scope.account))

    def action_shell(self) -> None:
        """Open a shell on the node."""
        if self.selected_node is not None:
            self.post_message(OpenShell(self.selected_node))

    def action_tunnel(self) -> None:
        """Ask what to forward through the node."""
        if self.selected_node is not None:
            self.post_message(OpenTunnel(self.selected_node))

    def action_probe(self) -> None:
        """Probe the node, or the marked nodes, as far as they are running."""
        nodes = [node for key in self.selected_nodes if (node := self.context.fleet_view.node(key))]
        self.post_message(ProbeNodes(tuple(node.key for node in nodes if not _is_not_running(node))))

    def action_switch_bucket(self) -> None:
        """Preview toggling “only encrypted S3 buckets”."""
        self._preview_switch(BUCKET_SWITCH)

    def action_switch_log_group(self) -> None:
        """Preview toggling “only encrypted CloudWatch log groups”."""
        self._preview_switch(LOG_GROUP_SWITCH)

    def _preview_switch(self, fix: str) -> None:
        if self.current_scope is not None:
            self.post_message(PreviewFix(self.current_scope.name, fix, None))

    def action_undo(self) -> None:
        """Undo the last change, after a confirmation."""
        self.post_message(UndoChange())

    def action_redo(self) -> None:
        """Preview the change that was undone last again."""
        self.post_message(RedoChange())

    def action_preferences(self) -> None:
        """Show the session preferences of the screen's Region."""
        if scope := self.current_scope:
            self.post_message(OpenPreferences(scope.name))

    def action_recheck(self) -> None:
        """Check the screen's Region again."""
        if scope := self.current_scope:
            self.context.recheck(scope.name)
            self.notify(say("Re-checking {region}", region=scope.region), timeout=3, markup=False)

    def action_explain(self) -> None:
        """Paste an error text to explain."""
        self.explain()

    def action_put_up(self, name: str) -> None:
        """Show the screen of that name."""
        scope = self.current_scope
        self.post_message(ShowNamedScreen(name, scope.name if scope else None, self.current_node))

    def action_copy(self) -> None:
        """Copy the subject of the screen, through the terminal."""
        copy_and_notify(self.app, self.to_copy)

    def action_copy_ids(self) -> None:
        """Copy the ids of the screen's subject."""
        copy_and_notify(self.app, self.ids_to_copy)


def _is_not_running(node: Node) -> bool:
    return node.state is not None and node.state is not InstanceState.RUNNING
