"""What screens ask the app for. Messages, so that no screen needs to know the others."""

from __future__ import annotations

from textual.message import Message

from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName


class OpenNode(Message):
    """Show a node's path. `neighbours` are the nodes that `[` and `]` walk through, in order."""

    def __init__(self, key: NodeKey, neighbours: tuple[NodeKey, ...] = ()) -> None:
        super().__init__()
        self.key = key
        self.neighbours = neighbours


class OpenCause(Message):
    """Show a finding with the nodes that it holds down."""

    def __init__(self, finding_id: str) -> None:
        super().__init__()
        self.finding_id = finding_id


class OpenPreferences(Message):
    """Show the session preferences of a Region."""

    def __init__(self, scope: ScopeName) -> None:
        super().__init__()
        self.scope = scope


class OpenRaw(Message):
    """Show everything that was read for a node, as it was read."""

    def __init__(self, key: NodeKey) -> None:
        super().__init__()
        self.key = key


class Preview(Message):
    """Show what a fix would change: for a finding, or for the Region's preferences where none is named."""

    def __init__(self, scope: ScopeName, fix: str, finding_id: str | None) -> None:
        super().__init__()
        self.scope = scope
        self.fix = fix
        self.finding_id = finding_id


class TakeBack(Message):
    """Take back the last change, after asking."""
