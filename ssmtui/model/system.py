"""What can be read of a node's operating system from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ssmtui.model.node import Instance, Node


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """The Windows service NTDS in the inventory (`AWS:Service`). A node where it runs is a domain controller."""

    running: bool
    captured: str


@dataclass(frozen=True, slots=True)
class ConsoleOutput:
    """The instance's console output (ec2:GetConsoleOutput), decoded; at most its last 64 KB."""

    text: str
    captured: datetime | None


@dataclass(frozen=True, slots=True)
class ConsoleAsked:
    """An instance whose console is read: one that is away, or that somebody points at while it is connected.

    `connected` is told of one, too, that may be: nobody could ask.
    """

    node: Node
    instance: Instance
    connected: bool


@dataclass(frozen=True, slots=True)
class SilentConsole:
    """The console output of an instance that is not connected: its agent may say there why."""

    output: ConsoleOutput
