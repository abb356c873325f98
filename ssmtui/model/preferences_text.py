"""The text of a preferences document, read as settings: every key is optional, and what nobody knows is left alone.

Field names and types: Systems Manager User Guide, session-manager-schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.language import say
from ssmtui.model.document_text import DocumentText
from ssmtui.model.preferences import (
    PORT,
    DocumentParameter,
    EncryptedOnly,
    PreferencesDocument,
    SessionPreferences,
    is_reference,
    parameter_in,
)

SCHEMA_VERSION = "1.0"
INPUTS = "inputs"
SESSION_KEY = "kmsKeyId"
LOG_BUCKET = "s3BucketName"
LOG_GROUP = "cloudWatchLogGroupName"
S3_ENCRYPTED_ONLY = "s3EncryptionEnabled"
LOG_GROUP_ENCRYPTED_ONLY = "cloudWatchEncryptionEnabled"

_SWITCH_NAMES = (S3_ENCRYPTED_ONLY, LOG_GROUP_ENCRYPTED_ONLY, "cloudWatchStreamingEnabled", "runAsEnabled")
_TEXT_NAMES = (
    SESSION_KEY,
    LOG_BUCKET,
    "s3KeyPrefix",
    LOG_GROUP,
    "runAsDefaultUser",
    "idleSessionTimeout",
    "maxSessionDuration",
)


def preferences_of(document: PreferencesDocument) -> SessionPreferences:
    """The settings in the latest version of a stored document; what is wrong with it is in `faults`."""
    if isinstance(document.content, DocumentText):
        return read_preferences(document.content, document.arn)
    fault = say("The document {malformed}.", malformed=document.content.why)
    return SessionPreferences(document.arn, document_exists=True, faults=(fault,))


def read_preferences(document: DocumentText, document_arn: str) -> SessionPreferences:
    """The settings in a document's text; what is wrong with single settings is in `faults`."""
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
        s3_encrypted_only=reading.encrypted_only(S3_ENCRYPTED_ONLY),
        log_group=reading.text(LOG_GROUP),
        log_group_encrypted_only=reading.encrypted_only(LOG_GROUP_ENCRYPTED_ONLY),
        log_streaming=reading.encrypted_only("cloudWatchStreamingEnabled") is EncryptedOnly.ON,
        run_as=reading.encrypted_only("runAsEnabled") is EncryptedOnly.ON,
        run_as_user=reading.text("runAsDefaultUser"),
        idle_timeout=reading.text("idleSessionTimeout"),
        max_duration=reading.text("maxSessionDuration"),
        shell_profile_linux=reading.shell_profile("linux"),
        shell_profile_windows=reading.shell_profile("windows"),
        faults=reading.faults(),
        session_type=reading.session_type,
        parameters=reading.parameters(),
        taken=reading.taken(),
    )


class _Reading:
    """The inputs of one document."""

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
        """The settings that take their value from a parameter of the document."""
        named = [*self._inputs.items(), *((f"shellProfile.{name}", value) for name, value in self._profile.items())]
        return tuple(
            (str(name), value) for name, value in named if isinstance(value, str) and parameter_in(value) is not None
        )

    def shell_profile(self, platform: str) -> str:
        return _text(self._profile.get(platform)) or ""

    def encrypted_only(self, name: str) -> EncryptedOnly:
        # Agents take a boolean and its name as a text (docs/facts/preferences.md §1). An absent key is off.
        value = self._inputs.get(name, False)
        if isinstance(value, str):
            if is_reference(value):
                return EncryptedOnly.PARAMETER if parameter_in(value) else EncryptedOnly.REFERENCE
            value = {"true": True, "false": False}.get(value.lower())
        if not isinstance(value, bool):
            return EncryptedOnly.MALFORMED
        return EncryptedOnly.ON if value else EncryptedOnly.OFF

    def faults(self) -> tuple[str, ...]:
        return tuple(self._shape_faults() + self._switch_faults() + self._text_faults() + self._name_faults())

    def _shape_faults(self) -> list[str]:
        faults = []
        version = self._document.get("schemaVersion")
        if _text(version) != SCHEMA_VERSION:
            faults.append(
                say(
                    'schemaVersion is {shown}; a Session document has "{schema_version}".',
                    shown=_shown(version),
                    schema_version=SCHEMA_VERSION,
                )
            )
        if not isinstance(self._document.get(INPUTS, {}), Mapping):
            faults.append(say("inputs holds no settings but a single value."))
        if not isinstance(self._inputs.get("shellProfile", {}), Mapping):
            faults.append(say("shellProfile is no mapping of linux and windows."))
        return faults

    def _switch_faults(self) -> list[str]:
        return [
            say("{name} is {shown}, where true or false belongs.", name=name, shown=_shown(self._inputs.get(name)))
            for name in _SWITCH_NAMES
            if self.encrypted_only(name) is EncryptedOnly.MALFORMED
        ]

    def _text_faults(self) -> list[str]:
        named = [(name, self._inputs.get(name)) for name in _TEXT_NAMES]
        named += [(f"shellProfile.{name}", self._profile.get(name)) for name in ("linux", "windows")]
        return [
            say("{name} is {shown}, where a text belongs.", name=name, shown=_shown(value))
            for name, value in named
            if _text(value) is None
        ]

    def _name_faults(self) -> list[str]:
        faults = []
        bucket, group = self.text(LOG_BUCKET), self.text(LOG_GROUP)
        if bucket.startswith(("arn:", "s3://")):
            faults.append(say("s3BucketName is {shown}, where the bucket's bare name belongs.", shown=_shown(bucket)))
        if group.startswith("arn:"):
            faults.append(
                say("cloudWatchLogGroupName is {shown}, where the log group's bare name belongs.", shown=_shown(group))
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
    """A setting as text: numbers are taken as they are written, an absent one is empty; None for anything else."""
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
