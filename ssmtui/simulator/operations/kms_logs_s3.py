"""KMS keys, and the encryption of log groups and buckets."""

from __future__ import annotations

from typing import Final

from moto.logs.models import LogGroup, logs_backends

from ssmtui.simulator.authorisation import AuthorizationRequest, Context, Policies, Principal, evaluate
from ssmtui.simulator.authorisation.stored_policies import find_key, key_policy
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.responses import AwsError


@operation("kms", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncrypt", "Sign", "GenerateMac")
def use_key(call: ApiCall) -> Result:
    """Work with a key of this Region, where it is enabled."""
    key_id = str(call.parameters.get("KeyId") or call.parameters.get("DestinationKeyId") or "")
    if key_id.startswith("arn:") and key_id.split(":")[3] != call.region:
        raise AwsError("NotFoundException", f"Invalid arn {key_id.split(':')[3]}")
    _must_be_enabled(call, key_id)
    if call.operation.startswith("GenerateDataKey"):
        _must_be_symmetric(call, key_id)
    return read_answer(call.model, call.moto())


@operation("kms", "Decrypt")
def decrypt(call: ApiCall) -> Result:
    """Decrypt, where the key that the ciphertext names is enabled."""
    decrypted = read_answer(call.model, call.moto())
    _must_be_enabled(call, str(decrypted.get("KeyId", "")))
    return decrypted


@operation("kms", "CreateKey")
def create_key(call: ApiCall) -> Result:
    """Create a key; its use is to encrypt and decrypt, where nothing else is asked."""
    key = find_key(call.account, call.region, read_answer(call.model, call.moto())["KeyMetadata"]["KeyId"])
    if key is None:
        raise AwsError("KMSInternalException", "The key was not created.", 500)
    key.key_usage = key.key_usage or "ENCRYPT_DECRYPT"
    return key.to_dict()


@operation("kms", "ListAliases")
def list_aliases(call: ApiCall) -> Result:
    """List aliases; AWS's own point to no key until a service uses them."""
    result = read_answer(call.model, call.moto())
    for alias in result["Aliases"]:
        if find_key(call.account, call.region, alias.get("TargetKeyId", "")) is None:
            alias.pop("TargetKeyId", None)
    return result


def _must_be_symmetric(call: ApiCall, key_id: str) -> None:
    key = find_key(call.account, call.region, key_id)
    if key is not None and key.key_spec != "SYMMETRIC_DEFAULT":
        said = f"{key.arn} key usage is {key.key_usage} which is not valid for {call.operation}."
        raise AwsError("InvalidKeyUsageException", said)


def _must_be_enabled(call: ApiCall, key_id: str) -> None:
    key = find_key(call.account, call.region, key_id)
    if key is None or key.key_state == "Enabled":
        return
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")
    state = key.key_state.replace("PendingDeletion", "pending deletion")
    raise AwsError("KMSInvalidStateException", f"{key.arn} is {state}.")


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


@operation("s3", "GetBucketEncryption")
def get_bucket_encryption(call: ApiCall) -> Result:
    """The default encryption of a bucket."""
    try:
        return read_answer(call.model, call.moto())
    except AwsError as error:
        if error.code != "ServerSideEncryptionConfigurationNotFoundError":
            raise
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
