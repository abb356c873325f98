"""Fixes that set preferences to chosen values, in an existing or a new document."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.language import say, say_many, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.fact import Absent, NoFact, Unreadable
from ssmtui.model.plan import FixNotApplicable
from ssmtui.model.preferences import (
    SESSION_KEY,
    EncryptedOnly,
    PreferencesDocument,
    SessionPreferences,
    parse_preferences_text,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    AccountBuckets,
    AccountKey,
    AccountKeys,
    AccountLogGroups,
    Key,
    LogGroup,
    WantedBucket,
    WantedKey,
    WantedLogGroup,
)
from ssmtui.remediation.plans.plan_parts import CallerRights, chosen_values
from ssmtui.remediation.plans.preferences.document_plan import (
    STALE,
    WritableDocument,
    rewrite_plan,
    writable,
)
from ssmtui.remediation.plans.preferences.encryption import losses_between
from ssmtui.remediation.plans.preferences.fields import BUCKET, FIELD, FIELDS, GROUP, Field, FieldKind, with_fields
from ssmtui.remediation.plans.preferences.text_edit import CannotEditError, cannot_edit_message
from ssmtui.remediation.plans.registry import Draft, fix
from ssmtui.remediation.plans.storage import CandidateFacts, chosen_key, key_choice, key_fault


def edited_preferences(
    open_: WritableDocument, values: Mapping[str, str], title: str = "", notes: tuple[str, ...] = ()
) -> Draft:
    """Return the plan that changes only these settings, or why there is none.

    Without a title, the title names the settings.
    """
    try:
        after = with_fields(open_.text, values)
    except CannotEditError as reason:
        return cannot_edit_message(reason)
    is_new = isinstance(open_.document, Absent)
    if not is_new and after == open_.text:
        return say("the preferences already have these values")
    before, then = parse_preferences_text(open_.text, ""), parse_preferences_text(after, "")
    loses = "" if is_new else losses_between(before, then)
    notes = (*notes, *_to_know(before, then, values))
    return rewrite_plan(open_, title or _title(values), after, loses, notes)


def _title(values: Mapping[str, str]) -> str:
    if len(values) > 1:
        return say_many("Change {count} session preference", "Change {count} session preferences", len(values))
    name, value = next(iter(values.items()))
    if not value:
        return say("Clear {setting} in the session preferences", setting=name)
    if "\n" in value or len(value) > 60:
        return say("Set {setting} in the session preferences", setting=name)
    return say("Set {setting} to {value} in the session preferences", setting=name, value=value)


def _to_know(before: SessionPreferences, after: SessionPreferences, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return notes about the combined meaning of the settings that changed."""
    notes = []
    if after.run_as and not after.run_as_user and {"runAsEnabled", "runAsDefaultUser"} & values.keys():
        notes.append(
            say(
                "Run As is on, but the preferences name no user: callers without the tag SSMSessionRunAs cannot "
                "start sessions on Linux nodes."
            )
        )
    if after.run_as_user != before.run_as_user and after.run_as_user:
        notes.append(say("The user must exist on every Linux node. Session Manager does not use another user instead."))
    for switch, named, setting in (
        (after.s3_encrypted_only, after.s3_bucket, "s3EncryptionEnabled"),
        (after.log_group_encrypted_only, after.log_group, "cloudWatchEncryptionEnabled"),
    ):
        if setting in values and switch is EncryptedOnly.ON and not named:
            notes.append(say("{setting} has no effect: no destination is configured for it.", setting=setting))
    if after.log_streaming and not before.log_streaming and not after.log_group:
        notes.append(say("Streaming has no effect: no log group is configured."))
    if after.kms_key and after.kms_key != before.kms_key:
        notes.append(
            say("Callers then need kms:GenerateDataKey on the key, and the role of every node needs kms:Decrypt.")
        )
    if any(name.startswith("shellProfile.") and values[name] for name in values):
        notes.append(
            say(
                "The commands run at the start of every session, as the user of the session. Their output is displayed "
                "first."
            )
        )
    return tuple(notes)


EDIT_PREFERENCES = "edit-preferences"


@fix(slug=EDIT_PREFERENCES, stale=STALE, whole_region=True)
def edit_preferences(
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerRights,
    key: WantedKey | NoFact,
    bucket: WantedBucket | NoFact,
    group: WantedLogGroup | NoFact,
    groups: AccountLogGroups | Unreadable,
    buckets: AccountBuckets | Unreadable,
    choices: Choices,
) -> Draft:
    """Write the chosen values if they are valid."""
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return open_
    wanted = tuple(_choice(field, preferences, _candidates(field, groups, buckets)) for field in FIELDS)
    answer = chosen_values(choices, wanted)
    if isinstance(answer, FixNotApplicable):
        return answer
    if not answer:
        return FixNotApplicable(EDIT_PREFERENCES, say("specify the settings to change and their values"), wanted)
    facts = CandidateFacts(key, bucket, group)
    why = faults_in_words(scope, answer, facts)
    if why:
        return FixNotApplicable(EDIT_PREFERENCES, why, wanted)
    return edited_preferences(open_, answer, notes=facts.notes())


def faults_in_words(scope: Scope, values: Mapping[str, str], facts: CandidateFacts) -> str:
    """Return why values are invalid, each with its setting; empty if all are valid."""
    found = {name: why for name, value in values.items() if (why := FIELD[name].why_not(value))}
    found = {**facts.faults(scope, values), **found}
    return "; ".join(
        say("{setting} cannot be {value}: {why}", setting=name, value=values[name] or '""', why=why)
        for name, why in found.items()
    )


def _choice(field: Field, preferences: SessionPreferences, candidates: tuple[Candidate, ...]) -> Choice:
    now = field.of(preferences)
    return Choice(
        name=field.name,
        meaning=say(field.meaning),
        candidates=candidates,
        # The setting itself validates values that are not candidates, and gives the reason.
        free=True,
        optional=True,
        note=say("current: {value}", value=now) if now else "",
    )


def _candidates(
    field: Field, groups: AccountLogGroups | Unreadable, buckets: AccountBuckets | Unreadable
) -> tuple[Candidate, ...]:
    if field.kind is FieldKind.SWITCH:
        return (Candidate("true"), Candidate("false"))
    if field is GROUP and isinstance(groups, AccountLogGroups):
        return tuple(Candidate(each.name, _encryption(each)) for each in groups.groups)
    if field is BUCKET and isinstance(buckets, AccountBuckets):
        return tuple(Candidate(each) for each in buckets.names)
    return ()


def _encryption(group: LogGroup) -> str:
    return say("encrypted with a KMS key") if group.key_arn else say("no KMS key")


@fix(slug="choose-session-key", stale=STALE, whole_region=True)
def choose_session_key(
    scope: Scope,
    document: PreferencesDocument | Absent,
    caller: CallerRights,
    session_key: Key | NoFact,
    keys: AccountKeys | Unreadable,
    wanted: WantedKey | NoFact,
    choices: Choices,
) -> Draft:
    """Write the key's ARN: an alias could later move to another key."""
    now = session_key.arn if isinstance(session_key, Key) else ""
    choice = key_choice(keys, lambda each: (_why_not(scope, each, now), ""))
    arn = chosen_key(scope, choice, wanted, choices)
    if isinstance(arn, FixNotApplicable):
        return arn
    title = say("Encrypt sessions with the key {key}", key=arn.rpartition("/")[2])
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return open_
    return edited_preferences(open_, {SESSION_KEY: arn}, title)


def _why_not(scope: Scope, candidate: AccountKey, now: str) -> str:
    if candidate.key.arn == now:
        return say("this is already the session key")
    if candidate.of_aws:
        return say("AWS manages this key: your roles cannot be granted access to it")
    return key_fault(scope, candidate.key)


_CREATE_PREFERENCES = "create-preferences"
_DEFAULTS = translatable("The document sets the defaults: no logging, no KMS key, and an idle timeout of 20 minutes.")


@fix(slug=_CREATE_PREFERENCES, stale=STALE, whole_region=True)
def create_preferences(
    scope: Scope,
    document: PreferencesDocument | Absent,
    caller: CallerRights,
    key: WantedKey | NoFact,
    bucket: WantedBucket | NoFact,
    group: WantedLogGroup | NoFact,
    choices: Choices,
) -> Draft:
    """Create the document with the chosen values."""
    if not isinstance(document, Absent):
        return say("this Region already has session preferences")
    wanted = tuple(Choice(field.name, say(field.meaning), free=True, optional=True) for field in FIELDS)
    answer = chosen_values(choices, wanted)
    if isinstance(answer, FixNotApplicable):
        return answer
    facts = CandidateFacts(key, bucket, group)
    why = faults_in_words(scope, answer, facts)
    if why:
        return FixNotApplicable(_CREATE_PREFERENCES, why, wanted)
    notes = facts.notes() if answer else (say(_DEFAULTS),)
    title = say("Create session preferences for {region}", region=scope.region)
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return open_
    return edited_preferences(open_, answer, title, notes)
