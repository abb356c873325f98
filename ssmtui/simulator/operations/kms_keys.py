"""KMS: a key that is not enabled does no work, which moto does not mind; and smaller things that moto tells wrongly."""

from __future__ import annotations

from ssmtui.simulator.authorisation.collect import find_key
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation


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
