"""The session preferences of a Region as a form: each setting, its value, and what it means here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.preferences import DOCUMENT_NAME, EncryptedOnly, PreferencesDocument, SessionPreferences, is_reference
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.storage import Bucket, BucketEncryption, Key, KeyElsewhere, LogGroup
from ssmtui.ui.columns import Column
from ssmtui.ui.ink import Cell, Ink, cell
from ssmtui.ui.signs import STATUSES, Sign

COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("setting", "setting", 22, 26, 1),
    Column("value", "value", 14, 34, 2),
    Column("here", "what it means here", 24, None, 3),
)

FINE = Sign("●", Ink.OK, "ok")
BAD = Sign("✖", Ink.FAIL, "stops sessions")
UNSURE = Sign("?", Ink.UNKNOWN, "could not be read")
PLAIN = Sign("·", Ink.FAINT, "")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as the form shows it. `causes` begin the slugs of the findings that are about it."""

    key: str
    title: str
    value: str
    sign: Sign
    here: str
    more: str
    causes: tuple[str, ...] = ()
    switch: str = ""


_DOCUMENT_ABSENT = (
    "It comes to be when preferences are first saved. Until then nothing is logged, and sessions use no key of yours."
)
_KEY = (
    "Every session is encrypted with this key on top of TLS. Who opens a session needs kms:GenerateDataKey on it, "
    "and the node's role kms:Decrypt."
)
_BUCKET = (
    "The node's role writes a session's log there when the session ends. It needs s3:PutObject, and "
    "s3:GetEncryptionConfiguration to see whether the bucket is encrypted."
)
_BUCKET_SWITCH = (
    "On: a session starts only when its node can see that the bucket is encrypted. Off: the log is written either way."
)
_GROUP = (
    "The node's role writes a session's log there. It needs logs:CreateLogStream and logs:PutLogEvents, and "
    "logs:DescribeLogGroups to find it."
)
_GROUP_SWITCH = (
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
        _bucket_switch(preferences),
        _log_group(preferences, facts),
        _log_group_switch(preferences, facts),
        _streaming(preferences),
        _run_as(preferences),
        _timeouts(preferences),
        _shell(preferences),
    )


def of_setting(setting: Setting, findings: list[FleetFinding]) -> list[FleetFinding]:
    """The findings that are about a setting."""
    return [each for each in findings if each.finding.cause.startswith(setting.causes)] if setting.causes else []


def cells(setting: Setting, findings: list[FleetFinding], switchable: Callable[[str], bool]) -> Mapping[str, Cell]:
    """One row of the form; a finding about the setting says more than the setting itself."""
    about = of_setting(setting, findings)
    worst = min(about, key=lambda each: tuple(STATUSES).index(each.finding.status), default=None)
    sign = STATUSES[worst.finding.status] if worst else setting.sign
    held = len({key for each in about for key in each.nodes})
    here = cell(setting.here, Ink.MUTED if setting.sign is PLAIN else setting.sign.ink)
    if worst and held:
        here = ((f"{held} {'node' if held == 1 else 'nodes'} affected", sign.ink), (" · ", Ink.FAINT), *here)
    key = {"bucket-switch": "e", "group-switch": "w"}.get(setting.key, "")
    title: Cell = cell(setting.title)
    if key:
        title = (*title, (f" [{key}]", Ink.KEY if switchable(setting.switch) else Ink.FAINT))
    return {
        "sign": cell(sign.glyph, sign.ink),
        "setting": title,
        "value": cell(setting.value or "–", Ink.STRONG if setting.value else Ink.FAINT),
        "here": here,
    }


def _document(facts: RegionFacts) -> Setting:
    title, key, causes = "document", "document", ("preferences-", "caller-preferences-")
    match facts.document:
        case Absent():
            more = _DOCUMENT_ABSENT
            return Setting(key, title, "not there", PLAIN, "AWS's defaults apply: no logs, no key", more, causes)
        case Unreadable(action, why_):
            return Setting(key, title, "could not be read", UNSURE, f"needs {action}" if action else why_, why_, causes)
        case PreferencesDocument() as document:
            versions = f"version {document.default_version}, {document.format.value}"
            drift = document.latest_version != document.default_version
            here = (
                f"the default; version {document.latest_version} is newer"
                if drift
                else "the default and the latest version"
            )
            if isinstance(facts.preferences, SessionPreferences) and facts.preferences.faults:
                return Setting(
                    key, title, versions, BAD, facts.preferences.faults[0], "; ".join(facts.preferences.faults), causes
                )
            return Setting(key, title, versions, FINE, here, f"{DOCUMENT_NAME}, {document.arn}", causes)


def _key(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    sign, here = PLAIN, "sessions are encrypted by TLS alone"
    if preferences.kms_key:
        sign, here = _key_state(facts.key) if not is_reference(preferences.kms_key) else _reference()
    more = _KEY
    return Setting("key", "KMS key", preferences.kms_key, sign, here, more, ("kms-",))


def _key_state(key: Key | KeyElsewhere | Absent | Moot | Unreadable) -> tuple[Sign, str]:
    match key:
        case Key(state="Enabled", usage="ENCRYPT_DECRYPT"):
            return FINE, "enabled, encrypts and decrypts"
        case Key(state=state, usage=usage):
            return BAD, f"{state}, {usage}"
        case KeyElsewhere(region=region, account=account):
            return BAD, f"is in {region}, account {account}"
        case other:
            return _answer(other, "is not there")


def _bucket(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    sign, here = PLAIN, "nothing is logged to S3"
    if preferences.s3_bucket:
        sign, here = _bucket_state(facts) if not is_reference(preferences.s3_bucket) else _reference()
    value = preferences.s3_bucket + (f"/{preferences.s3_prefix}" if preferences.s3_prefix else "")
    more = _BUCKET
    return Setting("bucket", "S3 bucket", value, sign, here, more, ("s3-",))


def _bucket_state(facts: RegionFacts) -> tuple[Sign, str]:
    match facts.bucket:
        case Bucket(foreign=True):
            return UNSURE, "is another account's, which does not let us look"
        case Bucket() as bucket:
            where = f"in {bucket.region}, " if bucket.region else ""
            sign, encryption = _encryption(facts.bucket_encryption)
            return sign, where + encryption
        case other:
            return _answer(other, "is not there")


def _encryption(answer: BucketEncryption | Absent | Moot | Unreadable) -> tuple[Sign, str]:
    match answer:
        case BucketEncryption(algorithm=algorithm, key_arn=key):
            return FINE, f"encrypted ({algorithm}{', ' + key.rpartition('/')[2] if key else ''})"
        case other:
            return _answer(other, "not encrypted")


def _bucket_switch(preferences: SessionPreferences) -> Setting:
    value, sign, here = _switch(preferences.s3_encrypted_only, preferences.s3_bucket, "bucket")
    more = _BUCKET_SWITCH
    return Setting(
        "bucket-switch", "only encrypted buckets", value, sign, here, more, ("s3-encryption-",), "toggle-s3-encryption"
    )


def _log_group(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    sign, here = PLAIN, "nothing is logged to CloudWatch"
    if preferences.log_group:
        sign, here = _log_group_state(facts.log_group) if not is_reference(preferences.log_group) else _reference()
    more = _GROUP
    return Setting(
        "group", "CloudWatch log group", preferences.log_group, sign, here, more, ("log-group-", "cloudwatch-")
    )


def _log_group_state(group: LogGroup | Absent | Moot | Unreadable) -> tuple[Sign, str]:
    match group:
        case LogGroup(key_arn=None):
            return PLAIN, "not encrypted with a key"
        case LogGroup(key_arn=str(key)):
            return FINE, f"encrypted ({key.rpartition('/')[2]})"
        case other:
            return _answer(other, "is not there")


def _log_group_switch(preferences: SessionPreferences, facts: RegionFacts) -> Setting:
    value, sign, here = _switch(preferences.log_group_encrypted_only, preferences.log_group, "log group")
    unencrypted = isinstance(facts.log_group, LogGroup) and facts.log_group.key_arn is None
    if preferences.log_group_encrypted_only is EncryptedOnly.ON and preferences.log_group and unencrypted:
        sign, here = BAD, "the group is not encrypted: no session starts"
    more = _GROUP_SWITCH
    return Setting(
        "group-switch",
        "only encrypted groups",
        value,
        sign,
        here,
        more,
        ("log-group-un",),
        "toggle-cloudwatch-encryption",
    )


def _switch(state: EncryptedOnly, target: str, noun: str) -> tuple[str, Sign, str]:
    match state:
        case EncryptedOnly.ON if target:
            return "on", PLAIN, f"sessions start only with an encrypted {noun}"
        case EncryptedOnly.ON:
            return "on", PLAIN, f"without effect: there is no {noun}"
        case EncryptedOnly.OFF:
            return "off", PLAIN, f"an unencrypted {noun} is accepted" if target else f"there is no {noun}"
        case EncryptedOnly.REFERENCE:
            return "a reference", *_reference()
        case EncryptedOnly.MALFORMED:
            return "malformed", BAD, "is neither true nor false"


def _streaming(preferences: SessionPreferences) -> Setting:
    value = "on" if preferences.log_streaming else "off"
    here = "logs appear while a session runs" if preferences.log_streaming else "logs appear when a session ends"
    return Setting(
        "streaming",
        "stream logs",
        value,
        PLAIN,
        here,
        "Only CloudWatch logs can be streamed, and not of Windows nodes.",
    )


def _run_as(preferences: SessionPreferences) -> Setting:
    if not preferences.run_as:
        return Setting("run-as", "Run As (Linux)", "off", PLAIN, "sessions run as ssm-user", "")
    here = (
        f"sessions run as {preferences.run_as_user}"
        if preferences.run_as_user
        else "the user comes from the caller's tag SSMSessionRunAs"
    )
    return Setting(
        "run-as",
        "Run As (Linux)",
        preferences.run_as_user or "on",
        PLAIN,
        here,
        "The user must exist on every Linux node.",
        ("run-as-",),
    )


def _timeouts(preferences: SessionPreferences) -> Setting:
    idle = preferences.idle_timeout or "20"
    longest = f", {preferences.max_duration} min at most" if preferences.max_duration else ""
    return Setting(
        "timeouts", "timeouts", f"{idle} min idle{longest}", PLAIN, "a session ends after that", "", ("timeout-",)
    )


def _shell(preferences: SessionPreferences) -> Setting:
    profiles = [
        name
        for name, text in (("Linux", preferences.shell_profile_linux), ("Windows", preferences.shell_profile_windows))
        if text
    ]
    texts = [text for text in (preferences.shell_profile_linux, preferences.shell_profile_windows) if text]
    here = "commands run when a session starts" if profiles else "nothing is run first"
    return Setting("shell", "shell profile", ", ".join(profiles), PLAIN, here, "\n".join(texts))


def _reference() -> tuple[Sign, str]:
    return UNSURE, "a reference: its value needs ssm:GetParameter"


def _answer(answer: object, absent: str) -> tuple[Sign, str]:
    match answer:
        case Absent():
            return BAD, absent
        case Unreadable(action, why_):
            return UNSURE, f"needs {action}" if action else why_
        case Moot(why_):
            return PLAIN, why_
        case _:
            return UNSURE, "could not be read"
