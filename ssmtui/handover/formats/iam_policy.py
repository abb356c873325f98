"""A plan as the IAM policy that it writes, in JSON: for consoles and pipelines that take just that."""

from __future__ import annotations

import json

from ssmtui.handover.format import handed_over
from ssmtui.handover.request import CannotExpress, ChangeRequest
from ssmtui.handover.seen_text import is_seen
from ssmtui.language import marked, say

_DOCUMENTS = {
    "PutRolePolicy": "PolicyDocument",
    "UpdateAssumeRolePolicy": "PolicyDocument",
    "CreateRole": "AssumeRolePolicyDocument",
}


@handed_over("iam", label=marked("IAM policy (JSON)"), after="cloudformation")
def policy_text(request: ChangeRequest) -> str:
    """The policy document that the change writes.

    Raises:
        CannotExpress: it writes none, or several.

    """
    plan = request.plan
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
