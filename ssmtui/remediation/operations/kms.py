"""Write operations of KMS: the state and the tags of a key."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.language import translatable
from ssmtui.model.plan import Call, Plan
from ssmtui.remediation.operations.resource_forms import (
    IN_ITS_STACK,
    NO_CLOUDFORMATION_STATE,
    Properties,
    TerraformForm,
    imported_by,
)
from ssmtui.remediation.operations.write_operation import (
    ChangeWriter,
    OutcomeCheck,
    Parameters,
    Response,
    Settlement,
    WriteOperation,
    value_at,
    value_is,
)


def _state_is(wanted: str | tuple[str, ...], *, was: str) -> OutcomeCheck:
    return value_is("kms", "DescribeKey", ("KeyId",), "KeyMetadata.KeyState", wanted, was=was)


def _has_tags(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    wanted = set(str(value_at(parameters["Tags"], "*.TagKey+TagValue")).splitlines())
    return {} if wanted <= _tags(writer, parameters, "TagKey+TagValue") else Settlement.NOT_MADE


def _lacks_tags(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    names = set(str(value_at(parameters["TagKeys"], "*")).splitlines())
    return Settlement.NOT_MADE if names & _tags(writer, parameters, "TagKey") else {}


def _tags(writer: ChangeWriter, parameters: Parameters, path: str) -> set[str]:
    answer = writer.read("kms", "ListResourceTags", {"KeyId": parameters["KeyId"]})
    return set((value_at(answer, f"Tags.*.{path}") or "").splitlines())


def _enabled(_call: Call, _plan: Plan, _values: Properties) -> Sequence[Properties]:
    return ({"is_enabled": True},)


KMS_OPERATIONS = (
    WriteOperation(
        "kms",
        "EnableKey",
        ("KeyId",),
        _state_is("Enabled", was="Disabled"),
        reads=("DescribeKey",),
        terraform=TerraformForm(
            "aws_kms_key",
            "session",
            {},
            identifiers=("KeyId",),
            import_id=imported_by("KeyId"),
            keep=True,
            complete=_enabled,
        ),
        cloudformation=IN_ITS_STACK,
    ),
    WriteOperation("kms", "DisableKey", ("KeyId",), _state_is("Disabled", was="Enabled"), reads=("DescribeKey",)),
    WriteOperation(
        "kms",
        "CancelKeyDeletion",
        ("KeyId",),
        _state_is(("Disabled", "Enabled"), was="PendingDeletion"),
        reads=("DescribeKey",),
        terraform=translatable("Terraform has no resource that cancels a key deletion."),
        cloudformation=NO_CLOUDFORMATION_STATE,
    ),
    WriteOperation(
        "kms",
        "TagResource",
        ("KeyId", "Tags"),
        _has_tags,
        reads=("ListResourceTags",),
        terraform=translatable(
            "A key tag is not a separate resource. It is part of the argument tags of the aws_kms_key."
        ),
    ),
    WriteOperation(
        "kms",
        "UntagResource",
        ("KeyId", "TagKeys"),
        _lacks_tags,
        reads=("ListResourceTags",),
    ),
)
