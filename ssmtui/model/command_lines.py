"""Command lines of ssmtui with the same effect as its keys."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding
    from ssmtui.model.node import NodeKey
    from ssmtui.model.scope import ScopeName


def connect_command(key: NodeKey, scope: ScopeName | None) -> str:
    """Return the command that opens a session to a node, with the credentials of the scope, if open."""
    options = ("--region", key.region) if scope is None else scope.in_region(key.region).options
    return _command("connect", key.id, *options)


def tunnel_command(node: str, where: str, scope: ScopeName) -> str:
    """Return the command that forwards a port through a node; `where` is `[LOCAL:][HOST:]PORT`."""
    return _command("tunnel", node, where, *scope.options)


def fix_command(held: FleetFinding, *more: str) -> str:
    """Return the command that previews the fix of a finding, with additional words; empty if there is no fix."""
    if not held.finding.fixes:
        return ""
    return _command("fix", held.finding.cause, "--subject", held.finding.subject.id, *held.scope.name.options, *more)


def _command(*words: str) -> str:
    # Quote before escaping: unprintable characters then stay inside the quotes, as escapes.
    return printable(shlex.join(("ssmtui", *words)))
