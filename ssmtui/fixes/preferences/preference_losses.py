"""What is given up where settings of the preferences change, in sentences."""

from __future__ import annotations

from ssmtui.fixes.preferences.clear_session_key import LOSES as KEY_LOST
from ssmtui.fixes.preferences.toggle_cloudwatch_encryption import TOGGLE as GROUP_SWITCH
from ssmtui.fixes.preferences.toggle_s3_encryption import TOGGLE as BUCKET_SWITCH
from ssmtui.language import marked, say
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences

_NO_BUCKET = marked("Sessions are no longer logged to the S3 bucket {name}; what is there stays there.")
_NO_GROUP = marked("Sessions are no longer logged to the log group {name}; what is there stays there.")


def lost_between(before: SessionPreferences, after: SessionPreferences) -> str:
    """What the second preferences give up of the first; empty where it is nothing."""
    losses = []
    if before.kms_key and not after.kms_key:
        losses.append(say(KEY_LOST))
    if before.s3_bucket and not after.s3_bucket:
        losses.append(say(_NO_BUCKET, name=before.s3_bucket))
    elif after.s3_bucket and _turned_off(before.s3_encrypted_only, after.s3_encrypted_only):
        losses.append(say(BUCKET_SWITCH.loses))
    if before.log_group and not after.log_group:
        losses.append(say(_NO_GROUP, name=before.log_group))
    elif after.log_group and _turned_off(before.log_group_encrypted_only, after.log_group_encrypted_only):
        losses.append(say(GROUP_SWITCH.loses))
    return " ".join(losses)


def _turned_off(before: EncryptedOnly, after: EncryptedOnly) -> bool:
    return before is EncryptedOnly.ON and after is EncryptedOnly.OFF
