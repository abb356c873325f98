"""How a command is sent to a node and waited for, and found again where the answer was lost; how sessions are ended."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Parameters, Settled, sent_once
from ssmtui.changes.problems import ChangeFailed, CommandFailed, OutcomeUnknown
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.language import say
from ssmtui.model.plan import JSON

# Pauses between two looks: an update of the agent takes minutes.
_LOOKS = 360
_SUCCESS = "Success"
_UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_SAID = 300

# StatusDetails of a command that no agent took: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
_NOT_TAKEN = frozenset({"DeliveryTimedOut", "Undeliverable", "Terminated", "InvalidPlatform", "AccessDenied"})


def _send(writer: Writing, parameters: Parameters) -> Response:
    """Send the command, and wait until the node has carried it out.

    Raises:
        ChangeFailed: the command was not delivered.
        CommandFailed: it was, and ended otherwise than well.
        OutcomeUnknown: it is still under way.

    """
    answer = writer.write("ssm", "SendCommand", parameters)
    command = value_at(answer, "Command.CommandId")
    if command is None:
        raise OutcomeUnknown(say("AWS's answer names no command"))
    which = {"CommandId": command, "InstanceId": value_at(parameters["InstanceIds"], "0") or ""}
    for _ in range(_LOOKS):
        invocation = writer.read("ssm", "GetCommandInvocation", which)
        status = value_at(invocation, "Status")
        if status == _SUCCESS:
            return answer
        # The invocation appears a moment after the command (InvocationDoesNotExist until then).
        if status is not None and status not in _UNDER_WAY:
            taken = value_at(invocation, "StatusDetails") not in _NOT_TAKEN
            raise (CommandFailed if taken else ChangeFailed)("", _ended(command, invocation))
        writer.pause()
    raise OutcomeUnknown(say("the command {command} is still under way on the node", command=command))


def _ended(command: str, invocation: Response | None) -> str:
    status = value_at(invocation, "StatusDetails") or value_at(invocation, "Status") or ""
    told = (value_at(invocation, "StandardErrorContent") or "").strip()[:_SAID]
    if not told:
        return say("the command {command} ended as {status}", command=command, status=status)
    return say("the command {command} ended as {status}: {told}", command=command, status=status, told=told)


def _look_for_command(writer: Writing, parameters: Parameters) -> Response | Settled:
    """Look for a command with the comment, which is this plan's own. One that failed has no answer to give."""
    which = {"InstanceId": value_at(parameters["InstanceIds"], "0") or ""}
    listed = writer.read("ssm", "ListCommands", which)
    statuses = value_at(listed, f"Commands.*Comment={parameters['Comment']}.Status")
    if not statuses:
        return Settled.NOT_MADE
    return {} if statuses == _SUCCESS else Settled.UNKNOWN


def _session_is_over(writer: Writing, parameters: Parameters) -> Response | Settled:
    which: dict[str, JSON] = {
        "State": "Active",
        "Filters": [{"key": "SessionId", "value": parameters["SessionId"]}],
    }
    active = value_at(writer.read("ssm", "DescribeSessions", which), "Sessions.*.SessionId")
    if active is None:
        return Settled.UNKNOWN
    return Settled.NOT_MADE if active else {}


COMMAND_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ssm", "SendCommand"): Conduct(_send, _look_for_command),
    ("ssm", "TerminateSession"): sent_once("ssm", "TerminateSession", _session_is_over),
}
