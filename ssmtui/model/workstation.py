"""The workstation that opens sessions: Session Manager plugin, credentials, clock and network. Holds no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from ssmtui.language import translatable
from ssmtui.model.fact import Absent, Unreadable

OLDEST_SUPPORTED = "1.2.764.0"
"""Systems Manager User Guide, session-manager-working-with-install-plugin."""
WITHDRAWN = {"1.2.889.0": "1.2.896.0", "1.2.688.0": "1.2.694.0"}
"""Deprecated in plugin-version-history, each with the version that took back what it had changed."""
DROPS_TEMPORARY_CREDENTIALS = "1.2.792.0"
"""github.com/aws/session-manager-plugin, issue 136: ResumeSession is refused after some 60 minutes."""
AMAZON_ONLY = "1.2.889.0"
"""From this one on it takes no stream URL but AWS's own (docs/facts/data-channel.md §1): none of a simulated AWS."""
TAKES_NO_VARIABLE = "1.2.497.0"
"""The last one that takes the session's token as an argument only, for everyone here to see (awscli/customizations)."""
BUILT_FROM_SOURCE = "1.2.0.0"
"""What one says that was built from AWS's source without its release process (src/version/version.go): any version."""


SECRET_VARIABLES: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
        "AWS_SSM_START_SESSION_RESPONSE",
    }
)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without them."""
    return {name: value for name, value in environment.items() if name not in SECRET_VARIABLES}


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

    ENVIRONMENT = translatable("environment variables")
    FILES = translatable("AWS files")
    PROCESS = translatable("a credential process")
    IDENTITY_CENTER = translatable("IAM Identity Center")
    LOGIN = translatable("aws login")
    ROLE = translatable("an assumed role")
    WEB_IDENTITY = translatable("a web identity")
    CONTAINER = translatable("the container's role")
    INSTANCE = translatable("the instance's role")
    OTHER = translatable("another provider")


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

    NAME = translatable("the name could not be resolved")
    CONNECTION = translatable("no connection could be made")
    TIMEOUT = translatable("no connection was made in time")
    ENCRYPTION = translatable("TLS could not be agreed on")
    CERTIFICATE = translatable("its certificate is not trusted here")
    PROXY_AWAY = translatable("the proxy could not be reached")
    PROXY_REFUSES = translatable("the proxy refuses the connection")
    PROXY_FAILS = translatable("the proxy could not make the connection")
    PROXY_UNTRIED = translatable("this kind of proxy was not tried")


@dataclass(frozen=True, slots=True)
class MessagesConnection:
    """The way from here to the `ssmmessages` of a Region, over which sessions run.

    `endpoint` is host and port. `proxy` is host and port of the proxy in between, empty where there is none.
    `obstruction` is None where a connection was made; `told` is what the system or the proxy said of it.
    """

    endpoint: str
    proxy: str
    obstruction: Obstruction | None
    told: str = ""


@dataclass(frozen=True, slots=True)
class NodeQuery:
    """The ids of nodes asked for, and the account and Region in which the AWS CLI would look for them from here."""

    ids: frozenset[str]
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class AskedElsewhere:
    """A node that is in another account or Region than the one in which the AWS CLI would look for it from here."""

    errand: NodeQuery
