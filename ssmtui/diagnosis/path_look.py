"""One look at a node's path: all its links checked side by side, each link's checks in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ssmtui.checks.check import Check
from ssmtui.diagnosis.judging import Judgement, Judging
from ssmtui.diagnosis.probing import Probed, probed
from ssmtui.diagnosis.taking_turns import in_turn
from ssmtui.evidence.gathering.class_journey import NodesOwn
from ssmtui.evidence.gathering.journey import Journey
from ssmtui.model.path import Link
from ssmtui.model.standing import Observation


async def observed(journey: Journey) -> Observation | None:
    """What is observed of the node of a path, None where that is not known."""
    value = (await journey.fact(Observation)).value
    return value if isinstance(value, Observation) else None


class PathLook:
    """What one look has found until now: the observation of the node, and what its checks said, by their names.

    At its end, what probes of the node tell is known as well. `own` are, on the path of a class, the checks in which
    its nodes may differ. `held_up` is the seconds after which a check that waits for AWS makes room for the next of its
    link.
    """

    def __init__(
        self, journey: Journey, judging: Judging, checks: Mapping[Link, Sequence[Check]], held_up: float
    ) -> None:
        self.observation: Observation | None = None
        self.judgements: dict[str, Judgement] = {}
        self.by_probe: Probed | None = None
        self.own: list[Check] = []
        self._journey = journey
        self._judging = judging
        self._checks = checks
        self._held_up = held_up

    async def take(self, *, seen: Callable[[Observation | None], None], judged: Callable[[], None]) -> None:
        """Look. `seen` is called with the observation, `judged` while links are done with, and at the end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._observe(seen))
            for link in Link:
                group.create_task(self._check(link, judged))
        self.by_probe = await probed(self._journey, [each for link in Link for each in self._checks[link]])
        judged()

    async def _observe(self, seen: Callable[[Observation | None], None]) -> None:
        try:
            self.observation = await observed(self._journey)
        except NodesOwn:
            return
        seen(self.observation)

    async def _check(self, link: Link, judged: Callable[[], None]) -> None:
        await in_turn((partial(self._judge, check) for check in self._checks[link]), self._held_up)
        if len(self.judgements) + len(self.own) < sum(map(len, self._checks.values())):
            judged()  # the last one waits for what probes say: no verdict in between

    async def _judge(self, check: Check) -> None:
        try:
            self.judgements[check.name] = await self._judging.judge(check, self._journey)
        except NodesOwn:
            self.own.append(check)
