"""EC2's instances and Systems Manager's registrations put together, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ssmtui.evidence.readers.nodes.records import InstanceRecord, RegistrationRecord, no_instance, node_of
from ssmtui.evidence.readers.nodes.shared_listing import MORE_TO_COME, End
from ssmtui.evidence.wire.scope_problems import scope_error
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope, ScopeError


class Join:
    """The two sides put together, as far as they have been told. A record is kept until its node is told."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._instances: dict[str, InstanceRecord] = {}
        self._registrations: dict[str, RegistrationRecord] = {}
        self._instances_end: End = MORE_TO_COME
        self._registrations_end: End = MORE_TO_COME
        self._done_with: set[str] = set()

    @property
    def complete(self) -> bool:
        """Whether both sides have told all they can."""
        return bool(self._instances_end) and bool(self._registrations_end)

    def take_instances(self, records: Sequence[InstanceRecord], end: End) -> Iterator[Node]:
        """Take in what EC2 has told; gives the nodes that are known well enough now."""
        self._instances_end = end
        self._instances.update((each.id, each) for each in records if each.id not in self._done_with)
        yield from self._known(each.id for each in records)
        if end:
            yield from self._known(tuple(self._registrations))

    def take_registrations(self, records: Sequence[RegistrationRecord], end: End) -> Iterator[Node]:
        """Take in what Systems Manager has told; gives the nodes that are known well enough now."""
        self._registrations_end = end
        self._registrations.update((each.id, each) for each in records if each.id not in self._done_with)
        yield from self._known(each.id for each in records)
        if end:
            yield from self._known(tuple(self._instances))

    def errors(self) -> Iterator[ScopeError]:
        """What could not be listed; one error that names both sides, where neither could."""
        failed = [
            (end, what)
            for end, what in (
                (self._instances_end, say("EC2 instances")),
                (self._registrations_end, say("managed nodes")),
            )
            if isinstance(end, Unreadable)
        ]
        if len(failed) == 2:
            both = ", ".join(dict.fromkeys(end.action for end, _ in failed if end.action))
            why = "; ".join(dict.fromkeys(end.why for end, _ in failed))
            calls = ", ".join(end.source for end, _ in failed)
            yield self._error(Unreadable(both, why, failed[0][0].obstacle, calls), say("list any nodes"))
        elif failed:
            yield self._error(failed[0][0], say("list the {failed}", failed=failed[0][1]))

    def _known(self, ids: Iterable[str]) -> Iterator[Node]:
        for id_ in ids:
            if id_ not in self._done_with and self._is_decided(id_):
                self._done_with.add(id_)
                node = self._joined(self._instances.pop(id_, None), self._registrations.pop(id_, None))
                if node is not None:
                    yield node

    def _is_decided(self, id_: str) -> bool:
        """Whether nothing that is yet to come can tell of the node."""
        found, registered = self._instances.get(id_), self._registrations.get(id_)
        if found is not None:
            return found.going or registered is not None or bool(self._registrations_end)
        return registered is not None and (registered.hybrid or bool(self._instances_end))

    def _joined(self, found: InstanceRecord | None, registered: RegistrationRecord | None) -> Node | None:
        if registered is not None and registered.hybrid:
            return node_of(self._scope, no_instance(), registered)
        if found is None:
            # EC2 knows no such instance: one that was terminated has left its registration behind.
            untold = self._instances_end
            return node_of(self._scope, untold, registered) if registered and isinstance(untold, Unreadable) else None
        if found.going:
            return None
        return node_of(self._scope, found, registered or self._unregistered())

    def _unregistered(self) -> Absent | Unreadable:
        if isinstance(self._registrations_end, Unreadable):
            return self._registrations_end
        return Absent(say("a registration with Systems Manager"), "ssm:DescribeInstanceProperties")

    def _error(self, unreadable: Unreadable, doing: str) -> ScopeError:
        return scope_error(self._scope.name, unreadable, doing)
