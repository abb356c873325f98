"""`repair-preferences`: the values that SSM Agent cannot read, written as it can."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.fixes.frame.caller_rights import Rights, denied_words
from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.document_plan import Rewriting, Writable, rewritten
from ssmtui.fixes.preferences.editing import CannotEdit, Literal
from ssmtui.fixes.preferences.preference_fields import FIELD
from ssmtui.fixes.preferences.preferences_change import STALE, UPDATE
from ssmtui.fixes.preferences.repair_by_hand import repair_by_hand
from ssmtui.fixes.preferences.repairs import Repair, Undecided, repairs_of
from ssmtui.fixes.preferences.value_edit import with_value
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.document_text import DocumentText, MalformedText
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import read_preferences
from ssmtui.model.scope import Scope

_SLUG = "repair-preferences"


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def repair_preferences(
    scope: Scope,
    document: PreferencesDocument,
    preferences: SessionPreferences,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
    choices: Choices,
) -> Plan | NotApplicable:
    """Put right what takes one value each; what only its author can put right is done by hand, step by step."""
    rights = Rights(caller)
    denial = rights.forbidden(UPDATE)
    if denial:
        return NotApplicable(_SLUG, denied_words(denial))
    if not preferences.faults:
        return NotApplicable(_SLUG, say("nothing is wrong with the preferences document"))
    if isinstance(document.content, MalformedText):
        return _by_hand(scope, document, preferences.faults, document.content.why)
    open_ = Writable(scope, document, document.content, rights)
    try:
        found = repairs_of(open_.text.said, scope)
        undecided = tuple(_choice(each) for each in found if isinstance(each, Undecided))
        answer = chosen(_SLUG, choices, undecided)
        if isinstance(answer, NotApplicable):
            return answer
        repairs = [each if isinstance(each, Repair) else _as_said(each, answer[each.name]) for each in found]
        after = _repaired(open_.text, repairs)
    except CannotEdit as reason:
        return _by_hand(scope, document, preferences.faults, str(reason))
    left = read_preferences(after, document.arn).faults
    if left == preferences.faults:
        return _by_hand(scope, document, left, " ".join(left))
    notes = tuple(each.why for each in repairs)
    title = say("Correct the session preferences")
    return rewritten(open_, Rewriting(_SLUG, title, after, notes=notes))


def _by_hand(scope: Scope, document: PreferencesDocument, faults: Sequence[str], reason: str) -> NotApplicable:
    why = say("the preferences document must be edited by hand: {reason}", reason=reason)
    return NotApplicable(_SLUG, why, steps=repair_by_hand(_SLUG, scope, document, faults))


def _repaired(text: DocumentText, repairs: Sequence[Repair]) -> DocumentText:
    for repair in repairs:
        text = with_value(text, repair.path, _literally(repair.written))
    return text


def _literally(value: str) -> Literal:
    return lambda _: value


def _as_said(switch: Undecided, word: str) -> Repair:
    return Repair(
        FIELD[switch.name].path, word, say("{setting} is {word}, as was chosen.", setting=switch.name, word=word)
    )


def _choice(switch: Undecided) -> Choice:
    return Choice(switch.name, say(FIELD[switch.name].meaning), (Candidate("true"), Candidate("false")))
