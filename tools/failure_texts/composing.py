"""Fill the holes of a text with values as they occur, and put the text into what the program prints around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.failure_texts.found_text import INNER, Severity
from tools.failure_texts.table import Row

NODE, SESSION, REGION, ACCOUNT = "i-0123456789abcdef0", "jane-0a1b2c3d4e5f67890", "eu-west-3", "123456789012"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{NODE}"
UNEXPECTED = "something unexpected"
"""An inner error that no pattern knows: the text has to be understood without it."""

_HOLE = re.compile(r"%[-+# 0]*[\d.*]*[a-zA-Z]|\{[^{}]*\}|%\((\w+)\)[sdr]|\$\{[^{}]*\}|\$\w+")
_VALUES: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(words, re.IGNORECASE), value)
    for words, value in (
        (r"session_manager_plugin", "session-manager-plugin"),
        # Only systemd's texts name a unit, and only snapd's a snap in this way.
        (
            r"\bunit$|^(?:A dependency )?job for$|^(?:Failed to start|Timed out starting)$"
            r"|^(?:Dependency failed|Assertion failed|Assertion failed on job) for$",
            "amazon-ssm-agent.service",
        ),
        (r" exited, code=", "Main process"),
        (r" operation timed out", "start"),
        (r"\bsnap(?: not found)?$", "amazon-ssm-agent"),
        (r"session ?-?id|sessionid|for session|session:?$|channel with id", SESSION),
        (r"instance ?-?(?:id)?$|managed instance|node|target|^instance", NODE),
        (r"EC2RoleRequestError", "no EC2 instance role found"),
        (r"region", REGION),
        (r"account", ACCOUNT),
        (r"\barn\b|role", ROLE),
        (r"PLUGIN_NAME|executable", "session-manager-plugin"),
        (r"Connection (?:closed|reset) by$", "UNKNOWN port 65535"),
        (r"bucket", "audit-logs"),
        (
            r"upload(?:ing)?$",
            f"/var/lib/amazon/ssm/{NODE}/session/orchestration/{SESSION}/Standard_Stream/ipcTempFile.log",
        ),
        (r" failed on client", "KMSEncryption"),
        (r"log ?group", "/ssm/sessions"),
        (r"port\b", "22"),
        (r"(?:en|dis)abling", "ssm-user"),
        (r"source_profile|profile", "default"),
        (r"user", "jane"),
        (r"endpoint_url", f"https://ssm.{REGION}.amazonaws.com/"),
        (r"endpoint|url|host| is (?:not )?reachable|timed out for|for service", f"ssmmessages.{REGION}.amazonaws.com"),
        (r"path|file|folder|directory", "/var/lib/amazon/ssm/ipc/health"),
        (r"status ?code|status", "403"),
        (r"limit", "5"),
        (r"version", "3.2.582.0"),
        (r"operation", "StartSession"),
        (r"plugin", "Standard_Stream"),
        (r"document", "SSM-SessionManagerRunShell"),
    )
)
_OF_THE_AGENT = ("agent/", "core/", "common/")
_OF_SYSTEMD, _OF_SYSTEMCTL = "src/core/", ("src/shared/", "src/systemctl/")
_LOGGED = frozenset({Severity.WARNING, Severity.ERROR, Severity.INFO})
_OF_AN_ERROR = re.compile(r"error(?!_code|_type)|\be\b|reason|report|_msg|message")
_ENDS_A_SESSION = re.compile(
    r"^Unable to start (?:command|shell): |^Setting up data channel|^Encountered error while initiating"
)
"""The outermost texts of the agent that end a session: the agent puts its block before them."""
_BEFORE, _AFTER = 28, 20
_NUMBERS = frozenset("dxXof")
_BOOLEAN = "t"


def filled(text: str, inner: str = UNEXPECTED) -> str:
    """Return a text with a value in each hole: `inner` for another error, else a value that the words before fit."""

    def value(found: re.Match[str]) -> str:
        hole = found[0]
        if hole == INNER:
            return inner
        words = text[max(found.start() - _BEFORE, 0) : found.start()].rpartition("%")[2].rstrip(" :='\"[(")
        name = hole if hole[0] in "{$" or found[1] else ""
        if _OF_AN_ERROR.search(name):
            return inner
        after = text[found.end() : found.end() + _AFTER]
        for pattern, value in _VALUES:
            if pattern.search(name or words) or pattern.match(after):
                return value
        if hole[-1] in _NUMBERS and not name:
            return "5"
        return "true" if hole[-1] == _BOOLEAN and not name else "x1"

    return _HOLE.sub(value, text.replace("%%", "%"))


def composed(row: Row) -> str:
    """Return a text as the program shows it: with its frame, in a line of a log if it goes to one."""
    text = filled(row.text)
    if row.frame:
        # The frame's own hole is the place of the text; a wrapper of a wrapper has one more.
        text = filled(row.frame, text)
    if row.severity in _LOGGED and row.file.startswith(_OF_SYSTEMD):
        return f"Nov 24 14:41:15 ip-10-0-0-7 systemd[1]: {text}"
    if row.severity in _LOGGED and not row.file.startswith(_OF_SYSTEMCTL):
        level = {Severity.WARNING: "WARN", Severity.INFO: "INFO"}.get(row.severity, "ERROR")
        component = "[ssm-agent-worker] " if row.file.startswith(_OF_THE_AGENT) else ""
        return f"2026-11-24 14:41:15.2150 {level} {component}{text}"
    return f"SessionId: {SESSION} : ----------ERROR-------\n{text}" if _ENDS_A_SESSION.search(text) else text
