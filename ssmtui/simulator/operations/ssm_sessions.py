"""Implement sessions: start, resume, list, terminate, and just-in-time access."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ssmtui.simulator import gateway, state
from ssmtui.simulator.authorisation import principal_of
from ssmtui.simulator.authorisation.permission import node_arn, tags_of_node
from ssmtui.simulator.call import ApiCall, AwsError, Result, operation, page
from ssmtui.simulator.gateway.opening import ChosenDocument, Opening, chosen_document
from ssmtui.simulator.node_state.messages import MessageNames, text_of
from ssmtui.simulator.node_state.session_attempt import SESSIONS_SINCE, SessionAttempt, version_numbers

# An invented name: AWS does not document whose credentials a token holds.
_ROLE: Final = "SSMJustInTimeAccessToken"


@operation("ssm", "StartAccessRequest")
def start_access_request(call: ApiCall) -> Result:
    """Request access to nodes."""
    targets = call.parameters["Targets"]
    if not targets or any(target.get("Key") != "InstanceIds" for target in targets):
        raise AwsError("ValidationException", "Targets must name nodes by InstanceIds.")
    node_ids = tuple(str(value) for target in targets for value in target.get("Values", ()))
    decision = call.hidden.access_decision
    id_ = f"oi-{secrets.token_hex(6)}"
    state.shared.access_requests[id_] = state.AccessRequest(
        id_, call.account, call.region, call.caller_arn, node_ids, state.now(), decision
    )
    return {"AccessRequestId": id_}


@operation("ssm", "GetAccessToken")
def get_access_token(call: ApiCall) -> Result:
    """Return the status of a request; if approved, with credentials that allow only sessions to its nodes."""
    id_ = str(call.parameters["AccessRequestId"])
    asked = state.shared.access_requests.get(id_)
    if asked is None or (asked.account, asked.region, asked.requester) != (call.account, call.region, call.caller_arn):
        raise AwsError("ResourceNotFoundException", f"Access request {id_} does not exist.")
    status = asked.status(state.now())
    if status != "Approved":
        return {"AccessRequestStatus": status}
    access_key = f"ASIA{secrets.token_hex(8).upper()}"
    holder = f"arn:{call.partition}:sts::{call.account}:assumed-role/{_ROLE}/{call.caller_arn.rpartition('/')[2]}-{id_}"
    state.shared.session_grants[holder] = json.dumps(_policy(call, asked))
    state.give_access_key(access_key, holder)
    token = secrets.token_urlsafe(60)
    state.shared.issued_tokens.add(token)
    credentials = {
        "AccessKeyId": access_key,
        "SecretAccessKey": secrets.token_urlsafe(30),
        "SessionToken": token,
        "ExpirationTime": asked.ends_at,
    }
    return {"AccessRequestStatus": status, "Credentials": credentials}


def _policy(call: ApiCall, asked: state.AccessRequest) -> dict[str, object]:
    nodes = [node_arn(node_id, call.account, call.region) for node_id in asked.node_ids]
    own = ["ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"]
    allowed: tuple[tuple[str | list[str], str | list[str]], ...] = (
        ("ssm:StartSession", [*nodes, f"arn:{call.partition}:ssm:*:*:document/*"]),
        (own, f"arn:{call.partition}:ssm:*:*:session/${{aws:userid}}-*"),
        ("kms:GenerateDataKey", "*"),
    )
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    return {"Version": "2012-10-17", "Statement": statements}


# https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
_REMOTE_HOSTS_SINCE: Final = (3, 1, 1374, 0)
_SUFFIX_BYTES: Final = 9


@operation("ssm", "StartSession")
def start_session(call: ApiCall) -> Result:
    """Open a session to a connected node: its agent gets the request, and the caller a token for the data channel."""
    node_id = str(call.parameters["Target"])
    parameters: dict[str, Sequence[str]] = call.parameters.get("Parameters") or {}
    document = chosen_document(call.account, call.region, str(call.parameters.get("DocumentName", "")), parameters)
    _must_be_reachable(call, node_id, document)
    session_id = f"{principal_of(call.caller_arn).user_id}-{secrets.token_hex(_SUFFIX_BYTES)[:17]}"
    call.hidden.sessions[session_id] = state.Session(
        session_id,
        node_id,
        call.caller_arn,
        state.now(),
        document=document.name,
        reason=str(call.parameters.get("Reason", "")),
        status="Connecting",
        longest=document.settings.longest,
        just_in_time=call.caller_arn in state.shared.session_grants,
    )
    agent = state.agent(call.account, call.region, node_id)
    gateway.openings.add(
        Opening(
            account=call.account,
            region=call.region,
            session_id=session_id,
            node_id=node_id,
            node_name=_node_name(call, node_id),
            owner=call.caller_arn,
            kind=document.kind,
            settings=document.settings,
            properties=document.properties,
            is_windows=agent.platform_type == "Windows",
            agent_version=agent.version,
            document=document.name,
            content=document.content,
        )
    )
    return _way_in(session_id)


@operation("ssm", "ResumeSession")
def resume_session(call: ApiCall) -> Result:
    """Return a new token for an active session; an empty token if the session has ended."""
    session_id = str(call.parameters["SessionId"])
    found = call.hidden.sessions.get(session_id)
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
    """Raise AwsError if the service itself knows that the session cannot open."""
    names = MessageNames(call.account, call.region, node_id, document.settings)
    attempt = SessionAttempt.on(call.account, call.region, node_id, document.settings)
    version = version_numbers(state.agent(call.account, call.region, node_id).version)
    if attempt is None or version < SESSIONS_SINCE:
        raise AwsError("TargetNotConnected", text_of("not-connected", "", names))
    tier = attempt.tier()
    if tier is not None:
        raise AwsError("BadRequest", text_of("tier", tier, names))
    if document.kind == "Port" and document.properties.get("host") and version < _REMOTE_HOSTS_SINCE:
        raise AwsError("BadRequest", "Currently, port forwarding sessions to remote hosts are not supported.")


def _node_name(call: ApiCall, node_id: str) -> str:
    hybrid = call.hidden.hybrid_nodes.get(node_id)
    return hybrid.name if hybrid is not None else tags_of_node(call.account, call.region, node_id).get("Name", node_id)


_LONGEST_DETAILS: Final = 1024

_FILTERS: Final[dict[str, Callable[[state.Session, str], bool]]] = {
    "SessionId": lambda session, value: session.session_id == value,
    "Target": lambda session, value: session.target == value,
    "Owner": lambda session, value: session.owner == value,
    "Status": lambda session, value: session.status == value,
    "AccessType": lambda session, value: _access(session) == value,
    "InvokedAfter": lambda session, value: session.started_at > _moment(value),
    "InvokedBefore": lambda session, value: session.started_at < _moment(value),
}


@operation("ssm", "DescribeSessions")
def describe_sessions(call: ApiCall) -> Result:
    """List active or ended sessions, the newest first."""
    active = call.parameters["State"] == "Active"
    filters = call.parameters.get("Filters", ())
    for one in filters:
        if one["key"] not in _FILTERS:
            raise AwsError("InvalidFilterKey", f"{one['key']} is not a valid filter key.")
    sessions = [
        each
        for each in call.hidden.sessions.values()
        if (each.ended_at is None) is active and all(_FILTERS[one["key"]](each, one["value"]) for one in filters)
    ]
    return page(call, "Sessions", sorted(sessions, key=lambda each: each.started_at, reverse=True), 50, _shown)


@operation("ssm", "TerminateSession")
def terminate_session(call: ApiCall) -> Result:
    """End a session; a session that has ended stays ended."""
    sessions = call.hidden.sessions
    session_id = str(call.parameters["SessionId"])
    found = sessions.get(session_id)
    if found is None:
        raise AwsError("DoesNotExistException", f"Session {session_id} does not exist.")
    if found.ended_at is None:
        sessions[session_id] = replace(found, ended_at=state.now(), status="Terminated")
        gateway.end(session_id)
    return {"SessionId": session_id}


def _access(session: state.Session) -> str:
    return "JustInTime" if session.just_in_time else "Standard"


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise AwsError("ValidationException", f"{value} is not a valid point in time.") from error


def _shown(session: state.Session) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "SessionId": session.session_id,
        "Target": session.target,
        "Status": session.status,
        "StartDate": session.started_at,
        "EndDate": session.ended_at,
        "DocumentName": session.document,
        "Owner": session.owner,
        "Reason": session.reason,
        # In AWS's model this member is reserved for future use: clients must not rely on it for the reason.
        "Details": session.end_reason[:_LONGEST_DETAILS],
        "MaxSessionDuration": session.longest,
        "AccessType": _access(session),
    }
    return {name: value for name, value in shown.items() if value}
