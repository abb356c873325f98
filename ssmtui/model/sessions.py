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
    """An open session: `target` is the node's ID, `owner` the ARN of its owner, `started` in UTC."""

    id: str
    target: str
    owner: str
    started: datetime


@dataclass(frozen=True, slots=True)
class ActiveSessions:
    """The open sessions of a Region."""

    sessions: tuple[ActiveSession, ...]


@dataclass(frozen=True, slots=True)
class CrowdedSessions:
    """The sessions of one owner on one node, if there are more than a person uses; the oldest first."""

    owner: str
    sessions: tuple[ActiveSession, ...]

    @property
    def owner_name(self) -> str:
        """Return the owner without the account: `role/session`, or the user's name."""
        return self.owner.rpartition(":")[2].partition("/")[2] or self.owner


@dataclass(frozen=True, slots=True)
class StaleSessions:
    """The sessions of a node that have been open for longer than a working day, the oldest first."""

    sessions: tuple[ActiveSession, ...]


class SessionState(Enum):
    """The sessions that DescribeSessions lists; the value is AWS's."""

    ACTIVE = "Active"
    HISTORY = "History"


class SessionStatus(Enum):
    """The status of a session; the value is AWS's."""

    CONNECTED = "Connected"
    CONNECTING = "Connecting"
    DISCONNECTED = "Disconnected"
    TERMINATED = "Terminated"
    TERMINATING = "Terminating"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session from DescribeSessions.

    `owner` is the ARN of its owner; `ended` is None while it is open. `reason` is the owner's text, `longest` the
    maximum duration in minutes, or None. `just_in_time`: it was opened with an approved access request.
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
        """Return the owner without the account: `role/session`, or the user's name."""
        return self.owner.rpartition(":")[2].partition("/")[2] or self.owner

    @property
    def by_a_program(self) -> bool:
        """Return whether the owner has a typical name of a program: a guess from the name alone."""
        return _A_PROGRAM.search(self.owner_name) is not None


# The default session names of SDKs, EC2, GitHub's action and Automation.
_A_PROGRAM = re.compile(
    r"/(?:botocore-session-\d+|aws-(?:sdk|go-sdk|cli)-[\w-]+|i-[0-9a-f]{8,17}|GitHubActions|AutomationExecution"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|\d{9,})$|(?:^|/)AWSServiceRoleFor",
)


_PROCESS_EXIT_CODE = re.compile(r"0{0,20}[0-9]{1,3}", re.ASCII)


class SessionPurpose(Enum):
    """The purpose of a session of ssmtui; the value is stored in the session registry."""

    SHELL = "shell"
    TUNNEL = "tunnel"
    PROBE = "probe"


INTERACTIVE = "AWS-StartInteractiveCommand"
NON_INTERACTIVE = "AWS-StartNonInteractiveCommand"
"""AWS's own documents for commands (docs/facts/sessions.md §9), both with the parameter `command`. The first gives the
command a terminal on the node. The second has no terminal, and reports the exit code if its two outputs are separate
(github.com/aws/session-manager-plugin, issue 59).
"""
COMMAND_PARAMETER = "command"
_PORT = "portNumber"
# Documents whose session is a byte stream (User Guide, session-manager-working-with-sessions-start).
_STREAMS = ("AWS-StartSSHSession", "AWS-StartPortForwardingSession")


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """The input of StartSession.

    `target` is the node's ID: the key of an encrypted session is bound to it. `document` is None for the Region's
    preferences. `parameters` are the document's parameters by name; they can contain a person's command, so no `repr`
    shows them. `reason` is recorded in CloudTrail.
    """

    scope: Scope
    target: str
    document: str | None = None
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    reason: str = ""

    @property
    def is_stream(self) -> bool:
        """Return whether the session carries another protocol, which ends with its input."""
        return any(name == _PORT for name, _ in self.parameters) or (self.document or "").startswith(_STREAMS)

    @property
    def takes_input(self) -> bool:
        """Return whether the session sends its input to a program: a command without a terminal has none."""
        return self.document != NON_INTERACTIVE

    @property
    def has_command(self) -> bool:
        """Return whether the session runs a command of a person, and ends with it."""
        return any(name == COMMAND_PARAMETER for name, _ in self.parameters)


@dataclass(frozen=True, slots=True, repr=False)
class OpenedSession:
    """The answer of StartSession.

    Its token opens the session: it is never written anywhere, not even by its own `repr`. `endpoint` is the URL of
    Systems Manager that returned it.
    """

    id: str
    stream_url: str
    token: str
    endpoint: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SessionEnding:
    """The end of a session on the terminal.

    `text` is the message of AWS or the plugin without the part that names the session, empty after a normal end;
    `exit_code` is the session's own, if it returned one. `over`: AWS has ended the session; otherwise it must be
    terminated. `is_own`: `text` is a sentence of ssmtui, not an error text.
    """

    session_id: str
    text: str = ""
    exit_code: int = 0
    over: bool = False
    is_own: bool = False


NO_EXIT_CODE = 255
"""Replaces an exit code that a process cannot have, as in ssh: never 0, which would be success."""


def process_exit_code(told: str) -> int:
    """Return the exit code of a process for the exit code text of a session: 255 if it is not from 0 to 255."""
    return int(told) if _PROCESS_EXIT_CODE.fullmatch(told) and int(told) <= NO_EXIT_CODE else NO_EXIT_CODE


REMOTE_DESKTOP = 3389


@dataclass(frozen=True, slots=True)
class TunnelRequest:
    """A port forwarding to open.

    `host` is empty for the node itself; `local_port` is 0 for any free port. `document` replaces AWS's document, with
    the same parameters.
    """

    scope: Scope
    target: str
    remote_port: int
    host: str = ""
    local_port: int = 0
    reason: str = ""
    document: str | None = None


class TunnelState(Enum):
    """The state of a tunnel; the value is shown to people.

    `IDLE` has no session, because AWS ended an unused session: the next connection opens a new one.
    """

    OPENING = translatable("opening")
    OPEN = translatable("open")
    REOPENING = translatable("reopening")
    IDLE = translatable("idle")
    CLOSED = translatable("closed")
    FAILED = translatable("failed")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The current state of a tunnel.

    `since` is when its present session was opened (UTC). `reopened` counts the sessions after the first. `sent` and
    `received` are bytes since the first session, `peak_sent` and `peak_received` the highest rates in bytes per
    second (0: not measured). `why` is the reason of the failure, of the last new session, or why
    the last connection could not reach the port; `denied`: AWS refused the tunnel to the caller.
    """

    number: int
    request: TunnelRequest
    state: TunnelState
    local_port: int
    since: datetime
    reopened: int = 0
    sent: int = 0
    received: int = 0
    peak_sent: float = 0.0
    peak_received: float = 0.0
    why: str = ""
    denied: bool = False


JUST_IN_TIME_KEY_TAG = "SystemsManagerJustInTimeNodeAccessManaged"
"""The tag that a key must carry with the value `true` (docs/facts/sessions.md §6)."""


@dataclass(frozen=True, slots=True)
class JustInTimeAccess:
    """Just-in-time node access is used in the Region. `policies` are the names of its approval policies."""

    policies: tuple[str, ...]
