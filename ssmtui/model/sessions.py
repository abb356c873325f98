"""Sessions: listings, requests and endings, port-forwarding tunnels, and just-in-time access."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from ssmtui.language import translatable
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """A session that is open: `target` is the node's id, `owner` the ARN of who opened it, `started` in UTC."""

    id: str
    target: str
    owner: str
    started: datetime


@dataclass(frozen=True, slots=True)
class ActiveSessions:
    """The sessions that are open in a Region."""

    sessions: tuple[ActiveSession, ...]


@dataclass(frozen=True, slots=True)
class CrowdedSessions:
    """The sessions that one owner holds on one node, where they are more than a person works in; the oldest first."""

    owner: str
    sessions: tuple[ActiveSession, ...]

    @property
    def owner_name(self) -> str:
        """The owner without the account: `role/session`, or the user's name."""
        return self.owner.rpartition(":")[2].partition("/")[2] or self.owner


@dataclass(frozen=True, slots=True)
class StaleSessions:
    """The sessions of one node that have been open for longer than anybody works, the oldest first."""

    sessions: tuple[ActiveSession, ...]


class SessionState(Enum):
    """Which sessions DescribeSessions lists; the value is AWS's own."""

    ACTIVE = "Active"
    HISTORY = "History"


class SessionStatus(Enum):
    """How a session is, or was; the value is AWS's own."""

    CONNECTED = "Connected"
    CONNECTING = "Connecting"
    DISCONNECTED = "Disconnected"
    TERMINATED = "Terminated"
    TERMINATING = "Terminating"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as DescribeSessions tells of it.

    `owner` is the ARN of who opened it; `ended` is None while it is open. `reason` is what its owner said that it was
    for, `longest` the minutes after which it is ended whatever happens in it, None where there is no such limit.
    `just_in_time` says that it was opened by an approved access request.
    """

    id: str
    target: str
    status: SessionStatus
    owner: str
    started: datetime
    ended: datetime | None = None
    document: str = ""
    reason: str = ""
    longest: int | None = None
    just_in_time: bool = False

    @property
    def owner_name(self) -> str:
        """The owner without the account: `role/session`, or the user's name."""
        return self.owner.rpartition(":")[2].partition("/")[2] or self.owner

    @property
    def by_a_program(self) -> bool:
        """Whether its owner is called as programs are, and people are not: a guess, by the name alone."""
        return _A_PROGRAM.search(self.owner_name) is not None


# The session names that SDKs, EC2, GitHub's action and Automation choose where nobody gives one.
_A_PROGRAM = re.compile(
    r"/(?:botocore-session-\d+|aws-(?:sdk|go-sdk|cli)-[\w-]+|i-[0-9a-f]{8,17}|GitHubActions|AutomationExecution"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|\d{9,})$|(?:^|/)AWSServiceRoleFor",
)


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


REMOTE_DESKTOP = 3389


@dataclass(frozen=True, slots=True)
class TunnelRequest:
    """What is to be forwarded.

    `host` is empty for the node itself; `local_port` is 0 for any free one. `document` names another document than
    AWS's own, with their parameters.
    """

    scope: Scope
    target: str
    remote_port: int
    host: str = ""
    local_port: int = 0
    reason: str = ""
    document: str | None = None


class TunnelState(Enum):
    """How a tunnel is; the value is what people read.

    `IDLE` has no session, since AWS ended one that nobody used: the next connection has one opened.
    """

    OPENING = translatable("opening")
    OPEN = translatable("open")
    REOPENING = translatable("reopening")
    IDLE = translatable("idle")
    CLOSED = translatable("closed")
    FAILED = translatable("failed")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel as it is now.

    `since` is when its present session was opened (UTC). `reopened` counts the sessions after the first. `sent` and
    `received` are bytes since it was first opened. `why` says why it failed, was last opened anew, or could not reach
    the port when somebody last connected; `denied` that it failed because AWS refused it to the caller.
    """

    number: int
    request: TunnelRequest
    state: TunnelState
    local_port: int
    since: datetime
    reopened: int = 0
    sent: int = 0
    received: int = 0
    why: str = ""
    denied: bool = False


JUST_IN_TIME_KEY_TAG = "SystemsManagerJustInTimeNodeAccessManaged"
"""The tag that a key must carry with the value `true` (docs/facts/sessions.md §6)."""


@dataclass(frozen=True, slots=True)
class JustInTimeAccess:
    """Just-in-time node access is in use in the Region. `policies` are the names of its approval policies."""

    policies: tuple[str, ...]
