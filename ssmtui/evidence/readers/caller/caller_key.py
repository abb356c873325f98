"""Whether the caller may ask for data keys of the session key: as IAM says, or the policies of its role.

The key itself and its own policy are `keys`; what nodes' roles may do with it is `storage_permissions`.
"""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.caller.caller_identity import CallerIdentity, done_by_caller, known_of_caller
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.readers.identity.roles import CallerPolicies, CallerStatements
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.evidence.readers.permissions.settling import settled
from ssmtui.evidence.readers.permissions.simulation import simulate
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.permissions import SIMULATION, CallerKeyPermissions, Question
from ssmtui.model.questions import GENERATE_DATA_KEY
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key


class SimulatedCallerKey(CallerKeyPermissions):
    """IAM's answers about the caller and the session key."""

    __slots__ = ()


def _principal_and_key(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    key: Key,
) -> Hashable:
    return caller.principal, identity, key.arn, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_key)
async def simulated_caller_key(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    key: Key,
) -> SimulatedCallerKey:
    """On the key's ARN."""
    questions, known = (Question(GENERATE_DATA_KEY, key.arn),), known_of_caller(scope, caller, identity)
    done = done_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, questions, lambda _question: known, done=done)
    return SimulatedCallerKey(caller.principal, answers)


@derives
def caller_key_permissions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    key: Key,
    simulated: SimulatedCallerKey | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
    statements: CallerStatements | Absent | Moot | Unreadable,
) -> CallerKeyPermissions | Unreadable:
    """What IAM says, else what the policies of the caller's role say."""
    known = known_of_caller(scope, caller, identity)
    if isinstance(simulated, SimulatedCallerKey):
        answers = tuple(settled(each, statements, known) for each in simulated.answers)
        return CallerKeyPermissions(simulated.principal, answers)
    if isinstance(policies, CallerPolicies):
        questions = (Question(GENERATE_DATA_KEY, key.arn),)
        return CallerKeyPermissions(caller.principal, evaluate(policies, questions, lambda _question: known))
    return simulated
