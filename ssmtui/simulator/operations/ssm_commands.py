"""Systems Manager Run Command: AWS's own documents, sent to one node at a time, and what they do there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.node_state.registration import registration_status
from ssmtui.simulator.operations.registry import Result, operation, page
from ssmtui.simulator.responses import AwsError

_DOCUMENTS: Final = {
    "AWS-RunShellScript": ("Linux", "MacOS"),
    "AWS-RunPowerShellScript": ("Windows",),
    "AWS-UpdateSSMAgent": ("Linux", "MacOS", "Windows"),
}
_NEWEST_AGENT: Final = "3.3.5828.0"
_RESTARTS: Final = ("amazon-ssm-agent", "AmazonSSMAgent", "com.amazon.aws.ssm")


@operation("ssm", "SendCommand")
def send_command(call: ApiCall) -> Result:
    """Send a command: a node that reports carries it out at once, another one never gets it."""
    node_id, document = str(call.parameters["InstanceIds"][0]), str(call.parameters["DocumentName"])
    if document not in _DOCUMENTS:
        raise AwsError("InvalidDocument", f"The simulated AWS has no command document {document}.")
    its_agent = state.agent(call.account, call.region, node_id)
    where = registration_status(call.account, call.region, node_id)
    if not where.listed:
        raise AwsError("InvalidInstanceId", f"Instances [[{node_id}]] not in a valid state for account {call.account}")
    if its_agent.platform_type not in _DOCUMENTS[document]:
        raise AwsError("UnsupportedPlatformType", f"{document} isn't supported on {its_agent.platform_type}.")
    known = state.hidden(call.account, call.region)
    # The agent's older channel (ec2messages) still brings commands where the newer one is stuck.
    status = "Success" if where.ping_status == "Online" else "Pending"
    command = state.Command(
        command_id=str(uuid5(NAMESPACE_OID, f"{call.region} {len(known.commands)}")),
        node_id=node_id,
        document=document,
        comment=str(call.parameters.get("Comment", "")),
        parameters={name: tuple(values) for name, values in call.parameters.get("Parameters", {}).items()},
        sent_at=state.now(),
        status=status,
    )
    known.commands[command.command_id] = command
    if status == "Success":
        known.agents[node_id] = _carried_out(command, its_agent)
    return {"Command": _shown(command)}


@operation("ssm", "ListCommands")
def list_commands(call: ApiCall) -> Result:
    """List commands, the newest first."""
    commands = [
        each
        for each in state.hidden(call.account, call.region).commands.values()
        if call.parameters.get("InstanceId", each.node_id) == each.node_id
        and call.parameters.get("CommandId", each.command_id) == each.command_id
        and all(_passes(each, one["key"], one["value"]) for one in call.parameters.get("Filters", ()))
    ]
    shown = page(call, sorted(commands, key=lambda each: each.sent_at, reverse=True), default_size=50)
    return {"Commands": [_shown(each) for each in shown.items], "NextToken": shown.next_token}


@operation("ssm", "ListCommandInvocations")
def list_command_invocations(call: ApiCall) -> Result:
    """List what became of commands on their nodes, the newest first."""
    commands = [
        each
        for each in state.hidden(call.account, call.region).commands.values()
        if call.parameters.get("InstanceId", each.node_id) == each.node_id
        and call.parameters.get("CommandId", each.command_id) == each.command_id
        and all(_passes(each, one["key"], one["value"]) for one in call.parameters.get("Filters", ()))
    ]
    shown = page(call, sorted(commands, key=lambda each: each.sent_at, reverse=True), default_size=50)
    invocations = [
        {
            "CommandId": each.command_id,
            "InstanceId": each.node_id,
            "DocumentName": each.document,
            "Comment": each.comment,
            "RequestedDateTime": each.sent_at,
            "Status": each.status,
            "StatusDetails": each.status,
        }
        for each in shown.items
    ]
    return {"CommandInvocations": invocations, "NextToken": shown.next_token}


@operation("ssm", "GetCommandInvocation")
def get_command_invocation(call: ApiCall) -> Result:
    """How a command stands on its node."""
    command = state.hidden(call.account, call.region).commands.get(str(call.parameters["CommandId"]))
    if command is None or command.node_id != call.parameters["InstanceId"]:
        raise AwsError("InvocationDoesNotExist", "")
    return {
        "CommandId": command.command_id,
        "InstanceId": command.node_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "ResponseCode": 0 if command.status == "Success" else -1,
        "Status": command.status,
        "StatusDetails": command.status,
        "StandardOutputContent": "",
        "StandardErrorContent": "",
    }


def _carried_out(command: state.Command, its_agent: state.Agent) -> state.Agent:
    """The agent after the command."""
    if command.document == "AWS-UpdateSSMAgent":
        return replace(its_agent, version=_NEWEST_AGENT, channel_stuck=False)
    script = "\n".join(command.parameters.get("commands", ()))
    restarts = "restart" in script.lower() or "kickstart" in script
    if restarts and any(name in script for name in _RESTARTS):
        return replace(its_agent, channel_stuck=False)
    return its_agent


def _passes(command: state.Command, key: str, value: str) -> bool:
    match key:
        case "InvokedAfter":
            return command.sent_at >= datetime.fromisoformat(value)
        case "InvokedBefore":
            return command.sent_at < datetime.fromisoformat(value)
        case "Status":
            return command.status == value
        case "DocumentName":
            return command.document == value
        case _:
            raise AwsError("InvalidFilterKey", f"The specified key {key} isn't valid.")


def _shown(command: state.Command) -> dict[str, Any]:
    return {
        "CommandId": command.command_id,
        "DocumentName": command.document,
        "Comment": command.comment,
        "Parameters": {name: list(values) for name, values in command.parameters.items()},
        "InstanceIds": [command.node_id],
        "RequestedDateTime": command.sent_at,
        "Status": command.status,
        "StatusDetails": command.status,
        "TargetCount": 1,
    }
