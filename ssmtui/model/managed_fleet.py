"""What can only be told by looking at all managed nodes of a Region together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RegisteredMachine:
    """What a machine says of itself when it registers: two nodes that say the same are the same machine."""

    computer_name: str
    ip_address: str


@dataclass(frozen=True, slots=True)
class HybridMachine:
    """A node outside EC2, and what its machine calls itself."""

    id: str
    computer_name: str


@dataclass(frozen=True, slots=True)
class NodesAlike:
    """Nodes that have one role in common. Thousands share it, and each looks it up: so its hash is made once."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class InstancesByProfile:
    """The instances of a Region that are not stopped, by the ARN of their instance profile; None of those without."""

    nodes: Mapping[str | None, NodesAlike]


@dataclass(frozen=True, slots=True)
class ManagedFleet:
    """The managed nodes of a Region. `newest_agent` is empty where no node tells a version.

    `by_machine` holds the ids of the nodes that give one name and address, in the order of their ids; `hybrid_at`
    those of the nodes outside EC2 that give an address, `by_role` those that name one role.
    """

    ids: tuple[str, ...]
    newest_agent: str
    by_machine: Mapping[RegisteredMachine, tuple[str, ...]]
    hybrid_at: Mapping[str, tuple[HybridMachine, ...]] = field(default_factory=dict)
    by_role: Mapping[str, NodesAlike] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)
