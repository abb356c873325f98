"""Worlds about how the session preferences are stored: not at all, with texts for switches, as YAML."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import Scenario, fails
from ssmtui.simulator.worlds.permissions import node_role
from ssmtui.simulator.worlds.preferences import preferences, preferences_in_yaml
from ssmtui.simulator.worlds.small import DESTINATIONS, UNENCRYPTED_GROUPS, node, small_world

_UNENCRYPTED = fails("log-group-unencrypted")


def preferences_absent() -> Scenario:
    """Nobody has saved preferences: the defaults hold."""
    return small_world(
        "preferences-absent",
        "The Region has no session preferences.",
        (node("web-1"), node("web-2")),
        preferences=None,
    )


def preferences_strings_green() -> Scenario:
    """The switches are texts, and the one that would close the nodes is off."""
    return small_world(
        "preferences-strings-green",
        'The switches are stored as texts; "false" is off.',
        (node("web-1"), node("web-2")),
        preferences=preferences(DESTINATIONS, only_encrypted_bucket="true", only_encrypted_log_group="false"),
        log_groups=UNENCRYPTED_GROUPS,
    )


def preferences_strings_red() -> Scenario:
    """The switches are texts, and one closes the nodes."""
    return small_world(
        "preferences-strings-red",
        'The switches are stored as texts; "true" is on.',
        (node("web-1", _UNENCRYPTED), node("web-2", _UNENCRYPTED)),
        preferences=preferences(DESTINATIONS, only_encrypted_bucket="true", only_encrypted_log_group="true"),
        log_groups=UNENCRYPTED_GROUPS,
    )


def preferences_yaml() -> Scenario:
    """The document is YAML with a comment in it, and its switch closes the nodes."""
    destinations = replace(DESTINATIONS, session_key=None)
    return small_world(
        "preferences-yaml",
        "The session preferences are stored as YAML.",
        (node("web-1", _UNENCRYPTED), node("web-2", _UNENCRYPTED)),
        preferences=preferences_in_yaml(destinations),
        roles=(node_role("web", destinations.everything()),),
        log_groups=UNENCRYPTED_GROUPS,
    )
