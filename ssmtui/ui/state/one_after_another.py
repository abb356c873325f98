"""Several changes that are made together: one after the other, each journalled on its own, until one is not made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ssmtui.changes.afterwards import Afterwards, Effect, after_applying
from ssmtui.changes.outcome import ChangeOutcome
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Plan
from ssmtui.preview.plan_set import PlanSet

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk


async def made_one_after_another(
    plans: PlanSet, desk: ChangeDesk, hoped: Callable[[Plan], tuple[NodeKey, ...]], now: Callable[[], datetime]
) -> AsyncIterator[tuple[Plan, ChangeOutcome, Afterwards]]:
    """Make the changes; each with what became of it and what follows, up to the first that was not made.

    `hoped` tells the nodes that a change is to get going.
    """
    for plan in plans.plans:
        nodes = hoped(plan)
        outcome = await asyncio.wrap_future(desk.apply(replace(plan, awaited_by=tuple(key.id for key in nodes))))
        after = after_applying(plan, outcome, nodes, now())
        yield plan, outcome, after
        if after.effect is not Effect.MADE:
            return
