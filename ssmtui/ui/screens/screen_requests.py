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
    """A screen is wished for: which one, and how it is made, it says in its module (`putting_up`)."""


class ShowNamedScreen(ScreenRequest):
    """Put up the screen of that name, for what the screen that asks is about."""

    def __init__(self, name: str, scope: ScopeName | None, node: NodeKey | None) -> None:
        super().__init__()
        self.name = name
        self.scope = scope
        self.node = node


class ShowNodes(Message):
    """Show the fleet's nodes that a filter admits."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted


class OpenNode(ScreenRequest):
    """Show a node's path. `neighbours` are the nodes that `[` and `]` walk through, in order."""

    def __init__(self, key: NodeKey, neighbours: tuple[NodeKey, ...] = ()) -> None:
        super().__init__()
        self.key = key
        self.neighbours = neighbours


class OpenFinding(ScreenRequest):
    """Show a finding with the nodes that it holds down."""

    def __init__(self, finding_id: str) -> None:
        super().__init__()
        self.finding_id = finding_id


class OpenPreferences(ScreenRequest):
    """Show the session preferences of a Region, at the setting that a finding is about, where one is named."""

    def __init__(self, scope: ScopeName, finding_id: str | None = None) -> None:
        super().__init__()
        self.scope = scope
        self.finding_id = finding_id


class ShowRawFacts(Message):
    """Show everything that was read for a node, as it was read."""

    def __init__(self, key: NodeKey) -> None:
        super().__init__()
        self.key = key


class OpenConsolePage(Message):
    """Open a page of AWS's web console: its address, what it is about, and whose account that is."""

    def __init__(self, url: str, title: str, account: str) -> None:
        super().__init__()
        self.url = url
        self.title = title
        self.account = account


class PreviewFix(Message):
    """Show what a fix would change: for a finding, or for the Region's preferences where none is named.

    Where it must be told more than `choices` hold, it is asked for first.
    """

    def __init__(self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN) -> None:
        super().__init__()
        self.scope = scope
        self.fix = fix
        self.finding_id = finding_id
        self.choices = choices


class ExplainText(ScreenRequest):
    """Explain an error text: one that is given, or one to be pasted. `node` is where its causes are looked for."""

    def __init__(self, node: NodeKey | None = None, text: str = "") -> None:
        super().__init__()
        self.node = node
        self.text = text


class ChooseFixes(ScreenRequest):
    """Choose among the fixes of findings. `nodes` are those that they are chosen for; none named means all."""

    def __init__(self, finding_ids: tuple[str, ...], nodes: tuple[NodeKey, ...] = ()) -> None:
        super().__init__()
        self.finding_ids = finding_ids
        self.nodes = nodes


class PreviewChanges(ScreenRequest):
    """Show what several changes would do together."""

    def __init__(self, plans: tuple[Plan, ...]) -> None:
        super().__init__()
        self.plans = plans


class EndSessions(Message):
    """Preview ending sessions, by the scope that told of them."""

    def __init__(self, sessions: Mapping[ScopeName, tuple[ListedSession, ...]]) -> None:
        super().__init__()
        self.sessions = sessions


class OpenShell(Message):
    """Open a shell on a node: the screen steps aside for it."""

    def __init__(self, key: NodeKey) -> None:
        super().__init__()
        self.key = key


class OpenTunnel(Message):
    """Ask what is to be forwarded through a node, and open that tunnel."""

    def __init__(self, key: NodeKey) -> None:
        super().__init__()
        self.key = key


class ProbeNodes(ScreenRequest):
    """Probe nodes, after saying what that leaves behind."""

    def __init__(self, keys: tuple[NodeKey, ...]) -> None:
        super().__init__()
        self.keys = keys


class ExportPlans(ScreenRequest):
    """Show changes as somebody else would make them. `forecasts` are what is known of what they would do, by scope."""

    def __init__(self, plans: tuple[Plan, ...], forecasts: Mapping[ScopeName, Forecast]) -> None:
        super().__init__()
        self.plans = plans
        self.forecasts = forecasts


class ShowPlan(ScreenRequest):
    """Show a change that could be made, to be read and confirmed."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


class ShowUndo(ScreenRequest):
    """Show what taking back a change would do, to be read and confirmed."""

    def __init__(self, scope: Scope, change: Change) -> None:
        super().__init__()
        self.scope = scope
        self.change = change


class ShowCompletion(ScreenRequest):
    """Show what is left of a change that was interrupted, to be read and confirmed."""

    def __init__(self, scope: Scope, change: Change, plan: Plan) -> None:
        super().__init__()
        self.scope = scope
        self.change = change
        self.plan = plan


class Complete(Message):
    """Complete a change that was interrupted, after asking; where nothing of it was made, preview a plan `instead`."""

    def __init__(self, change_id: str, instead: Plan | None = None) -> None:
        super().__init__()
        self.change_id = change_id
        self.instead = instead


class UndoChange(Message):
    """Take back a change, after asking: the last one, where none is named."""

    def __init__(self, change_id: str = "") -> None:
        super().__init__()
        self.change_id = change_id


W = TypeVar("W", bound=ScreenRequest)
ScreenFactory = Callable[[AppContext, W], Screen[None]]

_REGISTERED: dict[type[ScreenRequest] | str, ScreenFactory[Any]] = {}


class DuplicateScreen(TypeError):
    """Two screens that are put up by one wish."""


def screen_for_request(request: type[W]) -> Callable[[ScreenFactory[W]], ScreenFactory[W]]:
    """Make a function the way in which a wish is granted."""
    return _registered(request)


def named_screen(name: str) -> Callable[[ScreenFactory[ShowNamedScreen]], ScreenFactory[ShowNamedScreen]]:
    """Make a function the way in which a screen is put up by its name."""
    return _registered(name)


def create_screen(context: AppContext, request: ScreenRequest) -> Screen[None]:
    """The screen that is wished for."""
    return all_screens()[request.name if isinstance(request, ShowNamedScreen) else type(request)](context, request)


@cache
def all_screens() -> Mapping[type[ScreenRequest] | str, ScreenFactory[Any]]:
    """How each screen is made, by what asks for it. The first call loads them all."""
    for module in pkgutil.iter_modules(ssmtui.ui.screens.__path__, f"{ssmtui.ui.screens.__name__}."):
        importlib.import_module(module.name)
    return _REGISTERED


def _registered(by: type[W] | str) -> Callable[[ScreenFactory[W]], ScreenFactory[W]]:
    def register(making: ScreenFactory[W]) -> ScreenFactory[W]:
        if by in _REGISTERED:
            raise DuplicateScreen(f"two screens are put up by {by}")
        _REGISTERED[by] = making
        return making

    return register


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """Something that can be done now. `also` are other words for it, as k9s or this page's own ids have them.

    `key` is the key that does the same, empty where there is none. `why_not` says why it cannot be done now.
    """

    name: str
    told: str
    do: Callable[[], object]
    key: str = ""
    also: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class NamedScreen:
    """A screen. `name` is what it is put up as; `also` are the names that other tools have for it.

    `action` is the action that leads there, by which its key is found.
    """

    name: str
    title: str
    told: str
    also: str
    action: str


NAMED_SCREENS = (
    NamedScreen(
        "nodes",
        translatable("Nodes"),
        translatable("Every node, one row each"),
        "fleet instances ec2 home",
        "show_nodes",
    ),
    NamedScreen(
        "causes",
        translatable("Causes"),
        translatable("What is wrong, one row a cause"),
        "findings popeye",
        "show_causes",
    ),
    NamedScreen(
        "pulse", translatable("Pulse"), translatable("The fleet at a glance"), "pulses dashboard", "put_up('pulse')"
    ),
    NamedScreen(
        "preferences",
        translatable("Preferences"),
        translatable("The session preferences of the Region"),
        "prefs settings document",
        "preferences",
    ),
    NamedScreen(
        "changes",
        translatable("Changes"),
        translatable("What has been changed here"),
        "history journal",
        "put_up('changes')",
    ),
    NamedScreen(
        "sessions",
        translatable("Sessions"),
        translatable("The account's sessions, open and ended"),
        "holders",
        "put_up('sessions')",
    ),
    NamedScreen(
        "tunnels",
        translatable("Tunnels"),
        translatable("The tunnels that are open"),
        "forwards portforward",
        "put_up('tunnels')",
    ),
    NamedScreen(
        "explain",
        translatable("Explain"),
        translatable("Paste an error text and have it explained"),
        "error",
        "explain",
    ),
)
"""In the order in which they are offered."""
