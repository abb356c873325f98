"""Find the requested nodes, so that only these are listed; and the nodes with the address of a requested node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, MalformedAnswer, ReadFailed, first_page
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.node_listing import (
    ALL_IDS,
    INSTANCES_A_PAGE,
    MAX_REQUESTED_IDS,
    RegistrationCount,
    instance_pages,
    instances_on,
    registration_pages,
    registrations_of,
)
from ssmtui.evidence.readers.node_records import ValueInterner, instance_record, registration_record
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable, OfNode, Unreadable
from ssmtui.model.node import NODE_ID, Instance, Node, Registration
from ssmtui.model.node_facts import (
    AddressQuery,
    FleetAtAddress,
    ManagedFleet,
    ManagedHybridNode,
    RequestedIds,
    RequestedNodes,
    UnmanagedInstance,
    WholeFleet,
)
from ssmtui.text.names import similar_names

T = TypeVar("T")
U = TypeVar("U")

NamesById = Mapping[str, str]

_COMPUTER_NAME = "AWS:InstanceInformation.ComputerName"
_ADDRESS = "AWS:InstanceInformation.IpAddress"
_INVENTORY_A_PAGE = 50
_FAILED = (ReadFailed, AwsError, MalformedAnswer)


def _words(requested: RequestedNodes) -> Hashable:
    return requested.words


@reads(
    "ec2:DescribeInstances",
    "ssm:DescribeInstanceProperties",
    "ssm:DescribeInstanceInformation",
    "ssm:GetInventory",
    key=_words,
    of_all_nodes=True,
    optional=True,
)
async def requested_ids(aws: Aws, requested: RequestedNodes) -> RequestedIds:
    """Return the IDs that the words are, or stand for."""
    return await find_requested(aws, requested.words)


async def find_requested(aws: Aws, words: Sequence[str]) -> RequestedIds:
    """Return the IDs that the words are, or stand for; all nodes if there are no words.

    If there are too many, or a search fails, all nodes are listed: then no node can be missed.
    """
    names = {word for word in words if NODE_ID.fullmatch(word) is None}
    ids = {*words} - names
    if not words or len(names) > MAX_REQUESTED_IDS:
        return ALL_IDS
    try:
        found, similar = await _search(aws, names) if names else ((), ())
    except _FAILED:
        return ALL_IDS
    ids |= set(found)
    return RequestedIds(tuple(sorted(ids)), similar) if len(ids) <= MAX_REQUESTED_IDS else ALL_IDS


async def _search(aws: Aws, names: Collection[str]) -> tuple[Collection[str], tuple[str, ...]]:
    """Return the IDs of the nodes with these names, and names that are similar to an unknown one.

    A node is called by its Name tag, else by the name in its registration, else by its computer's name
    (`node_from_records`). EC2 selects by the tag. No filter selects hybrid nodes by name, so these are listed, also if
    EC2 knows the name: a hybrid node and an instance can have the same name. Only unknown names are searched for in the
    inventory, which has the computers' names.
    """
    instances, hybrid = await _together(_instances_named(aws, names), _hybrid_nodes(aws))
    found = {*instances, *(id_ for id_, name in hybrid.items() if name in names)}
    unknown = {*names} - {*instances.values(), *hybrid.values()}
    if not unknown:
        return found, ()
    computers, others = await _together(_on_computers(aws, unknown), _names_like(aws, unknown))
    known = {*others, *hybrid.values()}
    return found | computers, tuple(sorted({near for word in unknown for near in similar_names(word, known)}))


async def _instances_named(aws: Aws, names: Iterable[str]) -> NamesById:
    found: dict[str, str] = {}
    async for page in instance_pages(aws, "tag:Name", [literal_filter_value(each) for each in names]):
        found |= _instance_names(page)
        if len(found) > MAX_REQUESTED_IDS:
            break  # all nodes are listed
    return {id_: name for id_, name in found.items() if name in names}


async def _hybrid_nodes(aws: Aws) -> NamesById:
    records = [
        registration_record(raw, ValueInterner())
        async for page in registration_pages(aws, "ResourceType", ["ManagedInstance"])
        for raw in page
    ]
    return {each.id: each.name for each in records if each.hybrid}


async def _on_computers(aws: Aws, names: Collection[str]) -> set[str]:
    return {id_ async for id_ in _in_inventory(aws, _COMPUTER_NAME, names)}


async def _in_inventory(aws: Aws, key: str, values: Collection[str]) -> AsyncIterator[str]:
    """Yield the IDs of the nodes whose inventory has one of these values."""
    filters = [{"Key": key, "Values": sorted(values), "Type": "Equal"}]
    async for page in aws.pages("ssm", "GetInventory", Filters=filters, MaxResults=_INVENTORY_A_PAGE):
        for entity in page.optional_parts("Entities"):
            yield entity.text("Id")


async def _names_like(aws: Aws, words: Collection[str]) -> Collection[str]:
    """Return Name tags that begin or end as the words do: the first page of EC2, to suggest names."""
    patterns = sorted({pattern for word in words for pattern in _patterns(word)})[:_MAX_PATTERNS]
    filters = [{"Name": "tag:Name", "Values": patterns}]
    try:
        page = await first_page(
            *(aws, "ec2", "DescribeInstances", "Reservations"),
            Filters=filters,
            MaxResults=INSTANCES_A_PAGE,
            IncludeManagedResources=True,
        )
    except _FAILED:
        return ()
    return _instance_names(instances_on(page)).values()


_MAX_PATTERNS = 200
"""The most values of a filter of EC2."""


def _patterns(word: str) -> Iterable[str]:
    """Return patterns for words that differ from a word in one place, or in case: one half stays the same."""
    for written in {word, word.lower(), word.upper(), word.capitalize()}:
        middle = (len(written) + 1) // 2
        yield f"{literal_filter_value(written[:middle])}*"
        yield f"*{literal_filter_value(written[middle:])}" if middle < len(written) else literal_filter_value(written)


def literal_filter_value(text: str) -> str:
    """Return a text as a value of a filter of EC2, which has wildcards (Amazon EC2 User Guide, Using_Filtering)."""
    for special in ("\\", "*", "?"):
        text = text.replace(special, f"\\{special}")
    return text


def _instance_names(page: Sequence[Answer]) -> dict[str, str]:
    records = [instance_record(raw, ValueInterner()) for raw in page]
    return {each.id: each.name for each in records if not each.going}


async def _together(first: Coroutine[Any, Any, T], second: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """Run both to the end. Raises the first error."""
    one, other = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(other, BaseException):
        raise other
    return one, other


@derives
def whole_fleet(fleet: ManagedFleet) -> WholeFleet | NotApplicable:
    """Return the totals of all managed nodes, if they are listed."""
    if not fleet.is_whole:
        return NotApplicable(say("only the requested nodes are listed"))
    return WholeFleet(fleet.count, fleet.newest_agent)


@derives
def address_asked(
    fleet: ManagedFleet, hybrid: ManagedHybridNode | NotApplicable, unmanaged: UnmanagedInstance | NotApplicable
) -> AddressQuery | NotApplicable | OfNode[AddressQuery | NotApplicable]:
    """Return the address of a node whose machine can have another registration that is not listed."""
    if fleet.is_whole:
        return NotApplicable(say("all managed nodes are listed"))
    if isinstance(hybrid, NotApplicable) and isinstance(unmanaged, NotApplicable):
        return NotApplicable(say("only a hybrid node or an instance without a registration can be registered twice"))

    def of_node(node: Node) -> AddressQuery | NotApplicable:
        address = node.instance.private_ip if isinstance(node.instance, Instance) else None
        if isinstance(node.registration, Registration):
            address = node.registration.ip_address
        return AddressQuery(address) if address else NotApplicable(say("the node has no address"))

    return OfNode(of_node)


def _asked_address(asked: AddressQuery) -> Hashable:
    return asked.address


@reads("ssm:GetInventory", "ssm:DescribeInstanceProperties", key=_asked_address, of_all_nodes=True)
async def fleet_at_address(aws: Aws, asked: AddressQuery) -> FleetAtAddress:
    """Read the managed nodes with an address.

    The inventory only finds them: it can be old, and the listing says what is so. Without it, all nodes are listed.
    """
    ids: Collection[str] | None
    try:
        ids = {id_ async for id_ in _in_inventory(aws, _ADDRESS, [asked.address])}
    except (ReadFailed, AwsError):
        ids = None
    wanted = sorted(ids) if ids is not None and len(ids) <= MAX_REQUESTED_IDS else None
    count, share = RegistrationCount(is_whole=False), ValueInterner()
    async for page in registrations_of(aws, wanted):
        for raw in page:
            record = registration_record(raw, share)
            if isinstance(record.registration, Registration) and record.registration.ip_address == asked.address:
                count.add(record)
            elif isinstance(record.registration, Unreadable) and wanted is not None:
                raise ReadFailed(record.registration)
    return count.fleet(FleetAtAddress)
