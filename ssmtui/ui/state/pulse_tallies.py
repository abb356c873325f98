"""How many nodes each group of the pulse has, by sign: kept up to date node by node, never counted anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ssmtui.model.node import NodeKey
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.pulse_groups import Counted, Group, Grouping
from ssmtui.ui.words.signs import Sign

_Counted = tuple[Group, Sign] | None


class Tallies:
    """The counts of a fleet by groupings. `take` costs by the nodes that have changed, not by those that there are."""

    def __init__(self, fleet: Fleet, groupings: Sequence[Grouping]) -> None:
        self._fleet = fleet
        self._groupings = tuple(groupings)
        self._counts: dict[str, dict[Group, Counter[Sign]]] = {each.key: {} for each in groupings}
        self._known: dict[NodeKey, tuple[_Counted, ...]] = {}

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

    def _look(self, key: NodeKey) -> tuple[_Counted, ...] | None:
        node = self._fleet.node(key)
        if node is None:
            return None
        counted = Counted(self._fleet, node, self._fleet.verdict(key))
        return tuple(
            None if (group := each.group_of(counted)) is None else (group, each.sign_of(counted))
            for each in self._groupings
        )

    def _count(self, places: tuple[_Counted, ...] | None, by: int) -> None:
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
