"""Computers that sessions could be opened from, each with what is wrong with it and what must be told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.fact import Absent, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION, Status
from ssmtui.model.workstation import (
    ClockDifference,
    CredentialKind,
    Credentials,
    MessagesConnection,
    NodeQuery,
    Obstruction,
    Plugin,
    System,
    TemporaryFolder,
)

WINDOWS = r"C:\Program Files\Amazon\SessionManagerPlugin\bin\session-manager-plugin.exe"
LINUX = "/usr/local/sessionmanagerplugin/bin/session-manager-plugin"
MESSAGES = "ssmmessages.eu-west-3.amazonaws.com:443"
PROXY = "proxy.example.org:3128"


@dataclass(frozen=True, slots=True)
class Workstation:
    """A computer, and the findings about it by their causes."""

    name: str
    workstation: WorkstationDescription
    expected: Mapping[str, Status]


def workstations(asked: str = "i-0") -> tuple[Workstation, ...]:
    """All of them. `asked` is the id of a node that was asked for."""
    now = datetime.now(UTC)
    return (
        Workstation("healthy", WorkstationDescription(), {}),
        Workstation(
            "new-laptop",
            WorkstationDescription(
                plugin=Absent("the Session Manager plugin", "PATH"),
                credentials=_role(now + timedelta(minutes=30)),
                way=MessagesConnection(MESSAGES, PROXY, Obstruction.PROXY_FAILS, "502"),
            ),
            {
                "plugin-missing": Status.WARN,
                "credentials-expire-soon": Status.INFO,
                "messages-endpoint-unreachable": Status.UNKNOWN,
            },
        ),
        Workstation(
            "old-windows",
            WorkstationDescription(
                plugin=Plugin(System.WINDOWS, WINDOWS, on_path=False, version="1.2.688.0"),
                folder=TemporaryFolder(System.WINDOWS, "C:\\" + "t" * 150),
                credentials=_role(now + timedelta(minutes=3)),
                clock=ClockDifference(-290, "sts:GetCallerIdentity"),
            ),
            {
                "plugin-not-on-path": Status.WARN,
                "plugin-outdated": Status.WARN,
                "plugin-known-bad": Status.WARN,
                "credentials-expire-soon": Status.WARN,
                "workstation-clock-skewed": Status.WARN,
            },
        ),
        Workstation(
            "nix-shell",
            WorkstationDescription(
                plugin=Plugin(System.MACOS, LINUX, on_path=True, version="1.2.896.0"),
                folder=TemporaryFolder(System.MACOS, "/var/folders/zz/" + "n" * 60),
                credentials=_role(now - timedelta(minutes=1)),
                way=MessagesConnection(MESSAGES, "", Obstruction.CERTIFICATE, "self-signed certificate"),
                node_query=NodeQuery(frozenset({asked}), "123456789012", "us-east-1"),
            ),
            {
                "plugin-known-bad": Status.INFO,
                "socket-path-too-long": Status.WARN,
                "credentials-expired": Status.WARN,
                "messages-endpoint-unreachable": Status.WARN,
                "wrong-region-or-account": Status.WARN,
            },
        ),
        Workstation(
            "nothing-can-be-told",
            WorkstationDescription(
                plugin=Plugin(System.LINUX, LINUX, on_path=True, version=_untold("it cannot be run")),
                credentials=_untold("the credentials no longer exist"),
                clock=_untold("no response of AWS contained its time"),
                way=_untold("no endpoint of ssmmessages is known"),
                node_query=_untold("sts:GetCallerIdentity failed"),
            ),
            {
                "plugin-outdated": Status.UNKNOWN,
                "credentials-expire-soon": Status.UNKNOWN,
                "workstation-clock-skewed": Status.UNKNOWN,
                "messages-endpoint-unreachable": Status.UNKNOWN,
                "wrong-region-or-account": Status.UNKNOWN,
            },
        ),
    )


def _role(end: datetime) -> Credentials:
    return Credentials(CredentialKind.ROLE, temporary=True, expires=end)


def _untold(why: str) -> Unreadable:
    return Unreadable("", why, ReadFailure.FAILED, WORKSTATION)
