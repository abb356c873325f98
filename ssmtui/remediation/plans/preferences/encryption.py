"""Fixes that switch the encryption of sessions and logs on or off, and what is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.language import say, translatable
from ssmtui.model.document_text import MalformedText
from ssmtui.model.fact import Absent
from ssmtui.model.plan import Plan
from ssmtui.model.preferences import SESSION_KEY, EncryptedOnly, PreferencesDocument, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.plan_parts import CallerRights
from ssmtui.remediation.plans.preferences.document_plan import (
    STALE,
    WritableDocument,
    malformed_message,
    rewrite_plan,
    writable,
)
from ssmtui.remediation.plans.preferences.fields import ONLY_ENCRYPTED_BUCKET, ONLY_ENCRYPTED_GROUP, Field, with_fields
from ssmtui.remediation.plans.preferences.text_edit import CannotEditError, cannot_edit_message
from ssmtui.remediation.plans.registry import Draft, fix


@dataclass(frozen=True, slots=True)
class EncryptionSwitch:
    """One of the two encryption switches as a fix.

    `state` reads the switch from the preferences. `target` is the name of the resource that it protects, and `named`
    the resource in the preferences. `loses` says what turning it off gives up; `stops` says what turning it on stops.
    """

    field: Field
    state: Callable[[SessionPreferences], EncryptedOnly]
    target: str
    setting: str
    named: Callable[[SessionPreferences], str]
    loses: str
    stops: str


def switch_plan(
    switch: EncryptionSwitch,
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerRights,
) -> Draft:
    """Return the plan that toggles the switch, or why it cannot be toggled."""
    open_ = _why_not(switch, document, preferences) or writable(scope, document, caller)
    if isinstance(open_, str):
        return open_
    try:
        return _plan(switch, open_, is_on=switch.state(preferences) is EncryptedOnly.ON)
    except CannotEditError as reason:
        return cannot_edit_message(reason)


def _why_not(switch: EncryptionSwitch, document: PreferencesDocument | Absent, preferences: SessionPreferences) -> str:
    if isinstance(document, Absent):
        return say(
            "this Region has no preferences document, so no {target} is configured: the setting has no effect",
            target=say(switch.target),
        )
    if isinstance(document.content, MalformedText):
        return malformed_message(document.content)
    key, state = switch.field.name, switch.state(preferences)
    if state is EncryptedOnly.MALFORMED:
        return say("{key} is neither true nor false: correct the preferences document first", key=key)
    if state in {EncryptedOnly.REFERENCE, EncryptedOnly.PARAMETER}:
        return say(
            "the value of {key} comes from a parameter that is not in the document: change the parameter instead",
            key=key,
        )
    if not switch.named(preferences):
        return say(
            "no {target} is configured in the session preferences: the setting has no effect", target=say(switch.target)
        )
    return ""


def _plan(switch: EncryptionSwitch, open_: WritableDocument, *, is_on: bool) -> Plan:
    after = with_fields(open_.text, {switch.field.name: "false" if is_on else "true"})
    setting = say(switch.setting)
    if is_on:
        title = say("Turn off “{setting}”", setting=setting)
        return rewrite_plan(open_, title, after, say(switch.loses))
    title = say("Turn on “{setting}”", setting=setting)
    return rewrite_plan(open_, title, after, warnings=(say(switch.stops),))


# docs/facts/preferences.md §8: only a customer managed key of the group counts, not CloudWatch's own encryption at
# rest.
LOG_GROUP_SWITCH = EncryptionSwitch(
    field=ONLY_ENCRYPTED_GROUP,
    state=lambda preferences: preferences.log_group_encrypted_only,
    target=translatable("CloudWatch log group"),
    setting=translatable("only encrypted CloudWatch log groups"),
    named=lambda preferences: preferences.log_group,
    loses=translatable(
        "Sessions start even if the log group has no customer managed KMS key (the CloudWatch encryption at rest "
        "stays). If the node's role cannot write to the group, or if the group does not exist, sessions start "
        "without an audit log and without an error."
    ),
    stops=translatable(
        "Turning this on stops the sessions of every node, unless the log group has a KMS key and the node's role is "
        "allowed to describe the group (logs:DescribeLogGroups)."
    ),
)


@fix(slug="toggle-cloudwatch-encryption", stale=STALE, whole_region=True)
def toggle_cloudwatch_encryption(
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerRights,
) -> Draft:
    """Toggle "only encrypted CloudWatch log groups"."""
    return switch_plan(LOG_GROUP_SWITCH, scope, document, preferences, caller)


# docs/facts/preferences.md §7: the switch only makes the agent check; S3 encrypts every bucket by default since January
# 2023.
LOG_BUCKET_SWITCH = EncryptionSwitch(
    field=ONLY_ENCRYPTED_BUCKET,
    state=lambda preferences: preferences.s3_encrypted_only,
    target=translatable("S3 bucket"),
    setting=translatable("only encrypted S3 buckets"),
    named=lambda preferences: preferences.s3_bucket,
    loses=translatable(
        "Sessions start without a check that the bucket is encrypted (the objects keep the default encryption of the "
        "bucket). If the node's role lacks s3:PutObject, sessions start without an audit log and without an error."
    ),
    stops=translatable(
        "Turning this on stops the sessions of every node whose role is not allowed to read the bucket's encryption "
        "(s3:GetEncryptionConfiguration), and of all nodes if the bucket has neither AES256 nor aws:kms."
    ),
)


@fix(slug="toggle-s3-encryption", stale=STALE, whole_region=True)
def toggle_s3_encryption(
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerRights,
) -> Draft:
    """Toggle "only encrypted S3 buckets"."""
    return switch_plan(LOG_BUCKET_SWITCH, scope, document, preferences, caller)


SESSION_KEY_LOSS = translatable(
    "Session data is no longer encrypted with your KMS key, only with TLS between the workstation, AWS and the node. "
    "Access to the key no longer controls who can start sessions."
)


@fix(slug="clear-session-key", stale=STALE, whole_region=True)
def clear_session_key(
    scope: Scope,
    document: PreferencesDocument,
    preferences: SessionPreferences,
    caller: CallerRights,
) -> Draft:
    """Set the session key to an empty value; the setting stays in the document."""
    if isinstance(document.content, MalformedText):
        return malformed_message(document.content)
    if not preferences.kms_key:
        return say("the preferences name no session key")
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return open_
    try:
        after = with_fields(open_.text, {SESSION_KEY: ""})
    except CannotEditError as reason:
        return cannot_edit_message(reason)
    return rewrite_plan(open_, say("Clear the session key in the preferences"), after, say(SESSION_KEY_LOSS))


_NO_BUCKET = translatable("Sessions are no longer logged to the S3 bucket {name}; existing logs stay.")
_NO_GROUP = translatable("Sessions are no longer logged to the log group {name}; existing logs stay.")


def losses_between(before: SessionPreferences, after: SessionPreferences) -> str:
    """Return what the second preferences lose compared with the first; empty if nothing."""
    losses = []
    if before.kms_key and not after.kms_key:
        losses.append(say(SESSION_KEY_LOSS))
    if before.s3_bucket and not after.s3_bucket:
        losses.append(say(_NO_BUCKET, name=before.s3_bucket))
    elif after.s3_bucket and _turned_off(before.s3_encrypted_only, after.s3_encrypted_only):
        losses.append(say(LOG_BUCKET_SWITCH.loses))
    if before.log_group and not after.log_group:
        losses.append(say(_NO_GROUP, name=before.log_group))
    elif after.log_group and _turned_off(before.log_group_encrypted_only, after.log_group_encrypted_only):
        losses.append(say(LOG_GROUP_SWITCH.loses))
    return " ".join(losses)


def _turned_off(before: EncryptedOnly, after: EncryptedOnly) -> bool:
    return before is EncryptedOnly.ON and after is EncryptedOnly.OFF
