"""Worlds about how the session preferences are stored: not at all, with texts for switches, as YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ssmtui.simulator.scenario import (
    Control,
    Expectation,
    Platform,
    Role,
    Scenario,
    SessionDocument,
    fails,
    sound,
    warns,
)
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    ENGINEER,
    UNENCRYPTED_GROUPS,
    WITH_DOCUMENTS,
    node,
    node_role,
    preferences,
    preferences_in_yaml,
    small_world,
)

_UNENCRYPTED = fails("log-group-unencrypted")


def preferences_absent() -> Scenario:
    """Nobody has saved preferences: the defaults hold."""
    return small_world(
        "preferences-absent",
        "The Region has no session preferences.",
        (node("web-1", sound(Control.NO_PREFERENCES)), node("web-2")),
        preferences=None,
    )


def preferences_strings_green() -> Scenario:
    """The switches are texts, and the one that would close the nodes is off."""
    return small_world(
        "preferences-strings-green",
        'The switches are stored as texts; "false" is off.',
        (node("web-1", sound(Control.SWITCHES_AS_TEXTS)), node("web-2")),
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


def preferences_malformed() -> Scenario:
    """A switch holds an empty text: the agents drop every request without a word."""
    malformed = fails("preferences-malformed")
    return small_world(
        "preferences-malformed",
        "A switch of the session preferences is an empty text.",
        (node("web-1", malformed), node("web-2", malformed)),
        preferences=preferences(DESTINATIONS, only_encrypted_log_group=""),
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


def preferences_drift() -> Scenario:
    """The latest version of the preferences was never made the default one."""
    drift = warns("preferences-drift")
    return small_world(
        "preferences-drift",
        "The latest session preferences are not the default version.",
        (node("web-1", drift), node("web-2", drift)),
        preferences=preferences(
            DESTINATIONS, instead_of=preferences(DESTINATIONS, inputs={"idleSessionTimeout": "30"})
        ),
    )


def timeout_out_of_range() -> Scenario:
    """Sessions are to idle for four hours."""
    wrong = warns("timeout-out-of-range")
    return small_world(
        "timeout-out-of-range",
        "The idle timeout of sessions is out of range.",
        (node("web-1", wrong), node("web-2", wrong)),
        preferences=preferences(DESTINATIONS, inputs={"idleSessionTimeout": "240"}),
    )


def streaming_unsupported() -> Scenario:
    """Session logs are streamed, which an old Windows Server cannot."""
    return small_world(
        "streaming-unsupported",
        "Session logs are streamed, and a Windows Server is too old for it.",
        (
            node("iis-old-1", warns("streaming-unsupported"), platform=Platform.WINDOWS_2012),
            node("iis-1", platform=Platform.WINDOWS),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS, inputs={"cloudWatchStreamingEnabled": True}),
    )


def custom_document_bypasses() -> Scenario:
    """Somebody made a Session document without logs."""
    bypassed = warns("custom-document-bypasses")
    quick = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"runAsEnabled": False}}
    return small_world(
        "custom-document-bypasses",
        "A Session document of the account goes without logs and key.",
        (node("web-1", bypassed), node("web-2", bypassed)),
        preferences=preferences(DESTINATIONS),
        session_documents=(SessionDocument("Acme-QuickShell", json.dumps(quick)),),
    )


def documents_by_name() -> Scenario:
    """Documents that sessions may name: one that fits, one that cannot be met, and some that leave things open."""

    def shell(name: str, parameters: Mapping[str, object] | None = None, **inputs: object) -> SessionDocument:
        text = json.loads(preferences(DESTINATIONS, inputs=inputs).content)
        return SessionDocument(name, json.dumps(text | ({"parameters": parameters} if parameters else {})))

    key = {"type": "String", "description": "The key.", "default": "alias/acme/sessions"}
    group = {"type": "String", "description": "Where to."}
    port = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432"}}
    command = {"schemaVersion": "2.2", "mainSteps": []}
    return small_world(
        "documents-by-name",
        "The account has Session documents of many kinds.",
        (node("web-1"), node("web-2")),
        preferences=preferences(DESTINATIONS),
        session_documents=(
            shell("Acme-Shell"),
            shell("Acme-LostLogs", cloudWatchLogGroupName="/acme/nowhere"),
            shell(
                "Acme-Chosen",
                {"key": key, "group": group},
                kmsKeyId="{{ key }}",
                cloudWatchLogGroupName="{{ group }}",
            ),
            SessionDocument("Acme-Database", json.dumps(port)),
            SessionDocument("Acme-Patch", json.dumps(command), type="Command"),
            shell("Other-Shell"),
        ),
        caller=WITH_DOCUMENTS,
    )


def run_as_user_unset() -> Scenario:
    """Run As is on, and nobody is named to run as; Windows does not ask."""
    return _run_as("run-as-user-unset", "Run As is on and names nobody.", fails("run-as-user-unset"))


def run_as_by_preferences() -> Scenario:
    """Run As is on, and the preferences name a user: who may be absent, as only a session shows."""
    return _run_as(
        "run-as-by-preferences",
        "Run As is on, and the preferences name a user.",
        Expectation(also=("run-as-user-absent",)),
        user="ec2-user",
    )


def run_as_by_tag() -> Scenario:
    """Run As is on, and a tag on the caller names a user."""
    return _run_as(
        "run-as-by-tag",
        "Run As is on, and the caller's own tag names a user.",
        sound(Control.RUN_AS_BY_TAG, "run-as-user-absent"),
        caller=replace(ENGINEER, tags={"SSMSessionRunAs": "alex"}),
    )


def _run_as(name: str, summary: str, of_linux: Expectation, *, user: str = "", caller: Role = ENGINEER) -> Scenario:
    return small_world(
        name,
        summary,
        (node("web-1", of_linux), node("iis-1", platform=Platform.WINDOWS)),
        preferences=preferences(DESTINATIONS, inputs={"runAsEnabled": True, "runAsDefaultUser": user}),
        caller=caller,
    )
