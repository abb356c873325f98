"""The screens that can be gone to from anywhere, by the names that people type."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import marked


@dataclass(frozen=True, slots=True)
class Jump:
    """A screen. `name` is what it is put up as; `also` are the names that other tools have for it.

    `action` is the action that leads there, by which its key is found.
    """

    name: str
    title: str
    told: str
    also: str
    action: str


JUMPS = (
    Jump("nodes", marked("Nodes"), marked("Every node, one row each"), "fleet instances ec2 home", "show_nodes"),
    Jump("causes", marked("Causes"), marked("What is wrong, one row a cause"), "findings popeye", "show_causes"),
    Jump("pulse", marked("Pulse"), marked("The fleet at a glance"), "pulses dashboard", "put_up('pulse')"),
    Jump(
        "preferences",
        marked("Preferences"),
        marked("The session preferences of the Region"),
        "prefs settings document",
        "preferences",
    ),
    Jump("changes", marked("Changes"), marked("What has been changed here"), "history journal", "put_up('changes')"),
    Jump(
        "sessions",
        marked("Sessions"),
        marked("The account's sessions, open and ended"),
        "holders",
        "put_up('sessions')",
    ),
    Jump(
        "tunnels", marked("Tunnels"), marked("The tunnels that are open"), "forwards portforward", "put_up('tunnels')"
    ),
    Jump("explain", marked("Explain"), marked("Paste an error text and have it explained"), "error", "explain"),
)
"""In the order in which they are offered."""
