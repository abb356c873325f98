"""Write operations of Systems Manager: commands, sessions, documents and service settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from ssmtui.language import say, translatable
from ssmtui.model.document_text import DocumentFormat, is_equivalent_text
from ssmtui.model.identity import HOST_MANAGEMENT_OFF, HOST_MANAGEMENT_SETTING
from ssmtui.model.plan import JSON, AnswerReference, Call, Parameter, Plan
from ssmtui.remediation.operations.resource_forms import (
    NEW_ROLE,
    NO_CLOUDFORMATION_STATE,
    Arguments,
    BlockAddress,
    CloudFormationForm,
    NoForm,
    NotExpressibleError,
    Properties,
    TerraformForm,
    imported_by,
    makes_role,
)
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ChangeWriter,
    CommandFailedError,
    OutcomeUnknownError,
    Parameters,
    Response,
    Settlement,
    Wait,
    WriteOperation,
    value_at,
    value_is,
)

# Number of pauses between reads: an update of the agent takes minutes.
_LOOKS = 360
_SUCCESS = "Success"
_UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_SAID = 300

# StatusDetails of a command that no agent received:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
_NOT_TAKEN = frozenset({"DeliveryTimedOut", "Undeliverable", "Terminated", "InvalidPlatform", "AccessDenied"})


def _send(writer: ChangeWriter, parameters: Parameters) -> Response:
    """Send the command, and wait until the node has run it.

    Raises:
        ChangeFailedError: the command was not delivered.
        CommandFailedError: the command was delivered, but failed.
        OutcomeUnknownError: the command is still running.

    """
    answer = writer.write("ssm", "SendCommand", parameters)
    command = value_at(answer, "Command.CommandId")
    if command is None:
        raise OutcomeUnknownError(say("the AWS response names no command"))
    which = {"CommandId": command, "InstanceId": value_at(parameters["InstanceIds"], "0") or ""}
    for _ in range(_LOOKS):
        invocation = writer.read("ssm", "GetCommandInvocation", which)
        status = value_at(invocation, "Status")
        if status == _SUCCESS:
            return answer
        # The invocation appears a moment after the command (until then, InvocationDoesNotExist).
        if status is not None and status not in _UNDER_WAY:
            taken = value_at(invocation, "StatusDetails") not in _NOT_TAKEN
            raise (CommandFailedError if taken else ChangeFailedError)("", _ended(command, invocation))
        writer.pause()
    raise OutcomeUnknownError(say("the command {command} is still in progress on the node", command=command))


def _ended(command: str, invocation: Response | None) -> str:
    status = value_at(invocation, "StatusDetails") or value_at(invocation, "Status") or ""
    told = (value_at(invocation, "StandardErrorContent") or "").strip()[:_SAID]
    if not told:
        return say("the command {command} ended with the status {status}", command=command, status=status)
    return say(
        "the command {command} ended with the status {status}: {told}", command=command, status=status, told=told
    )


def _look_for_command(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    """Look for a command with the unique comment of this plan. A failed command has no answer."""
    which = {"InstanceId": value_at(parameters["InstanceIds"], "0") or ""}
    listed = writer.read("ssm", "ListCommands", which)
    statuses = value_at(listed, f"Commands.*Comment={parameters['Comment']}.Status")
    if not statuses:
        return Settlement.NOT_MADE
    return {} if statuses == _SUCCESS else Settlement.UNKNOWN


def _session_is_over(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    which: dict[str, JSON] = {
        "State": "Active",
        "Filters": [{"key": "SessionId", "value": parameters["SessionId"]}],
    }
    active = value_at(writer.read("ssm", "DescribeSessions", which), "Sessions.*.SessionId")
    if active is None:
        return Settlement.UNKNOWN
    return Settlement.NOT_MADE if active else {}


_TRIES = 20
_NEWLINES = 4


def _update(writer: ChangeWriter, parameters: Parameters) -> Response:
    return _processed(writer, parameters, _write_new_content(writer, parameters))


def _create(writer: ChangeWriter, parameters: Parameters) -> Response:
    return _processed(writer, parameters, writer.write("ssm", "CreateDocument", parameters))


def _set_default(writer: ChangeWriter, parameters: Parameters) -> Response:
    answer = writer.write("ssm", "UpdateDocumentDefaultVersion", parameters)
    if value_at(answer, "Description.DefaultVersion") != parameters["DocumentVersion"]:
        raise OutcomeUnknownError(say("the AWS response does not name the default version"))
    return answer


def _delete(writer: ChangeWriter, parameters: Parameters) -> Response:
    answer = writer.write("ssm", "DeleteDocument", parameters)
    if _read_back(writer, {"Name": parameters["Name"]}) is not None:
        raise OutcomeUnknownError(say("AWS has responded, but the document still exists"))
    return answer


def _write_new_content(writer: ChangeWriter, parameters: Parameters) -> Response:
    """Write the content, with additional newlines at its end if AWS refuses a content that it had before.

    AWS does not document which earlier versions count as the same (docs/facts/preferences.md §2). So the newest version
    is read, and only that content counts as written.
    """
    for padding in range(_NEWLINES + 1):
        padded = _padded(parameters, "\n" * padding)
        try:
            return writer.write("ssm", "UpdateDocument", padded)
        except ChangeFailedError as failed:
            if failed.code != "DuplicateDocumentContent":
                raise
            newest = _newest(writer, parameters)
            if value_at(newest, "Content") == parameters["Content"]:
                return _as_if_answered(newest)
    raise ChangeFailedError(
        "DuplicateDocumentContent", say("an earlier version has the same content, apart from final newlines")
    )


def _padded(parameters: Parameters, padding: str) -> Parameters:
    content, stored = str(parameters["Content"]), DocumentFormat(str(parameters["DocumentFormat"]))
    if not padding:
        return parameters
    if not is_equivalent_text(content, content + padding, stored):
        # A YAML block that keeps its newlines would grow with each newline.
        raise ChangeFailedError(
            "DuplicateDocumentContent",
            say("an earlier version has the same content, and another final newline cannot be added"),
        )
    return {**parameters, "Content": content + padding}


def _processed(writer: ChangeWriter, parameters: Parameters, answer: Response) -> Response:
    """Return the answer after its version is active: before that, it cannot become the default.

    botocore reads an invalid JSON body as an empty answer; such an answer is ignored.
    """
    version = value_at(answer, "DocumentDescription.DocumentVersion")
    if version is None:
        raise OutcomeUnknownError(say("the AWS response names no version"))
    for attempt in range(_TRIES):
        if attempt:
            writer.pause()
        described = _read_back(writer, {"Name": parameters["Name"], "DocumentVersion": version})
        status = value_at(described, "Document.Status")
        if status == "Active":
            return answer
        if status == "Failed":
            why = value_at(described, "Document.StatusInformation") or say("without a reason")
            raise OutcomeUnknownError(say("AWS accepted the document but failed to process it: {why}", why=why))
    raise OutcomeUnknownError(say("AWS has accepted the document and is still processing it"))


def _look_for_update(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    newest = _newest(writer, parameters)
    if _same_text(value_at(newest, "Content"), parameters["Content"]):
        return _taken(newest)
    unmoved = value_at(newest, "DocumentVersion") == parameters["DocumentVersion"]
    return Settlement.NOT_MADE if unmoved else Settlement.UNKNOWN


def _look_for_document(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    newest = _newest(writer, parameters)
    if newest is None:
        return Settlement.NOT_MADE
    same = _same_text(value_at(newest, "Content"), parameters["Content"])
    return _taken(newest) if same else Settlement.UNKNOWN


def _look_for_deletion(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    described = writer.read("ssm", "DescribeDocument", {"Name": parameters["Name"]})
    if described is None:
        return {}
    return Settlement.NOT_MADE if value_at(described, "Document.Name") else Settlement.UNKNOWN


def _newest(writer: ChangeWriter, parameters: Parameters) -> Response | None:
    which: dict[str, str] = {"Name": str(parameters["Name"]), "DocumentVersion": "$LATEST"}
    return writer.read("ssm", "GetDocument", {**which, "DocumentFormat": parameters["DocumentFormat"]})


def _read_back(writer: ChangeWriter, which: Parameters) -> Response | None:
    """Read the result after a write. If reading fails, the write has still been made."""
    try:
        return writer.read("ssm", "DescribeDocument", which)
    except (ChangeFailedError, ChangeRefusedError) as error:
        raise OutcomeUnknownError(
            say("AWS has responded, but the result cannot be read: {error}", error=error)
        ) from error


def _as_if_answered(document: Response | None) -> Response:
    return {"DocumentDescription": {"DocumentVersion": value_at(document, "DocumentVersion")}}


def _taken(document: Response | None) -> Response | Settlement:
    return Settlement.UNKNOWN if value_at(document, "Status") == "Failed" else _as_if_answered(document)


def _same_text(found: str | None, wanted: object) -> bool:
    return found is not None and found.rstrip() == str(wanted).rstrip()


def _wanted_version(parameters: Parameters) -> str:
    return str(parameters["DocumentVersion"])


def _wanted_value(parameters: Parameters) -> str:
    return str(parameters["SettingValue"])


def _wait_for_document(call: Call, _number: int) -> Sequence[Wait]:
    """Wait for the document: only an active version can become the default."""
    which: dict[str, Parameter] = {"Name": call.parameters["Name"], "DocumentVersion": "$LATEST"}
    sentence = say("AWS has accepted the document but does not report it as active.")
    return (Wait("DescribeDocument", which, "Document.Status", "Active", sentence, _SCRIPT_DOCUMENT_SECONDS),)


def _wait_for_command(call: Call, number: int) -> Sequence[Wait]:
    nodes = call.parameters["InstanceIds"]
    command = AnswerReference(number, "Command.CommandId")
    return [
        Wait(
            "GetCommandInvocation",
            {"CommandId": command, "InstanceId": node},
            "Status",
            _SUCCESS,
            say("The command failed on {node} or is still in progress.", node=node),
            _SCRIPT_COMMAND_SECONDS,
        )
        for node in (nodes if isinstance(nodes, list | tuple) else ())
        if isinstance(node, str)
    ]


def _with_newline(call: Call) -> Call:
    """Return the call with an additional newline at the end of the content: AWS refuses a content that it had before.

    docs/facts/preferences.md §2. If a newline would change the meaning of the document, the content stays unchanged.
    """
    content, stored = call.parameters.get("Content"), call.parameters.get("DocumentFormat")
    known = next((each for each in DocumentFormat if each.value == stored), None)
    if known is None or not isinstance(content, str) or not is_equivalent_text(content, f"{content}\n", known):
        return call
    return replace(call, parameters={**call.parameters, "Content": f"{content}\n"})


def _session_document(_call: Call, _plan: Plan, values: Properties) -> Sequence[Properties]:
    defaults = {"name": values["name"], "document_type": "Session", "document_format": "JSON"}
    return ({**defaults, **values},)


def _document_with_content(_call: Call, _plan: Plan, values: Properties) -> Sequence[Properties]:
    return ({**values, "Content": json.loads(str(values["Content"])), "UpdateMethod": "NewVersion"},)


def _setting_arn(plan: Plan, setting: JSON) -> str:
    name = str(setting)
    return name if name.startswith("arn:") else plan.scope.arn("ssm", f"servicesetting/{name.strip('/')}")


def _setting_after_role(_call: Call, plan: Plan, values: Properties) -> Sequence[Arguments]:
    """Let the setting depend on the attached policy, which depends on the role: the role alone does not help nodes."""
    arguments: dict[str, JSON | BlockAddress] = {**values, "setting_id": _setting_arn(plan, values["setting_id"])}
    attached = sum(each.operation == "AttachRolePolicy" for each in plan.calls)
    if attached:
        address = "aws_iam_role_policy_attachment.session_manager"
        needed = (address, *(f"{address}_{number}" for number in range(2, attached + 1)))
        arguments["depends_on"] = BlockAddress(f"[{', '.join(needed)}]")
    elif makes_role(plan):
        arguments["depends_on"] = BlockAddress("[aws_iam_role.node]")
    return (arguments,)


def _import_id_of_setting(_call: Call, _plan: Plan, arguments: Arguments) -> str:
    return str(arguments["setting_id"])


def _host_management_with_role(call: Call, plan: Plan, values: Properties) -> Sequence[Properties]:
    """Return the properties of host management with a role of the account (docs/facts/nodes.md §7)."""
    if call.parameters["SettingId"] != HOST_MANAGEMENT_SETTING:
        raise NotExpressibleError(say(_NO_SETTING))
    if plan.before != HOST_MANAGEMENT_OFF:
        raise NotExpressibleError(say(_IS_ON))
    value = values["CustomerManagedRoleArn"]
    arn = f"arn:{plan.scope.partition}:iam::{plan.scope.account}:role/{value}"
    # The reference makes CloudFormation create the role first.
    role: JSON = {"Fn::GetAtt": [NEW_ROLE, "Arn"]} if makes_role(plan) else arn
    return ({"PermissionModel": "SELF_MANAGED", "CustomerManagedRoleArn": role},)


_NO_SETTING = translatable("CloudFormation has no resource for this service setting.")
_IS_ON = translatable(
    "CloudFormation cannot create AWS::SSM::DefaultHostManagementConfiguration if default host management is already "
    "on. Change CustomerManagedRoleArn in the stack that created this resource."
)

# How long an exported script waits, in seconds.
_SCRIPT_DOCUMENT_SECONDS, _SCRIPT_COMMAND_SECONDS = 20, 5 * 60
_DOCUMENT_READS = ("DescribeDocument", "GetDocument")

SSM_OPERATIONS = (
    WriteOperation(
        "ssm",
        "CreateDocument",
        ("Name", "DocumentType", "DocumentFormat", "Content"),
        _look_for_document,
        reads=_DOCUMENT_READS,
        carry_out=_create,
        terraform=TerraformForm(
            "aws_ssm_document",
            "session_preferences",
            {
                "Name": "name",
                "DocumentType": "document_type",
                "DocumentFormat": "document_format",
                "Content": "content",
            },
            complete=_session_document,
        ),
        cloudformation=CloudFormationForm(
            "AWS::SSM::Document",
            "SessionPreferences",
            {
                "Name": "Name",
                "DocumentType": "DocumentType",
                "DocumentFormat": "DocumentFormat",
                "Content": "Content",
            },
            complete=_document_with_content,
        ),
        waits=_wait_for_document,
    ),
    WriteOperation(
        "ssm",
        "UpdateDocument",
        ("Name", "Content", "DocumentVersion", "DocumentFormat"),
        _look_for_update,
        reads=_DOCUMENT_READS,
        carry_out=_update,
        terraform=TerraformForm(
            "aws_ssm_document",
            "session_preferences",
            {"Name": "name", "DocumentFormat": "document_format", "Content": "content"},
            identifiers=("DocumentVersion",),
            import_id=imported_by("Name"),
            keep=True,
            complete=_session_document,
        ),
        cloudformation=translatable(
            "The document already exists. CloudFormation changes it only in the stack that created or imported it."
        ),
        waits=_wait_for_document,
        repeatable=_with_newline,
    ),
    WriteOperation(
        "ssm",
        "UpdateDocumentDefaultVersion",
        ("Name", "DocumentVersion"),
        value_is("ssm", "DescribeDocument", ("Name",), "Document.DefaultVersion", _wanted_version),
        reads=_DOCUMENT_READS,
        carry_out=_set_default,
        # The Terraform provider makes each new version the default.
        terraform=NoForm.INCLUDED,
        cloudformation=NoForm.INCLUDED,
    ),
    WriteOperation("ssm", "DeleteDocument", ("Name",), _look_for_deletion, reads=_DOCUMENT_READS, carry_out=_delete),
    WriteOperation(
        "ssm",
        "SendCommand",
        ("InstanceIds", "DocumentName", "Parameters", "Comment", "TimeoutSeconds"),
        _look_for_command,
        reads=("DescribeInstanceInformation", "GetCommandInvocation", "ListCommands"),
        carry_out=_send,
        terraform=translatable("Terraform cannot express a command that runs once."),
        cloudformation=NO_CLOUDFORMATION_STATE,
        waits=_wait_for_command,
    ),
    WriteOperation(
        "ssm",
        "TerminateSession",
        ("SessionId",),
        _session_is_over,
        reads=("DescribeSessions",),
        terraform=translatable("Terraform cannot express the end of a session."),
        cloudformation=NO_CLOUDFORMATION_STATE,
    ),
    WriteOperation(
        "ssm",
        "UpdateServiceSetting",
        ("SettingId", "SettingValue"),
        value_is("ssm", "GetServiceSetting", ("SettingId",), "ServiceSetting.SettingValue", _wanted_value),
        reads=("GetServiceSetting",),
        further_actions=("iam:PassRole",),
        terraform=TerraformForm(
            "aws_ssm_service_setting",
            "nodes",
            {"SettingId": "setting_id", "SettingValue": "setting_value"},
            import_id=_import_id_of_setting,
            complete=_setting_after_role,
        ),
        cloudformation=CloudFormationForm(
            "AWS::SSM::DefaultHostManagementConfiguration",
            "DefaultHostManagement",
            {"SettingValue": "CustomerManagedRoleArn"},
            identifiers=("SettingId",),
            complete=_host_management_with_role,
        ),
    ),
    WriteOperation(
        "ssm",
        "ResetServiceSetting",
        ("SettingId",),
        value_is("ssm", "GetServiceSetting", ("SettingId",), "ServiceSetting.Status", "Default"),
        reads=("GetServiceSetting",),
        terraform=translatable(
            "Terraform has no resource for a setting that is reset. Remove the resource of the setting instead."
        ),
    ),
)
