"""Systems Manager: the sessions that are open or have ended, and ending them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ssmtui.simulator import gateway, state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.paging import page
from ssmtui.simulator.operations.registry import Result, operation

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
    """List active sessions, or those that have ended; the newest first."""
    active = call.parameters["State"] == "Active"
    filters = call.parameters.get("Filters", ())
    for one in filters:
        if one["key"] not in _FILTERS:
            raise AwsError("InvalidFilterKey", f"{one['key']} is not a valid filter key.")
    sessions = [
        each
        for each in state.hidden(call.account, call.region).sessions.values()
        if (each.ended_at is None) is active and all(_FILTERS[one["key"]](each, one["value"]) for one in filters)
    ]
    shown = page(call, sorted(sessions, key=lambda each: each.started_at, reverse=True), default_size=50)
    return {"Sessions": [_shown(each) for each in shown.items], "NextToken": shown.next_token}


@operation("ssm", "TerminateSession")
def terminate_session(call: ApiCall) -> Result:
    """End a session; one that has ended stays ended."""
    sessions = state.hidden(call.account, call.region).sessions
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
        # In AWS's model it is reserved for future use: who wants to know why must not count on it.
        "Details": session.why_ended[:_LONGEST_DETAILS],
        "MaxSessionDuration": session.longest,
        "AccessType": _access(session),
    }
    return {name: value for name, value in shown.items() if value}
