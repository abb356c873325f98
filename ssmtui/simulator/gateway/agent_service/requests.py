"""Answer the requests of agents that AWS's public models do not have: registration, reports, and channels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from xml.sax.saxutils import escape

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.permission import Need, node_arn
from ssmtui.simulator.call import AwsError, Response, Result, error_answer, signature_of
from ssmtui.simulator.gateway.agent_service import registration
from ssmtui.simulator.gateway.agent_service.admission import access_denied, check_node, node_of
from ssmtui.simulator.gateway.agent_service.registration import RegisteredNode
from ssmtui.simulator.gateway.opening import agent_tokens, openings
from ssmtui.simulator.moto_aws import moto_lock
from ssmtui.simulator.request_control import JournalEntry, is_write, shown

_JSON: Final = {"Content-Type": "application/x-amz-json-1.1"}
_XML: Final = {"Content-Type": "application/xml"}
_CHANNEL: Final = re.compile(r"/v1/(?P<kind>control|data)-channel/(?P<id>[^/?]+)")
_REGISTER: Final = "RegisterManagedInstance"
_MESSAGES_SECONDS: Final = 20.0
"""How long a request for messages waits: AWS answers it after some 20 seconds if there is none."""


def proves_itself(environ: Mapping[str, Any]) -> bool:
    """Return whether a request needs no token of the simulator: an activation code or the key of a node proves it."""
    return _channel_of(environ) is None and _operation(environ) in {_REGISTER, *_BY_KEY}


def answer(environ: Mapping[str, Any], body: bytes) -> Response | None:
    """Return the response to a request of an agent; None if it is not a request that only agents send."""
    channel = _channel_of(environ)
    if channel is not None:
        return _channel(environ, channel["kind"], channel["id"])
    operation = _operation(environ)
    if operation not in {_REGISTER, *_BY_KEY, *_BY_ROLE}:
        return None
    service = "ec2messages" if operation == "GetMessages" else "ssm"
    try:
        with moto_lock:
            result = _result(operation, environ, body)
        if operation == "GetMessages":
            state.faults.hold(_MESSAGES_SECONDS)
    except AwsError as error:
        return error_answer(service, error)
    return Response(200, _JSON, json.dumps(result).encode())


def _channel_of(environ: Mapping[str, Any]) -> re.Match[str] | None:
    return _CHANNEL.fullmatch(str(environ.get("PATH_INFO", "")))


def _operation(environ: Mapping[str, Any]) -> str:
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]


def _result(operation: str, environ: Mapping[str, Any], body: bytes) -> Result:
    parameters = _parameters(body)
    if operation == _REGISTER:
        return registration.register(parameters)
    if operation in _BY_KEY:
        return _BY_KEY[operation](registration.signer_of(environ, body), parameters)
    registered = _caller(environ)
    handler, action = _BY_ROLE[operation]
    identity = registered.identity()
    resource = node_arn(registered.id, registered.account, registered.region) if action.startswith("ssm:") else "*"
    refusal = check_node(registered, Need(action, resource))
    state.journal.add(
        JournalEntry(
            service=action.partition(":")[0],
            operation=operation,
            account=registered.account,
            region=registered.region,
            caller=identity.principal.caller_arn,
            write=is_write(operation),
            status=200 if refusal is None else 400,
            parameters=shown(parameters),
        )
    )
    if refusal is not None:
        raise AwsError("AccessDeniedException", refusal)
    return handler(registered, parameters)


def _parameters(body: bytes) -> Mapping[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", "The request could not be read.") from error
    if not isinstance(parameters, dict):
        raise AwsError("SerializationException", "The request could not be read.")
    return parameters


def _caller(environ: Mapping[str, Any]) -> RegisteredNode:
    signature = signature_of(environ)
    registered = node_of(signature.access_key) if signature is not None else None
    if registered is None:
        raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.")
    return registered


_REPORTED: Final = {
    "AgentVersion": "version",
    "PlatformType": "platform_type",
    "PlatformName": "platform_name",
    "PlatformVersion": "platform_version",
    "ComputerName": "computer_name",
}


def _update_information(registered: RegisteredNode, parameters: Mapping[str, Any]) -> Result:
    told = {name: str(parameters[key]) for key, name in _REPORTED.items() if key in parameters}
    registered.update_agent(running=True, **told)
    address = str(parameters.get("IPAddress", ""))
    registered.hidden.hybrid_nodes[registered.id] = replace(registered.node, ip_address=address)
    return {}


def _no_associations(_registered: RegisteredNode, _parameters: Mapping[str, Any]) -> Result:
    return {"Associations": []}


def _no_messages(registered: RegisteredNode, parameters: Mapping[str, Any]) -> Result:
    return {
        "Destination": registered.id,
        "Messages": [],
        "MessagesRequestId": str(parameters.get("MessagesRequestId", "")),
    }


def _role_token(registered: RegisteredNode, _parameters: Mapping[str, Any]) -> Result:
    return registration.role_token(registered)


_Handler = Callable[[RegisteredNode, Mapping[str, Any]], Result]

_BY_KEY: Final[Mapping[str, _Handler]] = {
    "RequestManagedInstanceRoleToken": _role_token,
    "UpdateManagedInstancePublicKey": registration.replace_key,
}
"""The operations that a node signs with its own key."""

_BY_ROLE: Final[Mapping[str, tuple[_Handler, str]]] = {
    "UpdateInstanceInformation": (_update_information, "ssm:UpdateInstanceInformation"),
    "ListInstanceAssociations": (_no_associations, "ssm:ListInstanceAssociations"),
    "GetMessages": (_no_messages, "ec2messages:GetMessages"),
}
"""The operations that a node signs with the credentials of its role, and their actions."""


def _channel(environ: Mapping[str, Any], kind: str, id_: str) -> Response:
    """Return a token for a channel. The agent puts the body of any status but 201 into its own error."""
    action = f"ssmmessages:Create{kind.capitalize()}Channel"
    try:
        registered = _caller(environ)
        with moto_lock:
            refusal = check_node(registered, Need(action))
    except AwsError as error:
        return Response(403, _XML, access_denied(error.message).encode())
    if refusal is not None:
        return Response(403, _XML, access_denied(refusal).encode())
    if not (_own_session(registered, id_) if kind == "data" else id_ == registered.id):
        return Response(400, _XML, b"<BadRequest>Session is already terminated</BadRequest>")
    root, token = f"Create{kind.capitalize()}ChannelOutput", agent_tokens.new(id_)
    content = f"<MessageSchemaVersion>1.0</MessageSchemaVersion><TokenValue>{escape(token)}</TokenValue>"
    return Response(201, _XML, f"<{root}>{content}</{root}>".encode())


def _own_session(registered: RegisteredNode, session_id: str) -> bool:
    opening = openings.find(session_id)
    record = opening.record if opening is not None else None
    return opening is not None and opening.node_id == registered.id and record is not None and record.ended_at is None
