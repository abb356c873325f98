"""The control endpoints under ``/_simulator/``: the journal, faults, other scenarios, hidden flags. JSON in and out.

| request | does |
|---|---|
| GET journal | ``{"entries": [...]}``: service, operation, account, region, caller, write, status, parameters |
| DELETE journal | empties it |
| POST faults | puts a fault in force: ``{"kind": "throttling", "service": "ssm", "operation": "*", "times": 2}`` |
| POST keys | has another access key belong to the caller: ``{"access_key": KEY}``, or to another ``"arn"`` |
| DELETE faults | takes all faults away |
| GET seeding | ``{"ready": true, "failure": null}`` |
| POST reset | ``{"scenario": NAME}``: starts over with that scenario, and answers when it stands |
| POST agents/ID | changes hidden flags of a node: ``{"account": …, "region": …, "disk_full": true}`` |

Those about sessions are in `session_control`. Where the simulator has a token, each shows it in ``X-Simulator-Token``
(see `doorkeeper`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from ssmtui.simulator import session_control, state
from ssmtui.simulator.faults import Fault
from ssmtui.simulator.responses import Response

PREFIX: Final = "/_simulator/"

_LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")


class ControlError(Exception):
    """A control request that makes no sense; the text says why."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


class Control:
    """Answers control requests."""

    def __init__(self, load: Callable[[str], None]) -> None:
        self._load = load

    def answer(self, environ: Mapping[str, Any], body: bytes) -> Response:
        """Answer one request."""
        try:
            # A page in a browser could reach loopback under a name of its own (DNS rebinding).
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
                arn = document.get("arn") or state.caller_arn_of(state.CALLER_ACCESS_KEY)
                state.give_access_key(str(document.get("access_key", "")), str(arn))
            case "DELETE", ["faults"]:
                state.faults.clear()
            case "GET", ["seeding"]:
                return {"ready": state.gate.is_open and state.gate.failure is None, "failure": state.gate.failure}
            case "POST", ["reset"]:
                self._reset(str(document.get("scenario", "")))
            case "POST", ["agents", node_id]:
                _change_agent(node_id, document)
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
        answer = session_control.answer(method, path.removeprefix(PREFIX).split("/"), document)
    except session_control.SessionControlError as error:
        raise ControlError(str(error)) from error
    if answer is None:
        raise ControlError(f"There is no {method} {path}.", 404)
    return answer


def _fault(document: Mapping[str, Any]) -> Fault:
    try:
        return Fault.from_json(document)
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError(f"No such fault: {error}") from error


def _change_agent(node_id: str, document: Mapping[str, Any]) -> None:
    account = str(document.get("account", state.ACCOUNT))
    agents = state.hidden(account, str(document.get("region", ""))).agents
    if node_id not in agents:
        raise ControlError(f"There is no node {node_id} in that account and Region.", 404)
    flags = {name: value for name, value in document.items() if name not in {"account", "region"}}
    unknown = flags.keys() - {member.name for member in fields(state.Agent)}
    if unknown:
        raise ControlError(f"An agent has no {', '.join(sorted(unknown))}.")
    agents[node_id] = replace(agents[node_id], **flags)
    state.touch()


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(document).encode())
