"""Answers of `SimulatePrincipalPolicy`, as IAM words them."""

from __future__ import annotations

from typing import Any


def a_result(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"} | more


def allowing(**parameters: Any) -> dict[str, Any]:
    """Everything is allowed: each resource has its own result, if there are several."""
    asked = parameters["ResourceArns"]
    specific = [{"EvalResourceName": each, "EvalResourceDecision": "allowed"} for each in asked]
    more = {"ResourceSpecificResults": specific} if len(asked) > 1 else {}
    return {"EvaluationResults": [a_result(each, asked[0], **more) for each in parameters["ActionNames"]]}
