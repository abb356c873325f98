"""The nodes of a scope: EC2's instances joined with Systems Manager's registrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from ssmtui.evidence.readers.nodes.records import (
    InstanceRecord,
    RegistrationRecord,
    instance_record,
    no_instance,
    node_of,
    registration_record,
)
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.operations import declare
from ssmtui.evidence.wire.scope_problems import scope_error
from ssmtui.language import say
from ssmtui.model.answers import Absent, Obstacle, Unreadable
from ssmtui.model.defects import left_unread
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope, ScopeError

INSTANCES_A_PAGE = 1000
PROPERTIES_A_PAGE = 1000
INFORMATION_A_PAGE = 50
"""What each listing allows at most (docs/facts/limits.md §1)."""

LISTING_ACTIONS = declare("ec2:DescribeInstances", "ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation")
"""What listing nodes takes; the last only where the one before it is refused."""


async def list_nodes(aws: Aws, scope: Scope) -> AsyncIterator[Sequence[Node] | ScopeError]:
    """The nodes in batches, as they become known; a ScopeError where a listing is refused or fails.

    Both listings run at once. A node is told as soon as it is known from both sides, and an unmanaged one when the
    registrations are complete. Where one side cannot be listed, the other's nodes are told with that part Unreadable.
    Terminated instances, and registrations that they left behind, are no nodes.
    """
    told: asyncio.Queue[_Told] = asyncio.Queue()
    sides = (
        asyncio.ensure_future(_tell_all(instances(aws), "ec2:DescribeInstances", _Instances, told)),
        asyncio.ensure_future(_tell_all(registrations(aws), "ssm:DescribeInstanceProperties", _Registrations, told)),
    )
    join = _Join(scope)
    try:
        while not join.complete:
            batch = join.take_in(await told.get())
            if batch:
                yield batch
        for side in sides:
            await side
        for error in join.errors():
            yield error
    finally:
        for side in sides:
            side.cancel()


@dataclass(frozen=True, slots=True)
class _Instances:
    records: tuple[InstanceRecord, ...]
    end: Unreadable | bool = False


@dataclass(frozen=True, slots=True)
class _Registrations:
    records: tuple[RegistrationRecord, ...]
    end: Unreadable | bool = False


_Told = _Instances | _Registrations


class _Join:
    """The two sides put together, as far as they have been told."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._instances: dict[str, InstanceRecord] = {}
        self._registrations: dict[str, RegistrationRecord] = {}
        self._instances_end: Unreadable | bool = False
        self._registrations_end: Unreadable | bool = False
        self._out: set[str] = set()

    @property
    def complete(self) -> bool:
        """Whether both sides have told all they can."""
        return bool(self._instances_end) and bool(self._registrations_end)

    def take_in(self, told: _Told) -> list[Node]:
        """Take in what one side has told; gives the nodes that are known well enough now."""
        if isinstance(told, _Instances):
            self._instances.update((each.id, each) for each in told.records)
            self._instances_end = told.end
        else:
            self._registrations.update((each.id, each) for each in told.records)
            self._registrations_end = told.end
        candidates = [each.id for each in told.records] if not told.end else [*self._instances, *self._registrations]
        return [node for id_ in dict.fromkeys(candidates) if (node := self._node(id_)) is not None]

    def errors(self) -> Iterable[ScopeError]:
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

    def _node(self, id_: str) -> Node | None:
        if id_ in self._out:
            return None
        node = self._joined(id_)
        if node is not None:
            self._out.add(id_)
        return node

    def _joined(self, id_: str) -> Node | None:
        found, registered = self._instances.get(id_), self._registrations.get(id_)
        if registered is not None and registered.hybrid:
            return node_of(self._scope, no_instance(), registered)
        if found is not None and found.going:
            return None
        if found is not None and registered is not None:
            return node_of(self._scope, found, registered)
        if found is not None and self._registrations_end:
            missing = self._registrations_end if isinstance(self._registrations_end, Unreadable) else _unlisted()
            return node_of(self._scope, found, missing)
        if registered is not None and isinstance(self._instances_end, Unreadable):
            return node_of(self._scope, self._instances_end, registered)
        return None

    def _error(self, unreadable: Unreadable, doing: str) -> ScopeError:
        return scope_error(self._scope.name, unreadable, doing)


async def _tell_all(
    pages: AsyncIterator[Sequence[object]],
    action: str,
    message: Callable[..., _Told],
    told: asyncio.Queue[_Told],
) -> None:
    end: Unreadable | bool = True
    try:
        async for page in pages:
            told.put_nowait(message(tuple(page)))
    except (ReadFailed, MalformedAnswer) as failed:
        end = failed.unreadable
    except AwsError as error:
        end = Unreadable("", f"{action}: {error}", Obstacle.FAILED, action)
    except Exception as defect:
        end = left_unread(defect, action)
        raise
    finally:
        told.put_nowait(message((), end))


async def instances(aws: Aws) -> AsyncIterator[Sequence[InstanceRecord]]:
    """Every instance, a page at a time."""
    async for page in aws.pages("ec2", "DescribeInstances", MaxResults=INSTANCES_A_PAGE):
        yield [instance_record(raw) for each in page.parts("Reservations") for raw in each.parts("Instances")]


async def registrations(aws: Aws) -> AsyncIterator[Sequence[RegistrationRecord]]:
    """By the quick listing where it is allowed, else by the slow one."""
    begun = False
    try:
        async for page in aws.pages("ssm", "DescribeInstanceProperties", MaxResults=PROPERTIES_A_PAGE):
            begun = True
            yield [registration_record(raw) for raw in page.parts("InstanceProperties")]
        return
    except ReadFailed as failed:
        if begun or failed.unreadable.obstacle is not Obstacle.REFUSED:
            raise
    async for page in aws.pages("ssm", "DescribeInstanceInformation", MaxResults=INFORMATION_A_PAGE):
        yield [registration_record(raw) for raw in page.parts("InstanceInformationList")]


def _unlisted() -> Absent:
    return Absent(say("a registration with Systems Manager"), "ssm:DescribeInstanceProperties")
