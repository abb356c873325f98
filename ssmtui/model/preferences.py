"""Session preferences: the document, its settings, other Session documents, and the resources of a Region."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key, KeyElsewhere, LogGroup

SESSION_TYPE = "Session"
PORT = "Port"
"""The `sessionType` of port forwarding and SSH: no key, no logs, no Run As (docs/facts/sessions.md §1)."""


@dataclass(frozen=True, slots=True)
class PreferencesDocument:
    """The stored document: the text of the latest version, and of the default version if it differs.

    `type` is the document type in Systems Manager: sessions accept only the type `Session`.
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
    """A parameter of a document; `default` is the value of a session that does not set it, if any.

    `allowed` are the only permitted values, if the document limits them; `description` is from the document.
    """

    name: str
    default: str | None
    description: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionPreferences:
    """The session settings of a Region. An empty text means that the setting is off.

    Without a document, AWS's defaults apply: no logging, no key (`document_exists` is then False). A value such as
    `{{ssm:name}}` is a reference that ssmtui cannot read (see `is_reference`); `{{ name }}` is the value of one of the
    document's own `parameters`. `taken` are the settings with such values. `switches_as_text` are the booleans that the
    document has as texts, which only newer agents read.
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
    switches_as_text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionServices:
    """The AWS services that a session needs in addition to ssm and ssmmessages: `kms`, `logs`, `s3`, as configured."""

    names: tuple[str, ...]


_PARAMETER = re.compile(r"\{\{\s*(?!ssm(?:-secure)?:)([A-Za-z0-9_.-]+)\s*\}\}")


def parameter_name(value: str) -> str | None:
    """Return the name of the document's parameter that a setting refers to, or None."""
    found = _PARAMETER.search(value)
    return found.group(1) if found else None


def is_reference(value: str) -> bool:
    """Return whether a setting is a `{{parameter}}` whose value is not in the document."""
    return "{{" in value


def describe_parameter(name: str, parameters: tuple[DocumentParameter, ...]) -> str:
    """Return where the value comes from, and the default of a session that does not set it."""
    default = next((each.default for each in parameters if each.name == name), None)
    if default is None:
        return say("the document parameter {name} sets the value and has no default", name=name)
    return say(
        "the document parameter {name} sets the value: {default}, unless the session sets another value",
        name=name,
        default=default or say("empty"),
    )


SCHEMA_VERSION = "1.0"
INPUTS = "inputs"
SESSION_KEY = "kmsKeyId"
LOG_BUCKET = "s3BucketName"
LOG_GROUP = "cloudWatchLogGroupName"
S3_ENCRYPTED_ONLY = "s3EncryptionEnabled"
LOG_GROUP_ENCRYPTED_ONLY = "cloudWatchEncryptionEnabled"
LOG_STREAMING = "cloudWatchStreamingEnabled"
RUN_AS = "runAsEnabled"

# What Go's strconv.ParseBool reads; the agent reads an empty text as false (docs/facts/preferences.md §1).
_TRUE_TEXTS = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE_TEXTS = frozenset(("", "0", "f", "F", "FALSE", "false", "False"))

_SWITCH_NAMES = (S3_ENCRYPTED_ONLY, LOG_GROUP_ENCRYPTED_ONLY, LOG_STREAMING, RUN_AS)
_TEXT_NAMES = (
    SESSION_KEY,
    LOG_BUCKET,
    "s3KeyPrefix",
    LOG_GROUP,
    "runAsDefaultUser",
    "idleSessionTimeout",
    "maxSessionDuration",
)


def parse_preferences(document: PreferencesDocument) -> SessionPreferences:
    """Return the settings in the latest version of a stored document; errors are in `faults`."""
    if isinstance(document.content, DocumentText):
        return parse_preferences_text(document.content, document.arn)
    fault = say("The document {malformed}.", malformed=document.content.why)
    return SessionPreferences(document.arn, document_exists=True, faults=(fault,))


def parse_preferences_text(document: DocumentText, document_arn: str) -> SessionPreferences:
    """Return the settings in a document's text; errors in single settings are in `faults`."""
    reading = _Reading(document.said)
    if reading.session_type == PORT:
        return SessionPreferences(
            document_arn=document_arn, document_exists=True, session_type=PORT, parameters=reading.parameters()
        )
    return SessionPreferences(
        document_arn=document_arn,
        document_exists=True,
        kms_key=reading.text("kmsKeyId"),
        s3_bucket=reading.text(LOG_BUCKET),
        s3_prefix=reading.text("s3KeyPrefix"),
        s3_encrypted_only=reading.switch(S3_ENCRYPTED_ONLY),
        log_group=reading.text(LOG_GROUP),
        log_group_encrypted_only=reading.switch(LOG_GROUP_ENCRYPTED_ONLY),
        log_streaming=reading.switch(LOG_STREAMING) is EncryptedOnly.ON,
        run_as=reading.switch(RUN_AS) is EncryptedOnly.ON,
        run_as_user=reading.text("runAsDefaultUser"),
        idle_timeout=reading.text("idleSessionTimeout"),
        max_duration=reading.text("maxSessionDuration"),
        shell_profile_linux=reading.shell_profile("linux"),
        shell_profile_windows=reading.shell_profile("windows"),
        faults=reading.faults(),
        session_type=reading.session_type,
        parameters=reading.parameters(),
        taken=reading.taken(),
        switches_as_text=reading.switches_as_text(),
    )


def read_switch(name: str, value: object) -> EncryptedOnly:
    """Return a boolean setting as the agent reads it. A missing value and null mean off."""
    if isinstance(value, str):
        return _switch_of_text(name, value)
    if value is None or value is False:
        return EncryptedOnly.OFF
    return EncryptedOnly.ON if value is True else EncryptedOnly.MALFORMED


def _switch_of_text(name: str, value: str) -> EncryptedOnly:
    if is_reference(value):
        return EncryptedOnly.PARAMETER if parameter_name(value) else EncryptedOnly.REFERENCE
    # The agent reads three of the four booleans also from texts, but the one for streaming only as a boolean.
    if name == LOG_STREAMING or value not in _TRUE_TEXTS | _FALSE_TEXTS:
        return EncryptedOnly.MALFORMED
    return EncryptedOnly.ON if value in _TRUE_TEXTS else EncryptedOnly.OFF


class _Reading:
    """The inputs of a document."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        inputs = document.get(INPUTS, {})
        self._inputs: Mapping[str, object] = inputs if isinstance(inputs, Mapping) else {}
        profile = self._inputs.get("shellProfile", {})
        self._profile: Mapping[str, object] = profile if isinstance(profile, Mapping) else {}

    def text(self, name: str) -> str:
        return _text(self._inputs.get(name)) or ""

    @property
    def session_type(self) -> str:
        return _text(self._document.get("sessionType")) or ""

    def parameters(self) -> tuple[DocumentParameter, ...]:
        declared = self._document.get("parameters", {})
        if not isinstance(declared, Mapping):
            return ()
        return tuple(
            _parameter(str(name), each) if isinstance(each, Mapping) else DocumentParameter(str(name), None)
            for name, each in declared.items()
        )

    def taken(self) -> tuple[tuple[str, str], ...]:
        """Return the settings that refer to a parameter of the document."""
        named = [*self._inputs.items(), *((f"shellProfile.{name}", value) for name, value in self._profile.items())]
        return tuple(
            (str(name), value) for name, value in named if isinstance(value, str) and parameter_name(value) is not None
        )

    def shell_profile(self, platform: str) -> str:
        return _text(self._profile.get(platform)) or ""

    def switch(self, name: str) -> EncryptedOnly:
        return read_switch(name, self._inputs.get(name))

    def switches_as_text(self) -> tuple[str, ...]:
        """Return the booleans that are valid texts."""
        texts = (name for name in _SWITCH_NAMES if isinstance(self._inputs.get(name), str))
        return tuple(name for name in texts if self.switch(name) in {EncryptedOnly.ON, EncryptedOnly.OFF})

    def faults(self) -> tuple[str, ...]:
        return tuple(self._shape_faults() + self._switch_faults() + self._text_faults() + self._name_faults())

    def _shape_faults(self) -> list[str]:
        faults = []
        version = self._document.get("schemaVersion")
        if _text(version) != SCHEMA_VERSION:
            faults.append(
                say(
                    'schemaVersion is {shown}; the value for a Session document is "{schema_version}".',
                    shown=_shown(version),
                    schema_version=SCHEMA_VERSION,
                )
            )
        if not isinstance(self._document.get(INPUTS, {}), Mapping):
            faults.append(say("inputs is a single value instead of settings."))
        if not isinstance(self._inputs.get("shellProfile", {}), Mapping):
            faults.append(say("shellProfile is not a mapping with linux and windows."))
        return faults

    def _switch_faults(self) -> list[str]:
        return [
            say("{name} is {shown} instead of true or false.", name=name, shown=_shown(self._inputs.get(name)))
            for name in _SWITCH_NAMES
            if self.switch(name) is EncryptedOnly.MALFORMED
        ]

    def _text_faults(self) -> list[str]:
        named = [(name, self._inputs.get(name)) for name in _TEXT_NAMES]
        named += [(f"shellProfile.{name}", self._profile.get(name)) for name in ("linux", "windows")]
        return [
            say("{name} is {shown} instead of a text.", name=name, shown=_shown(value))
            for name, value in named
            if _text(value) is None
        ]

    def _name_faults(self) -> list[str]:
        faults = []
        bucket, group = self.text(LOG_BUCKET), self.text(LOG_GROUP)
        if bucket.startswith(("arn:", "s3://")):
            faults.append(say("s3BucketName is {shown} instead of only the bucket name.", shown=_shown(bucket)))
        if group.startswith("arn:"):
            faults.append(
                say("cloudWatchLogGroupName is {shown} instead of only the log group name.", shown=_shown(group))
            )
        return faults


def _parameter(name: str, declared: Mapping[object, object]) -> DocumentParameter:
    listed = declared.get("allowedValues")
    allowed = tuple(map(str, listed)) if isinstance(listed, list) else ()
    return DocumentParameter(name, _default(declared), _text(declared.get("description")) or "", allowed)


def _default(parameter: Mapping[object, object]) -> str | None:
    value = parameter.get("default")
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else _text(value)


def _text(value: object) -> str | None:
    """Return a setting as text: a number as written, empty if missing; None for any other type."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case str() | bool() | int() | float():
            text = json.dumps(value)
            return text if len(text) <= 60 else f"{text[:57]}…"
        case _:
            return say("a list or mapping")


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """A Session document of the account that opens a shell, and its settings."""

    name: str
    arn: str
    settings: SessionPreferences


@dataclass(frozen=True, slots=True)
class SessionDocuments:
    """The Session documents of a Region, by name. `skipped` are documents that are gone or cannot be parsed."""

    shells: tuple[SessionDocument, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionPreferences:
    """The facts about the preferences of a Region."""

    scope: Scope
    document: PreferencesDocument | Absent | Unreadable
    preferences: SessionPreferences | Unreadable
    key: Key | KeyElsewhere | Absent | NotApplicable | Unreadable
    bucket: Bucket | Absent | NotApplicable | Unreadable
    bucket_encryption: BucketEncryption | Absent | NotApplicable | Unreadable
    log_group: LogGroup | Absent | NotApplicable | Unreadable
    caller: CallerPreferencesPermissions | Absent | NotApplicable | Unreadable
