"""What can only be told by looking at all managed nodes of a Region together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine says of itself when it registers: two nodes that say the same are the same machine."""

    computer_name: str
    ip_address: str


@dataclass(frozen=True, slots=True)
class ManagedFleet:
    """The managed nodes of a Region. `newest_agent` is empty where no node tells a version.

    `by_machine` holds the ids of the nodes that give one name and address, in the order of their ids.
    """

    ids: tuple[str, ...]
    newest_agent: str
    by_machine: Mapping[Machine, tuple[str, ...]]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)
