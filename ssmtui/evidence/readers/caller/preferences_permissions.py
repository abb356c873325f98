"""What the caller may do to the preferences document of the Region: by IAM's simulation, else by its role's policies.

Not what nodes' roles may, and not what the caller may do to nodes, sessions and keys.
"""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.caller.caller_identity import done_by_caller
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.readers.identity.roles import (
    CallerPolicies,
    CallerSimulation,
    CallerStatements,
    KeysLackedOfCaller,
)
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.evidence.readers.permissions.settling import settled
from ssmtui.evidence.readers.permissions.simulation import simulate
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.agent_requests import direct_context
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.permissions import SIMULATION, CallerPreferencesPermissions
from ssmtui.model.questions import caller_preferences_questions
from ssmtui.model.scope import Scope


def _principal(scope: Scope, caller: JudgedCaller, fleet: ManagedFleet | Unreadable) -> Hashable:
    return caller.principal, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal)
async def caller_simulation(
    aws: Aws, scope: Scope, caller: JudgedCaller, fleet: ManagedFleet | Unreadable
) -> CallerSimulation:
    """The caller towards the preferences document of the Region."""
    questions = caller_preferences_questions(scope)
    known = direct_context(scope, caller.principal)
    done = done_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, questions, known=lambda _question: known, done=done)
    return CallerSimulation(caller.principal, answers)


@derives
def keys_lacked_of_caller(told: CallerSimulation) -> KeysLackedOfCaller | Moot:
    """IAM names them whatever is asked: the one simulation that is asked for in any case tells all there are."""
    keys = {key for answer in told.answers for key in answer.missing_context}
    return KeysLackedOfCaller(tuple(sorted(keys))) if keys else Moot(say("IAM lacked no condition key"))


@derives
def caller_preferences_permissions(
    scope: Scope,
    caller: JudgedCaller,
    simulated: CallerSimulation | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
    statements: CallerStatements | Absent | Moot | Unreadable,
) -> CallerPreferencesPermissions | Unreadable:
    """What IAM says of the caller, else what the policies of the caller's role say."""
    known = direct_context(scope, caller.principal)
    if isinstance(simulated, CallerSimulation):
        told = tuple(settled(each, statements, known) for each in simulated.answers)
        return CallerPreferencesPermissions(simulated.principal, told)
    if isinstance(policies, CallerPolicies):
        answers = evaluate(policies, caller_preferences_questions(scope), lambda _question: known)
        return CallerPreferencesPermissions(caller.principal, answers)
    return simulated
