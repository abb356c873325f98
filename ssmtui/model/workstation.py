"""The computer that sessions are opened from: what is known of it as far as sessions go. Holds no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.language import marked
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.node import Node


class System(Enum):
    """What the computer runs."""

    LINUX = "Linux"
    MACOS = "macOS"
    WINDOWS = "Windows"


@dataclass(frozen=True, slots=True)
class Plugin:
    """The Session Manager plugin as it is installed: where, whether PATH leads there, and what it says it is.

    `path` is the one that PATH leads to, else the one in a folder where installers put it. The version is absent where
    it is no program that this computer can run.
    """

    system: System
    path: str
    on_path: bool
    version: str | Absent | Unreadable


class CredentialKind(Enum):
    """How the SDK came by the credentials; the value is what is said of it."""

    ENVIRONMENT = marked("environment variables")
    FILES = marked("AWS files")
    PROCESS = marked("a credential process")
    IDENTITY_CENTER = marked("IAM Identity Center")
    LOGIN = marked("aws login")
    ROLE = marked("an assumed role")
    WEB_IDENTITY = marked("a web identity")
    CONTAINER = marked("the container's role")
    INSTANCE = marked("the instance's role")
    OTHER = marked("another provider")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What kind of credentials a scope has, and when somebody must do something about them.

    `expires` is when they end without the SDK being able to renew them (UTC); None where they do not end, where the SDK
    renews them by itself, and where their end cannot be told. `renewal` is the command that renews them, empty where
    there is none.
    """

    kind: CredentialKind
    temporary: bool
    expires: datetime | None
    renewal: str = ""


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """How many seconds this computer's clock is ahead of AWS's (behind: negative), by the answer to an operation."""

    seconds: int
    answer: str

    @property
    def matters(self) -> bool:
        """Whether it is, or soon will be, more than AWS accepts in signatures: five minutes."""
        return abs(self.seconds) > 240

    @property
    def minutes(self) -> int:
        """Whole minutes of difference, whichever way."""
        return abs(self.seconds) // 60


@dataclass(frozen=True, slots=True)
class TemporaryFolder:
    """Where the plugin makes its socket for port forwarding."""

    system: System
    path: str


class Obstruction(Enum):
    """What stopped a connection from here; the value is what is said of it."""

    NAME = marked("the name could not be resolved")
    CONNECTION = marked("no connection could be made")
    TIMEOUT = marked("no connection was made in time")
    ENCRYPTION = marked("TLS could not be agreed on")
    CERTIFICATE = marked("its certificate is not trusted here")
    PROXY_AWAY = marked("the proxy could not be reached")
    PROXY_REFUSES = marked("the proxy refuses the connection")
    PROXY_FAILS = marked("the proxy could not make the connection")
    PROXY_UNTRIED = marked("this kind of proxy was not tried")


@dataclass(frozen=True, slots=True)
class MessagesWay:
    """The way from here to the `ssmmessages` of a Region, over which sessions run.

    `endpoint` is host and port. `proxy` is host and port of the proxy in between, empty where there is none.
    `obstruction` is None where a connection was made; `told` is what the system or the proxy said of it.
    """

    endpoint: str
    proxy: str
    obstruction: Obstruction | None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """The ids of nodes asked for, and the account and Region in which the AWS CLI would look for them from here."""

    ids: frozenset[str]
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class AskedElsewhere:
    """A node that is in another account or Region than the one in which the AWS CLI would look for it from here."""

    node: Node
    errand: Errand
