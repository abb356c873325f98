"""How many connections this process may have at once: what systems allow unless asked is less than many scopes take."""

from __future__ import annotations

import sys

CONNECTIONS = 4096
"""Thirty-two scopes of forty calls in flight each have 1,280; the usual limits are 1,024 (Linux) and 256 (macOS)."""


def allow_connections(wanted: int = CONNECTIONS) -> None:
    """Ask the system for as many, as far as it lets a process ask; what is allowed already stays."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):
        return  # a system may have reasons of its own; then as many as there were
