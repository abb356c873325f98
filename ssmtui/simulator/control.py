"""Serve the control endpoints under `/_simulator/`: journal, faults, scenarios, hidden flags, and sessions.

Requests and responses are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from ssmtui.simulator import gateway, state
from ssmtui.simulator.call import Response
from ssmtui.simulator.gateway.session_overrides import AgentProgram, AgentTiming, InjectedEnding, NetworkFault
from ssmtui.simulator.request_control import Fault


class SessionControlError(ValueError):
    """A request about sessions is invalid; the text says why."""


def answer_session_request(method: str, path: list[str], document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the response to a request; None if it is not about sessions. Raises SessionControlError."""
    try:
        return _session_request_done(method, path, document)
    except (KeyError, TypeError, ValueError) as error:
        raise SessionControlError(str(error)) from error


def _session_request_done(method: str, path: list[str], document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    match method, path:
        case "GET", ["sessions"]:
            sessions = state.all_sessions()
            active = sum(each.ended_at is None for each in sessions)
            return {"active": active, "sessions": [_shown_session(each) for each in sessions]}
        case "POST", ["sessions"]:
            ending = InjectedEnding.from_json(document)
            gateway.demands[ending.node] = ending
        case "DELETE", ["sessions"]:
            gateway.demands.clear()
        case "POST", ["network"]:
            gateway.faults.add(NetworkFault.from_json(document))
        case "DELETE", ["network"]:
            gateway.faults.clear()
        case "POST", ["pace"]:
            _set_pace(document)
        case _:
            return None
    return {}


def _shown_session(session: state.Session) -> Mapping[str, Any]:
    opening = gateway.openings.find(session.session_id)
    return {
        "session": session.session_id,
        "node": session.target,
        "owner": session.owner,
        "document": session.document,
        "reason": session.reason,
        "status": session.status,
        "active": session.ended_at is None,
        "ending": session.end_reason,
        "signed": opening.was_signed if opening is not None else None,
    }


def _set_pace(document: Mapping[str, Any]) -> None:
    unknown = document.keys() - {each.name for each in fields(AgentTiming)}
    if unknown:
        raise SessionControlError(f"A pace has no {', '.join(sorted(unknown))}.")
    for name, value in document.items():
        setattr(gateway.pace, name, value)


PREFIX: Final = "/_simulator/"

_LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")


class ControlError(Exception):
    """A control request is invalid; the text says why."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


class Control:
    """The handler of control requests."""

    def __init__(self, load: Callable[[str], None]) -> None:
        self._load = load

    def answer(self, environ: Mapping[str, Any], body: bytes) -> Response:
        """Answer one request."""
        try:
            # A browser page could reach loopback under its own host name (DNS rebinding).
            host = str(environ.get("HTTP_HOST", "")).rpartition(":")[0] or str(environ.get("HTTP_HOST", ""))
            if host not in _LOOPBACK_NAMES:
                raise ControlError("Only by a loopback address.", 403)
            if "HTTP_ORIGIN" in environ:
                raise ControlError("Not by a page in a browser.", 403)
            document = _document(body)
            return _json(200, self._done(environ["REQUEST_METHOD"], environ["PATH_INFO"], document))
        except ControlError as error:
            return _json(error.status, {"error": str(error)})

    def _done(self, method: str, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        match method, path.removeprefix(PREFIX).split("/"):
            case "GET", ["journal"]:
                return {"entries": [entry.as_json() for entry in state.journal.entries]}
            case "DELETE", ["journal"]:
                state.journal.clear()
            case "POST", ["faults"]:
                state.faults.add(_fault(document))
            case "POST", ["keys"]:
                arn = document.get("arn") or state.caller_arn()
                state.give_access_key(str(document.get("access_key", "")), str(arn))
            case "DELETE", ["faults"]:
                state.faults.clear()
            case "GET", ["seeding"]:
                return {"ready": state.gate.is_open and state.gate.failure is None, "failure": state.gate.failure}
            case "POST", ["reset"]:
                self._reset(str(document.get("scenario", "")))
            case "POST", ["agents", node_id]:
                _change_agent(node_id, document)
            case "POST", ["agents", node_id, "kill"]:
                _kill_program(node_id, document)
            case _:
                return _about_sessions(method, path, document)
        return {}

    def _reset(self, scenario: str) -> None:
        try:
            self._load(scenario)
        except LookupError as error:
            raise ControlError(f"There is no scenario {scenario!r}.", 404) from error


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise ControlError("The body is no JSON.") from error
    if not isinstance(document, dict):
        raise ControlError("The body is no JSON object.")
    return document


def _about_sessions(method: str, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        answer = answer_session_request(method, path.removeprefix(PREFIX).split("/"), document)
    except SessionControlError as error:
        raise ControlError(str(error)) from error
    if answer is None:
        raise ControlError(f"There is no {method} {path}.", 404)
    return answer


def _fault(document: Mapping[str, Any]) -> Fault:
    try:
        return Fault.from_json(document)
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError(f"No such fault: {error}") from error


def _kill_program(node_id: str, document: Mapping[str, Any]) -> None:
    account, region = _place_of(node_id, document)
    try:
        program = AgentProgram(str(document.get("program")))
    except ValueError as error:
        raise ControlError(f"An agent has no such program: {error}") from error
    gateway.kill(account, region, node_id, program)
    state.mark_changed()


def _place_of(node_id: str, document: Mapping[str, Any]) -> tuple[str, str]:
    account, region = str(document.get("account", state.ACCOUNT)), str(document.get("region", ""))
    if node_id not in state.hidden(account, region).agents:
        raise ControlError(f"There is no node {node_id} in that account and Region.", 404)
    return account, region


def _change_agent(node_id: str, document: Mapping[str, Any]) -> None:
    account, region = _place_of(node_id, document)
    agents = state.hidden(account, region).agents
    flags = {name: value for name, value in document.items() if name not in {"account", "region"}}
    unknown = flags.keys() - {member.name for member in fields(state.Agent)}
    if unknown:
        raise ControlError(f"An agent has no {', '.join(sorted(unknown))}.")
    agents[node_id] = replace(agents[node_id], **flags)
    state.mark_changed()


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(document).encode())
