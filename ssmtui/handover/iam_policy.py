"""A plan as the IAM policy that it writes, in JSON: for consoles and pipelines that take just that."""

from __future__ import annotations

import json

from ssmtui.handover.request import CannotExpress
from ssmtui.handover.steps import is_seen
from ssmtui.language import say
from ssmtui.model.plan import Plan

_DOCUMENTS = {
    "PutRolePolicy": "PolicyDocument",
    "UpdateAssumeRolePolicy": "PolicyDocument",
    "CreateRole": "AssumeRolePolicyDocument",
}


def policy_text(plan: Plan) -> str:
    """The policy document that the change writes.

    Raises:
        CannotExpress: it writes none, or several.

    """
    written = [
        document
        for call in plan.calls
        if call.service == "iam"
        and isinstance(document := call.parameters.get(_DOCUMENTS.get(call.operation, "")), str)
    ]
    if len(written) != 1:
        raise CannotExpress(say("This change does not write one IAM policy."))
    text = json.dumps(json.loads(written[0]), indent=2, ensure_ascii=not is_seen(written[0]))
    return f"{text}\n"
