"""Facts on demand: each read at most once, shared by whoever asks while it is on its way."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.evidence.gathering.journey import Answered, Journey, Resolved
from ssmtui.evidence.gathering.machine import Machine
from ssmtui.evidence.gathering.reading import Derived, Read, Seen, reads_beneath, reads_of_all_nodes
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.deadline import Deadline, DeadlinePassed, deadline_in_force, in_time
from ssmtui.language import say
from ssmtui.model.answers import Moot, Obstacle, Unreadable
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.defects import defect_words, left_unread
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.moment import Now
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import FactChange
from ssmtui.model.probe import NOT_PROBED, ProbeOutcome, Probes
from ssmtui.model.scope import Scope
from ssmtui.model.standing import PointedAt

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A read that is on its way or has ended, and the deadline of whoever asked first."""

    future: asyncio.Future[object]
    serial: int
    deadline: Deadline | None

    async def value(self) -> object:
        """What it gives. Raises DeadlinePassed where the deadline of who asks now passes before."""
        if self.future.done():
            return self.future.result()
        if self.deadline is deadline_in_force():
            return await asyncio.shield(self.future)
        return await in_time(asyncio.shield(self.future))

    def was_late_for_another(self) -> bool:
        """Whether it has missed a deadline that is not the one of who asks now."""
        if self.deadline is None or not self.deadline.passed or self.deadline is deadline_in_force():
            return False
        if not self.future.done() or self.future.cancelled() or self.future.exception() is not None:
            return False
        missed = self.future.result()
        return isinstance(missed, Unreadable) and missed.obstacle in {Obstacle.TIMED_OUT, Obstacle.THROTTLED}


class Gathering:
    """The facts of one scope. Lives on the event loop of the evidence thread and on no other.

    Without a machine, what would be seen on this computer is moot. `told_of_defect` hears of each defect in a reader
    once, by its words: what was to be read stays unread, and so what depends on it is unknown.
    """

    def __init__(
        self,
        aws: Aws,
        scope: Scope,
        now: Now,
        machine: Machine | None = None,
        told_of_defect: Callable[[str], None] = lambda _words: None,
    ) -> None:
        self.scope = scope
        self._told_of_defect = told_of_defect
        self._defects: set[str] = set()
        self._aws = aws
        self._machine = machine
        self._now = now
        self._expected: dict[ChangeDelay, frozenset[NodeKey]] = {}
        self._pointed: set[NodeKey] = set()
        self._probes: dict[NodeKey, Probes] = {}
        self._reads: dict[tuple[type, Hashable], _Reading] = {}
        # The loop holds its tasks weakly: a read that is forgotten, or whose askers were cancelled, still ends.
        self._under_way: set[asyncio.Future[object]] = set()
        self._worked_out: dict[tuple[type, tuple[Hashable, ...]], Resolved] = {}
        self._equal: dict[tuple[type, object], Resolved] = {}
        self._supposed: Mapping[type, Resolved] = {}
        self._instead: Sequence[tuple[FactChange, Resolved]] = ()
        self._serial = itertools.count()

    def look_at(self, now: Now) -> None:
        """Set the present."""
        self._now = now

    def expect(self, keys: Collection[NodeKey], delay: ChangeDelay) -> None:
        """Know of a change that has yet to show on these nodes."""
        self._expected[delay] = self._expected.get(delay, frozenset()) | frozenset(keys)

    def expect_no_more(self, change: str) -> None:
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

    def point_at(self, key: NodeKey) -> None:
        """Examine this node further than the others, from now on."""
        self._pointed.add(key)

    def pointed_at(self, key: NodeKey) -> bool:
        """Whether somebody points at this node."""
        return key in self._pointed

    def forget(self, kinds: Collection[type]) -> None:
        """Have the facts of these kinds read anew; all, where none is named. Who waits for an old read gets it.

        A fact that is worked out is as old as what it is worked out from: that is what is read anew for it. Nodes are
        listed, not read: with them goes what tells of all of them. What a read failed to tell is asked again in any
        case: it may have been asked before there was anything to be told (a role that a change has made since).
        """
        stale = frozenset[type]().union(*(reads_beneath(kind) for kind in kinds))
        if Node in kinds:
            stale |= reads_of_all_nodes()
        for entry, reading in tuple(self._reads.items()):
            if not kinds or entry[0] in stale or _failed(reading.future):
                del self._reads[entry]
        self._worked_out.clear()
        self._equal.clear()

    def forget_along(self, journey: Journey, kinds: Collection[type]) -> None:
        """Have those facts of these kinds read anew that a journey came by, and no others."""
        stale = frozenset[type]().union(*(reads_beneath(kind) for kind in kinds))
        for resolved in journey.known.values():
            match resolved.key:
                case (type() as kind, own, int()) if kind in stale:
                    self._reads.pop((kind, own), None)

    def supposing(self, changes: Sequence[FactChange]) -> Gathering:
        """The same facts, but for some that are supposed to be otherwise. What is read anew is shared both ways."""
        supposed = Gathering(self._aws, self.scope, self._now, self._machine, self._told_of_defect)
        supposed._defects = self._defects
        supposed._reads = self._reads
        supposed._expected = self._expected
        supposed._pointed = self._pointed
        supposed._probes = self._probes
        supposed._under_way = self._under_way
        supposed._serial = self._serial
        resolved = [(each, Resolved(each.value, ("supposed", next(self._serial)))) for each in changes]
        supposed._supposed = {
            **self._supposed,
            **{change.kind: value for change, value in resolved if change.replaces is None},
        }
        instead = [(change, value) for change, value in resolved if change.replaces is not None]
        supposed._instead = [*self._instead, *instead]
        return supposed

    def journey(self, node: Node | None) -> Journey:
        """The facts on one node's path; the Region's, where no node is named."""
        return Journey(self, node)

    def root(self, kind: type, node: Node | None) -> Resolved | None:
        """The facts from nowhere: scope, present, node, who points at it, its change and probes, what is supposed."""
        if kind in self._supposed:
            return self._supposed[kind]
        if kind is Scope:
            return Resolved(self.scope, "scope")
        if kind is Now:
            return Resolved(self._now, self._now)
        if kind is ChangeDelay:
            delay = self._longest_delay(node) if node is not None else None
            if delay is None:
                return Resolved(Moot(say("no change has yet to show")), "no change")
            return Resolved(delay, delay)
        if kind is PointedAt:
            if node is None or node.key not in self._pointed:
                return Resolved(Moot(say("nobody points at the node")), "nobody points")
            return Resolved(PointedAt(node), (PointedAt, node.key, hash(node)))
        if kind is Probes:
            probes = self.probes_of(node.key) if node is not None else NOT_PROBED
            if probes == NOT_PROBED:
                return Resolved(Moot(say("the node was not probed")), "not probed")
            return Resolved(probes, probes)
        if kind is Choices:
            return Resolved(NOTHING_CHOSEN, NOTHING_CHOSEN)
        if kind is Node:
            if node is None:
                return Resolved(Moot(say("no node is named")), say("no node"))
            return Resolved(node, (node.key, hash(node)))
        return None

    def _longest_delay(self, node: Node) -> ChangeDelay | None:
        running = (delay for delay, keys in self._expected.items() if node.key in keys and delay.until > self._now.at)
        return max(running, key=lambda delay: delay.until, default=None)

    def supposedly(self, kind: type, found: Resolved, node: Node | None) -> Resolved:
        """What is supposed in the place of a fact that was found; the fact itself, where it is not concerned."""
        for change, value in self._instead:
            of_this = change.node is None or (node is not None and change.node == node.key)
            if change.kind is kind and of_this and change.replaces == found.value:
                return value
        return found

    async def read(self, source: Read | Seen, answered: Answered) -> Resolved:
        """The fact, read or seen now or by whoever asked first; again where that one's deadline was missed."""
        own = source.key(**answered.arguments) if isinstance(source, Read) else None
        entry = self._reads.get((source.kind, own))
        if entry is None or entry.was_late_for_another():
            arguments = answered.arguments
            work = self._read(source, arguments) if isinstance(source, Read) else self._see(source, arguments)
            entry = _Reading(asyncio.ensure_future(work), next(self._serial), deadline_in_force())
            self._under_way.add(entry.future)
            entry.future.add_done_callback(self._under_way.discard)
            self._reads[source.kind, own] = entry
        try:
            return Resolved(await entry.value(), (source.kind, own, entry.serial))
        except DeadlinePassed as passed:
            # Somebody else's read, which goes on: the next who asks may find it there.
            return Resolved(_not_in_time(source, passed), (source.kind, own, next(self._serial)))

    def work_out(self, source: Derived, answered: Answered) -> Resolved:
        """The fact that follows from others. It must be hashable."""
        key = (source.kind, answered.keys)
        known = self._worked_out.get(key)
        if known is None:
            value = source.function(**answered.arguments)
            # Equal facts share one key: what is judged by the role of one node is judged for all that use the role.
            known = self._equal.setdefault((source.kind, value), Resolved(value, key))
            self._worked_out[key] = known
        return known

    async def _see(self, source: Seen, arguments: Mapping[str, object]) -> object:
        if self._machine is None:
            return Moot(say("this computer is not looked at"))
        try:
            return await in_time(source.function(self._machine, **arguments))
        except DeadlinePassed as passed:
            return _not_in_time(source, passed)
        except Exception as error:  # noqa: BLE001 - the edge: what depends on it is unknown, and the rest stands
            return self._defect(error, WORKSTATION)

    async def _read(self, source: Read, arguments: Mapping[str, object]) -> object:
        try:
            return await source.function(self._aws, **arguments)
        except ReadFailed as failed:
            return failed.unreadable
        except AwsError as error:
            return Unreadable("", f"{source.actions[0]}: {error}", Obstacle.FAILED, error.source or source.call)
        except MalformedAnswer as malformed:
            _log.warning("an answer is not of its documented form: %s", malformed)
            return malformed.unreadable
        except Exception as error:  # noqa: BLE001 - the edge: what depends on it is unknown, and the rest stands
            return self._defect(error, source.call)

    def _defect(self, error: Exception, source: str) -> Unreadable:
        words = defect_words(error)
        if words not in self._defects:
            self._defects.add(words)
            _log.exception("a defect in a reader: %s", words, exc_info=error)
            self._told_of_defect(words)
        return left_unread(error, source)


def _not_in_time(source: Read | Seen, passed: DeadlinePassed) -> Unreadable:
    asked = source.call if isinstance(source, Read) else WORKSTATION
    why = (
        say("{action}: no answer within {seconds:g} s", action=source.actions[0], seconds=passed.seconds)
        if isinstance(source, Read)
        else say("this computer did not tell within {seconds:g} s", seconds=passed.seconds)
    )
    return Unreadable("", why, Obstacle.TIMED_OUT, asked)


def _failed(reading: asyncio.Future[object]) -> bool:
    if not reading.done() or reading.cancelled() or reading.exception() is not None:
        return False
    value = reading.result()
    return isinstance(value, Unreadable) and value.obstacle is not Obstacle.REFUSED
