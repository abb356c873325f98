"""Describe the commands of the command palette, and the screens that can be opened by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.language import translatable


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """Something that can be done now. `also` are other words for it, as k9s or this page's own ids have them.

    `key` is the key that does the same, empty where there is none. `why_not` says why it cannot be done now.
    """

    name: str
    told: str
    do: Callable[[], object]
    key: str = ""
    also: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class NamedScreen:
    """A screen. `name` is what it is put up as; `also` are the names that other tools have for it.

    `action` is the action that leads there, by which its key is found.
    """

    name: str
    title: str
    told: str
    also: str
    action: str


NAMED_SCREENS = (
    NamedScreen(
        "nodes",
        translatable("Nodes"),
        translatable("Every node, one row each"),
        "fleet instances ec2 home",
        "show_nodes",
    ),
    NamedScreen(
        "causes",
        translatable("Causes"),
        translatable("What is wrong, one row a cause"),
        "findings popeye",
        "show_causes",
    ),
    NamedScreen(
        "pulse", translatable("Pulse"), translatable("The fleet at a glance"), "pulses dashboard", "put_up('pulse')"
    ),
    NamedScreen(
        "preferences",
        translatable("Preferences"),
        translatable("The session preferences of the Region"),
        "prefs settings document",
        "preferences",
    ),
    NamedScreen(
        "changes",
        translatable("Changes"),
        translatable("What has been changed here"),
        "history journal",
        "put_up('changes')",
    ),
    NamedScreen(
        "sessions",
        translatable("Sessions"),
        translatable("The account's sessions, open and ended"),
        "holders",
        "put_up('sessions')",
    ),
    NamedScreen(
        "tunnels",
        translatable("Tunnels"),
        translatable("The tunnels that are open"),
        "forwards portforward",
        "put_up('tunnels')",
    ),
    NamedScreen(
        "explain",
        translatable("Explain"),
        translatable("Paste an error text and have it explained"),
        "error",
        "explain",
    ),
)
"""In the order in which they are offered."""
