"""The path of a node that is checked alone: facts are read at the same time, and nothing is read in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass

import pytest

from ssmtui.evidence.aws.reader_api import Aws
from ssmtui.evidence.facts import fact_resolver
from ssmtui.evidence.facts.fact_resolver import FactResolver, ResolvedNeeds, UnresolvedNeed
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.sources import DerivedFact, Read
from ssmtui.model.fact import Absent, NotApplicable, Now, OfNode, needs_of, product_of
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope
from tests.builders.fleet import NOON, a_node, a_scope
from tests.evidence.fake_aws import FakeAws


@dataclass(frozen=True)
class Tables:
    """Always there."""


@dataclass(frozen=True)
class Groups:
    """Always there."""


@dataclass(frozen=True)
class Key:
    """Not there if the node is called `keyless`."""


@dataclass(frozen=True)
class KeyPolicy:
    """Needs the key."""


@dataclass(frozen=True)
class Route:
    """Derived from the tables; not applicable if the node is called `unrouted`."""


class Slow:
    """The sources of the facts above. Each read waits until `let` is called with its name."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

    async def answer(self, name: str) -> None:
        self.begun.append(name)
        await self._gates.setdefault(name, asyncio.Event()).wait()

    async def let(self, *names: str) -> None:
        for name in names:
            self._gates.setdefault(name, asyncio.Event()).set()
        await settled()

    def sources(self) -> dict[type, Read | DerivedFact]:
        async def tables(aws: Aws, scope: Scope) -> Tables:
            await self.answer("tables")
            return Tables()

        async def groups(aws: Aws, scope: Scope) -> Groups:
            await self.answer("groups")
            return Groups()

        async def key(aws: Aws, node: Node) -> Key | Absent:
            await self.answer("key")
            return Absent("the key", "kms:DescribeKey") if node.name == "keyless" else Key()

        async def key_policy(aws: Aws, key: Key) -> KeyPolicy:
            await self.answer("policy")
            return KeyPolicy()

        def route(tables: Tables, node: Node) -> Route | OfNode[Route | NotApplicable]:
            return OfNode(lambda each: NotApplicable("no route") if each.name == "unrouted" else Route())

        made: dict[type, Read | DerivedFact] = {
            each.kind: Read(
                each.kind, "s:Read", ("s:Read",), needs_of(of, leaving=("aws",)), of, _one, (), False, each.admits
            )
            for of in (tables, groups, key, key_policy)
            for each in (product_of(of),)
        }
        return {**made, Route: DerivedFact(Route, needs_of(route), route, product_of(route).admits)}


def _one(**_needs: object) -> Hashable:
    return "one"


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    table = made.sources()
    monkeypatch.setattr(fact_resolver, "sources", lambda: table)
    return made


def path(name: str = "web") -> FactResolver:
    return FactStore(FakeAws(), a_scope(), Now(NOON)).concurrent_resolver(a_node(f"i-{name}", name=name))


def of_network(tables: Tables, groups: Groups) -> None: ...
def of_key_first(key: Key, tables: Tables) -> None: ...
def of_key_last(tables: Tables, key: Key, groups: Groups) -> None: ...
def of_absent_key(key: Key | Absent, groups: Groups) -> None: ...
def of_policy(policy: KeyPolicy, groups: Groups) -> None: ...
def of_known_key(key: Key, policy: KeyPolicy, groups: Groups) -> None: ...
def of_route(route: Route, groups: Groups) -> None: ...
def of_any_route(route: Route | NotApplicable, groups: Groups) -> None: ...


@pytest.mark.parametrize(
    ("function", "at_once"),
    [
        (of_network, ["tables", "groups"]),
        (of_key_first, ["key"]),
        (of_key_last, ["tables", "key"]),
        (of_absent_key, ["key", "groups"]),
        (of_policy, ["key"]),
        (of_route, ["tables"]),
        (of_any_route, ["tables", "groups"]),
    ],
)
async def test_needs_are_read_at_the_same_time_up_to_the_first_that_can_end_the_question(
    slow: Slow, function: object, at_once: list[str]
) -> None:
    asking = asyncio.ensure_future(path().answers(needs_of(function)))  # type: ignore[arg-type]
    await settled()
    assert sorted(slow.begun) == sorted(at_once)
    await slow.let("tables", "groups", "key", "policy")
    answered = await asking
    assert isinstance(answered, ResolvedNeeds)
    assert list(answered.arguments) == [need.name for need in needs_of(function)]  # type: ignore[arg-type]


async def test_what_is_known_of_a_need_decides_what_can_still_end_the_question(slow: Slow) -> None:
    asking = asyncio.ensure_future(path().answers(needs_of(of_known_key)))
    await settled()
    assert slow.begun == ["key"]
    await slow.let("key")
    assert slow.begun == ["key", "policy", "groups"]
    await slow.let("policy", "groups")
    assert isinstance(await asking, ResolvedNeeds)


@pytest.mark.parametrize(
    ("name", "function", "read"),
    [("keyless", of_key_first, ["key"]), ("keyless", of_policy, ["key"]), ("unrouted", of_route, ["tables"])],
)
async def test_nothing_is_read_after_the_need_that_ends_the_question(
    slow: Slow, name: str, function: object, read: list[str]
) -> None:
    asking = asyncio.ensure_future(path(name).answers(needs_of(function)))  # type: ignore[arg-type]
    await slow.let("tables", "groups", "key", "policy")
    assert isinstance(await asking, UnresolvedNeed)
    assert slow.begun == read


async def test_two_functions_share_what_is_under_way(slow: Slow) -> None:
    resolver = path()
    asking = [asyncio.ensure_future(resolver.answers(needs_of(each))) for each in (of_network, of_key_last, of_policy)]
    await slow.let("tables", "groups", "key", "policy")
    assert all(isinstance(each, ResolvedNeeds) for each in await asyncio.gather(*asking))
    assert sorted(slow.begun) == ["groups", "key", "policy", "tables"]


async def test_a_defect_in_a_derivation_reaches_whoever_needs_the_fact(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def route(node: Node) -> Route:
        raise ZeroDivisionError

    table = {**slow.sources(), Route: DerivedFact(Route, needs_of(route), route)}
    monkeypatch.setattr(fact_resolver, "sources", lambda: table)
    await slow.let("groups")
    with pytest.raises(ZeroDivisionError):
        await path().answers(needs_of(of_any_route))
