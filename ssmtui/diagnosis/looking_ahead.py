"""What fixes would need to know, read before anybody asks: so that changes can be previewed where there is no AWS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ssmtui.diagnosis.region import region_facts
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.diagnosis.scope_plan import plan_in_scope
from ssmtui.fixes.frame.fix import all_fixes
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.likeness import likeness
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plan import NotApplicable, Plan

_TRIED = 8
"""Values that each choice of a fix is tried with; whoever chooses another learns that it is not in the snapshot."""

_OF_A_KIND = 3
_AT_MOST = 500
"""Nodes that forecasts are tried on: so many that are alike, and so many altogether."""


async def look_ahead(diagnosis: ScopeDiagnosis) -> None:
    """Read what the preferences of the Region point at, and what the fixes of every finding need.

    All of it has the time of a Region: one call that hangs would take that of every fix otherwise.
    """
    with diagnosis.in_time():
        await region_facts(diagnosis.journey(None))
        for slug, fix in all_fixes().items():
            if fix.whole_region:
                await _try(diagnosis, slug, None)
        for finding in tuple(diagnosis.findings()):
            for slug in finding.finding.fixes:
                await _try(diagnosis, slug, finding.id)


async def _try(diagnosis: ScopeDiagnosis, slug: str, finding_id: str | None) -> None:
    planned = await plan_in_scope(diagnosis, slug, finding_id, NOTHING_CHOSEN)
    if isinstance(planned, Plan):
        await diagnosis.foresee(_some_of_each_kind(diagnosis.nodes), planned)
        return
    for choices in _choices(planned):
        chosen = await plan_in_scope(diagnosis, slug, finding_id, choices)
        if isinstance(chosen, Plan):
            await diagnosis.foresee(_some_of_each_kind(diagnosis.nodes), chosen)


def _some_of_each_kind(nodes: Mapping[NodeKey, Node]) -> Mapping[NodeKey, Node]:
    """Nodes that between them come by whatever is shared: the paths of all would be judged anew for every fix."""
    seen = defaultdict[object, int](int)
    some: dict[NodeKey, Node] = {}
    for key, node in nodes.items():
        kind = likeness(node)
        if seen[kind] < _OF_A_KIND and len(some) < _AT_MOST:
            seen[kind] += 1
            some[key] = node
    return some


def _choices(refused: NotApplicable) -> Iterator[Choices]:
    for choice in refused.choices[:1]:
        would_do = [each for each in choice.candidates if not each.why_not]
        for candidate in would_do[:_TRIED]:
            yield Choices(((choice.name, candidate.value),))
