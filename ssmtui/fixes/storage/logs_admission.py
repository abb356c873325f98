"""Whether a key's policy lets CloudWatch Logs of the Region use the key for a log group, and the statement that would.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from ssmtui.model.plan import json_text
from ssmtui.model.policy import Policy
from ssmtui.model.policy_reading import AuthorizationRequest, Truth, both, read_policies
from ssmtui.model.scope import Scope
from ssmtui.model.storage import LogGroup

_CONTEXT = "kms:EncryptionContext:aws:logs:arn"
_NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
_GRANTED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")


def logs_service(scope: Scope) -> str:
    """The principal that CloudWatch Logs of a Region is."""
    return f"logs.{scope.region}.{scope.dns_suffix}"


def admits_logs(scope: Scope, group: LogGroup, key_arn: str, policy: Policy) -> Truth:
    """Whether the policy permits all that CloudWatch Logs does with a key."""
    answer = Truth.YES
    for action in _NEEDED:
        request = AuthorizationRequest(action, key_arn, (logs_service(scope),), {_CONTEXT: (group.arn,)})
        answer = both(answer, read_policies((policy,), request).permits)
    return answer


def statement_for_logs(scope: Scope, group: LogGroup) -> str:
    """The statement that a key's policy needs for this log group, as JSON."""
    return json_text(
        {
            "Effect": "Allow",
            "Principal": {"Service": logs_service(scope)},
            "Action": list(_GRANTED),
            "Resource": "*",
            "Condition": {"ArnEquals": {_CONTEXT: group.arn}},
        }
    )
