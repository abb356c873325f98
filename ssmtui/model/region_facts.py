"""What the preferences of a Region say and point at, together: the preferences screen's material."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key, KeyElsewhere, LogGroup


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """The facts of one Region's preferences, each as it was read."""

    scope: Scope
    document: PreferencesDocument | Absent | Unreadable
    preferences: SessionPreferences | Unreadable
    key: Key | KeyElsewhere | Absent | Moot | Unreadable
    bucket: Bucket | Absent | Moot | Unreadable
    bucket_encryption: BucketEncryption | Absent | Moot | Unreadable
    log_group: LogGroup | Absent | Moot | Unreadable
    caller: CallerPreferencesPermissions | Absent | Moot | Unreadable
