"""Write operations of CloudWatch Logs: log groups and their keys."""

from __future__ import annotations

from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.resource_forms import IN_ITS_STACK, CloudFormationForm, TerraformForm, imported_by
from ssmtui.remediation.operations.write_operation import (
    ChangeWriter,
    Parameters,
    Response,
    Settlement,
    WriteOperation,
    value_at,
)


def _group_is_there(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if _streams(writer, parameters) is not None else Settlement.NOT_MADE


def _group_is_gone(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if _streams(writer, parameters) is None else Settlement.NOT_MADE


def _streams(writer: ChangeWriter, parameters: Parameters) -> Response | None:
    return writer.read("logs", "DescribeLogStreams", {"logGroupName": parameters["logGroupName"], "limit": 1})


def _group_has_the_key(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    wanted = parameters["kmsKeyId"]
    key = _key_of_group(writer, parameters)
    if key == wanted:
        return {}
    # Another key can be the previous key or somebody's edit.
    return Settlement.UNKNOWN if key else Settlement.NOT_MADE


def _group_has_no_key(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return Settlement.NOT_MADE if _key_of_group(writer, parameters) else {}


def _key_of_group(writer: ChangeWriter, parameters: Parameters) -> str | None:
    named: dict[str, JSON] = {"logGroupNamePrefix": parameters["logGroupName"], "limit": 1}
    answer = writer.read("logs", "DescribeLogGroups", named)
    # Groups are sorted by name: among all groups with this prefix, the exact name is first.
    there = value_at(answer, "logGroups.0.logGroupName") == parameters["logGroupName"]
    return value_at(answer, "logGroups.0.kmsKeyId") if there else None


LOGS_OPERATIONS = (
    WriteOperation(
        "logs",
        "CreateLogGroup",
        ("logGroupName",),
        _group_is_there,
        reads=("DescribeLogStreams",),
        terraform=TerraformForm("aws_cloudwatch_log_group", "sessions", {"logGroupName": "name"}),
        cloudformation=CloudFormationForm("AWS::Logs::LogGroup", "SessionLogGroup", {"logGroupName": "LogGroupName"}),
    ),
    WriteOperation("logs", "DeleteLogGroup", ("logGroupName",), _group_is_gone, reads=("DescribeLogStreams",)),
    WriteOperation(
        "logs",
        "AssociateKmsKey",
        ("logGroupName", "kmsKeyId"),
        _group_has_the_key,
        reads=("DescribeLogGroups",),
        terraform=TerraformForm(
            "aws_cloudwatch_log_group",
            "sessions",
            {"logGroupName": "name", "kmsKeyId": "kms_key_id"},
            import_id=imported_by("logGroupName"),
            keep=True,
        ),
        cloudformation=IN_ITS_STACK,
    ),
    WriteOperation("logs", "DisassociateKmsKey", ("logGroupName",), _group_has_no_key, reads=("DescribeLogGroups",)),
)
