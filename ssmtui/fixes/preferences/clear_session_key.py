"""`clear-session-key`: the preferences name no session key any more. The last resort: it weakens every session."""

from __future__ import annotations

from ssmtui.fixes.frame.caller_rights import Rights, denied_words
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.editing import CannotEdit
from ssmtui.fixes.preferences.preferences_change import DELAY, SET_DEFAULT, STALE, UPDATE, preferences_change
from ssmtui.fixes.preferences.value_edit import with_value
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan, Reach
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import INPUTS, SESSION_KEY, PreferencesMalformed, parse_document, read_preferences
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "clear-session-key"
LOSES = marked(
    "Session data is no longer encrypted with your KMS key, only by TLS between workstation, "
    "AWS and node; and who may open sessions no longer hangs on the key."
)


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def clear_session_key(
    scope: Scope,
    document: PreferencesDocument,
    preferences: SessionPreferences,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
) -> Plan | NotApplicable:
    """Leave the setting there, and empty."""
    rights = Rights(caller)
    why = _why_not(document, preferences, rights)
    if why:
        return NotApplicable(_SLUG, why)
    try:
        after = _without_key(document)
    except (CannotEdit, PreferencesMalformed) as reason:
        return NotApplicable(_SLUG, say("the preferences document must be edited by hand: {reason}", reason=reason))
    change = preferences_change(scope, document, after, default_can_follow=rights.forbidden(SET_DEFAULT) is None)
    faults = say("The document has other faults, which stay: {faults}", faults=" ".join(preferences.faults))
    return Plan(
        fix=_SLUG,
        title=say("Clear the session key of the preferences"),
        scope=scope,
        subject=Subject(SubjectKind.DOCUMENT, change.arn),
        calls=change.calls,
        before=change.before,
        after=change.after,
        guards=change.guards,
        way_back=change.way_back,
        reach=Reach.REGION,
        undo=change.undo,
        facts_after=change.facts_after,
        stale=STALE,
        loses=say(LOSES),
        delay=say(DELAY),
        notes=(*change.notes, *rights.notes(UPDATE, SET_DEFAULT), *((faults,) if preferences.faults else ())),
        confirmation=scope.region,
    )


def _why_not(document: PreferencesDocument, preferences: SessionPreferences, rights: Rights) -> str:
    try:
        parse_document(document.content, document.format)
    except PreferencesMalformed as malformed:
        return say("the preferences document {malformed}: it must be corrected first", malformed=malformed)
    if not preferences.kms_key:
        return say("the preferences name no session key")
    denial = rights.forbidden(UPDATE)
    return denied_words(denial) if denial else ""


def _without_key(document: PreferencesDocument) -> str:
    # An empty text in double quotes is the same in JSON and in YAML.
    edited = with_value(document.content, document.format, (INPUTS, SESSION_KEY), lambda _: '""')
    if read_preferences(edited, document.format, document.arn).kms_key:
        raise CannotEdit(say("{session_key} is written in a way that ssmtui does not change", session_key=SESSION_KEY))
    return edited
