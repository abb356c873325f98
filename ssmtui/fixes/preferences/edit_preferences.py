"""`edit-preferences`: any settings of the session preferences, as a person wants them, in one change."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.document_plan import writable
from ssmtui.fixes.preferences.edited_preferences import Edit, edited_preferences
from ssmtui.fixes.preferences.preference_fields import BUCKET, FIELD, FIELDS, GROUP, Field, FieldKind
from ssmtui.fixes.preferences.preferences_change import STALE
from ssmtui.fixes.storage.wanted_faults import WantedFacts
from ssmtui.language import say
from ssmtui.model.account_buckets import AccountBuckets
from ssmtui.model.account_log_groups import AccountLogGroups
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import LogGroup
from ssmtui.model.wanted import WantedBucket, WantedKey, WantedLogGroup

SLUG = "edit-preferences"


@fix(slug=SLUG, stale=STALE, whole_region=True)
def edit_preferences(
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
    key: WantedKey | Absent | Moot | Unreadable,
    bucket: WantedBucket | Absent | Moot | Unreadable,
    group: WantedLogGroup | Absent | Moot | Unreadable,
    groups: AccountLogGroups | Unreadable,
    buckets: AccountBuckets | Unreadable,
    choices: Choices,
) -> Plan | NotApplicable:
    """Write what was chosen, where it will do."""
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return NotApplicable(SLUG, open_)
    wanted = tuple(_choice(field, preferences, _candidates(field, groups, buckets)) for field in FIELDS)
    answer = chosen(SLUG, choices, wanted)
    if isinstance(answer, NotApplicable):
        return answer
    if not answer:
        return NotApplicable(SLUG, say("it must be said which settings to change, and to what"), wanted)
    facts = WantedFacts(key, bucket, group)
    why = faults_in_words(scope, answer, facts)
    if why:
        return NotApplicable(SLUG, why, wanted)
    return edited_preferences(open_, Edit(SLUG, answer, notes=facts.notes()))


def faults_in_words(scope: Scope, values: Mapping[str, str], facts: WantedFacts) -> str:
    """Why values will not do, each with its setting; empty where all will."""
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
        # What is no candidate is judged by the setting itself, which says why.
        free=True,
        optional=True,
        note=say("now: {value}", value=now) if now else "",
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
    return say("encrypted with a KMS key") if group.key_arn else say("no KMS key of yours")
