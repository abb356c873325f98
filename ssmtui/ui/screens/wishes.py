"""What screens ask the app for. Messages, so that no screen needs to know the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message

from ssmtui.model.choice import NOTHING_CHOSEN, Choices

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.model.listed_session import ListedSession
    from ssmtui.model.node import NodeKey
    from ssmtui.model.plan import Forecast, Plan
    from ssmtui.model.scope import Scope, ScopeName


class Wish(Message):
    """A screen is wished for: which one, and how it is made, it says in its module (`putting_up`)."""


class PutUp(Wish):
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


class OpenNode(Wish):
    """Show a node's path. `neighbours` are the nodes that `[` and `]` walk through, in order."""

    def __init__(self, key: NodeKey, neighbours: tuple[NodeKey, ...] = ()) -> None:
        super().__init__()
        self.key = key
        self.neighbours = neighbours


class OpenCause(Wish):
    """Show a finding with the nodes that it holds down."""

    def __init__(self, finding_id: str) -> None:
        super().__init__()
        self.finding_id = finding_id


class OpenPreferences(Wish):
    """Show the session preferences of a Region, at the setting that a finding is about, where one is named."""

    def __init__(self, scope: ScopeName, finding_id: str | None = None) -> None:
        super().__init__()
        self.scope = scope
        self.finding_id = finding_id


class OpenRaw(Message):
    """Show everything that was read for a node, as it was read."""

    def __init__(self, key: NodeKey) -> None:
        super().__init__()
        self.key = key


class OpenPage(Message):
    """Open a page of AWS's web console: its address, what it is about, and whose account that is."""

    def __init__(self, url: str, title: str, account: str) -> None:
        super().__init__()
        self.url = url
        self.title = title
        self.account = account


class Preview(Message):
    """Show what a fix would change: for a finding, or for the Region's preferences where none is named.

    Where it must be told more than `choices` hold, it is asked for first.
    """

    def __init__(self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN) -> None:
        super().__init__()
        self.scope = scope
        self.fix = fix
        self.finding_id = finding_id
        self.choices = choices


class Explain(Wish):
    """Explain an error text: one that is given, or one to be pasted. `node` is where its causes are looked for."""

    def __init__(self, node: NodeKey | None = None, text: str = "") -> None:
        super().__init__()
        self.node = node
        self.text = text


class ChooseFixes(Wish):
    """Choose among the fixes of findings. `nodes` are those that they are chosen for; none named means all."""

    def __init__(self, finding_ids: tuple[str, ...], nodes: tuple[NodeKey, ...] = ()) -> None:
        super().__init__()
        self.finding_ids = finding_ids
        self.nodes = nodes


class PreviewTogether(Wish):
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


class ProbeNodes(Wish):
    """Probe nodes, after saying what that leaves behind."""

    def __init__(self, keys: tuple[NodeKey, ...]) -> None:
        super().__init__()
        self.keys = keys


class HandOverPlans(Wish):
    """Show changes as somebody else would make them. `forecasts` are what is known of what they would do, by scope."""

    def __init__(self, plans: tuple[Plan, ...], forecasts: Mapping[ScopeName, Forecast]) -> None:
        super().__init__()
        self.plans = plans
        self.forecasts = forecasts


class ReadPlan(Wish):
    """Show a change that could be made, to be read and confirmed."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


class ReadTakingBack(Wish):
    """Show what taking back a change would do, to be read and confirmed."""

    def __init__(self, scope: Scope, change: Change) -> None:
        super().__init__()
        self.scope = scope
        self.change = change


class ReadCompletion(Wish):
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


class TakeBack(Message):
    """Take back a change, after asking: the last one, where none is named."""

    def __init__(self, change_id: str = "") -> None:
        super().__init__()
        self.change_id = change_id
