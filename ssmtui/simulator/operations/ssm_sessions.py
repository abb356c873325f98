"""Systems Manager: the sessions that are open or have ended. Opening one is not simulated here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.paging import page
from ssmtui.simulator.operations.registry import Result, operation

_FILTERS: Final[dict[str, Callable[[state.Session], str]]] = {
    "SessionId": lambda session: session.session_id,
    "Target": lambda session: session.target,
    "Owner": lambda session: session.owner,
}


@operation("ssm", "DescribeSessions")
def describe_sessions(call: ApiCall) -> Result:
    """List active sessions, or those that have ended; the newest first."""
    active = call.parameters["State"] == "Active"
    sessions = [
        each
        for each in state.hidden(call.account, call.region).sessions.values()
        if (each.ended_at is None) is active
        and all(_FILTERS[one["key"]](each) == one["value"] for one in call.parameters.get("Filters", ()))
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
        sessions[session_id] = replace(found, ended_at=state.now())
    return {"SessionId": session_id}


def _status(session: state.Session) -> str:
    return "Connected" if session.ended_at is None else "Terminated"


def _shown(session: state.Session) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "SessionId": session.session_id,
        "Target": session.target,
        "Status": _status(session),
        "StartDate": session.started_at,
        "DocumentName": "SSM-SessionManagerRunShell",
        "Owner": session.owner,
    }
    return shown | ({"EndDate": session.ended_at} if session.ended_at else {})
