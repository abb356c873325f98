"""`enable-key`: the disabled session key is enabled."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.storage.key_state import STALE, enabled_again, not_ours
from ssmtui.language import say
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key

_SLUG = "enable-key"


@fix(slug=_SLUG, stale=STALE)
def enable_key(scope: Scope, key: Key) -> Plan | NotApplicable:
    """Enable it."""
    why = not_ours(scope, key) or (
        "" if key.state == "Disabled" else say("the key's state is {state}, not Disabled", state=key.state)
    )
    if why:
        return NotApplicable(_SLUG, why)
    return enabled_again(
        _SLUG, say("Enable the session key"), scope, key, ("EnableKey",), say("The key is disabled again.")
    )
