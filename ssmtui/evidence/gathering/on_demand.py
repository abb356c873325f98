"""Facts on demand: each read at most once, shared by whoever asks while it is on its way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Hashable, Mapping, Sequence

from ssmtui.evidence.gathering.class_journey import ClassJourney
from ssmtui.evidence.gathering.journey import NOTHING_KNOWN, OF_THE_NODE, Answered, Blocked, Journey, Resolved
from ssmtui.evidence.gathering.kept_reads import Entry, KeptReads, entries_along
from ssmtui.evidence.gathering.machine import Machine
from ssmtui.evidence.gathering.reading import Derived, Read, Seen, reads_beneath, reads_of_all_nodes
from ssmtui.evidence.gathering.singled_out import SingledOut
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.evidence.wire.deadline import DeadlinePassed, in_time, is_being_cancelled
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Obstacle, Unreadable
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.defects import defect_words, left_unread
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.likeness import holds_a_node
from ssmtui.model.moment import Now
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import Scope

_log = logging.getLogger(__name__)


class Gathering:
    """The facts of one scope. Lives on the event loop of the evidence thread and on no other.

    Without a machine, what would be seen on this computer is moot. `told_of_defect` hears of each defect in a reader
    once, by its words: what was to be read stays unread, and so what depends on it is unknown. `kept` holds the reads.
    """

    def __init__(
        self,
        aws: Aws,
        scope: Scope,
        now: Now,
        machine: Machine | None = None,
        told_of_defect: Callable[[str], None] = lambda _words: None,
        kept: KeptReads | None = None,
    ) -> None:
        self.scope = scope
        self._told_of_defect = told_of_defect
        self._defects: set[str] = set()
        self._aws = aws
        self._machine = machine
        self._now = now
        self.singled_out = SingledOut()
        self.kept = KeptReads() if kept is None else kept
        self._worked_out: dict[tuple[type, tuple[Hashable, ...]], Resolved] = {}
        self._equal: dict[tuple[type, object], Resolved] = {}
        self._supposed: Mapping[type, Resolved] = {}
        self._instead: Sequence[tuple[FactChange, Resolved]] = ()

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
        stale = frozenset[type]().union(*(reads_beneath(kind) for kind in kinds))
        if Node in kinds:
            stale |= reads_of_all_nodes()
        self.kept.forget(stale if kinds else ())
        self._worked_out.clear()
        self._equal.clear()

    def forget_along(self, journey: Journey, kinds: Collection[type]) -> None:
        """Have those facts of these kinds read anew that a journey came by, and no others; all, where none is named."""
        stale = frozenset[type]().union(*(reads_beneath(kind) for kind in kinds))
        self.kept.forget_entries([each for each in entries_along(journey) if not kinds or each[0] in stale])

    def renew(self, entries: Collection[Entry]) -> None:
        """Have these read anew, and what rests on them judged anew only where AWS says another thing (`KeptReads`)."""
        self.kept.renew(entries)
        self._worked_out.clear()
        self._equal.clear()

    def supposing(self, changes: Sequence[FactChange]) -> Gathering:
        """The same facts, but for some that are supposed to be otherwise. What is read anew is shared both ways."""
        supposed = Gathering(self._aws, self.scope, self._now, self._machine, self._told_of_defect)
        supposed._defects = self._defects
        supposed.kept = self.kept
        supposed.singled_out = self.singled_out
        resolved = [(each, Resolved(each.value, ("supposed", self.kept.next_serial()))) for each in changes]
        supposed._supposed = {
            **self._supposed,
            **{change.kind: value for change, value in resolved if change.replaces is None},
        }
        instead = [(change, value) for change, value in resolved if change.replaces is not None]
        supposed._instead = [*self._instead, *instead]
        return supposed

    def journey(self, node: Node | None, known: Mapping[type, Resolved] = NOTHING_KNOWN) -> Journey:
        """The facts on one node's path, of which some are known; the Region's, where no node is named."""
        return Journey(self, node, known)

    def class_journey(self, node: Node, known: Mapping[type, Resolved]) -> ClassJourney:
        """The facts on the path of all nodes that are like one, and share what is known."""
        return ClassJourney(self, node, known, self.kept.next_serial())

    def at_hand(self, kind: type, own: Hashable) -> Resolved | None:
        """A fact that has been read already, by what tells it from others of its kind."""
        return self.kept.at_hand((kind, own))

    def is_singled_out(self, key: NodeKey) -> bool:
        """Whether something is known, or supposed, of this node that is not of its like."""
        return key in self.singled_out or any(_is_about(change, key) for change, _ in self._instead)

    def root(self, kind: type, node: Node | None) -> Resolved | None:
        """The facts from nowhere: scope, present, node, who points at it, its change and probes, what is supposed."""
        if kind in self._supposed:
            return self._supposed[kind]
        if kind is Scope:
            return Resolved(self.scope, "scope")
        if kind is Now:
            return Resolved(self._now, self._now)
        if kind is Choices:
            return Resolved(NOTHING_CHOSEN, NOTHING_CHOSEN)
        if kind is Node:
            if node is None:
                return Resolved(Moot(say("no node is named")), say("no node"))
            return Resolved(node, OF_THE_NODE)
        return self.singled_out.fact(kind, node, self._now)

    def supposedly(self, kind: type, found: Resolved, node: Node | None) -> Resolved:
        """What is supposed in the place of a fact that was found; the fact itself, where it is not concerned."""
        for change, value in self._instead:
            of_this = change.node is None or (node is not None and change.node == node.key)
            if change.kind is kind and of_this and change.replaces == found.value:
                return value
        return found

    async def read(self, source: Read | Seen, answered: Answered, own: Hashable) -> Resolved:
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
            return Resolved(_not_in_time(source, passed), (source.kind, own, self.kept.next_serial()))

    def work_out(self, source: Derived, answered: Answered, journey: Journey) -> Resolved:
        """The fact that follows from others. It must be hashable, but where it holds the node."""
        if answered.of_the_node:
            return self._made_of(source, answered, journey, (source.kind, self.kept.next_serial()))
        key = (source.kind, answered.keys)
        known = self._worked_out.get(key)
        if known is None:
            known = self._worked_out[key] = self._made_of(source, answered, journey, key)
        return known

    def _made_of(self, source: Derived, answered: Answered, journey: Journey, key: Hashable) -> Resolved:
        value = journey.call(source.function, answered.arguments)
        if holds_a_node(source.kind) and not isinstance(value, Absent | Moot | Unreadable):
            return Resolved(value, journey.own_key(source.kind))
        # Equal facts share one key: what is judged by the role of one node is judged for all that use the role.
        return self._equal.setdefault((source.kind, value), Resolved(value, key))

    def in_its_place(self, kind: type, blocked: Blocked) -> Resolved:
        """What stands in the place of a fact that cannot be come by."""
        if not isinstance(blocked.by, tuple):
            return self._equal.setdefault((kind, blocked.by), Resolved(blocked.by, (kind, self.kept.next_serial())))
        unread = blocked.by[0]
        return Resolved(unread, (kind, unread, unread.source) if blocked.of_the_node else (kind, blocked.keys))

    async def _see(self, source: Seen, arguments: Mapping[str, object]) -> object:
        if self._machine is None:
            return Moot(say("this computer is not looked at"))
        try:
            return await in_time(source.function(self._machine, **arguments))
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
            return Unreadable("", f"{source.actions[0]}: {error}", Obstacle.FAILED, error.source or source.call)
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


def _is_about(change: FactChange, key: NodeKey) -> bool:
    """Whether a supposed change is about this one node."""
    return change.node == key or (isinstance(change.replaces, Node) and change.replaces.key == key)
