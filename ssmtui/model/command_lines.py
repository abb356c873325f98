"""Command lines of ssmtui that do what its keys do."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding
    from ssmtui.model.node import NodeKey
    from ssmtui.model.scope import ScopeName


def connect_command(key: NodeKey, scope: ScopeName | None) -> str:
    """What opens a session on a node; with the credentials of the scope that listed it, where one is open."""
    options = ("--region", key.region) if scope is None else scope.in_region(key.region).options
    return _command("connect", key.id, *options)


def tunnel_command(node: str, where: str, scope: ScopeName) -> str:
    """What forwards a port through a node; `where` is `[LOCAL:][HOST:]PORT`."""
    return _command("tunnel", node, where, *scope.options)


def fix_command(held: FleetFinding, *more: str) -> str:
    """What previews the fix of a finding, with more words where they are given; empty where there is none."""
    if not held.finding.fixes:
        return ""
    return _command("fix", held.finding.cause, "--subject", held.finding.subject.id, *held.scope.name.options, *more)


def _command(*words: str) -> str:
    # Quoted first: what cannot be printed stays inside its quotes, as an escape.
    return printable(shlex.join(("ssmtui", *words)))
