"""Return the rows and the text of the session preferences form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ssmtui.language import say, say_many, translatable
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import FleetFinding
from ssmtui.model.preferences import (
    EncryptedOnly,
    PreferencesDocument,
    RegionPreferences,
    SessionPreferences,
    is_reference,
)
from ssmtui.model.scope import DOCUMENT_NAME
from ssmtui.model.storage import Bucket, BucketEncryption, Key, KeyElsewhere, LogGroup
from ssmtui.remediation.plans.preferences.fields import (
    BUCKET,
    FIELD,
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
    FieldKind,
)
from ssmtui.ui.text.cause_rows import subject_name
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import (
    STATUSES,
    Block,
    Cell,
    Piece,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    item,
    lines_of,
    paragraph,
)

SIGN_FINE = Sign("●", TextStyle.OK, "ok")
SIGN_BLOCKING = Sign("✖", TextStyle.FAIL, translatable("blocks sessions"))
SIGN_UNREADABLE = Sign("?", TextStyle.UNKNOWN, translatable("could not be read"))
SIGN_NONE = Sign(" ", TextStyle.FAINT, "")
SIGN_EDITED = Sign("±", TextStyle.ACCENT, translatable("edited, not saved"))


def key_state(key: Key | KeyElsewhere | Absent | NotApplicable | Unreadable) -> tuple[Sign, str]:
    """Return the state of the session key."""
    match key:
        case Key(state="Enabled", usage="ENCRYPT_DECRYPT"):
            return SIGN_FINE, say("enabled, encrypts and decrypts")
        case Key(state=state, usage=usage):
            return SIGN_BLOCKING, f"{state}, {usage}"
        case KeyElsewhere(region=region, account=account):
            return SIGN_BLOCKING, say("is in {region}, account {account}", region=region, account=account)
        case other:
            return _answer(other, say("does not exist"))


def bucket_state(facts: RegionPreferences) -> tuple[Sign, str]:
    """Return the state of the log bucket."""
    match facts.bucket:
        case Bucket(foreign=True):
            return SIGN_UNREADABLE, say("belongs to another account and cannot be read")
        case Bucket() as bucket:
            where = say("in {region}, ", region=bucket.region) if bucket.region else ""
            sign, encryption = _encryption(facts.bucket_encryption)
            return sign, where + encryption
        case other:
            return _answer(other, say("does not exist"))


def _encryption(answer: BucketEncryption | Absent | NotApplicable | Unreadable) -> tuple[Sign, str]:
    match answer:
        case BucketEncryption(algorithm=algorithm, key_arn=key):
            return SIGN_FINE, say(
                "encrypted ({algorithm}{value})",
                algorithm=algorithm,
                value=", " + key.rpartition("/")[2] if key else "",
            )
        case other:
            return _answer(other, say("not encrypted"))


def log_group_state(group: LogGroup | Absent | NotApplicable | Unreadable) -> tuple[Sign, str]:
    """Return the state of the log group."""
    match group:
        case LogGroup(key_arn=None):
            return SIGN_NONE, say("not encrypted with a key")
        case LogGroup(key_arn=str(key)):
            return SIGN_FINE, say("encrypted ({key})", key=key.rpartition("/")[2])
        case other:
            return _answer(other, say("does not exist"))


def switch_state(state: EncryptedOnly, target: str, noun: str) -> tuple[str, Sign, str]:
    """Return the value, the sign and the meaning of an "only encrypted" switch."""
    match state:
        case EncryptedOnly.ON if target:
            return say("on"), SIGN_NONE, say("sessions start only with an encrypted {noun}", noun=noun)
        case EncryptedOnly.ON:
            return say("on"), SIGN_NONE, say("no effect: there is no {noun}", noun=noun)
        case EncryptedOnly.OFF:
            return (
                say("off"),
                SIGN_NONE,
                say("an unencrypted {noun} is accepted", noun=noun) if target else say("there is no {noun}", noun=noun),
            )
        case EncryptedOnly.REFERENCE:
            return say("a reference"), *reference_state()
        case EncryptedOnly.PARAMETER:
            return say("a parameter"), SIGN_UNREADABLE, say("set by the caller of the session")
        case EncryptedOnly.MALFORMED:
            return say("not valid"), SIGN_BLOCKING, say("must be true or false")


def reference_state() -> tuple[Sign, str]:
    """Return the state of a value that a parameter holds."""
    return SIGN_UNREADABLE, say("a reference: its value needs ssm:GetParameter")


def _answer(answer: object, absent: str) -> tuple[Sign, str]:
    match answer:
        case Absent():
            return SIGN_BLOCKING, absent
        case Unreadable(action, why_):
            return SIGN_UNREADABLE, say("needs {action}", action=action) if action else why_
        case NotApplicable(why_):
            return SIGN_NONE, why_
        case _:
            return SIGN_UNREADABLE, say("could not be read")


SETTING_COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("setting", translatable("setting"), 22, 26, 1),
    Column("value", translatable("value"), 14, 34, 2),
    Column("here", translatable("effect"), 24, None, 3),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as the form shows it. `key` is its name in the document (`document` for the document itself).

    `causes` holds the slug prefixes of the findings about it.
    """

    key: str
    title: str
    value: str
    sign: Sign
    here: str
    more: str
    causes: tuple[str, ...] = ()
    switch: str = ""

    @property
    def name(self) -> str:
        """The name for `--set`; empty for the document's own row."""
        return self.key if self.key in FIELD else ""


_SWITCHES = {
    ONLY_ENCRYPTED_BUCKET.name: ("e", translatable("S3 switch")),
    ONLY_ENCRYPTED_GROUP.name: ("w", translatable("Log switch")),
}


def switch_key(setting: Setting) -> str:
    """Return the key that previews toggling a setting; empty if it has none."""
    key, _ = _SWITCHES.get(setting.key, ("", ""))
    return key


def findings_of_setting(setting: Setting, findings: list[FleetFinding]) -> list[FleetFinding]:
    """Return the findings about a setting."""
    return [each for each in findings if each.finding.cause.startswith(setting.causes)] if setting.causes else []


def value_width(setting: Setting) -> int:
    """Return the width of a value in cells, with the key of its switch."""
    key, words = _SWITCHES.get(setting.key, ("", ""))
    return cell_len(setting.value or say("not set")) + (cell_len(say(words)) + len(key) + 3 if key else 0)


def setting_cells(
    setting: Setting, findings: list[FleetFinding], switchable: Callable[[str], bool]
) -> Mapping[str, Cell]:
    """Return a row of the form; a finding about the setting replaces the setting's own meaning."""
    about = findings_of_setting(setting, findings)
    worst = min(about, key=lambda each: tuple(STATUSES).index(each.finding.status), default=None)
    sign = STATUSES[worst.finding.status] if worst else setting.sign
    held = len({key for each in about for key in each.nodes})
    here = cell(setting.here, TextStyle.MUTED if setting.sign is SIGN_NONE else setting.sign.text_style)
    if worst and held:
        here = (
            (say_many("{count} node affected", "{count} nodes affected", count=held), sign.text_style),
            (" · ", TextStyle.FAINT),
            *here,
        )
    value: Cell = cell(setting.value or say("not set"), TextStyle.STRONG if setting.value else TextStyle.FAINT)
    if setting.key in _SWITCHES:
        key, words = _SWITCHES[setting.key]
        can = switchable(setting.switch)
        # The blanks are at the end: some SVG viewers drop leading blanks.
        of_key, of_words = (TextStyle.KEY, TextStyle.MUTED) if can else (TextStyle.FAINT, TextStyle.FAINT)
        value = (*value, ("  ", TextStyle.PLAIN), (f"{key} ", of_key), (say(words), of_words))
    return {
        "sign": cell(sign.glyph, sign.text_style),
        "setting": cell(setting.title),
        "value": value,
        "here": here,
    }


def edited_cells(setting: Setting, value: str) -> Mapping[str, Cell]:
    """Return the row of a setting that was edited, but not saved."""
    was = say("was {value}", value=setting.value) if setting.value else say("was not set")
    return {
        "sign": cell(SIGN_EDITED.glyph, SIGN_EDITED.text_style),
        "setting": cell(setting.title, TextStyle.STRONG),
        "value": cell(shown_value(setting, value) or say("not set"), TextStyle.ACCENT),
        "here": cell(was, TextStyle.MUTED),
    }


def shown_value(setting: Setting, value: str) -> str:
    """Return a value on one line, as the form shows it."""
    if FIELD[setting.key].kind is FieldKind.SWITCH:
        return say("on") if value == "true" else say("off")
    return on_one_line(value)


def on_one_line(text: str) -> str:
    """Join the lines to one line."""
    return text.strip().replace("\n", " ⏎ ")


_DOCUMENT_ABSENT = translatable(
    "The document is created when preferences are first saved. Until then, sessions are not logged and do not use a "
    "KMS key of yours."
)
_KEY = translatable(
    "Every session is encrypted with this key in addition to TLS. The caller needs kms:GenerateDataKey on the key, "
    "and the role of the node needs kms:Decrypt."
)
_BUCKET = translatable(
    "The role of the node writes the session log to this bucket when the session ends. The role needs s3:PutObject, "
    "and s3:GetEncryptionConfiguration to check the encryption."
)
_BUCKET_SWITCH = translatable(
    "On: a session starts only if the node can verify that the bucket is encrypted. Off: the log is written without "
    "this check."
)
_GROUP = translatable(
    "The role of the node writes the session log to this log group. The role needs logs:CreateLogStream, "
    "logs:PutLogEvents, and logs:DescribeLogGroups to find the log group."
)
_GROUP_SWITCH = translatable(
    "On: a session starts only if the node can verify that the log group is encrypted. Off: the log is written "
    "without this check."
)


def settings(facts: RegionPreferences) -> tuple[Setting, ...]:
    """Return the settings of a Region's preferences, in the order of the form."""
    preferences = facts.preferences
    if isinstance(preferences, Unreadable):
        return (_document(facts),)
    return (
        _document(facts),
        _kms_key(preferences, facts),
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


def _document(facts: RegionPreferences) -> Setting:
    title, key, causes = "document", "document", ("preferences-", "caller-preferences-")
    match facts.document:
        case Absent():
            more = say(_DOCUMENT_ABSENT)
            return Setting(
                key, title, say("does not exist"), SIGN_NONE, say("AWS defaults apply: no logs, no key"), more, causes
            )
        case Unreadable(action, why_):
            return Setting(
                key,
                title,
                say("could not be read"),
                SIGN_UNREADABLE,
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
                say("the default version; version {latest_version} is newer", latest_version=document.latest_version)
                if drift
                else say("the default and the latest version")
            )
            if isinstance(facts.preferences, SessionPreferences) and facts.preferences.faults:
                return Setting(
                    key,
                    title,
                    versions,
                    SIGN_BLOCKING,
                    facts.preferences.faults[0],
                    "; ".join(facts.preferences.faults),
                    causes,
                )
            return Setting(key, title, versions, SIGN_FINE, here, f"{DOCUMENT_NAME}, {document.arn}", causes)


def _kms_key(preferences: SessionPreferences, facts: RegionPreferences) -> Setting:
    sign, here = SIGN_NONE, say("sessions are encrypted only with TLS")
    if preferences.kms_key:
        sign, here = key_state(facts.key) if not is_reference(preferences.kms_key) else reference_state()
    more = say(_KEY)
    return Setting(KMS_KEY.name, say("KMS key"), preferences.kms_key, sign, here, more, ("kms-",))


def _bucket(preferences: SessionPreferences, facts: RegionPreferences) -> Setting:
    sign, here = SIGN_NONE, say("logging to S3 is off")
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


def _log_group(preferences: SessionPreferences, facts: RegionPreferences) -> Setting:
    sign, here = SIGN_NONE, say("logging to CloudWatch is off")
    if preferences.log_group:
        sign, here = log_group_state(facts.log_group) if not is_reference(preferences.log_group) else reference_state()
    more = say(_GROUP)
    return Setting(
        GROUP.name, say("CloudWatch log group"), preferences.log_group, sign, here, more, ("log-group-", "cloudwatch-")
    )


def _log_group_switch(preferences: SessionPreferences, facts: RegionPreferences) -> Setting:
    value, sign, here = switch_state(preferences.log_group_encrypted_only, preferences.log_group, say("log group"))
    unencrypted = isinstance(facts.log_group, LogGroup) and facts.log_group.key_arn is None
    if preferences.log_group_encrypted_only is EncryptedOnly.ON and preferences.log_group and unencrypted:
        sign, here = SIGN_BLOCKING, say("the log group is not encrypted: sessions do not start")
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
    more = say("Only CloudWatch logs can be streamed, and not from Windows nodes.")
    return Setting(STREAMING.name, say("stream logs"), value, SIGN_NONE, here, more, ("streaming-",))


def _prefix(preferences: SessionPreferences) -> Setting:
    value = preferences.s3_prefix
    here = (
        say("the logs are under this prefix in the bucket")
        if value
        else say("the logs are at the top level of the bucket")
    )
    return Setting(
        PREFIX.name, say("S3 prefix"), value, SIGN_NONE, here if preferences.s3_bucket else say("no bucket"), ""
    )


def _run_as(preferences: SessionPreferences) -> Setting:
    value = say("on") if preferences.run_as else say("off")
    here = say("sessions run as a user other than ssm-user") if preferences.run_as else say("sessions run as ssm-user")
    return Setting(
        RUN_AS.name, say("Run As (Linux)"), value, SIGN_NONE, here, "", ("run-as-",) if preferences.run_as else ()
    )


def _run_as_user(preferences: SessionPreferences) -> Setting:
    if not preferences.run_as:
        here = say("no effect: Run As is off")
    elif preferences.run_as_user:
        here = say("sessions run as {run_as_user}", run_as_user=preferences.run_as_user)
    else:
        here = say("the user comes from the caller's tag SSMSessionRunAs")
    more = say("The user must exist on every Linux node.")
    return Setting(RUN_AS_USER.name, say("Run As user"), preferences.run_as_user, SIGN_NONE, here, more)


def _idle(preferences: SessionPreferences) -> Setting:
    here = (
        say("idle timeout in minutes")
        if preferences.idle_timeout
        else say("not set: idle sessions end after 20 minutes")
    )
    return Setting(IDLE.name, say("idle timeout"), preferences.idle_timeout, SIGN_NONE, here, "", ("timeout-",))


def _longest(preferences: SessionPreferences) -> Setting:
    here = (
        say("maximum session duration in minutes") if preferences.max_duration else say("not set: no maximum duration")
    )
    return Setting(LONGEST.name, say("maximum duration"), preferences.max_duration, SIGN_NONE, here, "", ("timeout-",))


def _shell(field: Field, title: str, commands: str) -> Setting:
    here = say("runs when a session starts") if commands else say("no commands run at the start of a session")
    return Setting(field.name, title, on_one_line(commands), SIGN_NONE, here, commands)


_MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class SettingDetails:
    """A setting under the cursor. `edit` is its edited value or None; `no_edit` says why it cannot be edited.

    `no_switch` says why the setting's own key previews no change now.
    """

    setting: Setting
    about: Sequence[FleetFinding]
    edit: str | None
    no_edit: str
    no_switch: str


def setting_prose(fleet: Fleet, setting_details: SettingDetails) -> Prose:
    """Return what the setting is, the possible actions, and the findings."""
    setting = setting_details.setting
    blocks: list[Block] = [
        paragraph((f"{setting.title}  ", TextStyle.STRONG), *_value(setting_details)),
        paragraph((setting.here, setting.sign.text_style if setting.sign.word else TextStyle.MUTED)),
    ]
    if setting_details.edit is not None and "\n" in setting_details.edit:
        blocks += lines_of(setting_details.edit, TextStyle.ACCENT, indent=2)
    if setting.more:
        blocks.append(paragraph(setting.more, gap=True))
    blocks += _keys(setting_details)
    if setting_details.about:
        blocks.append(heading(say("Found here")))
        for each in sorted(setting_details.about, key=lambda held: tuple(STATUSES).index(held.finding.status)):
            blocks += _finding(fleet, each)
    return tuple(blocks)


def _value(setting_details: SettingDetails) -> tuple[Piece, ...]:
    stored = setting_details.setting.value or say("not set")
    if setting_details.edit is None:
        return ((stored, TextStyle.ACCENT),)
    edit = shown_value(setting_details.setting, setting_details.edit) or say("not set")
    # The blanks are at the end: some SVG viewers drop leading blanks.
    return (
        (f"{stored} ", TextStyle.MUTED),
        ("→ ", TextStyle.FAINT),
        (f"{edit}  ", TextStyle.ACCENT),
        (say("not saved"), TextStyle.WARN),
    )


def _keys(setting_details: SettingDetails) -> list[Block]:
    setting = setting_details.setting
    keys = []
    if setting.name:
        keys.append(_key_prose("⏎", say("edits the value; s previews all edits"), setting_details.no_edit))
    if setting_details.edit is not None:
        keys.append(_key_prose("d", say("discards the edit"), ""))
    if setting.switch:
        words = say("previews the change: the new values, the affected nodes, and the expected results")
        keys.append(_key_prose(switch_key(setting), words, setting_details.no_switch))
    if setting_details.about:
        keys.append(_key_prose("o", say("opens the finding"), ""))
    return keys


def _key_prose(key: str, words: str, reason: str) -> Block:
    return item(
        key,
        (reason or words, TextStyle.MUTED if reason else TextStyle.PLAIN),
        text_style=TextStyle.FAINT if reason else TextStyle.KEY,
    )


def _finding(fleet: Fleet, held: FleetFinding) -> list[Block]:
    sign = STATUSES[held.finding.status]
    names = sorted(node.name or node.id for key in held.nodes if (node := fleet.node(key)))
    more = say(" and {more} more", more=len(names) - _MAX_NAMES) if len(names) > _MAX_NAMES else ""
    return [
        item(
            sign.glyph,
            fleet.finding_title(held.finding),
            (f"  {say(held.finding.subject.kind.value)} ", TextStyle.FAINT),
            subject_name(fleet, held),
            text_style=sign.text_style,
        ),
        paragraph((", ".join(names[:_MAX_NAMES]) + more, TextStyle.MUTED), indent=2),
    ]
