"""Session preferences: the document of a Region, and what its settings say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

DOCUMENT_NAME = "SSM-SessionManagerRunShell"
"""The document that holds a Region's session preferences (Systems Manager User Guide, session-manager-schema)."""


class DocumentFormat(Enum):
    """How a document is stored; a change keeps it."""

    JSON = "JSON"
    YAML = "YAML"


@dataclass(frozen=True, slots=True)
class PreferencesDocument:
    """The stored document: the latest version's text, and the default version's where it is another one."""

    arn: str
    format: DocumentFormat
    latest_version: str
    default_version: str
    content: str
    default_content: str


class EncryptedOnly(Enum):
    """An "only encrypted" switch of the preferences."""

    ON = "on"
    OFF = "off"
    REFERENCE = "reference"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class SessionPreferences:
    """What the preferences of a Region ask of every session. An empty text means that the setting is off.

    Without a document AWS's defaults are in force: no logging, no key (`document_exists` is False then). A value such
    as `{{ssm:name}}` is a reference that ssmtui cannot read (see `is_reference`).
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


@dataclass(frozen=True, slots=True)
class SessionServices:
    """The AWS services that a session needs besides ssm and ssmmessages: `kms`, `logs`, `s3`, as far as configured."""

    names: tuple[str, ...]


def is_reference(value: str) -> bool:
    """Whether a setting is a `{{parameter}}` whose value the document itself does not hold."""
    return "{{" in value
