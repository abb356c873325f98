"""Secrets that must not be found anywhere, and a scope to plant them in."""

from __future__ import annotations

import base64
import traceback

from ssmtui.model.scope import SharedCredentials

TOKEN = "CANARY-token-AAEAAb0qYm9ndXM"
STREAM = "wss://ssmmessages.eu-west-3.amazonaws.com/v1/data-channel/CANARY-stream?role=publish_subscribe"
SECRET_KEY = "CANARY-secret-key-wJalrXUtnFEMI"
SESSION_TOKEN = "CANARY-session-token-IQoJb3JpZ2lu"
PLAIN_KEY = b"CANARY-data-key-" * 4
ACCESS_SECRET, ACCESS_TOKEN = "CANARY-access-secret", "CANARY-access-token"

LENT = SharedCredentials("ASIACANARYKEYID00000", SECRET_KEY, SESSION_TOKEN)


def lend() -> SharedCredentials:
    return LENT


def leaks(*texts: str) -> list[str]:
    """The secrets that stand in any of the texts, in the clear or encoded."""
    key = base64.b64encode(PLAIN_KEY).decode()
    return [text for text in texts if "CANARY" in text or key[:40] in text]


def crash(error: BaseException) -> str:
    """An exception as the crash output of an app tells it: every frame below the test, with what its variables were."""
    below = error.__traceback__.tb_next if error.__traceback__ is not None else None
    told = traceback.TracebackException(type(error), error, below, capture_locals=True)
    return "".join(told.format())
