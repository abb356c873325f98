"""What all screens have in common: the bench, the toggles, and keys that say why they cannot be used now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.actions import parse
from textual.binding import Binding, BindingType

from ssmtui.language import marked, say
from ssmtui.model.node import InstanceState, Node, NodeKey
from ssmtui.model.subject import Subject, SubjectKind
from ssmtui.ui.screens.copying_out import copy_out
from ssmtui.ui.screens.side_steps import SideSteps
from ssmtui.ui.screens.spoken_keys import is_typed_in
from ssmtui.ui.screens.subject_keys import SubjectKeys
from ssmtui.ui.screens.way_here import WayHere
from ssmtui.ui.screens.wishes import (
    Explain,
    OpenPreferences,
    OpenShell,
    OpenTunnel,
    Preview,
    ProbeNodes,
    PutUp,
    TakeBack,
)
from ssmtui.ui.state.bench import (
    BUCKET_SWITCH,
    LOG_GROUP_SWITCH,
    NO_SESSIONS,
    READ_ONLY,
    READ_ONLY_PROFILE,
    Bench,
    no_colour,
)
from ssmtui.ui.state.made_changes import last_change

if TYPE_CHECKING:
    from ssmtui.model.fleet import FleetFinding
    from ssmtui.model.scope import Scope
    from ssmtui.ui.state.board import Changes

_ON_NODES = ("shell", "tunnel", "probe")
_SHARED = ("switch_bucket", "switch_log_group", "undo", "preferences", "recheck", "fix_marked", *_ON_NODES)


class BenchScreen(SubjectKeys, SideSteps, WayHere):
    """A screen over the bench. A key that cannot be used now is dimmed, and says why when it is pressed."""

    AUTO_FOCUS = ""
    MERELY_LOOKS: ClassVar[bool] = False
    """Whether rows may change below whoever is on this screen: nothing is decided or typed there."""
    put_up_as: str = ""
    """The name that it was put up by, where it has one."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (68, "-wide"), (160, "-roomy")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "explain", marked("Explain"), tooltip=marked("Paste an error text and have it explained")),
        Binding("tilde", "put_up('pulse')", marked("Pulse"), tooltip=marked("The fleet at a glance, and over time")),
        Binding("Z", "put_up('changes')", marked("Changes"), tooltip=marked("What has been changed here")),
        Binding("c", "copy", marked("Copy"), tooltip=marked("Copy what the screen is about")),
        Binding("C", "copy_ids", marked("Copy id"), show=False, tooltip=marked("Copy the id, and nothing else")),
    ]
    SHARED: ClassVar[list[BindingType]] = [
        Binding("e", "switch_bucket", marked("S3 switch"), tooltip=marked("Toggle “only encrypted S3 buckets”")),
        Binding("w", "switch_log_group", marked("Log switch"), tooltip=marked("Toggle “only encrypted log groups”")),
        Binding("z", "undo", marked("Undo"), tooltip=marked("Take back the last change")),
    ]

    SHELL: ClassVar[list[BindingType]] = [
        Binding("s", "shell", marked("Shell"), tooltip=marked("Open a shell on this node")),
    ]
    SESSIONS: ClassVar[list[BindingType]] = [
        Binding("v", "probe", marked("Probe"), tooltip=marked("Open a real session and see exactly where it stops")),
        Binding("t", "tunnel", marked("Tunnel"), tooltip=marked("Forward a port of this computer through this node")),
        Binding("T", "put_up('tunnels')", marked("Tunnels"), show=False, tooltip=marked("The tunnels that are open")),
        Binding(
            "S", "put_up('sessions')", marked("Sessions"), tooltip=marked("The account's sessions, open and ended")
        ),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self._reasons: tuple[str, ...] = ()
        self._worn = ""

    @property
    def scope_here(self) -> Scope | None:
        """The scope that the toggles act on."""
        return next(iter(self.bench.board.scopes), None)

    @property
    def node_here(self) -> NodeKey | None:
        """The node that the screen is about, where it is about one."""
        return None

    @property
    def node_chosen(self) -> NodeKey | None:
        """The node that a key would open a session on."""
        return self.node_here

    @property
    def nodes_chosen(self) -> tuple[NodeKey, ...]:
        """The nodes that a key would probe."""
        return (self.node_chosen,) if self.node_chosen is not None else ()

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """The node that a key would act on."""
        key = self.node_chosen
        scope = self.bench.board.scope_of(key) if key is not None else None
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

    def board_changed(self, changes: Changes) -> None:
        """Paint what has changed."""

    def wear_colour(self) -> None:
        """Wear the colour of the scope that keys act on now, at the header's edge."""
        if self.bench.colour_of is no_colour:
            return
        scope = self.scope_here
        colour = self.bench.colour_of(scope) if scope is not None else ""
        if colour != self._worn:
            self.remove_class(*(f"-worn-{each}" for each in (self._worn,) if each))
            self.add_class(*(f"-worn-{each}" for each in (colour,) if each))
            self._worn = colour

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be used now; empty where it can."""
        match action:
            case "switch_bucket":
                return self.bench.why_no_switch(self.scope_here, BUCKET_SWITCH)
            case "switch_log_group":
                return self.bench.why_no_switch(self.scope_here, LOG_GROUP_SWITCH)
            case "undo":
                return self._why_no_undo()
            case "shell" | "tunnel":
                return self._why_no_session((self.node_chosen,) if self.node_chosen else ())
            case "probe":
                return self._why_no_session(self.nodes_chosen)
            case "copy" if not self.can_copy:
                return say("there is nothing to copy here")
            case "copy_ids" if not self.ids_to_copy:
                return say("nothing here has an id")
            case _:
                return super().why_not(action, parameters)

    def _why_no_undo(self) -> str:
        if self.bench.desk is None:
            return say(READ_ONLY)
        if last_change(self.bench.board, self.bench.desk) is None:
            return say("nothing has been changed here that could be taken back")
        return ""

    def _why_no_session(self, keys: Sequence[NodeKey]) -> str:
        if self.bench.sessions is None:
            return say(NO_SESSIONS)
        # One that runs is enough, and thousands may be marked: they are looked at one after another.
        nodes = (node for key in keys if (node := self.bench.board.node(key)))
        first = next(nodes, None)
        if first is None:
            return say("no node is chosen")
        scope = self.bench.board.scope_of(first.key)
        if scope is not None and self.bench.is_read_only(scope.name):
            return say(READ_ONLY_PROFILE)  # of others that are marked nothing is lent either
        if _is_down(first) and all(_is_down(node) for node in nodes):
            return say("the instance is {state}", state=first.state.value if first.state else "")
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what cannot be used."""
        return None if self.why_not_now(action, parameters) else True

    def why_not_now(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be used now, on this screen or because of what is shown; empty where it can."""
        return self.bench.why_not_without_aws(action, parameters) or self.why_not(action, parameters)

    def refresh_keys(self) -> None:
        """Dim and light the shared keys anew, where that has changed: the footer is made again for it."""
        reasons = tuple(self.why_not_now(action, ()) for action in _SHARED)
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
        if not is_typed_in(self.focused):
            event.stop()
            self.explain(event.text)

    def explain(self, text: str = "") -> None:
        """Have an error text explained: its causes looked for on the node that is shown, or on all."""
        self.post_message(Explain(self.node_here, text))

    def action_shell(self) -> None:
        """Open a shell on the node."""
        if self.node_chosen is not None:
            self.post_message(OpenShell(self.node_chosen))

    def action_tunnel(self) -> None:
        """Ask what is to be forwarded through the node."""
        if self.node_chosen is not None:
            self.post_message(OpenTunnel(self.node_chosen))

    def action_probe(self) -> None:
        """Probe the node, or the marked ones, as far as they run."""
        nodes = [node for key in self.nodes_chosen if (node := self.bench.board.node(key))]
        self.post_message(ProbeNodes(tuple(node.key for node in nodes if not _is_down(node))))

    def action_switch_bucket(self) -> None:
        """Preview toggling “only encrypted S3 buckets”."""
        self._preview_switch(BUCKET_SWITCH)

    def action_switch_log_group(self) -> None:
        """Preview toggling “only encrypted CloudWatch log groups”."""
        self._preview_switch(LOG_GROUP_SWITCH)

    def action_undo(self) -> None:
        """Take back the last change, after asking."""
        self.post_message(TakeBack())

    def action_preferences(self) -> None:
        """Show the session preferences of the Region that the screen is about."""
        if scope := self.scope_here:
            self.post_message(OpenPreferences(scope.name))

    def action_recheck(self) -> None:
        """Check the Region that the screen is about again."""
        if scope := self.scope_here:
            self.bench.recheck(scope.name)
            self.notify(say("Checking {region} again", region=scope.region), timeout=3, markup=False)

    def action_explain(self) -> None:
        """Paste an error text, and have it explained."""
        self.explain()

    def action_put_up(self, name: str) -> None:
        """Put up the screen of that name."""
        self.post_message(PutUp(name, self.scope_here.name if self.scope_here else None, self.node_here))

    def action_copy(self) -> None:
        """Copy what the screen is about, through the terminal."""
        copy_out(self, self.to_copy)

    def action_copy_ids(self) -> None:
        """Copy the ids of what the screen is about."""
        copy_out(self, self.ids_to_copy)

    def _preview_switch(self, fix: str) -> None:
        if self.scope_here is not None:
            self.post_message(Preview(self.scope_here.name, fix, None))


def _is_down(node: Node) -> bool:
    return node.state is not None and node.state is not InstanceState.RUNNING


def about(held: FleetFinding | None) -> tuple[Scope, Subject] | None:
    """What a finding is about, and the scope that shows it."""
    return (held.scope, held.finding.subject) if held is not None else None
