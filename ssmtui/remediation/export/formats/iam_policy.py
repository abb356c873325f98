"""Export the IAM policy document that a plan writes."""

from __future__ import annotations

import json

from ssmtui.language import say, translatable
from ssmtui.remediation.export.format import ChangeRequest, export_format, is_visible
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.resource_forms import NotExpressibleError


@export_format("iam", label=translatable("IAM policy (JSON)"), after="cloudformation")
def policy_text(request: ChangeRequest) -> str:
    """Return the policy document that the change writes.

    Raises:
        NotExpressibleError: the change writes no policy document, or several.

    """
    plan = request.plan
    written = [
        document
        for call in plan.calls
        if (operation := WRITE_OPERATIONS.get((call.service, call.operation))) is not None
        and isinstance(document := call.parameters.get(operation.policy_document), str)
    ]
    if len(written) != 1:
        raise NotExpressibleError(say("This change does not write exactly one IAM policy."))
    text = json.dumps(json.loads(written[0]), indent=2, ensure_ascii=not is_visible(written[0]))
    return f"{text}\n"
