"""`clear-session-key`: the preferences name no session key any more. The last resort: it weakens every session."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.document_plan import Rewriting, rewritten, to_be_corrected, writable
from ssmtui.fixes.preferences.editing import CannotEdit, by_hand
from ssmtui.fixes.preferences.field_edit import with_fields
from ssmtui.fixes.preferences.preferences_change import STALE
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.document_text import MalformedText
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import SESSION_KEY
from ssmtui.model.scope import Scope

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
    if isinstance(document.content, MalformedText):
        return NotApplicable(_SLUG, to_be_corrected(document.content))
    if not preferences.kms_key:
        return NotApplicable(_SLUG, say("the preferences name no session key"))
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return NotApplicable(_SLUG, open_)
    try:
        after = with_fields(open_.text, {SESSION_KEY: ""})
    except CannotEdit as reason:
        return NotApplicable(_SLUG, by_hand(reason))
    return rewritten(open_, Rewriting(_SLUG, say("Clear the session key of the preferences"), after, say(LOSES)))
