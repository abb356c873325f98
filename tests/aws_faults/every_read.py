"""Everything that can be read of a Region, so that every reader is asked; and the wire on which its answers come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ssmtui.evidence.aws.scopes import OpenScope, add_principals, identify_scope
from ssmtui.evidence.facts.fact_resolver import ResolvedFact, ResolvedNeeds
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.sources import Read, WorkstationRead, sources
from ssmtui.evidence.readers.caller import JudgedCaller
from ssmtui.evidence.readers.node_access import TagQuery
from ssmtui.evidence.readers.node_listing import list_nodes
from ssmtui.evidence.readers.node_permissions import (
    OpenOnBucket,
    OpenOnCore,
    OpenOnKey,
    OpenOnLogGroup,
)
from ssmtui.evidence.readers.node_system import SilentWindowsNode, UpdatesQuery
from ssmtui.evidence.readers.resource_attributes import BucketTagsQuery, LogGroupTagsQuery
from ssmtui.evidence.readers.roles import KeysLackedOfCaller, KeysLackedOnCallerKey, SimulationRefused
from ssmtui.evidence.readers.session_permissions import OpenOnCallerKey
from ssmtui.model.choice import Choices
from ssmtui.model.fact import Now
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.key_requests import BucketKeyConditions, KeyConditions
from ssmtui.model.node import Node
from ssmtui.model.node_facts import AddressQuery
from ssmtui.model.permissions import Question
from ssmtui.model.plan import ChangedSubject, PlannedCalls
from ssmtui.model.preferences import LOG_BUCKET, LOG_GROUP, SESSION_KEY
from ssmtui.model.scope import Scope, ScopeError, ScopeName
from tests.aws_faults.strikes import Path, in_any_place, paths
from tests.builders.fleet import NOON
from tests.simulated_diagnosis.remembered_aws import Fault, Operation, RememberedAws, RememberedClients
from tests.simulated_diagnosis.virtual_time import VirtualLoop

ALEX = "arn:aws:iam::123456789012:user/alex"


@dataclass(slots=True)
class Wire:
    """What AWS tells on its way to whoever asked: heard, and one member of an operation's answers made strange."""

    operation: Operation | None = None
    strike: Callable[[Mapping[str, Any]], Any] | None = None
    heard: list[tuple[Operation, Mapping[str, Any]]] = field(default_factory=list)

    def __call__(self, operation: Operation, answer: Mapping[str, Any]) -> Any:
        self.heard.append((operation, answer))
        return self.strike(answer) if self.strike is not None and operation == self.operation else answer

    def empty_lists(self) -> set[tuple[Operation, str]]:
        """The lists that hold nothing in any answer that was heard: no reader shows what it makes of an item."""
        lists = [
            (operation, name, bool(held))
            for operation, answer in self.heard
            for name, held in answer.items()
            if isinstance(held, list)
        ]
        return {(operation, name) for operation, name, _ in lists} - {each[:2] for each in lists if each[2]}

    def members(self) -> list[tuple[Operation, Path]]:
        """The way to every member of what was heard, by operation."""
        ways = ((operation, way) for operation, answer in self.heard for way in paths(answer))
        return list({(operation, in_any_place(way)): (operation, way) for operation, way in ways}.values())


class WatchedGathering(FactStore):
    """Remembers what was read, each with what it took, and the defects that were met."""

    def __init__(self, opened: OpenScope, now: Now) -> None:
        self.defects: list[str] = []
        self.reads: dict[tuple[type, Hashable], tuple[Read, ResolvedNeeds]] = {}
        super().__init__(opened.aws, opened.scope, now, told_of_defect=self.defects.append)

    async def read(self, source: Read | WorkstationRead, answered: ResolvedNeeds, own: Hashable) -> ResolvedFact:
        if isinstance(source, Read):
            self.reads.setdefault((source.kind, own), (source, answered))
        return await super().read(source, answered, own)


def suppositions(scope: Scope, node: Node | None) -> Iterator[tuple[object, ...]]:
    """What is known besides, so that every reader is asked for something."""
    planned = PlannedCalls((Question("ssm:UpdateDocument", "*"),))
    role = Subject(SubjectKind.ROLE, f"arn:aws:iam::{scope.account}:role/web")
    group = Subject(SubjectKind.LOG_GROUP, scope.arn("logs", "log-group:/ssm/session-manager"))
    document = Subject(SubjectKind.DOCUMENT, scope.session_document_arn)
    own = Subject(SubjectKind.NODE, node.id) if node is not None else document
    wanted = Choices(((SESSION_KEY, "alias/sessions"), (LOG_BUCKET, "all-facts-audit"), (LOG_GROUP, group.name)))
    of_key = "kms:ResourceAliases", "aws:ResourceTag/team"
    asked = (Question("ssm:UpdateInstanceInformation", "*"),), ("aws:SourceVpc",)
    hanging = (OpenOnCore(*asked), OpenOnKey(*asked), OpenOnBucket(*asked), OpenOnLogGroup(*asked))
    silent = (SilentWindowsNode(node.id, NOON), UpdatesQuery(node.id)) if node is not None else ()
    requested = AddressQuery("192.168.1.10")  # of a hybrid node of this world
    by_attributes = (
        KeyConditions(of_key, is_given_to_sessions=False, is_limited=False),
        BucketKeyConditions(of_key, is_given_to_sessions=False, is_limited=False),
        OpenOnCallerKey(of_key),
        KeysLackedOnCallerKey(of_key),
        BucketTagsQuery("all-facts-audit"),
        LogGroupTagsQuery(group.id),
    )
    yield planned, ChangedSubject(own), KeysLackedOfCaller(("aws:SourceIp",)), *by_attributes, requested, *silent
    yield planned, ChangedSubject(role), JudgedCaller(ALEX), *hanging
    yield planned, ChangedSubject(group), SimulationRefused("denied"), TagQuery(("ssm:resourceTag/Env",)), wanted


async def every_read(opened: OpenScope, now: Now) -> WatchedGathering:
    """All that is read of a Region, its nodes being pointed at."""
    facts = WatchedGathering(opened, now)
    listed = [batch async for batch in list_nodes(opened.aws, opened.scope)]
    nodes = [node for batch in listed if not isinstance(batch, ScopeError) for node in batch]
    for node in nodes:
        facts.individual_nodes.point_at(node.key)
    for each in (*nodes, None):
        for known in suppositions(opened.scope, each):
            resolver = facts.resolver(each)
            for fact in known:
                resolver.know(type(fact), fact)
            for kind in sources():
                await resolver.fact(kind)
    return facts


async def opened_in(clients: RememberedClients, world: RememberedAws, judged: str | None = None) -> OpenScope:
    identified = await identify_scope(clients, ScopeName(None, world.region))
    assert isinstance(identified, OpenScope)
    return await add_principals(identified, judged)


def asked_of(
    world: RememberedAws,
    ask: Callable[[RememberedClients, RememberedAws], Coroutine[Any, Any, list[str]]],
    faults: Mapping[Operation, Fault] = MappingProxyType({}),
) -> list[str]:
    """What is asked of a world by clients of its own, in no time."""

    async def asked() -> list[str]:
        clients = RememberedClients(world, clock=asyncio.get_running_loop().time)
        clients.faults = faults
        return await ask(clients, world)

    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(asked())
