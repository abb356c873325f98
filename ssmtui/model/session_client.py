"""The programs that run sessions. Settings need only this of sessions, and every command reads the settings."""

from __future__ import annotations

from enum import Enum


class SessionClient(Enum):
    """The program that runs sessions on this computer; the value is that of the setting `client`."""

    PLUGIN = "plugin"
    BUILTIN = "builtin"
