"""What the two "only encrypted" switches have in common: they are turned, either way, in the document of a Region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.fixes.frame.caller_rights import CallerRights, Rights, denied_words
from ssmtui.fixes.preferences.editing import CannotEdit
from ssmtui.fixes.preferences.preferences_change import DELAY, SET_DEFAULT, STALE, UPDATE, preferences_change
from ssmtui.fixes.preferences.switch_edit import Switch, with_switch
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.plan import NotApplicable, Plan, Reach
from ssmtui.model.preferences import EncryptedOnly, PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import PreferencesMalformed, parse_document
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Toggle:
    """One of the two switches as a fix.

    `target` is what it guards, as people call it, and `named` where the preferences name it. `loses` is what is given
    up by turning it off; `stops` what turning it on stops.
    """

    fix: str
    switch: Switch
    target: str
    setting: str
    named: Callable[[SessionPreferences], str]
    loses: str
    stops: str


def turned(
    toggle: Toggle,
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerRights,
) -> Plan | NotApplicable:
    """The plan that turns the switch to what it is not, or why it cannot be turned."""
    why = _why_not(toggle, document, preferences, Rights(caller))
    if why or isinstance(document, Absent):
        return NotApplicable(toggle.fix, why)
    wanted = EncryptedOnly.OFF if toggle.switch.of(preferences) is EncryptedOnly.ON else EncryptedOnly.ON
    try:
        after = with_switch(document.content, document.format, toggle.switch, wanted)
    except CannotEdit as reason:
        return NotApplicable(
            toggle.fix, say("the preferences document must be edited by hand: {reason}", reason=reason)
        )
    return _plan(toggle, scope, document, preferences, Rights(caller), wanted, after)


def _why_not(
    toggle: Toggle, document: PreferencesDocument | Absent, preferences: SessionPreferences, rights: Rights
) -> str:
    if isinstance(document, Absent):
        return say(
            "this Region has no preferences document, so no {target} is configured: there is nothing to turn",
            target=say(toggle.target),
        )
    try:
        parse_document(document.content, document.format)
    except PreferencesMalformed as malformed:
        return say("the preferences document {malformed}: it must be corrected first", malformed=malformed)
    state = toggle.switch.of(preferences)
    if state is EncryptedOnly.MALFORMED:
        return say(
            "{key} is neither true nor false: the preferences document must be corrected first", key=toggle.switch.key
        )
    if state in {EncryptedOnly.REFERENCE, EncryptedOnly.PARAMETER}:
        return say(
            "{key} is a parameter, whose value is not in the document: change the parameter instead",
            key=toggle.switch.key,
        )
    if not toggle.named(preferences):
        return say(
            "no {target} is configured in the session preferences: there is nothing to turn", target=say(toggle.target)
        )
    denial = rights.forbidden(UPDATE)
    return denied_words(denial) if denial else ""


def _plan(
    toggle: Toggle,
    scope: Scope,
    document: PreferencesDocument,
    preferences: SessionPreferences,
    rights: Rights,
    wanted: EncryptedOnly,
    after: str,
) -> Plan:
    change = preferences_change(scope, document, after, default_can_follow=rights.forbidden(SET_DEFAULT) is None)
    notes = [*change.notes, *rights.notes(UPDATE, SET_DEFAULT)]
    if wanted is EncryptedOnly.ON:
        notes.insert(0, say(toggle.stops))
    if preferences.faults:
        notes.append(say("The document has other faults, which stay: {faults}", faults=" ".join(preferences.faults)))
    return Plan(
        fix=toggle.fix,
        title=_title(toggle, wanted),
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
        loses=say(toggle.loses) if wanted is EncryptedOnly.OFF else "",
        delay=say(DELAY),
        notes=tuple(notes),
        confirmation=scope.region,
    )


def _title(toggle: Toggle, wanted: EncryptedOnly) -> str:
    setting = say(toggle.setting)
    if wanted is EncryptedOnly.OFF:
        return say("Turn off “{setting}”", setting=setting)
    return say("Turn on “{setting}”", setting=setting)
