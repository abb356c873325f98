"""The control endpoints about sessions: who is in one, how they end, what the network does to them.

| request | does |
|---|---|
| GET sessions | ``{"active": 1, "sessions": [...]}``: session, node, owner, document, reason, status, active, … |
| POST sessions | ends the sessions to a node at a step: ``{"node": "i-…", "step": "handshake", "text": "…"}`` |
| DELETE sessions | lets the state of the world decide again |
| POST network | a fault: ``{"kind": "drop", "node": "i-…", "rate": 0.3}``; see `gateway.network.NetworkFault` |
| DELETE network | takes those faults away |
| POST pace | ``{"factor": 0.02, "handshake_seconds": 1, "demands_signature": true}``; what is not given stays |

The steps are those of `gateway.demands.Step`. Without a text a session stops in silence; with ``"bare": true`` the text
is told as it is, and not in the agent's own frame for the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ssmtui.simulator import gateway, state
from ssmtui.simulator.gateway.demands import Demand
from ssmtui.simulator.gateway.network import NetworkFault
from ssmtui.simulator.gateway.pace import Pace


class SessionControlError(ValueError):
    """A request about sessions that makes no sense; the text says why."""


def answer(method: str, path: list[str], document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is answered to a request; None where it is none about sessions. Raises SessionControlError."""
    try:
        return _done(method, path, document)
    except (KeyError, TypeError, ValueError) as error:
        raise SessionControlError(str(error)) from error


def _done(method: str, path: list[str], document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    match method, path:
        case "GET", ["sessions"]:
            sessions = state.all_sessions()
            active = sum(each.ended_at is None for each in sessions)
            return {"active": active, "sessions": [_shown(each) for each in sessions]}
        case "POST", ["sessions"]:
            gateway.demands.add(Demand.from_json(document))
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


def _shown(session: state.Session) -> Mapping[str, Any]:
    opening = gateway.openings.find(session.session_id)
    return {
        "session": session.session_id,
        "node": session.target,
        "owner": session.owner,
        "document": session.document,
        "reason": session.reason,
        "status": session.status,
        "active": session.ended_at is None,
        "ending": session.why_ended,
        "signed": opening.was_signed if opening is not None else None,
    }


def _set_pace(document: Mapping[str, Any]) -> None:
    unknown = document.keys() - {each.name for each in fields(Pace)}
    if unknown:
        raise SessionControlError(f"A pace has no {', '.join(sorted(unknown))}.")
    for name, value in document.items():
        setattr(gateway.pace, name, value)
