"""STS: who the caller is."""

from __future__ import annotations

from ssmtui.simulator.authorisation import principal_of
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.operations.registry import Result, operation


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: ApiCall) -> Result:
    """The principal behind the access key."""
    principal = principal_of(call.caller_arn)
    return {"UserId": principal.user_id or call.account, "Account": call.account, "Arn": call.caller_arn}
