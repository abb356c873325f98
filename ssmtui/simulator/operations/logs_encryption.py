"""CloudWatch Logs: the key that a log group is encrypted with."""

from __future__ import annotations

from typing import Final

from moto.logs.models import LogGroup, logs_backends

from ssmtui.simulator.authorisation import AuthorizationRequest, Context, Policies, Principal, evaluate
from ssmtui.simulator.authorisation.collect import find_key, key_policy
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
_NEEDED: Final = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")


@operation("logs", "AssociateKmsKey")
def associate_kms_key(call: ApiCall) -> Result:
    """Encrypt what a log group takes in from now on."""
    group = _group(call)
    key_id = str(call.parameters["kmsKeyId"])
    _must_serve(call, key_id, group.name)
    group.kms_key_id = key_id
    return {}


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: ApiCall) -> Result:
    """Encrypt it no longer with a key of the account."""
    _group(call).kms_key_id = None
    return {}


@operation("logs", "CreateLogGroup")
def create_log_group(call: ApiCall) -> Result:
    """Create a log group; a key given with it must serve CloudWatch Logs."""
    key_id = call.parameters.get("kmsKeyId")
    if key_id:
        _must_serve(call, str(key_id), str(call.parameters["logGroupName"]))
    return read_answer(call.model, call.moto())


def _group(call: ApiCall) -> LogGroup:
    identifier = str(call.parameters.get("resourceIdentifier", ""))
    name = str(call.parameters.get("logGroupName") or identifier.partition(":log-group:")[2].removesuffix(":*"))
    groups: dict[str, LogGroup] = logs_backends[call.account][call.region].groups
    if name not in groups:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return groups[name]


def _must_serve(call: ApiCall, key_id: str, group_name: str) -> None:
    group_arn = call.arn("logs", f"log-group:{group_name}")
    key = find_key(call.account, call.region, key_id)
    if key is None or key.key_state != "Enabled" or not _serves(call, key.arn, group_arn):
        raise AwsError(
            "InvalidParameterException",
            f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{group_arn}'.",
        )


def _serves(call: ApiCall, key_arn: str, group_arn: str) -> bool:
    service = Principal.service(f"logs.{call.region}.amazonaws.com")
    policies = Policies(resource=key_policy(call.account, call.region, key_arn, service))
    context = Context.of({"kms:EncryptionContext:aws:logs:arn": group_arn})
    return all(
        evaluate(AuthorizationRequest(service, action, key_arn, context), policies).allowed for action in _NEEDED
    )
