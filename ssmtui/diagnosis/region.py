"""The facts of a Region's preferences, gathered together."""

from __future__ import annotations

from typing import TypeVar

from ssmtui.evidence.gathering.journey import Journey
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup

F = TypeVar("F")


async def region_facts(journey: Journey) -> RegionFacts:
    """What the preferences say and point at. `journey` is the Region's own, without a node."""
    document = await _fact(journey, PreferencesDocument)
    preferences = await _fact(journey, SessionPreferences)
    if isinstance(document, Moot) or isinstance(preferences, Absent | Moot):
        raise TypeError(
            "the preferences of a Region are never moot, and never absent: without a document, defaults rule"
        )
    return RegionFacts(
        scope=journey.scope,
        document=document,
        preferences=preferences,
        key=await _fact(journey, Key),
        bucket=await _fact(journey, Bucket),
        bucket_encryption=await _fact(journey, BucketEncryption),
        log_group=await _fact(journey, LogGroup),
        caller=await _fact(journey, CallerPreferencesPermissions),
    )


async def _fact(journey: Journey, kind: type[F]) -> F | Absent | Moot | Unreadable:
    value = (await journey.fact(kind)).value
    if isinstance(value, Absent | Moot | Unreadable):
        return value
    if isinstance(value, kind):
        return value
    raise TypeError(f"{kind.__name__} came as {type(value).__name__}")
