"""What opening a session takes, and what comes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from ssmtui.model.scope import Scope

_PROCESS_EXIT_CODE = re.compile(r"0{0,20}[0-9]{1,3}", re.ASCII)


class SessionPurpose(Enum):
    """What a session of ours is for; the value is what the ledger keeps."""

    SHELL = "shell"
    TUNNEL = "tunnel"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What StartSession is asked for.

    `target` is the node's id: the key of an encrypted session is bound to it. `document` is None for the Region's
    preferences. `parameters` are the document's, by name; what a person has run may be among them, so that no `repr`
    shows them. `reason` goes into CloudTrail.
    """

    scope: Scope
    target: str
    document: str | None = None
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    reason: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class OpenedSession:
    """StartSession's answer. Its token opens the session: it is written nowhere, not even by its own `repr`.

    `endpoint` is the URL of Systems Manager that gave it.
    """

    id: str
    stream_url: str
    token: str
    endpoint: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SessionEnding:
    """How a session that was held on the terminal ended.

    `text` is what AWS or the plugin said of it, without the frame that names the session, empty where it ended as it
    should; `exit_code` is the session's own where it told one. `over` says that AWS has ended it: where it is not, it
    must be terminated. `is_own` says that `text` is a sentence of ssmtui's, and no error text of anybody's.
    """

    session_id: str
    text: str = ""
    exit_code: int = 0
    over: bool = False
    is_own: bool = False


NO_EXIT_CODE = 255
"""The exit code that stands for one that a process cannot have, as ssh has it: never 0, which would be success."""


def process_exit_code(told: str) -> int:
    """Return the exit code of a process for the text in which a session told one: 255 if it is not from 0 to 255."""
    return int(told) if _PROCESS_EXIT_CODE.fullmatch(told) and int(told) <= NO_EXIT_CODE else NO_EXIT_CODE
