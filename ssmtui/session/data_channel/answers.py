"""What is answered to a handshake request, action by action, in the plugin's words: the agent quotes them."""

from __future__ import annotations

import re

from ssmtui.session.calls import SessionProblem
from ssmtui.session.data_channel.handshake import (
    KMS_ENCRYPTION,
    SESSION_TYPE,
    SESSION_TYPES,
    ActionStatus,
    EncryptionAction,
    HandshakeRequest,
    HandshakeResponse,
    OtherAction,
    ProcessedAction,
    SessionTypeAction,
)

CLIENT_VERSION = "1.2.764.0"
"""The plugin's version whose abilities these are: the agent leaves out what an older one lacks."""

_ENVELOPE = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: ")


def key_failure(problem: SessionProblem) -> str:
    """What AWS KMS said, as the plugin passes it on (docs/facts/failure-texts.md §2.2)."""
    told = _ENVELOPE.sub(r"\1: ", problem.text, count=1)
    return f"Error calling KMS GenerateDataKey API: {told}"


def answer(request: HandshakeRequest, key: bytes | None, key_error: str) -> HandshakeResponse:
    """The response. `key` is the data key's ciphertext, where one was made; `key_error` why there is none."""
    actions: list[ProcessedAction] = []
    for each in request.actions:
        match each:
            case SessionTypeAction(session_type) if session_type in SESSION_TYPES:
                actions.append(ProcessedAction(SESSION_TYPE, ActionStatus.SUCCESS))
            case SessionTypeAction(session_type):
                actions.append(_failed(SESSION_TYPE, f"Unknown session type {session_type}"))
            case EncryptionAction() if key is not None:
                actions.append(ProcessedAction(KMS_ENCRYPTION, ActionStatus.SUCCESS, key=key))
            case EncryptionAction():
                actions.append(_failed(KMS_ENCRYPTION, key_error))
            case OtherAction(action_type):
                error = f"Unsupported action {action_type}"
                actions.append(ProcessedAction(action_type, ActionStatus.UNSUPPORTED, error))
    return HandshakeResponse(CLIENT_VERSION, tuple(actions))


def _failed(action_type: str, why: str) -> ProcessedAction:
    return ProcessedAction(action_type, ActionStatus.FAILED, f"Failed to process action {action_type}: {why}")
