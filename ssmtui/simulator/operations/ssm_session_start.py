"""Systems Manager: opening sessions, and taking up those whose connection was lost."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from ssmtui.simulator import gateway, sessions, state
from ssmtui.simulator.authorisation import principal_of
from ssmtui.simulator.authorisation.session_start import tags_of_node
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_document import ChosenDocument, chosen_document
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.reality.attempt import SESSIONS_SINCE, Attempt
from ssmtui.simulator.reality.messages import Names, text_of
from ssmtui.simulator.reality.shortcomings import numbers

# https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
_REMOTE_HOSTS_SINCE: Final = (3, 1, 1374, 0)
_SUFFIX_BYTES: Final = 9


@operation("ssm", "StartSession")
def start_session(call: ApiCall) -> Result:
    """Open a session to a connected node: its agent is told, and the caller let into the data channel."""
    node_id = str(call.parameters["Target"])
    parameters: dict[str, Sequence[str]] = call.parameters.get("Parameters") or {}
    document = chosen_document(call.account, call.region, str(call.parameters.get("DocumentName", "")), parameters)
    _must_be_reachable(call, node_id, document)
    session_id = f"{principal_of(call.caller_arn).user_id}-{secrets.token_hex(_SUFFIX_BYTES)[:17]}"
    state.hidden(call.account, call.region).sessions[session_id] = state.Session(
        session_id,
        node_id,
        call.caller_arn,
        state.now(),
        document=document.name,
        reason=str(call.parameters.get("Reason", "")),
        status="Connecting",
        longest=document.settings.longest,
        just_in_time=sessions.granted_to(call.caller_arn) is not None,
    )
    agent = state.agent(call.account, call.region, node_id)
    gateway.openings.add(
        Opening(
            account=call.account,
            region=call.region,
            session_id=session_id,
            node_id=node_id,
            node_name=_name(call, node_id),
            owner=call.caller_arn,
            kind=document.kind,
            settings=document.settings,
            properties=document.properties,
            is_windows=agent.platform_type == "Windows",
            agent_version=agent.version,
        )
    )
    return _way_in(session_id)


@operation("ssm", "ResumeSession")
def resume_session(call: ApiCall) -> Result:
    """A new token for an active session; an empty one for one that has ended."""
    session_id = str(call.parameters["SessionId"])
    found = state.hidden(call.account, call.region).sessions.get(session_id)
    if found is None:
        raise AwsError("DoesNotExistException", f"Session {session_id} does not exist.")
    if found.ended_at is not None or gateway.openings.find(session_id) is None:
        return {"SessionId": session_id, "TokenValue": "", "StreamUrl": ""}
    return _way_in(session_id)


def _way_in(session_id: str) -> dict[str, Any]:
    return {
        "SessionId": session_id,
        "TokenValue": gateway.openings.new_token(session_id),
        "StreamUrl": gateway.stream_url(session_id),
    }


def _must_be_reachable(call: ApiCall, node_id: str, document: ChosenDocument) -> None:
    """Raise AwsError where the service itself knows that there will be no session."""
    names = Names(call.account, call.region, node_id, document.settings)
    attempt = Attempt.on(call.account, call.region, node_id, document.settings)
    version = numbers(state.agent(call.account, call.region, node_id).version)
    if attempt is None or version < SESSIONS_SINCE:
        raise AwsError("TargetNotConnected", text_of("not-connected", "", names))
    tier = attempt.tier()
    if tier is not None:
        raise AwsError("BadRequest", text_of("tier", tier, names))
    if document.kind == "Port" and document.properties.get("host") and version < _REMOTE_HOSTS_SINCE:
        raise AwsError("BadRequest", "Currently, port forwarding sessions to remote hosts are not supported.")


def _name(call: ApiCall, node_id: str) -> str:
    hybrid = state.hidden(call.account, call.region).hybrid_nodes.get(node_id)
    return hybrid.name if hybrid is not None else tags_of_node(call.account, call.region, node_id).get("Name", node_id)
