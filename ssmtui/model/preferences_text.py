"""The text of a preferences document, read as settings: every key is optional, and what nobody knows is left alone.

Field names and types: Systems Manager User Guide, session-manager-schema. JSON needs the standard library only; YAML
needs ruamel.yaml, which is imported when the first YAML document is read, so that values stay cheap to import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.model.preferences import (
    DocumentFormat,
    EncryptedOnly,
    PreferencesDocument,
    SessionPreferences,
    is_reference,
)

SCHEMA_VERSION = "1.0"
INPUTS = "inputs"
SESSION_KEY = "kmsKeyId"
S3_ENCRYPTED_ONLY = "s3EncryptionEnabled"
LOG_GROUP_ENCRYPTED_ONLY = "cloudWatchEncryptionEnabled"

_SWITCH_NAMES = (S3_ENCRYPTED_ONLY, LOG_GROUP_ENCRYPTED_ONLY, "cloudWatchStreamingEnabled", "runAsEnabled")
_TEXT_NAMES = (
    SESSION_KEY,
    "s3BucketName",
    "s3KeyPrefix",
    "cloudWatchLogGroupName",
    "runAsDefaultUser",
    "idleSessionTimeout",
    "maxSessionDuration",
)


class PreferencesMalformed(ValueError):
    """A text that is no JSON or YAML mapping at all. The message goes on from "the document …"."""


def preferences_of(document: PreferencesDocument) -> SessionPreferences:
    """The settings in the latest version of a stored document; what is wrong with it is in `faults`."""
    try:
        return read_preferences(document.content, document.format, document.arn)
    except PreferencesMalformed as malformed:
        return SessionPreferences(document.arn, document_exists=True, faults=(f"The document {malformed}.",))


def read_preferences(text: str, format_: DocumentFormat, document_arn: str) -> SessionPreferences:
    """The settings in a document's text; what is wrong with single settings is in `faults`.

    Raises:
        PreferencesMalformed: the text cannot be read as a mapping.

    """
    document = parse_document(text, format_)
    reading = _Reading(document)
    return SessionPreferences(
        document_arn=document_arn,
        document_exists=True,
        kms_key=reading.text("kmsKeyId"),
        s3_bucket=reading.text("s3BucketName"),
        s3_prefix=reading.text("s3KeyPrefix"),
        s3_encrypted_only=reading.encrypted_only(S3_ENCRYPTED_ONLY),
        log_group=reading.text("cloudWatchLogGroupName"),
        log_group_encrypted_only=reading.encrypted_only(LOG_GROUP_ENCRYPTED_ONLY),
        log_streaming=reading.encrypted_only("cloudWatchStreamingEnabled") is EncryptedOnly.ON,
        run_as=reading.encrypted_only("runAsEnabled") is EncryptedOnly.ON,
        run_as_user=reading.text("runAsDefaultUser"),
        idle_timeout=reading.text("idleSessionTimeout"),
        max_duration=reading.text("maxSessionDuration"),
        shell_profile_linux=reading.shell_profile("linux"),
        shell_profile_windows=reading.shell_profile("windows"),
        faults=reading.faults(),
    )


def parse_document(text: str, format_: DocumentFormat) -> Mapping[str, object]:
    """The document as plain data.

    Raises:
        PreferencesMalformed: the text cannot be read as a mapping.

    """
    data = _parse_json(text) if format_ is DocumentFormat.JSON else _parse_yaml(text)
    if not isinstance(data, Mapping):
        raise PreferencesMalformed(f"is {format_.value}, but no mapping of settings")
    return data


def _parse_json(text: str) -> object:
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PreferencesMalformed(f"cannot be read as JSON: {error}") from error
    return data


def _parse_yaml(text: str) -> object:
    from ruamel.yaml import YAML  # noqa: PLC0415 - see the module's docstring
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    # The pure loader reads YAML 1.2, where `yes` and `on` are texts; the C loader would read 1.1.
    yaml = YAML(typ="safe", pure=True)
    # A warning would be printed over the screen.
    yaml.composer.warn_double_anchors = False
    try:
        data: object = yaml.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        # ruamel's own words run over several lines and repeat the text; the first says what and the mark says where.
        what = str(getattr(error, "problem", None) or error).partition("\n")[0]
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        raise PreferencesMalformed(f"cannot be read as YAML: {what}{where}") from error
    return data


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

    def shell_profile(self, platform: str) -> str:
        return _text(self._profile.get(platform)) or ""

    def encrypted_only(self, name: str) -> EncryptedOnly:
        # Agents take a boolean and its name as a text, since 3.0.655.0 (aws-facts §3.1). An absent key is off.
        value = self._inputs.get(name, False)
        if isinstance(value, str):
            if is_reference(value):
                return EncryptedOnly.REFERENCE
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
            faults.append(f'schemaVersion is {_shown(version)}; a Session document has "{SCHEMA_VERSION}".')
        if not isinstance(self._document.get(INPUTS, {}), Mapping):
            faults.append("inputs holds no settings but a single value.")
        if not isinstance(self._inputs.get("shellProfile", {}), Mapping):
            faults.append("shellProfile is no mapping of linux and windows.")
        return faults

    def _switch_faults(self) -> list[str]:
        return [
            f"{name} is {_shown(self._inputs.get(name))}, where true or false belongs."
            for name in _SWITCH_NAMES
            if self.encrypted_only(name) is EncryptedOnly.MALFORMED
        ]

    def _text_faults(self) -> list[str]:
        named = [(name, self._inputs.get(name)) for name in _TEXT_NAMES]
        named += [(f"shellProfile.{name}", self._profile.get(name)) for name in ("linux", "windows")]
        return [f"{name} is {_shown(value)}, where a text belongs." for name, value in named if _text(value) is None]

    def _name_faults(self) -> list[str]:
        faults = []
        bucket, group = self.text("s3BucketName"), self.text("cloudWatchLogGroupName")
        if bucket.startswith(("arn:", "s3://")):
            faults.append(f"s3BucketName is {_shown(bucket)}, where the bucket's bare name belongs.")
        if group.startswith("arn:"):
            faults.append(f"cloudWatchLogGroupName is {_shown(group)}, where the log group's bare name belongs.")
        return faults


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
            return "a list or mapping"
