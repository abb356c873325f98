"""Count the nodes of the overview by group, and record their status over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import ConnectionStatus, NodeKey, PingStatus
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.overview import CountedNode, FleetSample, Group, Grouping
from ssmtui.ui.text.styled_text import Sign

_CountedIn = tuple[Group, Sign] | None


class GroupCounts:
    """The counts of a fleet by groupings. `take` costs by the nodes that have changed, not by those that there are."""

    def __init__(self, fleet: Fleet, groupings: Sequence[Grouping]) -> None:
        self._fleet = fleet
        self._groupings = tuple(groupings)
        self._counts: dict[str, dict[Group, Counter[Sign]]] = {each.key: {} for each in groupings}
        self._known: dict[NodeKey, tuple[_CountedIn, ...]] = {}

    def take(self, keys: Iterable[NodeKey]) -> bool:
        """Look at nodes again; whether any is counted otherwise than before."""
        changed = False
        for key in keys:
            before, now = self._known.get(key), self._look(key)
            if before == now:
                continue
            changed = True
            if now is None:
                del self._known[key]
            else:
                self._known[key] = now
            self._count(before, -1)
            self._count(now, 1)
        return changed

    def groups(self, grouping: Grouping) -> list[Group]:
        """The groups that have nodes, in order."""
        counts = self._counts[grouping.key]
        return sorted(counts, key=lambda group: grouping.rank(group, counts[group].total()))

    def counts(self, grouping: Grouping, group: Group) -> Mapping[Sign, int]:
        """How many nodes of a group have which sign."""
        return self._counts[grouping.key].get(group, Counter())

    def nodes(self, grouping: Grouping, group: Group) -> int:
        """How many nodes a group has."""
        return self._counts[grouping.key].get(group, Counter()).total()

    def total(self, grouping: Grouping) -> Counter[Sign]:
        """How many nodes of all groups have which sign."""
        return sum(self._counts[grouping.key].values(), Counter())

    def most(self, grouping: Grouping) -> int:
        """How many nodes the largest group has."""
        return max((each.total() for each in self._counts[grouping.key].values()), default=0)

    def _look(self, key: NodeKey) -> tuple[_CountedIn, ...] | None:
        node = self._fleet.node(key)
        if node is None:
            return None
        counted = CountedNode(self._fleet, node, self._fleet.verdict(key))
        return tuple(
            None if (group := each.group_of(counted)) is None else (group, each.sign_of(counted))
            for each in self._groupings
        )

    def _count(self, places: tuple[_CountedIn, ...] | None, by: int) -> None:
        for grouping, place in zip(self._groupings, places or (), strict=False):
            if place is None:
                continue
            group, sign = place
            counts = self._counts[grouping.key]
            held = counts.setdefault(group, Counter())
            held[sign] += by
            if not held[sign]:
                del held[sign]
            if not held:
                del counts[group]


MAX_SAMPLES = 512
"""Moments that are kept at most. Of more, every other is let go: those that stay reach back to the start."""

_MIN_INTERVAL = timedelta(seconds=1)
"""Between two moments, at first."""

_NodeStatus = tuple[bool, bool, bool]
"""Whether a node pings, is connected, and fails."""

_NO_STATUS: _NodeStatus = (False, False, False)


class OverviewHistory:
    """The moments, oldest first. What is told of nodes is taken in as it comes; what does not change takes no room."""

    def __init__(self, most: int = MAX_SAMPLES) -> None:
        self._most = most
        self._apart = _MIN_INTERVAL
        self._samples: list[FleetSample] = []
        self._standing: dict[NodeKey, _NodeStatus] = {}
        self._counts = [0, 0, 0]

    @property
    def samples(self) -> Sequence[FleetSample]:
        """How the fleet stood, each time that it stood otherwise."""
        return self._samples

    def take(self, fleet: Fleet, keys: Iterable[NodeKey], now: datetime) -> None:
        """Take in how some nodes stand now."""
        for key in keys:
            self._look(fleet, key)
        if not self._samples and not self._standing:
            return
        online, connected, failing = self._counts
        sample = FleetSample(now, len(self._standing), online, connected, failing)
        if not self._samples:
            self._samples.append(sample)
        elif _as_counts(sample) != _as_counts(self._samples[-1]):
            self._put(sample)

    def _put(self, sample: FleetSample) -> None:
        last = self._samples[-1]
        if sample.at - last.at < self._apart:
            # Too close to be told from the one before: it takes its place.
            self._samples[-1] = FleetSample(last.at, *_as_counts(sample))
            return
        self._samples.append(sample)
        if len(self._samples) > self._most:
            self._apart *= 2
            self._samples = self._samples[-1::-2][::-1]  # the newest stays: it is how things are

    def _look(self, fleet: Fleet, key: NodeKey) -> None:
        before = self._standing.get(key)
        now = _status_of(fleet, key, before or _NO_STATUS)
        if before == now:
            return
        if now is None:
            del self._standing[key]
        else:
            self._standing[key] = now
        gone, come = before or _NO_STATUS, now or _NO_STATUS
        self._counts = [count - old + new for count, old, new in zip(self._counts, gone, come, strict=True)]


def _status_of(fleet: Fleet, key: NodeKey, before: _NodeStatus) -> _NodeStatus | None:
    node = fleet.node(key)
    if node is None:
        return None
    _, was_connected, was_failing = before
    connection, verdict = fleet.state.connections.get(key), fleet.verdict(key)
    # Where it is being asked again, or judged again, nothing has changed yet.
    connected = was_connected if connection is None else connection is ConnectionStatus.CONNECTED
    failing = was_failing if was_failing and not verdict.settled else verdict.status is VerdictStatus.FAIL
    return (node.ping is PingStatus.ONLINE, connected, failing)


def _as_counts(sample: FleetSample) -> tuple[int, int, int, int]:
    return (sample.nodes, sample.online, sample.connected, sample.failing)
