"""List the nodes of a scope: EC2's and Systems Manager's listings are each read once, joined and counted."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ssmtui.evidence.aws.allowed_reads import declare_reads, keep_members
from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.scope_errors import scope_error
from ssmtui.evidence.facts.sources import by_region, reads
from ssmtui.evidence.readers.node_records import (
    INSTANCE_MEMBERS,
    REGISTRATION_MEMBERS,
    InstanceRecord,
    RegistrationRecord,
    ValueInterner,
    instance_record,
    no_instance,
    node_from_records,
    registration_record,
)
from ssmtui.language import say
from ssmtui.model.fact import Absent, ReadFailure, Unreadable, unreadable_after_error
from ssmtui.model.node import Instance, Node, PingStatus, Registration
from ssmtui.model.node_facts import (
    HybridMachine,
    InstancesByProfile,
    ManagedFleet,
    NodesAlike,
    RegisteredMachine,
    RequestedIds,
)
from ssmtui.model.scope import Scope, ScopeError
from ssmtui.model.ssm_agent import newest_version

if TYPE_CHECKING:
    from ssmtui.evidence.facts.fact_resolver import FactResolver

Record = TypeVar("Record")
Sum = TypeVar("Sum")
Page = TypeVar("Page")
Fleet = TypeVar("Fleet", bound=ManagedFleet)

ListingEnd = Unreadable | bool
"""Why a listing ended too early, else whether it has ended."""

MORE_TO_COME: ListingEnd = False
COMPLETE: ListingEnd = True

ListingSubscriber = Callable[[Sequence[Record], ListingEnd], None]

ALL_IDS = RequestedIds()
"""All nodes."""

BATCH_SIZE = 50
"""Number of records to make before other tasks of the loop run: a page of a thousand would block the loop."""


class SharedListing(Generic[Record, Sum]):
    """A running listing. It begins when it is created, on the current event loop, with the current deadline.

    `pages` yields the entries of each page, `recording` returns the function that makes records of them, and `count`
    adds a record to the sum, which begins as `nothing`. Records are kept only until the follower has received them.
    """

    def __init__(
        self,
        action: str,
        pages: Callable[[], AsyncIterator[Sequence[Answer]]],
        recording: Callable[[], Callable[[Answer], Record]],
        nothing: Callable[[], Sum],
        count: Callable[[Sum, Record], None],
    ) -> None:
        self._action = action
        self._pages = pages
        self._recording = recording
        self._nothing = nothing
        self._count = count
        self._untold: list[Sequence[Record]] = []
        self._follower: ListingSubscriber[Record] | None = None
        self._begin(self._tell)

    def follow(self, follower: ListingSubscriber[Record]) -> None:
        """Pass every record to a follower once: a few at a time, and finally the end of the listing."""
        self._follower = follower
        untold, self._untold = self._untold, []
        for records in untold:
            follower(records, MORE_TO_COME)
        self._reading.add_done_callback(lambda reading: follower((), self._end_of(reading)))

    async def whole(self) -> Sum:
        """Return the sum of all records. A failed listing is read again for later callers.

        Raises:
            ReadFailed: not all could be listed.

        """
        if self._reading.done() and self._may_succeed(self._end_of(self._reading)):
            self._begin(lambda _records: None)
        reading, sum_ = self._reading, self._sum
        await asyncio.wait({reading})
        end = self._end_of(reading)
        if isinstance(end, Unreadable):
            raise ReadFailed(end)
        return sum_

    async def ended(self) -> None:
        """Wait for the end. Raises the error of a bug."""
        await self._reading

    def give_up(self) -> None:
        """Stop reading."""
        self._reading.cancel()

    def _begin(self, tell: Callable[[Sequence[Record]], None]) -> None:
        self._sum = self._nothing()
        self._reading = asyncio.ensure_future(self._read(self._sum, tell))
        self._reading.add_done_callback(_heard_of)

    def _tell(self, records: Sequence[Record]) -> None:
        if self._follower is None:
            self._untold.append(records)
        else:
            self._follower(records, MORE_TO_COME)

    def _end_of(self, reading: asyncio.Future[ListingEnd]) -> ListingEnd:
        if reading.cancelled():
            return Unreadable("", say("{action}: cancelled", action=self._action), ReadFailure.FAILED, self._action)
        error = reading.exception()
        return unreadable_after_error(error, self._action) if isinstance(error, Exception) else reading.result()

    @staticmethod
    def _may_succeed(end: ListingEnd) -> bool:
        return isinstance(end, Unreadable) and end.obstacle is not ReadFailure.REFUSED

    async def _read(self, sum_: Sum, tell: Callable[[Sequence[Record]], None]) -> ListingEnd:
        record = self._recording()
        try:
            async for entries in prefetch_pages(self._pages()):
                for start in range(0, len(entries), BATCH_SIZE):
                    records = [record(each) for each in entries[start : start + BATCH_SIZE]]
                    for each in records:
                        self._count(sum_, each)
                    tell(records)
                    await asyncio.sleep(0)
        except (ReadFailed, MalformedAnswer) as failed:
            return failed.unreadable
        except AwsError as error:
            return Unreadable("", f"{self._action}: {error}", ReadFailure.FAILED, self._action)
        return COMPLETE


async def prefetch_pages(pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
    """Yield the same pages; the next page is requested while a page is processed."""
    coming = _next_of(pages)
    try:
        while (page := await coming) is not None:
            coming = _next_of(pages)
            yield page
    finally:
        coming.cancel()


def _next_of(pages: AsyncIterator[Page]) -> asyncio.Future[Page | None]:
    coming = asyncio.ensure_future(anext(pages, None))
    coming.add_done_callback(_heard_of)
    return coming


def _heard_of(work: asyncio.Future[Any]) -> None:
    """Retrieve the exception of a task.

    Callers get it themselves, and asyncio must not log it if there is no caller.
    """
    if not work.cancelled():
        work.exception()


class InstanceCount:
    """The readable instances: the running ones by profile, and the tags of each."""

    def __init__(self) -> None:
        self.tags: dict[str, tuple[tuple[str, str], ...]] = {}
        self._by_profile: defaultdict[str | None, list[str]] = defaultdict(list)

    def add(self, record: InstanceRecord) -> None:
        """Add a record."""
        if not isinstance(record.instance, Instance):
            return
        self.tags[record.id] = record.tags
        if not record.going:
            self._by_profile[record.instance.profile_arn].append(record.id)

    def by_profile(self) -> InstancesByProfile:
        """Return the instances that are not terminated or shutting down."""
        return InstancesByProfile({profile: NodesAlike(frozenset(ids)) for profile, ids in self._by_profile.items()})


class RegistrationCount:
    """The managed nodes: their number, their newest version, and which of them are the same machine.

    Not `is_whole`: only some nodes are listed.
    """

    def __init__(self, *, is_whole: bool = True) -> None:
        self._is_whole = is_whole
        self._ids: list[str] = []
        self._versions: set[str] = set()
        self._by_machine: defaultdict[RegisteredMachine, list[str]] = defaultdict(list)
        self._hybrid_at: defaultdict[str, list[HybridMachine]] = defaultdict(list)
        self._by_role: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, record: RegistrationRecord) -> None:
        """Add a record."""
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

    def fleet(self, kind: type[Fleet]) -> Fleet:
        """Return the managed nodes."""
        shared = {machine: tuple(sorted(ids)) for machine, ids in self._by_machine.items()}
        outside = {address: tuple(sorted(all_, key=lambda each: each.id)) for address, all_ in self._hybrid_at.items()}
        roles = {role: NodesAlike(frozenset(ids)) for role, ids in self._by_role.items()}
        return kind(tuple(self._ids), newest_version(self._versions), shared, outside, roles, self._is_whole)


class NodeJoiner:
    """Joins the two listings as they arrive. A record is kept until its node is returned."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._instances: dict[str, InstanceRecord] = {}
        self._registrations: dict[str, RegistrationRecord] = {}
        self._instances_end: ListingEnd = MORE_TO_COME
        self._registrations_end: ListingEnd = MORE_TO_COME
        self._done_with: set[str] = set()

    @property
    def complete(self) -> bool:
        """Return whether both listings have ended."""
        return bool(self._instances_end) and bool(self._registrations_end)

    def take_instances(self, records: Sequence[InstanceRecord], end: ListingEnd) -> Iterator[Node]:
        """Add records from EC2; yield the nodes that are complete now."""
        self._instances_end = end
        self._instances.update((each.id, each) for each in records if each.id not in self._done_with)
        yield from self._known(each.id for each in records)
        if end:
            yield from self._known(tuple(self._registrations))

    def take_registrations(self, records: Sequence[RegistrationRecord], end: ListingEnd) -> Iterator[Node]:
        """Add records from Systems Manager; yield the nodes that are complete now."""
        self._registrations_end = end
        self._registrations.update((each.id, each) for each in records if each.id not in self._done_with)
        yield from self._known(each.id for each in records)
        if end:
            yield from self._known(tuple(self._instances))

    def errors(self) -> Iterator[ScopeError]:
        """Yield the errors of the listings; if both failed, one error names both."""
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
            yield self._error(Unreadable(both, why, failed[0][0].obstacle, calls), say("Could not list nodes"))
        elif failed:
            yield self._error(failed[0][0], say("Could not list the {failed}", failed=failed[0][1]))

    def _known(self, ids: Iterable[str]) -> Iterator[Node]:
        for id_ in ids:
            if id_ not in self._done_with and self._is_decided(id_):
                self._done_with.add(id_)
                node = self._joined(self._instances.pop(id_, None), self._registrations.pop(id_, None))
                if node is not None:
                    yield node

    def _is_decided(self, id_: str) -> bool:
        """Return whether no later record can change the node."""
        found, registered = self._instances.get(id_), self._registrations.get(id_)
        if found is not None:
            return found.going or registered is not None or bool(self._registrations_end)
        return registered is not None and (registered.hybrid or bool(self._instances_end))

    def _joined(self, found: InstanceRecord | None, registered: RegistrationRecord | None) -> Node | None:
        if registered is not None and registered.hybrid:
            return node_from_records(self._scope, no_instance(), registered)
        if found is None:
            return self._unlisted(registered) if registered else None
        if found.going:
            return None
        return node_from_records(self._scope, found, registered or self._unregistered())

    def _unlisted(self, registered: RegistrationRecord) -> Node | None:
        """Return the node of an instance that EC2 does not list, or None for a terminated instance.

        A terminated instance leaves its registration behind. It does not report: an agent that does has an instance.
        """
        if isinstance(self._instances_end, Unreadable):
            return node_from_records(self._scope, self._instances_end, registered)
        if isinstance(registered.registration, Registration) and registered.registration.ping is PingStatus.ONLINE:
            why = say("EC2 does not list {node}, although it reports to Systems Manager", node=registered.id)
            unlisted = Unreadable("", why, ReadFailure.FAILED, "ec2:DescribeInstances")
            return node_from_records(self._scope, unlisted, registered)
        return None

    def _unregistered(self) -> Absent | Unreadable:
        if isinstance(self._registrations_end, Unreadable):
            return self._registrations_end
        return Absent(say("a registration with Systems Manager"), "ssm:DescribeInstanceProperties")

    def _error(self, unreadable: Unreadable, failure: str) -> ScopeError:
        return scope_error(self._scope.name, unreadable, failure)


INSTANCES_A_PAGE = 1000
PROPERTIES_A_PAGE = 1000
INFORMATION_A_PAGE = 50
"""The largest page size of each listing (docs/facts/limits.md §1)."""

LISTING_ACTIONS = declare_reads(
    "ec2:DescribeInstances", "ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation"
)
"""The actions to list nodes; the last is needed only if the one before it is refused."""

keep_members(
    "ec2:DescribeInstances",
    {"DescribeInstancesResult": ("NextToken", "Reservations"), "Reservation": ("Instances",), **INSTANCE_MEMBERS},
)


keep_members(
    "ssm:DescribeInstanceProperties",
    {
        "DescribeInstancePropertiesResult": ("InstanceProperties", "NextToken"),
        "InstanceProperty": REGISTRATION_MEMBERS,
    },
)
keep_members(
    "ssm:DescribeInstanceInformation",
    {
        "DescribeInstanceInformationResult": ("InstanceInformationList", "NextToken"),
        "InstanceInformation": REGISTRATION_MEMBERS,
    },
)


class ListedInstances(SharedListing[InstanceRecord, InstanceCount]):
    """All EC2 instances of the Region, or the requested instances."""

    def __init__(self, aws: Aws, requested: RequestedIds) -> None:
        super().__init__(
            "ec2:DescribeInstances",
            lambda: _instances(aws, requested.ids),
            lambda: partial(instance_record, share=ValueInterner()),
            InstanceCount,
            InstanceCount.add,
        )


class ListedRegistrations(SharedListing[RegistrationRecord, RegistrationCount]):
    """All managed nodes of the Region, or the requested managed nodes."""

    def __init__(self, aws: Aws, requested: RequestedIds) -> None:
        super().__init__(
            "ssm:DescribeInstanceProperties",
            lambda: registrations_of(aws, requested.ids),
            lambda: partial(registration_record, share=ValueInterner()),
            partial(RegistrationCount, is_whole=requested.ids is None),
            RegistrationCount.add,
        )


@reads("ec2:DescribeInstances", key=by_region, along=(RequestedIds,), of_all_nodes=True)
async def listed_instances(aws: Aws, scope: Scope, requested: RequestedIds) -> ListedInstances:
    """Start the listing of instances for the first caller: for the nodes, and for the facts about all instances."""
    return ListedInstances(aws, requested)


@reads("ssm:DescribeInstanceProperties", key=by_region, along=(RequestedIds,), of_all_nodes=True)
async def listed_registrations(aws: Aws, scope: Scope, requested: RequestedIds) -> ListedRegistrations:
    """Start the listing of managed nodes in the same way."""
    return ListedRegistrations(aws, requested)


def list_nodes(aws: Aws, scope: Scope, requested: RequestedIds = ALL_IDS) -> AsyncIterator[Sequence[Node] | ScopeError]:
    """Yield the nodes in small batches as they arrive; a ScopeError if a listing is refused or fails.

    Both listings run at the same time. A node is returned when both listings have it, and an unmanaged instance when
    the registrations are complete. If one listing fails, the nodes of the other are returned with that part Unreadable.
    Terminated instances and their old registrations are not nodes.
    """
    return _joined(ListedInstances(aws, requested), ListedRegistrations(aws, requested), scope)


async def listed_nodes(region: FactResolver) -> AsyncIterator[Sequence[Node] | ScopeError]:
    """Yield the nodes from the same listings that the Region's facts about all nodes come from."""
    instances, registrations = [(await region.fact(kind)).value for kind in (ListedInstances, ListedRegistrations)]
    if isinstance(instances, ListedInstances) and isinstance(registrations, ListedRegistrations):
        async for batch in _joined(instances, registrations, region.scope):
            yield batch
        return
    # A listing that did not begin is not an empty listing.
    failed = next(each for each in (instances, registrations) if isinstance(each, Unreadable))
    yield scope_error(region.scope.name, failed, say("Could not list nodes"))


async def _joined(
    instances: ListedInstances, registrations: ListedRegistrations, scope: Scope
) -> AsyncIterator[Sequence[Node] | ScopeError]:
    join = NodeJoiner(scope)
    told: asyncio.Queue[Iterator[Node]] = asyncio.Queue()
    sides = instances, registrations
    try:
        instances.follow(lambda records, end: told.put_nowait(join.take_instances(records, end)))
        registrations.follow(lambda records, end: told.put_nowait(join.take_registrations(records, end)))
        while not join.complete:
            known = await told.get()
            while batch := list(islice(known, BATCH_SIZE)):
                yield batch
                await asyncio.sleep(0)
        for side in sides:
            await side.ended()
        for error in join.errors():
            yield error
    finally:
        for side in sides:
            side.give_up()


MAX_REQUESTED_IDS = 40
"""The most values of a filter of Systems Manager (EC2 accepts 200). More nodes are listed with all others."""


def _instances(aws: Aws, ids: Sequence[str] | None) -> AsyncIterator[Sequence[Answer]]:
    """Yield the instances with these IDs, all for None."""
    if ids is None:
        return instance_pages(aws)
    # A filter: with EC2's parameter InstanceIds, an unknown ID would be an error.
    return _only_of(ids, "i-", lambda wanted: instance_pages(aws, "instance-id", wanted))


def registrations_of(aws: Aws, ids: Sequence[str] | None) -> AsyncIterator[Sequence[Answer]]:
    """Yield the registrations of the nodes with these IDs, all for None."""
    if ids is None:
        return registration_pages(aws)
    return _only_of(ids, "", lambda wanted: _registrations_with(aws, wanted))


async def _registrations_with(aws: Aws, ids: Sequence[str]) -> AsyncIterator[Sequence[Answer]]:
    begun = False
    try:
        async for page in registration_pages(aws, "InstanceIds", ids):
            begun = True
            yield page
        return
    except AwsError:
        # AWS documents an error for an ID that is not valid, and does not say when: it proves nothing about the node.
        if begun:
            raise
    async for page in registration_pages(aws):
        yield page


async def _only_of(
    ids: Sequence[str], prefix: str, pages: Callable[[Sequence[str]], AsyncIterator[Sequence[Answer]]]
) -> AsyncIterator[Sequence[Answer]]:
    """Yield the entries with these IDs, whatever else is on the pages: a simulated AWS may ignore a filter."""
    wanted = tuple(id_ for id_ in ids if id_.startswith(prefix))
    if wanted:
        async for page in pages(wanted):
            yield [raw for raw in page if raw.optional_text("InstanceId") in wanted]


async def instance_pages(aws: Aws, name: str = "", values: Sequence[str] = ()) -> AsyncIterator[Sequence[Answer]]:
    """Yield the instances that a filter of EC2 selects, all without a filter.

    EC2 hides the instances of its services in most accounts. An endpoint with an older version of the API does not
    know the parameter that includes them.
    """
    filters = {"Filters": [{"Name": name, "Values": list(values)}]} if name else {}
    begun = False
    try:
        async for page in aws.pages(
            "ec2", "DescribeInstances", MaxResults=INSTANCES_A_PAGE, IncludeManagedResources=True, **filters
        ):
            begun = True
            yield instances_on(page)
        return
    except AwsError as error:
        if begun or error.code != "UnknownParameter":
            raise
    async for page in aws.pages("ec2", "DescribeInstances", MaxResults=INSTANCES_A_PAGE, **filters):
        yield instances_on(page)


def instances_on(page: Answer) -> list[Answer]:
    """Return the instances on a page."""
    return [raw for each in page.parts("Reservations") for raw in each.parts("Instances")]


async def registration_pages(aws: Aws, key: str = "", values: Sequence[str] = ()) -> AsyncIterator[Sequence[Answer]]:
    """Yield the registrations that a filter selects, all without a filter.

    They are from the fast listing if it is allowed, else from the slow listing.
    """
    begun = False
    fast = {"InstancePropertyFilterList": [{"key": key, "valueSet": list(values)}]} if key else {}
    try:
        async for page in aws.pages("ssm", "DescribeInstanceProperties", MaxResults=PROPERTIES_A_PAGE, **fast):
            begun = True
            yield page.parts("InstanceProperties")
        return
    except ReadFailed as failed:
        if begun or failed.unreadable.obstacle is not ReadFailure.REFUSED:
            raise
    slow = {"Filters": [{"Key": key, "Values": list(values)}]} if key else {}
    async for page in aws.pages("ssm", "DescribeInstanceInformation", MaxResults=INFORMATION_A_PAGE, **slow):
        yield page.parts("InstanceInformationList")


def _registrations_key(registrations: ListedRegistrations) -> Hashable:
    return registrations


@reads("ssm:DescribeInstanceProperties", key=_registrations_key, along=(ListedRegistrations,), of_all_nodes=True)
async def managed_fleet(aws: Aws, registrations: ListedRegistrations) -> ManagedFleet:
    """Return the totals over the listed managed nodes."""
    return (await registrations.whole()).fleet(ManagedFleet)


def _instances_key(instances: ListedInstances) -> Hashable:
    return instances


@reads("ec2:DescribeInstances", key=_instances_key, along=(ListedInstances,), of_all_nodes=True)
async def instances_by_profile(aws: Aws, instances: ListedInstances) -> InstancesByProfile:
    """Return the totals over the listed instances."""
    return (await instances.whole()).by_profile()
