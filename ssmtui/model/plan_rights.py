"""What the caller would have to be allowed to make a change, and what IAM says of it."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.permissions import Permissions, Question


@dataclass(frozen=True, slots=True)
class PlannedCalls:
    """The questions about the calls of a plan: a fact that the planner itself tells."""

    questions: tuple[Question, ...]


class PlanPermissions(Permissions):
    """What the caller may do of a plan's calls."""

    __slots__ = ()
