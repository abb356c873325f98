"""`toggle-cloudwatch-encryption`: whether sessions are refused where the log group is not seen to be encrypted."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.preference_fields import ONLY_ENCRYPTED_GROUP
from ssmtui.fixes.preferences.preferences_change import STALE
from ssmtui.fixes.preferences.switching import Toggle, turned
from ssmtui.language import marked
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.scope import Scope

_SLUG = "toggle-cloudwatch-encryption"

# docs/facts/preferences.md §8: only a customer key on the group counts; CloudWatch's own encryption at rest does not.
TOGGLE = Toggle(
    fix=_SLUG,
    field=ONLY_ENCRYPTED_GROUP,
    state=lambda preferences: preferences.log_group_encrypted_only,
    target=marked("CloudWatch log group"),
    setting=marked("only encrypted CloudWatch log groups"),
    named=lambda preferences: preferences.log_group,
    loses=marked(
        "Sessions start although the log group has no KMS key of yours (CloudWatch's own "
        "encryption at rest stays); a node whose role may not write to the group, or whose group "
        "is missing, then starts sessions whose audit log vanishes without a word."
    ),
    stops=marked(
        "Turning it on stops the sessions of every node unless the log group has a KMS key and "
        "the node's role may look it up (logs:DescribeLogGroups)."
    ),
)


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def toggle_cloudwatch_encryption(
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
) -> Plan | NotApplicable:
    """Turn "only encrypted CloudWatch log groups" to what it is not."""
    return turned(TOGGLE, scope, document, preferences, caller)
