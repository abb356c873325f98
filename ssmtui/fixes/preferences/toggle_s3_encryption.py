"""`toggle-s3-encryption`: whether sessions are refused where the log bucket is not seen to be encrypted."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.preferences.preference_fields import ONLY_ENCRYPTED_BUCKET
from ssmtui.fixes.preferences.preferences_change import STALE
from ssmtui.fixes.preferences.switching import Toggle, turned
from ssmtui.language import marked
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.scope import Scope

_SLUG = "toggle-s3-encryption"

# docs/facts/preferences.md §7: the switch only makes the agent look; S3 encrypts every bucket by default since January
# 2023.
TOGGLE = Toggle(
    fix=_SLUG,
    field=ONLY_ENCRYPTED_BUCKET,
    state=lambda preferences: preferences.s3_encrypted_only,
    target=marked("S3 bucket"),
    setting=marked("only encrypted S3 buckets"),
    named=lambda preferences: preferences.s3_bucket,
    loses=marked(
        "Sessions start without proof that the bucket is encrypted (its objects keep the "
        "bucket's default encryption); a node whose role lacks s3:PutObject then starts sessions "
        "whose audit log vanishes without a word."
    ),
    stops=marked(
        "Turning it on stops the sessions of every node whose role may not read the bucket's "
        "encryption (s3:GetEncryptionConfiguration), or whose bucket has neither AES256 nor "
        "aws:kms."
    ),
)


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def toggle_s3_encryption(
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences,
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable,
) -> Plan | NotApplicable:
    """Turn "only encrypted S3 buckets" to what it is not."""
    return turned(TOGGLE, scope, document, preferences, caller)
