"""The editable settings of the session preferences, and how they are written in the stored text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.language import say, translatable
from ssmtui.model.document_text import DocumentFormat, DocumentText
from ssmtui.model.preferences import (
    INPUTS,
    LOG_BUCKET,
    LOG_GROUP,
    SESSION_KEY,
    EncryptedOnly,
    SessionPreferences,
    is_reference,
    parse_preferences_text,
)
from ssmtui.remediation.plans.preferences.text_edit import CannotEditError, Literal, with_value

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.@\\-]{0,254}\$?")
_LONGEST_PREFIX = 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


class FieldKind(Enum):
    """The kind of value that a setting takes."""

    SWITCH = "true or false"
    TEXT = "one line"
    MINUTES = "a number of minutes"
    COMMANDS = "lines"


@dataclass(frozen=True, slots=True)
class Field:
    """A setting. `name` is its name in `--set` and the schema (`shellProfile.linux`), `meaning` its name for people.

    `of` reads the value from the preferences as a person types it; `fault` says why a value is invalid, or returns an
    empty text.
    """

    name: str
    kind: FieldKind
    meaning: str
    of: Callable[[SessionPreferences], str]
    fault: Callable[[str], str]

    @property
    def path(self) -> tuple[str, ...]:
        """Return the path of the setting in the document."""
        return (INPUTS, *self.name.split("."))

    def why_not(self, value: str) -> str:
        """Return why a value is invalid; empty if it is valid. An empty value removes a text."""
        if is_reference(value):
            return say("a reference to a parameter cannot be checked: add the reference to the document by hand")
        if self.kind is FieldKind.SWITCH:
            return self.fault(value)
        if _CONTROL.search(value) or (self.kind is not FieldKind.COMMANDS and re.search(r"[\n\t]", value)):
            return say("the value contains a control character")
        return self.fault(value) if value else ""


def _switch(value: str) -> str:
    return "" if value in {"true", "false"} else say("the value must be true or false")


def _minutes(most: int) -> Callable[[str], str]:
    def fault(value: str) -> str:
        fits = value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= most
        return "" if fits else say("the value must be a number of minutes from 1 to {most}", most=most)

    return fault


def _bucket(value: str) -> str:
    if value.startswith(("s3://", "arn:")):
        return say("enter only the bucket name, without s3:// and not as an ARN")
    return "" if _BUCKET.fullmatch(value) else say("this is not a valid bucket name")


def _group(value: str) -> str:
    if value.startswith("arn:"):
        return say("enter only the name of the log group, not an ARN")
    return "" if _GROUP.fullmatch(value) else say("this is not a valid log group name")


def _prefix(value: str) -> str:
    return "" if len(value) <= _LONGEST_PREFIX else say("S3 object keys have at most 1,024 bytes")


def _user(value: str) -> str:
    if value == "root":
        return say("Session Manager does not run sessions as root")
    return "" if _USER.fullmatch(value) else say("this is not a valid operating system user name")


def _anything(_: str) -> str:
    return ""


def _word(state: EncryptedOnly) -> str:
    return {EncryptedOnly.ON: "true", EncryptedOnly.OFF: "false"}.get(state, "")


def _boolean(state: bool) -> str:  # noqa: FBT001 - the fact is the one thing it turns
    return "true" if state else "false"


_S, _T, _M, _C = FieldKind.SWITCH, FieldKind.TEXT, FieldKind.MINUTES, FieldKind.COMMANDS

KMS_KEY = Field(SESSION_KEY, _T, translatable("the KMS key of sessions"), lambda each: each.kms_key, _anything)
BUCKET = Field(LOG_BUCKET, _T, translatable("the S3 bucket of session logs"), lambda each: each.s3_bucket, _bucket)
PREFIX = Field("s3KeyPrefix", _T, translatable("the prefix in the bucket"), lambda each: each.s3_prefix, _prefix)
ONLY_ENCRYPTED_BUCKET = Field(
    "s3EncryptionEnabled",
    _S,
    translatable("only encrypted S3 buckets"),
    lambda each: _word(each.s3_encrypted_only),
    _switch,
)
GROUP = Field(LOG_GROUP, _T, translatable("the log group of session logs"), lambda each: each.log_group, _group)
ONLY_ENCRYPTED_GROUP = Field(
    "cloudWatchEncryptionEnabled",
    _S,
    translatable("only encrypted CloudWatch log groups"),
    lambda each: _word(each.log_group_encrypted_only),
    _switch,
)
STREAMING = Field(
    "cloudWatchStreamingEnabled",
    _S,
    translatable("stream session logs during the session"),
    lambda each: _boolean(each.log_streaming),
    _switch,
)
IDLE = Field(
    "idleSessionTimeout",
    _M,
    translatable("idle timeout in minutes"),
    lambda each: each.idle_timeout,
    _minutes(60),
)
LONGEST = Field(
    "maxSessionDuration",
    _M,
    translatable("maximum session duration in minutes"),
    lambda each: each.max_duration,
    _minutes(1440),
)
RUN_AS = Field(
    "runAsEnabled",
    _S,
    translatable("run Linux sessions as a user other than ssm-user"),
    lambda each: _boolean(each.run_as),
    _switch,
)
RUN_AS_USER = Field(
    "runAsDefaultUser", _T, translatable("user of Linux sessions"), lambda each: each.run_as_user, _user
)
LINUX_PROFILE = Field(
    "shellProfile.linux",
    _C,
    translatable("commands at the start of Linux sessions"),
    lambda each: each.shell_profile_linux,
    _anything,
)
WINDOWS_PROFILE = Field(
    "shellProfile.windows",
    _C,
    translatable("commands at the start of Windows sessions"),
    lambda each: each.shell_profile_windows,
    _anything,
)

FIELDS = (
    KMS_KEY,
    BUCKET,
    PREFIX,
    ONLY_ENCRYPTED_BUCKET,
    GROUP,
    ONLY_ENCRYPTED_GROUP,
    STREAMING,
    IDLE,
    LONGEST,
    RUN_AS,
    RUN_AS_USER,
    LINUX_PROFILE,
    WINDOWS_PROFILE,
)
"""All editable settings, in the order of the form."""

FIELD = {field.name: field for field in FIELDS}
"""The settings by name."""


_SWITCH = re.compile(r"(.*?)(true|false)([\"']?)", re.IGNORECASE | re.DOTALL)
_WORDS = frozenset({"true", "false"})
# Texts that YAML 1.1 and 1.2 read unchanged without quotes: not a number, and not a reserved word.
_BARE = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_NOT_BARE = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def with_fields(document: DocumentText, values: Mapping[str, str]) -> DocumentText:
    """Return the document with these settings, by name; quotes and capitalization of a value stay.

    Raises:
        CannotEditError: a setting cannot be written without changing something else.

    """
    edited = document
    for name, value in values.items():
        field = FIELD[name]
        found = _found(edited, field)
        if not _says(found, field, value):
            is_switch = field.kind is FieldKind.SWITCH
            write = switch_literal(found, value) if is_switch else text_literal(value, document.format)
            edited = with_value(edited, field.path, write)
    after = parse_preferences_text(edited, "")
    for name, value in values.items():
        if FIELD[name].of(after) != value:
            raise CannotEditError(say("ssmtui cannot change {key} in this notation", key=name))
    return edited


def _found(document: DocumentText, field: Field) -> object:
    found: object = document.said
    for name in field.path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _says(found: object, field: Field, value: str) -> bool:
    """Return whether a setting already has that value; a value of the wrong type does not count."""
    if field.kind is FieldKind.SWITCH:
        return isinstance(found, bool | str) and str(found).lower() == value
    return found == value or (found is None and not value)


def switch_literal(found: object, word: str) -> Literal:
    """Return how to write `true` or `false`: in the quotes and capitals of an existing value, else as a boolean."""

    def literal(written: str | None) -> str:
        match = _SWITCH.fullmatch(written) if written is not None else None
        if match is not None:
            before, old, after = match.groups()
            capitals = str.upper if old.isupper() else str.capitalize if old[0].isupper() else str
            return f"{before}{capitals(word)}{after}"
        if written and written[0] in "\"'" and str(found).lower() in _WORDS:
            # A text with an escape (`"tr\\u0075e"`) has the same meaning and is written without it.
            return f"{written[0]}{word}{written[0]}"
        return word

    return literal


def text_literal(value: str, format_: DocumentFormat) -> Literal:
    """Return how to write a text: plain or in single quotes as YAML has it now, if possible; else as JSON.

    A JSON text in double quotes is also valid YAML.
    """

    def literal(written: str | None) -> str:
        if format_ is DocumentFormat.JSON or not written:
            return json.dumps(value, ensure_ascii=False)
        # A block value continues to the end of its last line.
        end = written[len(written.rstrip()) :]
        if written.startswith("'") and "\n" not in value:
            return f"'{value.replace(chr(39), chr(39) * 2)}'{end}"
        if _BARE.fullmatch(written) and _BARE.fullmatch(value) and value.lower() not in _NOT_BARE:
            return value + end
        return json.dumps(value, ensure_ascii=False) + end

    return literal
