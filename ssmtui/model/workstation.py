"""The workstation that opens sessions: Session Manager plugin, credentials, clock and network. Contains no secrets."""

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
"""Deprecated versions in plugin-version-history, each with the version that reverted its changes."""
DROPS_TEMPORARY_CREDENTIALS = "1.2.792.0"
"""github.com/aws/session-manager-plugin, issue 136: ResumeSession is refused after about 60 minutes."""
AMAZON_ONLY = "1.2.889.0"
"""From this version on, the plugin accepts only AWS's stream URLs, not a simulated AWS.

docs/facts/data-channel.md §1
"""
TAKES_NO_VARIABLE = "1.2.497.0"
"""The last version that takes the token only as an argument, visible to all users here (awscli/customizations)."""
BUILT_FROM_SOURCE = "1.2.0.0"
"""The version of a build from AWS's source without the release process (src/version/version.go): any version."""


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
    """Return the environment without secrets."""
    return {name: value for name, value in environment.items() if name not in SECRET_VARIABLES}


class System(Enum):
    """The operating system of this computer."""

    LINUX = "Linux"
    MACOS = "macOS"
    WINDOWS = "Windows"


@dataclass(frozen=True, slots=True)
class Plugin:
    """The installed Session Manager plugin: its path, whether it is on PATH, and its version.

    `path` is the plugin on PATH, else in a folder that installers use. The version is absent if the file is not a
    program for this computer.
    """

    system: System
    path: str
    on_path: bool
    version: str | Absent | Unreadable


class CredentialKind(Enum):
    """The source of the credentials; the value is shown to people."""

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
    """The kind of a scope's credentials, and when they must be renewed.

    `expires` is when they end and the SDK cannot renew them (UTC); None if they do not end, if the SDK renews them, or
    if the end is unknown. `renewal` is the command that renews them, or empty.
    """

    kind: CredentialKind
    temporary: bool
    expires: datetime | None
    renewal: str = ""


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """The seconds that this computer's clock is ahead of AWS's (negative: behind), from the answer to an operation."""

    seconds: int
    answer: str

    @property
    def matters(self) -> bool:
        """Return whether the difference is, or soon will be, more than AWS accepts in signatures: five minutes."""
        return abs(self.seconds) > 240

    @property
    def minutes(self) -> int:
        """Return the whole minutes of difference, without sign."""
        return abs(self.seconds) // 60


@dataclass(frozen=True, slots=True)
class TemporaryFolder:
    """The folder in which the plugin creates its socket for port forwarding."""

    system: System
    path: str


class Obstruction(Enum):
    """What blocked a connection from this computer; the value is shown to people."""

    NAME = translatable("the name could not be resolved")
    CONNECTION = translatable("no connection could be made")
    TIMEOUT = translatable("no connection was made in time")
    ENCRYPTION = translatable("TLS negotiation failed")
    CERTIFICATE = translatable("the certificate is not trusted on this computer")
    PROXY_AWAY = translatable("the proxy could not be reached")
    PROXY_REFUSES = translatable("the proxy refuses the connection")
    PROXY_FAILS = translatable("the proxy could not make the connection")
    PROXY_UNTRIED = translatable("this kind of proxy is not supported by the test")


@dataclass(frozen=True, slots=True)
class MessagesConnection:
    """The connection from this computer to `ssmmessages` of a Region, which sessions use.

    `endpoint` is host and port. `proxy` is host and port of the proxy, or empty. `obstruction` is None if the
    connection was made; `told` is the message of the system or the proxy.
    """

    endpoint: str
    proxy: str
    obstruction: Obstruction | None
    told: str = ""


@dataclass(frozen=True, slots=True)
class NodeQuery:
    """The IDs of requested nodes, and the account and Region in which the AWS CLI would look for them from here."""

    ids: frozenset[str]
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class NodeElsewhere:
    """A node in another account or Region than the one in which the AWS CLI on this computer would look for it."""

    node_query: NodeQuery
