"""What can be read of a node's operating system from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
class SilentConsole:
    """The console output of an instance that is not connected: the only ones that are asked for it."""

    output: ConsoleOutput
