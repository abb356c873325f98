"""Who may do what in the simulated account: one evaluator for the calls themselves and for iam:Simulate…Policy."""

from __future__ import annotations

from ssmtui.simulator.authorisation.actions import Call, Need, action_of
from ssmtui.simulator.authorisation.collect import policies_of, principal_of
from ssmtui.simulator.authorisation.context import Context
from ssmtui.simulator.authorisation.documents import MalformedPolicyError, Policy
from ssmtui.simulator.authorisation.evaluation import (
    AuthorizationRequest,
    Decision,
    MatchedStatement,
    Outcome,
    Policies,
    PolicyKind,
    ResourcePolicy,
    evaluate,
)
from ssmtui.simulator.authorisation.permission import authorise, permission
from ssmtui.simulator.authorisation.principals import Principal
from ssmtui.simulator.authorisation.refusals import Refusal, refusal

__all__ = [
    "AuthorizationRequest",
    "Call",
    "Context",
    "Decision",
    "MalformedPolicyError",
    "MatchedStatement",
    "Need",
    "Outcome",
    "Policies",
    "Policy",
    "PolicyKind",
    "Principal",
    "Refusal",
    "ResourcePolicy",
    "action_of",
    "authorise",
    "evaluate",
    "permission",
    "policies_of",
    "principal_of",
    "refusal",
]
