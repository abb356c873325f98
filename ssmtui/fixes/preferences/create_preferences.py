"""`create-preferences`: session preferences are saved where a Region has none: AWS's defaults, or others."""

from __future__ import annotations

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.document_plan import writable
from ssmtui.fixes.preferences.edit_preferences import faults_in_words
from ssmtui.fixes.preferences.edited_preferences import Edit, edited_preferences
from ssmtui.fixes.preferences.preference_fields import FIELDS
from ssmtui.fixes.preferences.preferences_change import STALE
from ssmtui.fixes.storage.wanted_faults import WantedFacts
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import Choice, Choices
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope
from ssmtui.model.wanted import WantedBucket, WantedKey, WantedLogGroup

_SLUG = "create-preferences"
_DEFAULTS = marked(
    "It says what holds without it: nothing is logged, no key of yours is used, and sessions end after 20 idle minutes."
)


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def create_preferences(
    scope: Scope,
    document: PreferencesDocument | Absent,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
    key: WantedKey | Absent | Moot | Unreadable,
    bucket: WantedBucket | Absent | Moot | Unreadable,
    group: WantedLogGroup | Absent | Moot | Unreadable,
    choices: Choices,
) -> Plan | NotApplicable:
    """Save the document, with what was chosen in it."""
    if not isinstance(document, Absent):
        return NotApplicable(_SLUG, say("this Region has session preferences already"))
    wanted = tuple(Choice(field.name, say(field.meaning), free=True, optional=True) for field in FIELDS)
    answer = chosen(_SLUG, choices, wanted)
    if isinstance(answer, NotApplicable):
        return answer
    facts = WantedFacts(key, bucket, group)
    why = faults_in_words(scope, answer, facts)
    if why:
        return NotApplicable(_SLUG, why, wanted)
    notes = facts.notes() if answer else (say(_DEFAULTS),)
    title = say("Save session preferences for {region}", region=scope.region)
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return NotApplicable(_SLUG, open_)
    return edited_preferences(open_, Edit(_SLUG, answer, title, notes))
