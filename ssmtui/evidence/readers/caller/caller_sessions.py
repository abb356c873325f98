"""What the caller may do to sessions of its own, and to the document that they start by: as IAM says, or its policies.

Whether it may start one on a node is `caller_on_nodes`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.caller.caller_identity import CallerIdentity, done_by_caller, known_of_caller
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.readers.identity.roles import CallerPolicies, CallerStatements
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.evidence.readers.permissions.settling import settled
from ssmtui.evidence.readers.permissions.simulation import simulate, simulate_on_many
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.agent_requests import direct_context
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.permissions import SIMULATION, CallerInSessions, EvaluationResult, Question, best_of
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import OWN_SESSION_ACTIONS, document_question
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class SimulatedSessions:
    """IAM's answers about sessions of the caller's own."""

    answers: CallerInSessions


def _principal_and_id(
    scope: Scope, caller: JudgedCaller, identity: CallerIdentity, fleet: ManagedFleet | Unreadable
) -> Hashable:
    return caller.principal, identity, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_id)
async def simulated_sessions(
    aws: Aws, scope: Scope, caller: JudgedCaller, identity: CallerIdentity, fleet: ManagedFleet | Unreadable
) -> SimulatedSessions:
    """On the ARNs that a session of the caller's may have, and on the preferences document."""
    arns, context = identity.session_arns(scope), identity.session_context()
    known = _in_own_sessions(scope, caller)
    done, named = done_by_caller(scope, fleet), known_of_caller(scope, caller, identity)
    own = await simulate_on_many(aws, caller.principal, OWN_SESSION_ACTIONS, arns, context, known=known, done=done)
    (document,) = await simulate(aws, caller.principal, (document_question(scope),), lambda _question: named, done=done)
    return SimulatedSessions(CallerInSessions(_best(own, arns, context), document))


@derives
def caller_in_sessions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity,
    simulated: SimulatedSessions | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
    statements: CallerStatements | Absent | Moot | Unreadable,
) -> CallerInSessions | Unreadable:
    """What IAM says, else what the policies of the caller's role say."""
    known, named = _in_own_sessions(scope, caller), known_of_caller(scope, caller, identity)
    if isinstance(simulated, SimulatedSessions):
        told = simulated.answers
        own = tuple(settled(each, statements, known) for each in told.own)
        return CallerInSessions(own, settled(told.document, statements, named))
    if not isinstance(policies, CallerPolicies):
        return simulated
    arns, context = identity.session_arns(scope), identity.session_context()
    questions = [Question(action, arn, context) for action in OWN_SESSION_ACTIONS for arn in arns]
    by_own = dict(zip(questions, evaluate(policies, questions, lambda _question: known), strict=True))
    (document,) = evaluate(policies, (document_question(scope),), lambda _question: named)
    return CallerInSessions(_best(by_own, arns, context), document)


def _in_own_sessions(scope: Scope, caller: JudgedCaller) -> Context:
    """What is known besides the context of the questions: who has no name of a user there has none."""
    return {**direct_context(scope, caller.principal), "aws:username": ()}


def _best(
    answers: Mapping[Question, EvaluationResult], arns: tuple[str, ...], context: tuple[tuple[str, str], ...]
) -> tuple[EvaluationResult, ...]:
    """One answer an action."""
    return tuple(best_of([answers[Question(action, arn, context)] for arn in arns]) for action in OWN_SESSION_ACTIONS)
