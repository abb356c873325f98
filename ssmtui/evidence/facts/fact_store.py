"""The facts of one scope: each is read at most once and shared by all pending callers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Hashable, Mapping, Sequence

from ssmtui.evidence.aws.limits import DeadlinePassed, is_being_cancelled, within_deadline
from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.facts.fact_resolver import (
    NO_KNOWN_FACTS,
    NODE_SPECIFIC_KEY,
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
from ssmtui.model.node_facts import InspectedNode
from ssmtui.model.plan import ChangeDelay, Expected, FactChange
from ssmtui.model.probe import NOT_PROBED, ProbeOutcome, Probes
from ssmtui.model.scope import Scope


class IndividualNodes:
    """The nodes of a scope of which something is known by themselves."""

    def __init__(self) -> None:
        self._expected: dict[ChangeDelay, frozenset[NodeKey]] = {}
        self._pointed: set[NodeKey] = set()
        self._probes: dict[NodeKey, Probes] = {}

    def __contains__(self, key: NodeKey) -> bool:
        return key in self._pointed or key in self._probes or any(key in keys for keys in self._expected.values())

    def expect(self, keys: Collection[NodeKey], delay: ChangeDelay) -> None:
        """Know of a change that has yet to show on these nodes."""
        self._expected[delay] = self._expected.get(delay, frozenset()) | frozenset(keys)

    def stop_expecting(self, change: str) -> None:
        """Forget of a change that was taken back."""
        for delay in [each for each in self._expected if each.change == change]:
            del self._expected[delay]

    def know_probe(self, outcome: ProbeOutcome) -> None:
        """Know what a probe of a node met, in the place of what an older one of its kind met."""
        self._probes[outcome.node] = self.probes_of(outcome.node).with_outcome(outcome)

    def forget_probe(self, key: NodeKey) -> bool:
        """Forget what probes of a node met; whether there was anything to forget."""
        return self._probes.pop(key, None) is not None

    def probes_of(self, key: NodeKey) -> Probes:
        """What is known of a node by probes."""
        return self._probes.get(key, NOT_PROBED)

    @property
    def probed(self) -> tuple[NodeKey, ...]:
        """The nodes of which something is known by probes."""
        return tuple(self._probes)

    @property
    def pointed(self) -> tuple[NodeKey, ...]:
        """The nodes that somebody points at."""
        return tuple(self._pointed)

    @property
    def expected(self) -> tuple[Expected, ...]:
        """The changes that have yet to show, each with its nodes."""
        return tuple(Expected(tuple(sorted(keys, key=_by_id)), delay) for delay, keys in self._expected.items())

    def point_at(self, key: NodeKey) -> None:
        """Examine this node further than the others, from now on."""
        self._pointed.add(key)

    def pointed_at(self, key: NodeKey) -> bool:
        """Whether somebody points at this node."""
        return key in self._pointed

    def fact(self, kind: type, node: Node | None, now: Now) -> ResolvedFact | None:
        """What is known of a node by itself, or what stands in its place; None of any other kind."""
        if kind is ChangeDelay:
            delay = self._longest_delay(node, now) if node is not None else None
            if delay is None:
                return ResolvedFact(NotApplicable(say("no change has yet to show")), "no change")
            return ResolvedFact(delay, delay)
        if kind is InspectedNode:
            if node is None or node.key not in self._pointed:
                return ResolvedFact(NotApplicable(say("nobody points at the node")), "nobody points")
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
    """The facts of one scope. Lives on the event loop of the evidence thread and on no other.

    Without a machine, what would be seen on this computer is moot. `told_of_defect` hears of each defect in a reader
    once, by its words: what was to be read stays unread, and so what depends on it is unknown. `kept` holds the reads.
    """

    def __init__(
        self,
        aws: Aws,
        scope: Scope,
        now: Now,
        workstation: Workstation | None = None,
        told_of_defect: Callable[[str], None] = lambda _words: None,
        kept: ReadCache | None = None,
    ) -> None:
        self.scope = scope
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
        """The present by which is judged."""
        return self._now

    def look_at(self, now: Now) -> None:
        """Set the present."""
        self._now = now

    def forget(self, kinds: Collection[type]) -> None:
        """Have the facts of these kinds read anew; all, where none is named. Who waits for an old read gets it.

        A fact that is worked out is as old as what it is worked out from: that is what is read anew for it. Nodes are
        listed, not read: with them goes what tells of all of them. What a read failed to tell is asked again in any
        case: it may have been asked before there was anything to be told (a role that a change has made since).
        """
        stale = frozenset[type]().union(*(underlying_reads(kind) for kind in kinds))
        if Node in kinds:
            stale |= reads_of_all_nodes()
        self.kept.forget(stale if kinds else ())
        self._derived_facts.clear()
        self._equal.clear()

    def forget_along(self, resolver: FactResolver, kinds: Collection[type]) -> None:
        """Have those facts of these kinds read anew that a path came by, and no others; all, where none is named."""
        stale = frozenset[type]().union(*(underlying_reads(kind) for kind in kinds))
        self.kept.forget_entries([each for each in read_keys_of(resolver) if not kinds or each[0] in stale])

    def renew(self, entries: Collection[ReadKey]) -> None:
        """Have these read anew, and what rests on them judged anew only where AWS says another thing (`ReadCache`)."""
        self.kept.renew(entries)
        self._derived_facts.clear()
        self._equal.clear()

    def with_fact_changes(self, changes: Sequence[FactChange]) -> FactStore:
        """The same facts, but for some that are supposed to be otherwise. What is read anew is shared both ways."""
        supposed = FactStore(self._aws, self.scope, self._now, self._workstation, self._publish_error)
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
        """The facts on one node's path, of which some are known; the Region's, where no node is named."""
        return FactResolver(self, node, known)

    def shared_resolver(self, node: Node, traits: NodeTraits, known: Mapping[type, ResolvedFact]) -> SharedFactResolver:
        """The facts on the path of all nodes that have the traits of one, and share what is known."""
        return SharedFactResolver(self, node, traits, known)

    def cached_read(self, kind: type, own: Hashable) -> ResolvedFact | None:
        """A fact that has been read already, by what tells it from others of its kind."""
        return self.kept.cached_read((kind, own))

    def is_singled_out(self, key: NodeKey) -> bool:
        """Whether something is known, or supposed, of this node that is not of its like."""
        return key in self.individual_nodes or any(_is_about(change, key) for change, _ in self._instead)

    def root(self, kind: type, node: Node | None) -> ResolvedFact | None:
        """The facts from nowhere: scope, present, node, who points at it, its change and probes, what is supposed."""
        if kind in self._supposed:
            return self._supposed[kind]
        if kind is Scope:
            return ResolvedFact(self.scope, "scope")
        if kind is Now:
            return ResolvedFact(self._now, self._now)
        if kind is Choices:
            return ResolvedFact(NOTHING_CHOSEN, NOTHING_CHOSEN)
        if kind is Node:
            if node is None:
                return ResolvedFact(NotApplicable(say("no node is named")), say("no node"))
            return ResolvedFact(node, NODE_SPECIFIC_KEY)
        return self.individual_nodes.fact(kind, node, self._now)

    def apply_fact_changes(self, kind: type, found: ResolvedFact, node: Node | None) -> ResolvedFact:
        """What is supposed in the place of a fact that was found; the fact itself, where it is not concerned."""
        for change, value in self._instead:
            of_this = change.node is None or (node is not None and change.node == node.key)
            if change.kind is kind and of_this and change.replaces == found.value:
                return value
        return found

    async def read(self, source: Read | WorkstationRead, answered: ResolvedNeeds, own: Hashable) -> ResolvedFact:
        """The fact, read or seen now or by whoever asked first; again where that one's deadline was missed.

        `own` is what tells the thing that is read from others of its kind.
        """

        def work() -> Coroutine[None, None, object]:
            arguments = answered.arguments
            return self._read(source, arguments) if isinstance(source, Read) else self._see(source, arguments)

        entry = (source.kind, own)
        reading = self.kept.begun(entry, self._now.at, work)
        try:
            return self.kept.resolved(entry, reading, await reading.value())
        except DeadlinePassed as passed:
            # Somebody else's read, which goes on: the next who asks may find it there.
            return ResolvedFact(_not_in_time(source, passed), (source.kind, own, self.kept.next_serial()))

    def derive(self, source: DerivedFact, answered: ResolvedNeeds) -> ResolvedFact:
        """The fact that follows from others, or `OfNode`. It must be hashable, but where it holds the node."""
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
        """A fact that depends on which node it is about."""
        if holds_node(kind) and not isinstance(value, Absent | NotApplicable | Unreadable | OfNode):
            return ResolvedFact(value, NODE_SPECIFIC_KEY)
        return self._shared(kind, value, (kind, self.kept.next_serial()))

    def _shared(self, kind: type, value: object, key: Hashable) -> ResolvedFact:
        # Equal facts share one key: what is judged by the role of one node is judged for all that use the role.
        return self._equal.setdefault((kind, value), ResolvedFact(value, key))

    def substitute_for(self, kind: type, blocked: UnresolvedNeed) -> ResolvedFact:
        """What stands in the place of a fact that cannot be come by."""
        if not isinstance(blocked.by, tuple):
            return self._equal.setdefault((kind, blocked.by), ResolvedFact(blocked.by, (kind, self.kept.next_serial())))
        unread = blocked.by[0]
        return ResolvedFact(unread, (kind, unread, unread.source) if blocked.of_the_node else (kind, blocked.keys))

    async def _see(self, source: WorkstationRead, arguments: Mapping[str, object]) -> object:
        if self._workstation is None:
            return NotApplicable(say("this computer is not looked at"))
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
        # Somebody below was cancelled, and nobody wants this read to end: all who wait for it would end unheard.
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
        else say("this computer did not tell within {seconds:g} s", seconds=passed.seconds)
    )
    return Unreadable("", why, ReadFailure.TIMED_OUT, asked)


def _is_about(change: FactChange, key: NodeKey) -> bool:
    """Whether a supposed change is about this one node."""
    return change.node == key or (isinstance(change.replaces, Node) and change.replaces.key == key)
