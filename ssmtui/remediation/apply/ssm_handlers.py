"""Handlers of Systems Manager operations: commands, documents and service settings."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, is_equivalent_text
from ssmtui.model.plan import JSON
from ssmtui.remediation.apply.operation_handler import (
    ChangeFailedError,
    ChangeRefusedError,
    ChangeWriter,
    CommandFailedError,
    OperationHandler,
    OutcomeUnknownError,
    Parameters,
    Response,
    Settlement,
    handler_of_single_call,
    value_at,
)

# Pauses between two looks: an update of the agent takes minutes.
_LOOKS = 360
_SUCCESS = "Success"
_UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_SAID = 300

# StatusDetails of a command that no agent took: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
_NOT_TAKEN = frozenset({"DeliveryTimedOut", "Undeliverable", "Terminated", "InvalidPlatform", "AccessDenied"})


def _send(writer: ChangeWriter, parameters: Parameters) -> Response:
    """Send the command, and wait until the node has carried it out.

    Raises:
        ChangeFailed: the command was not delivered.
        CommandFailed: it was, and ended otherwise than well.
        OutcomeUnknown: it is still under way.

    """
    answer = writer.write("ssm", "SendCommand", parameters)
    command = value_at(answer, "Command.CommandId")
    if command is None:
        raise OutcomeUnknownError(say("AWS's answer names no command"))
    which = {"CommandId": command, "InstanceId": value_at(parameters["InstanceIds"], "0") or ""}
    for _ in range(_LOOKS):
        invocation = writer.read("ssm", "GetCommandInvocation", which)
        status = value_at(invocation, "Status")
        if status == _SUCCESS:
            return answer
        # The invocation appears a moment after the command (InvocationDoesNotExist until then).
        if status is not None and status not in _UNDER_WAY:
            taken = value_at(invocation, "StatusDetails") not in _NOT_TAKEN
            raise (CommandFailedError if taken else ChangeFailedError)("", _ended(command, invocation))
        writer.pause()
    raise OutcomeUnknownError(say("the command {command} is still under way on the node", command=command))


def _ended(command: str, invocation: Response | None) -> str:
    status = value_at(invocation, "StatusDetails") or value_at(invocation, "Status") or ""
    told = (value_at(invocation, "StandardErrorContent") or "").strip()[:_SAID]
    if not told:
        return say("the command {command} ended as {status}", command=command, status=status)
    return say("the command {command} ended as {status}: {told}", command=command, status=status, told=told)


def _look_for_command(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    """Look for a command with the comment, which is this plan's own. One that failed has no answer to give."""
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


COMMAND_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("ssm", "SendCommand"): OperationHandler(_send, _look_for_command),
    ("ssm", "TerminateSession"): handler_of_single_call("ssm", "TerminateSession", _session_is_over),
}


_TRIES = 20
_NEWLINES = 4


def _update(writer: ChangeWriter, parameters: Parameters) -> Response:
    return _processed(writer, parameters, _write_new_content(writer, parameters))


def _create(writer: ChangeWriter, parameters: Parameters) -> Response:
    return _processed(writer, parameters, writer.write("ssm", "CreateDocument", parameters))


def _set_default(writer: ChangeWriter, parameters: Parameters) -> Response:
    answer = writer.write("ssm", "UpdateDocumentDefaultVersion", parameters)
    if value_at(answer, "Description.DefaultVersion") != parameters["DocumentVersion"]:
        raise OutcomeUnknownError(say("AWS's answer does not say which version is the default"))
    return answer


def _delete(writer: ChangeWriter, parameters: Parameters) -> Response:
    answer = writer.write("ssm", "DeleteDocument", parameters)
    if _read_back(writer, {"Name": parameters["Name"]}) is not None:
        raise OutcomeUnknownError(say("AWS has answered, and the document is still there"))
    return answer


def _write_new_content(writer: ChangeWriter, parameters: Parameters) -> Response:
    """Write the content, with newlines at its end where AWS refuses what it had before.

    AWS does not say which earlier versions count as the same (docs/facts/preferences.md §2), so the newest is read, and
    only what is read there is called done.
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
        "DuplicateDocumentContent", say("AWS had this content before, however many newlines end it")
    )


def _padded(parameters: Parameters, padding: str) -> Parameters:
    content, stored = str(parameters["Content"]), DocumentFormat(str(parameters["DocumentFormat"]))
    if not padding:
        return parameters
    if not is_equivalent_text(content, content + padding, stored):
        # A YAML text block that keeps its newlines would grow by them.
        raise ChangeFailedError(
            "DuplicateDocumentContent", say("AWS had this content before, and it cannot end in a newline more")
        )
    return {**parameters, "Content": content + padding}


def _processed(writer: ChangeWriter, parameters: Parameters, answer: Response) -> Response:
    """The answer, once its version is active: until then it cannot be made the default one.

    botocore reads a JSON body that it cannot parse as an empty answer; such an answer is none.
    """
    version = value_at(answer, "DocumentDescription.DocumentVersion")
    if version is None:
        raise OutcomeUnknownError(say("AWS's answer names no version"))
    for attempt in range(_TRIES):
        if attempt:
            writer.pause()
        described = _read_back(writer, {"Name": parameters["Name"], "DocumentVersion": version})
        status = value_at(described, "Document.Status")
        if status == "Active":
            return answer
        if status == "Failed":
            why = value_at(described, "Document.StatusInformation") or say("without saying why")
            raise OutcomeUnknownError(say("AWS has taken the document and then failed to process it: {why}", why=why))
    raise OutcomeUnknownError(say("AWS has taken the document and is still processing it"))


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


def _look_for_default(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    described = writer.read("ssm", "DescribeDocument", {"Name": parameters["Name"]})
    default = value_at(described, "Document.DefaultVersion")
    if default is None:
        return Settlement.UNKNOWN
    return {} if default == parameters["DocumentVersion"] else Settlement.NOT_MADE


def _look_for_deletion(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    described = writer.read("ssm", "DescribeDocument", {"Name": parameters["Name"]})
    if described is None:
        return {}
    return Settlement.NOT_MADE if value_at(described, "Document.Name") else Settlement.UNKNOWN


def _newest(writer: ChangeWriter, parameters: Parameters) -> Response | None:
    which: dict[str, str] = {"Name": str(parameters["Name"]), "DocumentVersion": "$LATEST"}
    return writer.read("ssm", "GetDocument", {**which, "DocumentFormat": parameters["DocumentFormat"]})


def _read_back(writer: ChangeWriter, which: Parameters) -> Response | None:
    """What is read after a write: where reading fails, the write has still been made."""
    try:
        return writer.read("ssm", "DescribeDocument", which)
    except (ChangeFailedError, ChangeRefusedError) as error:
        raise OutcomeUnknownError(
            say("AWS has answered, and what became of it cannot be read: {error}", error=error)
        ) from error


def _as_if_answered(document: Response | None) -> Response:
    return {"DocumentDescription": {"DocumentVersion": value_at(document, "DocumentVersion")}}


def _taken(document: Response | None) -> Response | Settlement:
    return Settlement.UNKNOWN if value_at(document, "Status") == "Failed" else _as_if_answered(document)


def _same_text(found: str | None, wanted: object) -> bool:
    return found is not None and found.rstrip() == str(wanted).rstrip()


DOCUMENT_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("ssm", "UpdateDocument"): OperationHandler(_update, _look_for_update),
    ("ssm", "CreateDocument"): OperationHandler(_create, _look_for_document),
    ("ssm", "UpdateDocumentDefaultVersion"): OperationHandler(_set_default, _look_for_default),
    ("ssm", "DeleteDocument"): OperationHandler(_delete, _look_for_deletion),
}


def _setting(writer: ChangeWriter, parameters: Parameters, member: str) -> str | None:
    answer = writer.read("ssm", "GetServiceSetting", {"SettingId": parameters["SettingId"]})
    return value_at(answer, f"ServiceSetting.{member}")


def _has_the_value(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    found = _setting(writer, parameters, "SettingValue")
    if found is None:
        return Settlement.UNKNOWN
    return {} if found == parameters["SettingValue"] else Settlement.NOT_MADE


def _has_its_default(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    found = _setting(writer, parameters, "Status")
    if found is None:
        return Settlement.UNKNOWN
    return {} if found == "Default" else Settlement.NOT_MADE


SETTING_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("ssm", "UpdateServiceSetting"): handler_of_single_call("ssm", "UpdateServiceSetting", _has_the_value),
    ("ssm", "ResetServiceSetting"): handler_of_single_call("ssm", "ResetServiceSetting", _has_its_default),
}
