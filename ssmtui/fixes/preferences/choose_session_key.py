"""`choose-session-key`: the preferences name another key, one that sessions of the Region can be encrypted with."""

from __future__ import annotations

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.document_plan import writable
from ssmtui.fixes.preferences.edited_preferences import Edit, edited_preferences
from ssmtui.fixes.preferences.preferences_change import STALE
from ssmtui.fixes.storage.key_candidates import key_choice
from ssmtui.fixes.storage.wanted_faults import why_key_will_not_do, why_no_key
from ssmtui.language import say
from ssmtui.model.account_keys import AccountKey, AccountKeys
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import Choices
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.preferences_text import SESSION_KEY
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from ssmtui.model.wanted import WantedKey

_SLUG = "choose-session-key"


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def choose_session_key(
    scope: Scope,
    document: PreferencesDocument | Absent,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
    session_key: Key | Absent | Moot | Unreadable,
    keys: AccountKeys | Unreadable,
    wanted: WantedKey | Absent | Moot | Unreadable,
    choices: Choices,
) -> Plan | NotApplicable:
    """Write the key's ARN: it holds where an alias would be moved to another key."""
    now = session_key.arn if isinstance(session_key, Key) else ""
    choice = key_choice(keys, lambda each: (_why_not(scope, each, now), ""))
    answer = chosen(_SLUG, choices, (choice,))
    if isinstance(answer, NotApplicable):
        return answer
    why = why_no_key(scope, wanted)
    if why:
        return NotApplicable(_SLUG, say("{value} will not do: {why}", value=answer["key"], why=why), (choice,))
    arn = wanted.key.arn if isinstance(wanted, WantedKey) else answer["key"]
    title = say("Encrypt sessions with the key {key}", key=arn.rpartition("/")[2])
    open_ = writable(scope, document, caller)
    if isinstance(open_, str):
        return NotApplicable(_SLUG, open_)
    return edited_preferences(open_, Edit(_SLUG, {SESSION_KEY: arn}, title))


def _why_not(scope: Scope, candidate: AccountKey, now: str) -> str:
    if candidate.key.arn == now:
        return say("it is the session key now")
    if candidate.of_aws:
        return say("AWS manages it: no role of yours can be given the use of it")
    return why_key_will_not_do(scope, candidate.key)
