"""Systems Manager documents and their versions, and the Session documents that belong to AWS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version; its number counts from 1 and is never used again."""

    number: int
    content: str
    format: str
    created_at: datetime
    name: str = ""
    schema_version: str = "1.0"
    description: str = ""

    @property
    def hash(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(slots=True)
class StoredDocument:
    """A document. `owner` is an account, or ``Amazon``."""

    name: str
    type: str
    owner: str
    versions: list[DocumentVersion]
    default_number: int = 1
    target_type: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def latest(self) -> DocumentVersion:
        """The newest version: ``$LATEST``."""
        return self.versions[-1]

    @property
    def default(self) -> DocumentVersion:
        """The default version: ``$DEFAULT``."""
        return next(version for version in self.versions if version.number == self.default_number)


OWNER: Final = "Amazon"
_CREATED: Final = datetime(2019, 8, 8, tzinfo=UTC)


def _text(description: str, default: str | None = None) -> Mapping[str, str]:
    declared = {"type": "String", "description": description}
    return declared if default is None else declared | {"default": default}


_LOCAL_PORT: Final = _text("Port number on local machine to forward traffic to.", "0")
_SERVER_PORT: Final = _text("Port number of the server on the instance.", "80")
_PORTS: Final = {
    "portNumber": "{{ portNumber }}",
    "type": "LocalPortForwarding",
    "localPortNumber": "{{ localPortNumber }}",
}

_DOCUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "AWS-StartSSHSession": {
        "description": "Document to start an SSH session over Session Manager",
        "sessionType": "Port",
        "parameters": {"portNumber": _text("Port number of SSH server on the instance.", "22")},
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
            "host": _text("Host or IP address of the server.", "localhost"),
            "portNumber": _SERVER_PORT,
            "localPortNumber": _LOCAL_PORT,
        },
        "properties": {"host": "{{ host }}", **_PORTS},
    },
    "AWS-StartInteractiveCommand": {
        "description": "Document to run single interactive command on an instance",
        "sessionType": "InteractiveCommands",
        "parameters": {"command": _text("The command to run on the instance.")},
        "properties": {"linux": {"commands": "{{ command }}", "runAsElevated": True}},
    },
    "AWS-StartNonInteractiveCommand": {
        "description": "Document to run single non-interactive command on an instance",
        "sessionType": "NonInteractiveCommands",
        "parameters": {"command": _text("The command to run on the instance.")},
        "properties": {"linux": {"commands": "{{ command }}", "runAsElevated": True}},
    },
}


@cache
def amazon_documents() -> Mapping[str, StoredDocument]:
    """The documents of AWS, by name."""
    return {name: _stored(name, document) for name, document in _DOCUMENTS.items()}


def _stored(name: str, document: Mapping[str, Any]) -> StoredDocument:
    content = json.dumps({"schemaVersion": "1.0", **document}, indent=2)
    version = DocumentVersion(1, content, "JSON", _CREATED, description=str(document["description"]))
    return StoredDocument(name, "Session", OWNER, [version])
