"""What the two "only encrypted" switches have in common: they are turned, either way, in the document of a Region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.fixes.frame.caller_rights import CallerRights
from ssmtui.fixes.preferences.document_plan import Rewriting, Writable, rewritten, to_be_corrected, writable
from ssmtui.fixes.preferences.editing import CannotEdit, by_hand
from ssmtui.fixes.preferences.field_edit import with_fields
from ssmtui.fixes.preferences.preference_fields import Field
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.document_text import MalformedText
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import EncryptedOnly, PreferencesDocument, SessionPreferences
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Toggle:
    """One of the two switches as a fix.

    `state` reads it from the preferences. `target` is what it guards, as people call it, and `named` where the
    preferences name it. `loses` is what is given up by turning it off; `stops` what turning it on stops.
    """

    fix: str
    field: Field
    state: Callable[[SessionPreferences], EncryptedOnly]
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
    open_ = _why_not(toggle, document, preferences) or writable(scope, document, caller)
    if isinstance(open_, str):
        return NotApplicable(toggle.fix, open_)
    try:
        return _plan(toggle, open_, is_on=toggle.state(preferences) is EncryptedOnly.ON)
    except CannotEdit as reason:
        return NotApplicable(toggle.fix, by_hand(reason))


def _why_not(toggle: Toggle, document: PreferencesDocument | Absent, preferences: SessionPreferences) -> str:
    if isinstance(document, Absent):
        return say(
            "this Region has no preferences document, so no {target} is configured: there is nothing to turn",
            target=say(toggle.target),
        )
    if isinstance(document.content, MalformedText):
        return to_be_corrected(document.content)
    key, state = toggle.field.name, toggle.state(preferences)
    if state is EncryptedOnly.MALFORMED:
        return say("{key} is neither true nor false: the preferences document must be corrected first", key=key)
    if state in {EncryptedOnly.REFERENCE, EncryptedOnly.PARAMETER}:
        return say("{key} is a parameter, whose value is not in the document: change the parameter instead", key=key)
    if not toggle.named(preferences):
        return say(
            "no {target} is configured in the session preferences: there is nothing to turn", target=say(toggle.target)
        )
    return ""


def _plan(toggle: Toggle, open_: Writable, *, is_on: bool) -> Plan:
    after = with_fields(open_.text, {toggle.field.name: "false" if is_on else "true"})
    setting = say(toggle.setting)
    if is_on:
        title = say("Turn off “{setting}”", setting=setting)
        return rewritten(open_, Rewriting(toggle.fix, title, after, say(toggle.loses)))
    title = say("Turn on “{setting}”", setting=setting)
    return rewritten(open_, Rewriting(toggle.fix, title, after, warnings=(say(toggle.stops),)))
