"""Decide who is allowed to do what in the simulated account: one evaluator for API calls and iam:Simulate…Policy."""

from __future__ import annotations

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
from ssmtui.simulator.authorisation.permission import Call, Need, Refusal, action_of, authorise, permission, refusal
from ssmtui.simulator.authorisation.policies import Context, MalformedPolicyError, Policy, Principal
from ssmtui.simulator.authorisation.stored_policies import policies_of, principal_of

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
