"""STS: roles taken. Whether one may be is for the caller's policies and the role's trust policy: see authorisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ssmtui.simulator import role_sessions, state, tokens
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation

_HOUR: Final = 3600


@operation("sts", "AssumeRole")
def assume_role(call: ApiCall) -> Result:
    """Credentials of the role. They last an hour at most where a role takes it (role chaining)."""
    seconds = int(call.parameters.get("DurationSeconds", _HOUR))
    if seconds > _HOUR and ":assumed-role/" in call.caller_arn:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    answer = read_answer(call.model, call.moto())
    end = state.now() + timedelta(seconds=seconds)
    role_sessions.begin(str(answer["Credentials"]["AccessKeyId"]), end)
    tokens.give(str(answer["Credentials"]["SessionToken"]))
    return {**answer, "Credentials": {**answer["Credentials"], "Expiration": end}}
