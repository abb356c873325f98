"""`cancel-key-deletion`: the session key that waits to be deleted is kept, and enabled."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.storage.key_state import STALE, enabled_again, not_ours
from ssmtui.language import marked, say
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key

_SLUG = "cancel-key-deletion"

# The console's and the API's waiting period is 7 to 30 days from the call: the old date cannot be had back.
_UNDO = marked(
    "The key is disabled, which stops its use again. Its deletion is not scheduled anew: AWS "
    "would count the waiting period (at least 7 days) from the start. Schedule it by hand "
    "where it is still wanted."
)


@fix(slug=_SLUG, stale=STALE)
def cancel_key_deletion(scope: Scope, key: Key) -> Plan | NotApplicable:
    """Cancel its deletion, which leaves it disabled, and enable it."""
    pending = (
        ""
        if key.state == "PendingDeletion"
        else say("the key's state is {state}, not PendingDeletion", state=key.state)
    )
    why = not_ours(scope, key) or pending
    if why:
        return NotApplicable(_SLUG, why)
    title = say("Keep and enable the session key")
    return enabled_again(_SLUG, title, scope, key, ("CancelKeyDeletion", "EnableKey"), say(_UNDO))
