"""What the records of all nodes of a Region come to, counted while they are listed."""

from __future__ import annotations

from collections import defaultdict

from ssmtui.evidence.readers.nodes.records import InstanceRecord, RegistrationRecord
from ssmtui.model.agent_version import newest
from ssmtui.model.managed_fleet import HybridMachine, InstancesByProfile, ManagedFleet, NodesAlike, RegisteredMachine
from ssmtui.model.node import Instance, Registration


class InstanceCount:
    """The instances that were understood: those that run by their profile, and the tags of each."""

    def __init__(self) -> None:
        self.tags: dict[str, tuple[tuple[str, str], ...]] = {}
        self._by_profile: defaultdict[str | None, list[str]] = defaultdict(list)

    def add(self, record: InstanceRecord) -> None:
        """Count one more."""
        if not isinstance(record.instance, Instance):
            return
        self.tags[record.id] = record.tags
        if not record.going:
            self._by_profile[record.instance.profile_arn].append(record.id)

    def by_profile(self) -> InstancesByProfile:
        """Those that are not going."""
        return InstancesByProfile({profile: NodesAlike(frozenset(ids)) for profile, ids in self._by_profile.items()})


class RegistrationCount:
    """The managed nodes: how many, how new, and which of them are one machine."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._versions: set[str] = set()
        self._by_machine: defaultdict[RegisteredMachine, list[str]] = defaultdict(list)
        self._hybrid_at: defaultdict[str, list[HybridMachine]] = defaultdict(list)
        self._by_role: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, record: RegistrationRecord) -> None:
        """Count one more."""
        self._ids.append(record.id)
        known = record.registration
        if not isinstance(known, Registration):
            return
        self._versions.add(known.agent_version)
        if known.iam_role:
            self._by_role[known.iam_role].append(record.id)
        if known.computer_name and known.ip_address:
            self._by_machine[RegisteredMachine(known.computer_name, known.ip_address)].append(record.id)
            if record.hybrid:
                self._hybrid_at[known.ip_address].append(HybridMachine(record.id, known.computer_name))

    def fleet(self) -> ManagedFleet:
        """All of them."""
        shared = {machine: tuple(sorted(ids)) for machine, ids in self._by_machine.items()}
        outside = {address: tuple(sorted(all_, key=lambda each: each.id)) for address, all_ in self._hybrid_at.items()}
        roles = {role: NodesAlike(frozenset(ids)) for role, ids in self._by_role.items()}
        return ManagedFleet(tuple(self._ids), newest(self._versions), shared, outside, roles)
