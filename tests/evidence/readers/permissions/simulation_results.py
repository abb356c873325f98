"""Answers of `SimulatePrincipalPolicy`, as IAM words them."""

from __future__ import annotations

from typing import Any


def a_result(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"} | more


def allowing(**parameters: Any) -> dict[str, Any]:
    return {"EvaluationResults": [a_result(each, parameters["ResourceArns"][0]) for each in parameters["ActionNames"]]}
