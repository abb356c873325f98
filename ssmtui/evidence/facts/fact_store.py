"""The facts of one scope: each is read at most once and shared by all waiting callers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Hashable, Mapping, Sequence
from datetime import datetime

from ssmtui.evidence.aws.limits import DeadlinePassed, is_being_cancelled, within_deadline
from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.facts.fact_resolver import (
    NO_KNOWN_FACTS,
    NODE_SPECIFIC_KEY,
    ConcurrentFactResolver,
    FactResolver,
    ResolvedFact,
    ResolvedNeeds,
    SharedFactResolver,
    UnresolvedNeed,
)
from ssmtui.evidence.facts.read_cache import ReadCache, ReadKey, read_keys_of
from ssmtui.evidence.facts.sources import DerivedFact, Read, WorkstationRead, reads_of_all_nodes, underlying_reads
from ssmtui.evidence.facts.workstation_protocol import Workstation
from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import (
    Absent,
    NotApplicable,
    Now,
    OfNode,
    ReadFailure,
    Unreadable,
    describe_internal_error,
    unreadable_after_error,
)
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.node import Node, NodeKey, NodeTraits, holds_node
from ssmtui.model.node_facts import InspectedNode, RequestedNodes
from ssmtui.model.plan import ChangeDelay, Expected, FactChange
from ssmtui.model.probe import NOT_PROBED, ProbeOutcome, Probes
from ssmtui.model.scope import Scope

ALL_NODES = RequestedNodes()
"""The request of a run about all nodes."""


class IndividualNodes:
    """The facts about single nodes of a scope: selection, probes and awaited changes."""

    def __init__(self) -> None:
        self._expected: dict[ChangeDelay, frozenset[NodeKey]] = {}
        self._pointed: set[NodeKey] = set()
        self._probes: dict[NodeKey, Probes] = {}

    def __contains__(self, key: NodeKey) -> bool:
        return key in self._pointed or key in self._probes or any(key in keys for keys in self._expected.values())

    def expect(self, keys: Collection[NodeKey], delay: ChangeDelay) -> None:
        """Record a change whose effect must still show on these nodes."""
        self._expected[delay] = self._expected.get(delay, frozenset()) | frozenset(keys)

    def stop_expecting(self, change: str) -> None:
        """Forget a change that was undone."""
        for delay in [each for each in self._expected if each.change == change]:
            del self._expected[delay]

    def drop_ended_delays(self, now: datetime) -> None:
        """Forget the changes whose delay has ended: from now on, their nodes are judged with others like them."""
        self._expected = {delay: keys for delay, keys in self._expected.items() if delay.until > now}

    def know_probe(self, outcome: ProbeOutcome) -> None:
        """Record the result of a probe, in place of an older one of its kind."""
        self._probes[outcome.node] = self.probes_of(outcome.node).with_outcome(outcome)

    def forget_probe(self, key: NodeKey) -> bool:
        """Forget the probes of a node; return whether there were any."""
        return self._probes.pop(key, None) is not None

    def probes_of(self, key: NodeKey) -> Probes:
        """Return the probes of a node."""
        return self._probes.get(key, NOT_PROBED)

    @property
    def probed(self) -> tuple[NodeKey, ...]:
        """Return the nodes with probes."""
        return tuple(self._probes)

    @property
    def pointed(self) -> tuple[NodeKey, ...]:
        """Return the selected nodes."""
        return tuple(self._pointed)

    @property
    def expected(self) -> tuple[Expected, ...]:
        """Return the changes whose effect must still show, each with its nodes."""
        return tuple(Expected(tuple(sorted(keys, key=_by_id)), delay) for delay, keys in self._expected.items())

    def point_at(self, key: NodeKey) -> None:
        """Select a node: it gets a deep inspection from now on."""
        self._pointed.add(key)

    def pointed_at(self, key: NodeKey) -> bool:
        """Return whether a node is selected."""
        return key in self._pointed

    def fact(self, kind: type, node: Node | None, now: Now) -> ResolvedFact | None:
        """Return a fact about a single node or its marker; None for other kinds."""
        if kind is ChangeDelay:
            delay = self._longest_delay(node, now) if node is not None else None
            if delay is None:
                return ResolvedFact(NotApplicable(say("no change has a pending effect")), "no change")
            return ResolvedFact(delay, delay)
        if kind is InspectedNode:
            if node is None or node.key not in self._pointed:
                return ResolvedFact(NotApplicable(say("the node is not selected")), "nobody points")
            return ResolvedFact(InspectedNode(node), NODE_SPECIFIC_KEY)
        if kind is Probes:
            probes = self.probes_of(node.key) if node is not None else NOT_PROBED
            if probes == NOT_PROBED:
                return ResolvedFact(NotApplicable(say("the node was not probed")), "not probed")
            return ResolvedFact(probes, probes)
        return None

    def _longest_delay(self, node: Node, now: Now) -> ChangeDelay | None:
        running = (delay for delay, keys in self._expected.items() if node.key in keys and delay.until > now.at)
        return max(running, key=lambda delay: delay.until, default=None)


def _by_id(key: NodeKey) -> str:
    return key.id


_log = logging.getLogger(__name__)


class FactStore:
    """The facts of one scope. Runs only on the event loop of the evidence thread.

    Without a workstation, facts about this computer do not apply. `told_of_defect` is called once for each internal
    error in a reader, with a description: the fact is then unreadable, and results that depend on it are unknown.
    `kept` is the cache of the reads. `requested` are the nodes that the run is about.
    """

    def __init__(
        self,
        aws: Aws,
        scope: Scope,
        now: Now,
        workstation: Workstation | None = None,
        told_of_defect: Callable[[str], None] = lambda _words: None,
        kept: ReadCache | None = None,
        requested: RequestedNodes = ALL_NODES,
    ) -> None:
        self.scope = scope
        self.requested = requested
        self._publish_error = told_of_defect
        self._defects: set[str] = set()
        self._aws = aws
        self._workstation = workstation
        self._now = now
        self.individual_nodes = IndividualNodes()
        self.kept = ReadCache() if kept is None else kept
        self._derived_facts: dict[tuple[type, tuple[Hashable, ...]], ResolvedFact] = {}
        self._equal: dict[tuple[type, object], ResolvedFact] = {}
        self._supposed: Mapping[type, ResolvedFact] = {}
        self._instead: Sequence[tuple[FactChange, ResolvedFact]] = ()

    @property
    def now(self) -> Now:
        """Return the time of the diagnosis."""
        return self._now

    def look_at(self, now: Now) -> None:
        """Set the time of the diagnosis."""
        self._now = now
        self.individual_nodes.drop_ended_delays(now.at)

    def forget(self, kinds: Collection[type]) -> None:
        """Read the facts of these kinds again (no kinds: all facts). Pending callers receive the previous result.

        For a derived fact, the underlying reads are repeated. Nodes are listed, not read: with them, all facts about
        all nodes are read again. Failed reads are repeated in any case: there may be something to read now (a role that
        a change has created).
        """
        stale = frozenset[type]().union(*(underlying_reads(kind) for kind in kinds))
        if Node in kinds:
            stale |= reads_of_all_nodes()
        self.kept.forget(stale if kinds else ())
        self._derived_facts.clear()
        self._equal.clear()

    def forget_along(self, resolver: FactResolver, kinds: Collection[type]) -> None:
        """Read again only the facts of these kinds on a path (no kinds: all facts of the path)."""
        stale = frozenset[type]().union(*(underlying_reads(kind) for kind in kinds))
        self.kept.forget_entries([each for each in read_keys_of(resolver) if not kinds or each[0] in stale])

    def renew(self, entries: Collection[ReadKey]) -> None:
        """Read these again.

        Results that depend on them are computed again only if AWS's answer differs (`ReadCache`).
        """
        self.kept.renew(entries)
        self._derived_facts.clear()
        self._equal.clear()

    def with_fact_changes(self, changes: Sequence[FactChange]) -> FactStore:
        """Return a store with some changed facts. Both stores share new reads."""
        supposed = FactStore(
            self._aws, self.scope, self._now, self._workstation, self._publish_error, requested=self.requested
        )
        supposed._defects = self._defects
        supposed.kept = self.kept
        supposed.individual_nodes = self.individual_nodes
        resolved = [(each, ResolvedFact(each.value, ("supposed", self.kept.next_serial()))) for each in changes]
        supposed._supposed = {
            **self._supposed,
            **{change.kind: value for change, value in resolved if change.replaces is None},
        }
        instead = [(change, value) for change, value in resolved if change.replaces is not None]
        supposed._instead = [*self._instead, *instead]
        return supposed

    def resolver(self, node: Node | None, known: Mapping[type, ResolvedFact] = NO_KNOWN_FACTS) -> FactResolver:
        """Return the resolver for the path of a node, with known facts; without a node, for the Region's facts."""
        return FactResolver(self, node, known)

    def concurrent_resolver(self, node: Node | None) -> ConcurrentFactResolver:
        """Return the resolver for the path of a node that is checked alone; without a node, for the Region's facts."""
        return ConcurrentFactResolver(self, node)

    def shared_resolver(self, node: Node, traits: NodeTraits, known: Mapping[type, ResolvedFact]) -> SharedFactResolver:
        """Return the resolver for the shared path of all nodes with these traits and known facts."""
        return SharedFactResolver(self, node, traits, known)

    def cached_read(self, kind: type, own: Hashable) -> ResolvedFact | None:
        """Return a fact that was already read, by its key among facts of its kind."""
        return self.kept.cached_read((kind, own))

    def is_singled_out(self, key: NodeKey) -> bool:
        """Return whether a fact or a change is about this node alone."""
        return key in self.individual_nodes or any(_is_about(change, key) for change, _ in self._instead)

    def root(self, kind: type, node: Node | None) -> ResolvedFact | None:
        """Return a fact without a source: scope, request, time, node, facts about single nodes, and changed facts."""
        if kind in self._supposed:
            return self._supposed[kind]
        if kind is Scope:
            return ResolvedFact(self.scope, "scope")
        if kind is Now:
            return ResolvedFact(self._now, self._now)
        if kind is RequestedNodes:
            return ResolvedFact(self.requested, self.requested)
        if kind is Choices:
            return ResolvedFact(NOTHING_CHOSEN, NOTHING_CHOSEN)
        if kind is Node:
            if node is None:
                return ResolvedFact(NotApplicable(say("no node is named")), say("no node"))
            return ResolvedFact(node, NODE_SPECIFIC_KEY)
        return self.individual_nodes.fact(kind, node, self._now)

    def apply_fact_changes(self, kind: type, found: ResolvedFact, node: Node | None) -> ResolvedFact:
        """Return the changed fact in place of a resolved fact; the resolved fact if no change affects it."""
        for change, value in self._instead:
            of_this = change.node is None or (node is not None and change.node == node.key)
            if change.kind is kind and of_this and change.replaces == found.value:
                return value
        return found

    async def read(self, source: Read | WorkstationRead, answered: ResolvedNeeds, own: Hashable) -> ResolvedFact:
        """Return the fact from a new read or a read of another caller; read again if that caller's deadline has passed.

        `own` is the key of the thing among facts of its kind.
        """

        def work() -> Coroutine[None, None, object]:
            arguments = answered.arguments
            return self._read(source, arguments) if isinstance(source, Read) else self._see(source, arguments)

        entry = (source.kind, own)
        reading = self.kept.begun(entry, self._now.at, work)
        try:
            return self.kept.resolved(entry, reading, await reading.value())
        except DeadlinePassed as passed:
            # The read of another caller continues: the next caller can get its result.
            return ResolvedFact(_not_in_time(source, passed), (source.kind, own, self.kept.next_serial()))

    def derive(self, source: DerivedFact, answered: ResolvedNeeds) -> ResolvedFact:
        """Return a derived fact, or `OfNode`. It must be hashable, unless it contains the node."""
        if answered.of_the_node:
            return self.derived_of_node(source.kind, source.function(**answered.arguments))
        key = (source.kind, answered.keys)
        known = self._derived_facts.get(key)
        if known is None:
            value = source.function(**answered.arguments)
            known = ResolvedFact(value, key) if isinstance(value, OfNode) else self._shared(source.kind, value, key)
            self._derived_facts[key] = known
        return known

    def derived_of_node(self, kind: type, value: object) -> ResolvedFact:
        """Return a derived fact that depends on the node."""
        if holds_node(kind) and not isinstance(value, Absent | NotApplicable | Unreadable | OfNode):
            return ResolvedFact(value, NODE_SPECIFIC_KEY)
        return self._shared(kind, value, (kind, self.kept.next_serial()))

    def _shared(self, kind: type, value: object, key: Hashable) -> ResolvedFact:
        # Equal facts share a key: results for the role of one node are reused for all nodes with the role.
        return self._equal.setdefault((kind, value), ResolvedFact(value, key))

    def substitute_for(self, kind: type, blocked: UnresolvedNeed) -> ResolvedFact:
        """Return the marker for a fact that cannot be resolved."""
        if not isinstance(blocked.by, tuple):
            return self._equal.setdefault((kind, blocked.by), ResolvedFact(blocked.by, (kind, self.kept.next_serial())))
        unread = blocked.by[0]
        return ResolvedFact(unread, (kind, unread, unread.source) if blocked.of_the_node else (kind, blocked.keys))

    async def _see(self, source: WorkstationRead, arguments: Mapping[str, object]) -> object:
        if self._workstation is None:
            return NotApplicable(say("this computer is not checked"))
        try:
            return await within_deadline(source.function(self._workstation, **arguments))
        except DeadlinePassed as passed:
            return _not_in_time(source, passed)
        except asyncio.CancelledError as given_up:
            return self._given_up(given_up, WORKSTATION)
        except Exception as error:  # noqa: BLE001 - the edge: what depends on it is unknown, and the rest stands
            return self._defect(error, WORKSTATION)

    async def _read(self, source: Read, arguments: Mapping[str, object]) -> object:
        try:
            return await source.function(self._aws, **arguments)
        except ReadFailed as failed:
            return failed.unreadable
        except AwsError as error:
            return Unreadable("", f"{source.actions[0]}: {error}", ReadFailure.FAILED, error.source or source.call)
        except MalformedAnswer as malformed:
            _log.warning("an answer is not of its documented form: %s", malformed)
            return malformed.unreadable
        except asyncio.CancelledError as given_up:
            return self._given_up(given_up, source.call)
        except Exception as error:  # noqa: BLE001 - the edge: what depends on it is unknown, and the rest stands
            return self._defect(error, source.call)

    def _given_up(self, cancelled: asyncio.CancelledError, source: str) -> Unreadable:
        if is_being_cancelled():
            raise cancelled
        # An inner task was cancelled, but nobody cancelled this read: without an error, all callers would end without
        # notice.
        return self._defect(cancelled, source)

    def _defect(self, error: BaseException, source: str) -> Unreadable:
        words = describe_internal_error(error)
        if words not in self._defects:
            self._defects.add(words)
            _log.exception("a defect in a reader: %s", words, exc_info=error)
            self._publish_error(words)
        return unreadable_after_error(error, source)


def _not_in_time(source: Read | WorkstationRead, passed: DeadlinePassed) -> Unreadable:
    asked = source.call if isinstance(source, Read) else WORKSTATION
    why = (
        say("{action}: no answer within {seconds:g} s", action=source.actions[0], seconds=passed.seconds)
        if isinstance(source, Read)
        else say("this computer did not respond within {seconds:g} s", seconds=passed.seconds)
    )
    return Unreadable("", why, ReadFailure.TIMED_OUT, asked)


def _is_about(change: FactChange, key: NodeKey) -> bool:
    """Return whether a changed fact is about this node alone."""
    return change.node == key or (isinstance(change.replaces, Node) and change.replaces.key == key)
