"""Read Systems Manager documents: the session preferences in force, as an agent reads them, and AWS's own documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from ruamel.yaml import YAML

from ssmtui.simulator.state import DocumentVersion, StoredDocument, hidden

DOCUMENT_NAME = "SSM-SessionManagerRunShell"


_STREAMING = "cloudWatchStreamingEnabled"
_SWITCHES = ("s3EncryptionEnabled", "cloudWatchEncryptionEnabled", _STREAMING, "runAsEnabled")
_NO_PREFERENCES: Final[Mapping[str, Any]] = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {}}
_TRUE_TEXTS = ("1", "t", "T", "TRUE", "true", "True")
_FALSE_TEXTS = ("", "0", "f", "F", "FALSE", "false", "False")


@dataclass(frozen=True, slots=True)
class SessionPreferences:
    """The inputs that decide how a session opens; by default, a text is empty and a switch is off.

    `is_default` means that the default version has the same content, `readable` that agents can read every value.
    """

    key_id: str = ""
    bucket: str = ""
    bucket_prefix: str = ""
    only_encrypted_bucket: bool = False
    log_group: str = ""
    only_encrypted_log_group: bool = False
    streaming: bool = False
    run_as: bool = False
    run_as_user: str = ""
    idle_timeout: str = ""
    longest: str = ""
    linux_profile: str = ""
    windows_profile: str = ""
    is_default: bool = True
    readable: bool = True


def in_force(account: str, region: str) -> SessionPreferences:
    """Return the preferences of a Region: those of the latest version, which was used in observed sessions."""
    document = hidden(account, region).documents.get(DOCUMENT_NAME)
    if document is None:
        return SessionPreferences()
    return settings_in(_inputs(document.latest), is_default=document.default.content == document.latest.content)


def content_in_force(account: str, region: str) -> Mapping[str, Any]:
    """Return the document of the preferences in force, as agents receive it; without a document, its defaults."""
    document = hidden(account, region).documents.get(DOCUMENT_NAME)
    content = content_of(document.latest) if document is not None else None
    return content if isinstance(content, Mapping) else _NO_PREFERENCES


def settings_in(inputs: Mapping[str, Any], *, is_default: bool = True) -> SessionPreferences:
    """Return the settings in the inputs of a Session document."""
    given = inputs.get("shellProfile")
    profile = given if isinstance(given, Mapping) else {}
    return SessionPreferences(
        key_id=_text(inputs, "kmsKeyId"),
        bucket=_text(inputs, "s3BucketName"),
        bucket_prefix=_text(inputs, "s3KeyPrefix"),
        only_encrypted_bucket=_switch(inputs, "s3EncryptionEnabled"),
        log_group=_text(inputs, "cloudWatchLogGroupName"),
        only_encrypted_log_group=_switch(inputs, "cloudWatchEncryptionEnabled"),
        streaming=_switch(inputs, _STREAMING),
        run_as=_switch(inputs, "runAsEnabled"),
        run_as_user=_text(inputs, "runAsDefaultUser"),
        idle_timeout=_text(inputs, "idleSessionTimeout"),
        longest=_text(inputs, "maxSessionDuration"),
        linux_profile=_text(profile, "linux"),
        windows_profile=_text(profile, "windows"),
        is_default=is_default,
        readable=all(_is_readable(name, inputs.get(name)) for name in _SWITCHES),
    )


def content_of(version: DocumentVersion) -> object:
    """Return the content of a version of a document."""
    content: object = (
        YAML(typ="safe").load(version.content) if version.format == "YAML" else json.loads(version.content)
    )
    return content


def _inputs(version: DocumentVersion) -> Mapping[str, Any]:
    content = content_of(version)
    inputs = content.get("inputs") if isinstance(content, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}


def _text(inputs: Mapping[str, Any], name: str) -> str:
    value = inputs.get(name)
    return value if isinstance(value, str) else ""


def _switch(inputs: Mapping[str, Any], name: str) -> bool:
    return inputs.get(name) is True or inputs.get(name) in _TRUE_TEXTS


def _is_readable(name: str, value: object) -> bool:
    """Return whether agents from 3.0.655.0 read a boolean; they read the one for streaming only as a boolean."""
    if isinstance(value, str):
        return name != _STREAMING and value in _TRUE_TEXTS + _FALSE_TEXTS
    return value is None or isinstance(value, bool)


OWNER: Final = "Amazon"
_CREATED: Final = datetime(2019, 8, 8, tzinfo=UTC)


def _parameter(description: str, default: str | None = None) -> Mapping[str, str]:
    declared = {"type": "String", "description": description}
    return declared if default is None else declared | {"default": default}


_LOCAL_PORT: Final = _parameter("Port number on local machine to forward traffic to.", "0")
_SERVER_PORT: Final = _parameter("Port number of the server on the instance.", "80")
_PORTS: Final = {
    "portNumber": "{{ portNumber }}",
    "type": "LocalPortForwarding",
    "localPortNumber": "{{ localPortNumber }}",
}

_COMMANDS: Final = {platform: {"commands": "{{ command }}", "runAsElevated": True} for platform in ("linux", "windows")}

_DOCUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "AWS-StartSSHSession": {
        "description": "Document to start an SSH session over Session Manager",
        "sessionType": "Port",
        "parameters": {"portNumber": _parameter("Port number of SSH server on the instance.", "22")},
        "properties": {"portNumber": "{{ portNumber }}"},
    },
    "AWS-StartPortForwardingSession": {
        "description": "Document to start port forwarding session over Session Manager",
        "sessionType": "Port",
        "parameters": {"portNumber": _SERVER_PORT, "localPortNumber": _LOCAL_PORT},
        "properties": _PORTS,
    },
    "AWS-StartPortForwardingSessionToRemoteHost": {
        "description": "Document to start port forwarding session over Session Manager to a remote host",
        "sessionType": "Port",
        "parameters": {
            "host": _parameter("Host or IP address of the server.", "localhost"),
            "portNumber": _SERVER_PORT,
            "localPortNumber": _LOCAL_PORT,
        },
        "properties": {"host": "{{ host }}", **_PORTS},
    },
    "AWS-StartInteractiveCommand": {
        "description": "Document to run single interactive command on an instance",
        "sessionType": "InteractiveCommands",
        "parameters": {"command": _parameter("The command to run on the instance.")},
        "properties": _COMMANDS,
    },
    "AWS-StartNonInteractiveCommand": {
        "description": "Document to run single non-interactive command on an instance",
        "sessionType": "NonInteractiveCommands",
        "parameters": {"command": _parameter("The command to run on the instance.")},
        "properties": _COMMANDS,
    },
}


@cache
def amazon_documents() -> Mapping[str, StoredDocument]:
    """Return the documents of AWS, by name."""
    return {name: _stored(name, document) for name, document in _DOCUMENTS.items()}


def _stored(name: str, document: Mapping[str, Any]) -> StoredDocument:
    content = json.dumps({"schemaVersion": "1.0", **document}, indent=2)
    version = DocumentVersion(1, content, "JSON", _CREATED, description=str(document["description"]))
    return StoredDocument(name, "Session", OWNER, [version])
