"""Nodes that present the same to the checks: judged once, by one that stands for all (docs/architecture.md §6)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from ssmtui.checks.check import Check
from ssmtui.diagnosis.judging import Judgement, Judging
from ssmtui.diagnosis.outcomes import ClassOutcomes, Outcome, outcome_of
from ssmtui.diagnosis.path_look import PathLook
from ssmtui.diagnosis.verdicts import Presence
from ssmtui.evidence.gathering.class_journey import ClassJourney
from ssmtui.evidence.gathering.journey import NOTHING_KNOWN, Resolved
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.model.likeness import likeness
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.path import Link
from ssmtui.model.standing import Observation


class NodeClass:
    """Nodes that are judged together. `waiting` are those of its nodes that are to be told what was judged.

    The value of a waiting node is the number of the look that it waits for.
    """

    def __init__(self, journey: ClassJourney, look: PathLook, region: str, checks: Sequence[Check]) -> None:
        self.look = look
        self.begun = False
        self.done = False
        self.waiting: dict[NodeKey, int] = {}
        self._journey = journey
        self._region = region
        self._checks = checks
        self._shared: Mapping[type, Resolved] | None = None
        self._outcomes: dict[Presence, ClassOutcomes] = {}

    @property
    def reads_own(self) -> bool:
        """Whether something is read from AWS for each of its nodes."""
        return self._journey.reads_own

    def has_own(self, kind: type) -> bool:
        """Whether each of its nodes has a fact of this kind of its own. The class must have been judged."""
        return self._journey.has_own(kind)

    @property
    def shared(self) -> Mapping[type, Resolved]:
        """The facts that are the same on the path of each. The class must have been judged."""
        if self._shared is None:
            self._shared = self._journey.shared
        return self._shared

    @property
    def own(self) -> Sequence[Check]:
        """The checks that each of its nodes is judged by itself. The class must have been judged."""
        return self.look.own

    def so_far(self, presence: Presence) -> Outcome:
        """What has been judged of all of them until now; complete only where nothing is a node's own."""
        return outcome_of(presence, self._region, self._checks, self.look.judgements)

    def outcomes(self, presence: Presence) -> ClassOutcomes:
        """The outcomes of its nodes that are there in the same way. The class must have been judged."""
        outcomes = self._outcomes.get(presence)
        if outcomes is None:
            outcomes = self._outcomes[presence] = ClassOutcomes(
                presence, self._region, self._checks, self.look.judgements, self.look.own
            )
        return outcomes


class Classes:
    """The classes of a scope's nodes, for as long as the facts are as they are."""

    def __init__(
        self, gathering: Gathering, judging: Judging, by_link: Mapping[Link, Sequence[Check]], held_up: float
    ) -> None:
        self._gathering = gathering
        self._judging = judging
        self._by_link = by_link
        self._checks = tuple(check for link in Link for check in by_link[link])
        self._held_up = held_up
        self._classes: dict[Hashable, NodeClass] = {}

    def forget(self) -> None:
        """Facts may be others from now on."""
        self._classes.clear()
        self._judging.begin_anew()

    def of(self, node: Node, known: Mapping[type, Resolved]) -> NodeClass:
        """The class of a node of which these facts are known."""
        observed = known.get(Observation)
        presented = (likeness(node), observed.value if observed is not None else None)
        found = self._classes.get(presented)
        if found is None:
            journey = self._gathering.class_journey(node, known)
            look = PathLook(journey, self._judging, self._by_link, self._held_up)
            found = self._classes[presented] = NodeClass(journey, look, self._gathering.scope.region, self._checks)
        return found

    async def own_judgements(
        self, of: NodeClass, node: Node, known: Mapping[type, Resolved] = NOTHING_KNOWN
    ) -> Sequence[Judgement]:
        """What the checks say of a node that are not the same for its whole class, in their order.

        `known` are facts of its own that are known.
        """
        if not of.own:
            return ()
        journey = self._gathering.journey(node, {**of.shared, **known} if known else of.shared)
        return tuple([await self._judging.judge(check, journey) for check in of.own])
