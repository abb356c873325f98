"""Builders of what is known of the computer that sessions are opened from; as they stand, nothing is wrong with it."""

from __future__ import annotations

from datetime import datetime

from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.workstation import (
    CredentialKind,
    Credentials,
    MessagesConnection,
    Obstruction,
    Plugin,
    System,
)

LINUX_PATH = "/usr/local/sessionmanagerplugin/bin/session-manager-plugin"
WINDOWS_PATH = r"C:\Program Files\Amazon\SessionManagerPlugin\bin\session-manager-plugin.exe"
MESSAGES = "ssmmessages.eu-west-3.amazonaws.com:443"
PROXY = "proxy.example.org:3128"


def a_plugin(
    version: str | Absent | Unreadable = "1.2.764.0",
    *,
    system: System = System.LINUX,
    path: str = LINUX_PATH,
    on_path: bool = True,
) -> Plugin:
    """The oldest plugin that AWS supports, on PATH."""
    return Plugin(system, path, on_path, version)


def credentials(
    kind: CredentialKind = CredentialKind.FILES,
    *,
    temporary: bool = False,
    expires: datetime | None = None,
    renewal: str = "",
) -> Credentials:
    """Credentials that do not end."""
    return Credentials(kind, temporary, expires, renewal)


def a_way(obstruction: Obstruction | None = None, told: str = "", proxy: str = "") -> MessagesConnection:
    """A way to the ssmmessages of Paris."""
    return MessagesConnection(MESSAGES, proxy, obstruction, told)
