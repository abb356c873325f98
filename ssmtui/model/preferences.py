"""Session preferences: the document of a Region, and what its settings say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText

SESSION_TYPE = "Session"
PORT = "Port"
"""The `sessionType` of port forwarding and SSH: no key, no logs, run as nobody (docs/facts/sessions.md §1)."""


@dataclass(frozen=True, slots=True)
class PreferencesDocument:
    """The stored document: the latest version's text, and the default version's where it is another one.

    `type` is Systems Manager's: sessions take documents of type `Session` only.
    """

    arn: str
    format: DocumentFormat
    latest_version: str
    default_version: str
    content: DocumentText | MalformedText
    default_content: str
    type: str = SESSION_TYPE


class EncryptedOnly(Enum):
    """An "only encrypted" switch of the preferences."""

    ON = "on"
    OFF = "off"
    REFERENCE = "reference"
    PARAMETER = "parameter"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class DocumentParameter:
    """A parameter that a document declares; `default` is what a session that names no value uses, if any.

    `allowed` are its only values, where the document names them; `description` is the document's own word of it.
    """

    name: str
    default: str | None
    description: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionPreferences:
    """What the preferences of a Region ask of every session. An empty text means that the setting is off.

    Without a document AWS's defaults are in force: no logging, no key (`document_exists` is False then). A value such
    as `{{ssm:name}}` is a reference that ssmtui cannot read (see `is_reference`); `{{ name }}` is the value of one of
    the document's own `parameters`. `taken` are the settings that are, each with what stands there.
    """

    document_arn: str
    document_exists: bool
    kms_key: str = ""
    s3_bucket: str = ""
    s3_prefix: str = ""
    s3_encrypted_only: EncryptedOnly = EncryptedOnly.OFF
    log_group: str = ""
    log_group_encrypted_only: EncryptedOnly = EncryptedOnly.OFF
    log_streaming: bool = False
    run_as: bool = False
    run_as_user: str = ""
    idle_timeout: str = ""
    max_duration: str = ""
    shell_profile_linux: str = ""
    shell_profile_windows: str = ""
    faults: tuple[str, ...] = ()
    session_type: str = ""
    parameters: tuple[DocumentParameter, ...] = ()
    taken: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SessionServices:
    """The AWS services that a session needs besides ssm and ssmmessages: `kms`, `logs`, `s3`, as far as configured."""

    names: tuple[str, ...]


_PARAMETER = re.compile(r"\{\{\s*(?!ssm(?:-secure)?:)([A-Za-z0-9_.-]+)\s*\}\}")


def parameter_in(value: str) -> str | None:
    """The name of the document's own parameter that a setting takes its value from; None where there is none."""
    found = _PARAMETER.search(value)
    return found.group(1) if found else None


def is_reference(value: str) -> bool:
    """Whether a setting is a `{{parameter}}` whose value the document itself does not hold."""
    return "{{" in value
