"""The plan of a fix in a scope: for a finding that holds there, on the path of a node that has it."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.planning import plan_fix
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.model.choice import Choices
from ssmtui.model.plan import NotApplicable, Plan, Reach


async def plan_in_scope(
    diagnosis: ScopeDiagnosis, fix: str, finding_id: str | None, choices: Choices
) -> Plan | NotApplicable:
    """The plan, with how many nodes of the scope it reaches; or why there is none."""
    held = diagnosis.finding(finding_id) if finding_id else None
    nodes = sorted(held.nodes, key=lambda key: key.id) if held else []
    journey = diagnosis.journey(diagnosis.nodes.get(nodes[0]) if nodes else None)
    finding = held.finding if held else None
    with diagnosis.in_time():
        planned = await plan_fix(fix, journey, finding.subject if finding else None, choices, finding)
    if isinstance(planned, NotApplicable):
        return planned
    reached = {Reach.NODE: 1, Reach.SUBJECT: len(nodes) or None, Reach.REGION: len(diagnosis.nodes)}
    return replace(planned, nodes_reached=reached[planned.reach])
