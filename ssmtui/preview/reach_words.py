"""Whom a change reaches, in words: how far it goes, and how many nodes are seen there."""

from __future__ import annotations

from ssmtui.language import say, say_many
from ssmtui.model.plan import Plan, Reach
from ssmtui.model.subject import SubjectKind


def reach_words(plan: Plan) -> str:
    """The reach of a plan. A role may have nodes in other Regions too, which are not counted: a note says so."""
    count = plan.nodes_reached
    if plan.reach is Reach.NODE or count is None:
        return say(plan.reach.value)
    if plan.reach is Reach.REGION:
        return say_many(
            "every node and user of the Region ({count} node is seen)",
            "every node and user of the Region ({count} nodes are seen)",
            count,
        )
    if plan.subject.kind is SubjectKind.ROLE:
        return say_many(
            "one role, and every node that uses it ({count} node is seen)",
            "one role, and every node that uses it ({count} nodes are seen)",
            count,
        )
    return say_many(
        "every node of one subject ({count} node is seen)", "every node of one subject ({count} nodes are seen)", count
    )
