"""Register the source of each kind of fact: read from AWS, read from the workstation, or derived."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache

import ssmtui.evidence
from ssmtui.evidence.aws.allowed_reads import DECLARED_READS, declare_reads
from ssmtui.model.fact import Need, needs_of, product_of
from ssmtui.model.scope import Scope

ReadFunction = Callable[..., Awaitable[object]]
DeriveFunction = Callable[..., object]
KeyFunction = Callable[..., Hashable]


@dataclass(frozen=True, slots=True)
class Read:
    """A fact that is read from AWS. `actions` are the IAM actions that it needs; each key is read once.

    `call` is the first operation: the source in error messages. `along` are kinds that belong to the answer: they are
    read again together. A fact with `of_all_nodes` is about all nodes of the Region, and so as old as their listing.
    `markers` are the markers that the function returns in place of the fact.
    An `optional` read has a substitute if it is refused: no fact needs its actions.
    """

    kind: type
    call: str
    actions: tuple[str, ...]
    needs: tuple[Need, ...]
    function: ReadFunction
    key: KeyFunction
    along: tuple[type, ...] = ()
    of_all_nodes: bool = False
    markers: frozenset[type] = frozenset()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class WorkstationRead:
    """A fact about the workstation. It needs no permission, and is read once per scope."""

    kind: type
    needs: tuple[Need, ...]
    function: ReadFunction
    markers: frozenset[type] = frozenset()


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A fact that is derived from other facts, without a read."""

    kind: type
    needs: tuple[Need, ...]
    function: DeriveFunction
    markers: frozenset[type] = frozenset()


Source = Read | WorkstationRead | DerivedFact

_SOURCES: dict[type, Source] = {}


class DuplicateSource(TypeError):
    """Two functions for the same kind of fact."""


def reads(
    *operations: str,
    key: KeyFunction,
    along: tuple[type, ...] = (),
    of_all_nodes: bool = False,
    optional: bool = False,
) -> Callable[[ReadFunction], ReadFunction]:
    """Register `async def f(aws, needs…) -> Kind | Absent` as the reader of a kind of fact.

    `key` gets the needs and returns the key of the thing in the scope, so that the thing is read once; the key must
    include everything in the needs that the answer depends on, except for the kinds in `along`. `operations` are all
    operations of the read, as `service:Operation`; the first is named in error messages. `of_all_nodes`: a node that
    registers or comes back must be found in the fact. `optional`: the reader has a substitute for refused operations.
    """
    actions = declare_reads(*operations)

    def register(function: ReadFunction) -> ReadFunction:
        product, needs = product_of(function), needs_of(function, leaving=("aws",))
        own = (operations[0], actions, needs, function, key, along, of_all_nodes)
        _add(Read(product.kind, *own, product.admits, optional))
        return function

    return register


def by_region(scope: Scope, **_needs: object) -> Hashable:
    """Return the key of facts that are read once for each Region."""
    return scope.region


def by_account(scope: Scope, **_needs: object) -> Hashable:
    """Return the key of facts that are read once for each account."""
    return scope.account


def reads_workstation(function: ReadFunction) -> ReadFunction:
    """Register `async def f(machine, needs…) -> Kind | Unreadable` as the reader of a fact about this computer."""
    product = product_of(function)
    _add(WorkstationRead(product.kind, needs_of(function, leaving=("workstation",)), function, product.admits))
    return function


def derives(function: DeriveFunction) -> DeriveFunction:
    """Register a pure `def f(needs…) -> Kind | NotApplicable` as the source of a derived fact."""
    product = product_of(function)
    _add(DerivedFact(product.kind, needs_of(function), function, product.admits))
    return function


def _add(source: Source) -> None:
    if source.kind in _SOURCES:
        raise DuplicateSource(f"{source.kind.__name__} has two sources")
    _SOURCES[source.kind] = source


@cache
def underlying_reads(kind: type) -> frozenset[type]:
    """Return the kinds that are read for a fact of this kind: the kind itself, or the sources of a derived fact."""
    match sources().get(kind):
        case DerivedFact() as source:
            return frozenset[type]().union(*(underlying_reads(need.kind) for need in source.needs))
        case Read() as source:
            return frozenset((kind,)).union(*(underlying_reads(each) for each in source.along))
        case WorkstationRead():
            return frozenset((kind,))
        case None:
            return frozenset()


@cache
def reads_of_all_nodes() -> frozenset[type]:
    """Return the kinds about all nodes: they are read again when the nodes are listed again."""
    return frozenset(each.kind for each in sources().values() if isinstance(each, Read) and each.of_all_nodes)


@cache
def underlying_actions(kind: type) -> frozenset[str]:
    """Return the IAM actions that a fact of this kind needs: those of its own read and of all its sources."""
    source = sources().get(kind)
    if source is None:
        return frozenset()
    own = frozenset(source.actions) if isinstance(source, Read) and not source.optional else frozenset[str]()
    return own.union(*(underlying_actions(need.kind) for need in source.needs))


@cache
def sources() -> dict[type, Source]:
    """Return the source of each kind of fact."""
    for module in pkgutil.walk_packages(ssmtui.evidence.__path__, f"{ssmtui.evidence.__name__}."):
        importlib.import_module(module.name)
    return dict(_SOURCES)


@cache
def all_reads() -> Mapping[tuple[str, str], str]:
    """Return all reads of ssmtui, by botocore's service and operation, sorted, with their IAM actions."""
    sources()
    return dict(sorted(DECLARED_READS.items()))
