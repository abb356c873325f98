"""The settings of a Region's preferences: each with its value, and what it means here."""

from __future__ import annotations

from ssmtui.fixes.preferences.preference_fields import (
    BUCKET,
    GROUP,
    IDLE,
    KMS_KEY,
    LINUX_PROFILE,
    LONGEST,
    ONLY_ENCRYPTED_BUCKET,
    ONLY_ENCRYPTED_GROUP,
    PREFIX,
    RUN_AS,
    RUN_AS_USER,
    STREAMING,
    WINDOWS_PROFILE,
    Field,
)
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.document_name import DOCUMENT_NAME
from ssmtui.model.preferences import EncryptedOnly, PreferencesDocument, SessionPreferences, is_reference
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.storage import LogGroup
from ssmtui.ui.words.preference_places import (
    BAD,
    FINE,
    PLAIN,
    UNSURE,
    bucket_state,
    key_state,
    log_group_state,
    reference_state,
    switch_state,
)
from ssmtui.ui.words.preferences_rows import Setting, in_one_line

_DOCUMENT_ABSENT = marked(
    "It comes to be when preferences are first saved. Until then nothing is logged, and sessions use no key of yours."
)
_KEY = marked(
    "Every session is encrypted with this key on top of TLS. Who opens a session needs "
    "kms:GenerateDataKey on it, and the node's role kms:Decrypt."
)
_BUCKET = marked(
    "The node's role writes a session's log there when the session ends. It needs "
    "s3:PutObject, and s3:GetEncryptionConfiguration to see whether the bucket is encrypted."
)
_BUCKET_SWITCH = marked(
    "On: a session starts only when its node can see that the bucket is encrypted. Off: the log is written either way."
)
_GROUP = marked(
    "The node's role writes a session's log there. It needs logs:CreateLogStream and "
    "logs:PutLogEvents, and logs:DescribeLogGroups to find it."
)
_GROUP_SWITCH = marked(
    "On: a session starts only when its node can see that the group is encrypted. Off: the log is written either way."
)


def settings(facts: RegionFacts) -> tuple[Setting, ...]:
    """The settings of a Region's preferences, in the order of the form."""
    preferences = facts.preferences
    if isinstance(preferences, Unreadable):
        return (_document(facts),)
    return (
        _document(facts),
        _key(preferences, facts),
        _bucket(preferences, facts),
        _prefix(preferences),
        _bucket_switch(preferences),
        _log_group(preferences, facts),
        _log_group_switch(preferences, facts),
        _streaming(preferences),
        _idle(preferences),
        _longest(preferences),
        _run_as(preferences),
        _run_as_user(preferences),
        _shell(LINUX_PROFILE, say("Linux shell profile"), preferences.shell_profile_linux),
        _shell(WINDOWS_PROFILE, say("Windows shell profile"), preferences.shell_profile_windows),
    )


def _document(facts: RegionFacts) -> Setting:
    title, key, causes = "document", "document", ("preferences-", "caller-preferences-")
    match facts.document:
        case Absent():
            more = say(_DOCUMENT_ABSENT)
            return Setting(
                key, title, say("not there"), PLAIN, say("AWS's defaults apply: no logs, no key"), more, causes
            )
        case Unreadable(action, why_):
            return Setting(
                key,
                title,
                say("could not be read"),
                UNSURE,
                say("needs {action}", action=action) if action else why_,
                why_,
                causes,
            )
        case PreferencesDocument() as document:
            versions = say(
                "version {default_version}, {format}",
                default_version=document.default_version,
                format=document.format.value,
            )
            drift = document.latest_version != document.default_version
            here = (
                say("the default; version {latest_version} is newer", latest_version=document.latest_version)
                if drift
                else say("the default and the latest version")
            )
            if isinstance(facts.preferences, SessionPreferences) and facts.preferences.faults:
                return Setting(
                    key, title, versions, BAD, facts.preferences.faults[0], "; ".join(facts.preferences.faults), causes
                )
            return Setting(key, title, versions, FINE, here, f"{DOCUMENT_NAME}, {document.arn}", causes)


def _key(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    sign, here = PLAIN, say("sessions are encrypted by TLS alone")
    if preferences.kms_key:
        sign, here = key_state(facts.key) if not is_reference(preferences.kms_key) else reference_state()
    more = say(_KEY)
    return Setting(KMS_KEY.name, say("KMS key"), preferences.kms_key, sign, here, more, ("kms-",))


def _bucket(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    sign, here = PLAIN, say("nothing is logged to S3")
    if preferences.s3_bucket:
        sign, here = bucket_state(facts) if not is_reference(preferences.s3_bucket) else reference_state()
    value = preferences.s3_bucket
    more = say(_BUCKET)
    return Setting(BUCKET.name, say("S3 bucket"), value, sign, here, more, ("s3-",))


def _bucket_switch(preferences: SessionPreferences) -> Setting:
    value, sign, here = switch_state(preferences.s3_encrypted_only, preferences.s3_bucket, say("bucket"))
    more = say(_BUCKET_SWITCH)
    return Setting(
        ONLY_ENCRYPTED_BUCKET.name,
        say("only encrypted buckets"),
        value,
        sign,
        here,
        more,
        ("s3-encryption-",),
        "toggle-s3-encryption",
    )


def _log_group(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    sign, here = PLAIN, say("nothing is logged to CloudWatch")
    if preferences.log_group:
        sign, here = log_group_state(facts.log_group) if not is_reference(preferences.log_group) else reference_state()
    more = say(_GROUP)
    return Setting(
        GROUP.name, say("CloudWatch log group"), preferences.log_group, sign, here, more, ("log-group-", "cloudwatch-")
    )


def _log_group_switch(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    value, sign, here = switch_state(preferences.log_group_encrypted_only, preferences.log_group, say("log group"))
    unencrypted = isinstance(facts.log_group, LogGroup) and facts.log_group.key_arn is None
    if preferences.log_group_encrypted_only is EncryptedOnly.ON and preferences.log_group and unencrypted:
        sign, here = BAD, say("the group is not encrypted: no session starts")
    more = say(_GROUP_SWITCH)
    return Setting(
        ONLY_ENCRYPTED_GROUP.name,
        say("only encrypted groups"),
        value,
        sign,
        here,
        more,
        ("log-group-un",),
        "toggle-cloudwatch-encryption",
    )


def _streaming(preferences: SessionPreferences) -> Setting:
    value = say("on") if preferences.log_streaming else say("off")
    here = (
        say("logs appear while a session runs") if preferences.log_streaming else say("logs appear when a session ends")
    )
    more = say("Only CloudWatch logs can be streamed, and not of Windows nodes.")
    return Setting(STREAMING.name, say("stream logs"), value, PLAIN, here, more, ("streaming-",))


def _prefix(preferences: SessionPreferences) -> Setting:
    value = preferences.s3_prefix
    here = say("logs lie below it in the bucket") if value else say("logs lie at the top of the bucket")
    return Setting(PREFIX.name, say("S3 prefix"), value, PLAIN, here if preferences.s3_bucket else say("no bucket"), "")


def _run_as(preferences: SessionPreferences) -> Setting:
    value = say("on") if preferences.run_as else say("off")
    here = say("sessions run as another user than ssm-user") if preferences.run_as else say("sessions run as ssm-user")
    return Setting(
        RUN_AS.name, say("Run As (Linux)"), value, PLAIN, here, "", ("run-as-",) if preferences.run_as else ()
    )


def _run_as_user(preferences: SessionPreferences) -> Setting:
    if not preferences.run_as:
        here = say("without effect: Run As is off")
    elif preferences.run_as_user:
        here = say("sessions run as {run_as_user}", run_as_user=preferences.run_as_user)
    else:
        here = say("the user comes from the caller's tag SSMSessionRunAs")
    more = say("The user must exist on every Linux node.")
    return Setting(RUN_AS_USER.name, say("Run As user"), preferences.run_as_user, PLAIN, here, more)


def _idle(preferences: SessionPreferences) -> Setting:
    here = (
        say("minutes until an idle session ends")
        if preferences.idle_timeout
        else say("not set: an idle session ends after 20 minutes")
    )
    return Setting(IDLE.name, say("idle timeout"), preferences.idle_timeout, PLAIN, here, "", ("timeout-",))


def _longest(preferences: SessionPreferences) -> Setting:
    here = say("minutes until any session ends") if preferences.max_duration else say("not set: as long as it is used")
    return Setting(LONGEST.name, say("longest session"), preferences.max_duration, PLAIN, here, "", ("timeout-",))


def _shell(field: Field, title: str, commands: str) -> Setting:
    here = say("runs when a session starts") if commands else say("nothing is run first")
    return Setting(field.name, title, in_one_line(commands), PLAIN, here, commands)
