"""Whether the caller may make the calls of a plan: asked for plans that are shown, and for no others."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.permissions.simulation import simulate
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.permissions import SIMULATION
from ssmtui.model.plan_rights import PlannedCalls, PlanPermissions
from ssmtui.model.scope import Scope


def _calls(scope: Scope, planned: PlannedCalls) -> Hashable:
    return scope.principal, planned.questions


@reads(SIMULATION, key=_calls)
async def plan_permissions(aws: Aws, scope: Scope, planned: PlannedCalls) -> PlanPermissions | Moot:
    """Who makes the change is whoever asks, whomever the diagnosis judges."""
    if scope.principal is None:
        return Moot(say("IAM simulates neither the account's root user nor a federated one"))
    return PlanPermissions(scope.principal, await simulate(aws, scope.principal, planned.questions))
