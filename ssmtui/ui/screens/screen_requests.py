"""Define the requests that screens send to the app, the functions that create screens, and the palette's commands."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message
from textual.screen import Screen

import ssmtui.ui.screens
from ssmtui.language import translatable
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.ui.state.app_context import AppContext

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.model.plan import Forecast, Plan
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.model.sessions import ListedSession
    from ssmtui.remediation.apply.change import Change


class ScreenRequest(Message):
    """A request for a screen. The module of the screen registers the function that creates it."""


@dataclass(eq=False)
class ShowNamedScreen(ScreenRequest):
    """Show the screen of that name, for the subject of the requesting screen."""

    name: str
    scope: ScopeName | None
    node: NodeKey | None


@dataclass(eq=False)
class ShowNodes(Message):
    """Show the fleet's nodes that match a filter."""

    wanted: str


@dataclass(eq=False)
class OpenNode(ScreenRequest):
    """Show a node's path. `neighbours` are the nodes for `[` and `]`, in order."""

    key: NodeKey
    neighbours: tuple[NodeKey, ...] = ()


@dataclass(eq=False)
class OpenFinding(ScreenRequest):
    """Show a finding with its affected nodes."""

    finding_id: str


@dataclass(eq=False)
class OpenPreferences(ScreenRequest):
    """Show the session preferences of a Region, at the setting of a finding if one is named."""

    scope: ScopeName
    finding_id: str | None = None


@dataclass(eq=False)
class ShowRawFacts(Message):
    """Show all facts that were read for a node, unprocessed."""

    key: NodeKey


class JumpToPanel(Message):
    """Show a letter over each panel of the screen, and focus the chosen panel."""


@dataclass(eq=False)
class OpenConsolePage(Message):
    """Open a page of the AWS console: its address, its subject, and the account of the subject."""

    url: str
    title: str
    account: str


@dataclass(eq=False)
class PreviewFix(Message):
    """Preview a fix: for a finding, or for the Region's preferences if none is named.

    If `choices` is incomplete, the app asks for the rest first.
    """

    scope: ScopeName
    fix: str
    finding_id: str | None
    choices: Choices = NOTHING_CHOSEN


@dataclass(eq=False)
class ExplainText(ScreenRequest):
    """Explain a given error text, or one to be pasted. Its causes are checked on `node`."""

    node: NodeKey | None = None
    text: str = ""


@dataclass(eq=False)
class ChooseFixes(ScreenRequest):
    """Choose among the fixes of findings. `nodes` are the nodes to fix; empty means all."""

    finding_ids: tuple[str, ...]
    nodes: tuple[NodeKey, ...] = ()


@dataclass(eq=False)
class PreviewChanges(ScreenRequest):
    """Preview several changes together."""

    plans: tuple[Plan, ...]


@dataclass(eq=False)
class EndSessions(Message):
    """Preview ending sessions, by their scope."""

    sessions: Mapping[ScopeName, tuple[ListedSession, ...]]


@dataclass(eq=False)
class OpenShell(Message):
    """Open a shell on a node, in place of the app."""

    key: NodeKey


@dataclass(eq=False)
class OpenTunnel(Message):
    """Ask what to forward through a node, and open that tunnel."""

    key: NodeKey


@dataclass(eq=False)
class ProbeNodes(ScreenRequest):
    """Probe nodes, after showing what that leaves behind."""

    keys: tuple[NodeKey, ...]


@dataclass(eq=False)
class ExportPlans(ScreenRequest):
    """Export changes. `forecasts` are the known forecasts, by scope."""

    plans: tuple[Plan, ...]
    forecasts: Mapping[ScopeName, Forecast]


@dataclass(eq=False)
class ShowPlan(ScreenRequest):
    """Show a change that can be made, for review and confirmation."""

    plan: Plan


@dataclass(eq=False)
class ShowUndo(ScreenRequest):
    """Preview an undo, for review and confirmation."""

    scope: Scope
    change: Change


@dataclass(eq=False)
class ShowCompletion(ScreenRequest):
    """Show the rest of an interrupted change, for review and confirmation."""

    scope: Scope
    change: Change
    plan: Plan


@dataclass(eq=False)
class Complete(Message):
    """Complete an interrupted change, after asking; if none of it was made, preview a plan `instead`."""

    change_id: str
    instead: Plan | None = None


@dataclass(eq=False)
class UndoChange(Message):
    """Undo a change, after asking: the last one, if none is named."""

    change_id: str = ""


@dataclass(eq=False)
class RedoChange(Message):
    """Make an undone change again, after asking: the one undone last, if none is named."""

    change_id: str = ""


W = TypeVar("W", bound=ScreenRequest)
ScreenFactory = Callable[[AppContext, W], Screen[None]]

_REGISTERED: dict[type[ScreenRequest] | str, ScreenFactory[Any]] = {}


class DuplicateScreen(TypeError):
    """Two screens are registered for one request."""


def screen_for_request(request: type[W]) -> Callable[[ScreenFactory[W]], ScreenFactory[W]]:
    """Register the function that creates the screen for a request."""
    return _registered(request)


def named_screen(name: str) -> Callable[[ScreenFactory[ShowNamedScreen]], ScreenFactory[ShowNamedScreen]]:
    """Register the function that creates the screen of that name."""
    return _registered(name)


def create_screen(context: AppContext, request: ScreenRequest) -> Screen[None]:
    """Return the requested screen."""
    return all_screens()[request.name if isinstance(request, ShowNamedScreen) else type(request)](context, request)


@cache
def all_screens() -> Mapping[type[ScreenRequest] | str, ScreenFactory[Any]]:
    """Return the function that creates each screen, by its request or name. The first call loads all screens."""
    for module in pkgutil.iter_modules(ssmtui.ui.screens.__path__, f"{ssmtui.ui.screens.__name__}."):
        importlib.import_module(module.name)
    return _REGISTERED


def _registered(by: type[W] | str) -> Callable[[ScreenFactory[W]], ScreenFactory[W]]:
    def register(create: ScreenFactory[W]) -> ScreenFactory[W]:
        if by in _REGISTERED:
            raise DuplicateScreen(f"two screens for {by}")
        _REGISTERED[by] = create
        return create

    return register


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """A command that is possible now. `also` holds other words for it, such as those of k9s.

    `key` is the key with the same function, empty if there is none. `why_not` says why the command is not possible now.
    `comes_last`: all other commands that match what is typed are listed first.
    """

    name: str
    description: str
    do: Callable[[], object]
    key: str = ""
    also: str = ""
    why_not: str = ""
    comes_last: bool = False


@dataclass(frozen=True, slots=True)
class NamedScreen:
    """A screen that can be opened by name; `also` holds the names that other tools use for it.

    `action` is the action that opens it, by which its key is found.
    """

    name: str
    title: str
    description: str
    also: str
    action: str


NAMED_SCREENS = (
    NamedScreen(
        "nodes",
        translatable("Nodes"),
        translatable("Show all nodes, one row per node"),
        "fleet instances ec2 home no node",
        "show_nodes",
    ),
    NamedScreen(
        "causes",
        translatable("Causes"),
        translatable("Show all causes, one row per cause"),
        "findings popeye",
        "show_causes",
    ),
    NamedScreen(
        "pulse",
        translatable("Overview"),
        translatable("Show the fleet overview"),
        "pulses pu dashboard",
        "put_up('pulse')",
    ),
    NamedScreen(
        "preferences",
        translatable("Preferences"),
        translatable("Show the session preferences of the Region"),
        "prefs settings document",
        "preferences",
    ),
    NamedScreen(
        "changes",
        translatable("Changes"),
        translatable("Show the changes made on this computer"),
        "history journal",
        "put_up('changes')",
    ),
    NamedScreen(
        "sessions",
        translatable("Sessions"),
        translatable("Show the open and ended sessions of the account"),
        "holders",
        "put_up('sessions')",
    ),
    NamedScreen(
        "tunnels",
        translatable("Tunnels"),
        translatable("Show the open tunnels"),
        "forwards portforward pf",
        "put_up('tunnels')",
    ),
    NamedScreen(
        "explain",
        translatable("Explain"),
        translatable("Paste an error message and show its causes"),
        "error",
        "explain",
    ),
)
"""The named screens in the order of the palette."""
