"""Read the keys, buckets and log groups that a person proposes for the preferences."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.aws.reader_api import Aws
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.preferences.keys import find_key, key_of_another_region
from ssmtui.evidence.readers.preferences.log_destinations import find_bucket, find_log_group
from ssmtui.language import say
from ssmtui.model.choice import Choices
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.preferences import LOG_BUCKET, LOG_GROUP, SESSION_KEY, is_reference
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, Key, LogGroup, WantedBucket, WantedKey, WantedLogGroup, WantedPlaces

CHOSEN_KEY = "key"
"""What `--set` calls the key of the fixes that choose one."""


@derives
def wanted_places(choices: Choices) -> WantedPlaces:
    """What was chosen of all that can be looked at. A reference to a parameter cannot."""
    key, bucket, group = (choices.get(name) or "" for name in (SESSION_KEY, LOG_BUCKET, LOG_GROUP))
    named = (choices.get(CHOSEN_KEY) or key, bucket, group)
    return WantedPlaces(*("" if is_reference(each) else each for each in named))


def _key(scope: Scope, wanted: WantedPlaces) -> Hashable:
    return wanted.key


@reads("kms:DescribeKey", key=_key)
async def wanted_key(aws: Aws, scope: Scope, wanted: WantedPlaces) -> WantedKey | Absent | NotApplicable | Unreadable:
    """By id, ARN or alias. One of another Region is not looked at: no session could use it."""
    if not wanted.key:
        return NotApplicable(say("no key was chosen"))
    if key_of_another_region(scope, wanted.key):
        return NotApplicable(say("the key is in another Region"))
    found = await find_key(aws, wanted.key)
    return WantedKey(found) if isinstance(found, Key) else found


def _bucket(scope: Scope, wanted: WantedPlaces) -> Hashable:
    return wanted.bucket


@reads("s3:HeadBucket", "s3:GetBucketLocation", key=_bucket)
async def wanted_bucket(
    aws: Aws, scope: Scope, wanted: WantedPlaces
) -> WantedBucket | Absent | NotApplicable | Unreadable:
    """Whether it is there."""
    if not wanted.bucket:
        return NotApplicable(say("no bucket was chosen"))
    found = await find_bucket(aws, scope, wanted.bucket)
    return WantedBucket(found) if isinstance(found, Bucket) else found


def _group(wanted: WantedPlaces) -> Hashable:
    return wanted.log_group


@reads("logs:DescribeLogGroups", key=_group)
async def wanted_log_group(aws: Aws, wanted: WantedPlaces) -> WantedLogGroup | Absent | NotApplicable | Unreadable:
    """Whether it is there."""
    if not wanted.log_group:
        return NotApplicable(say("no log group was chosen"))
    found = await find_log_group(aws, wanted.log_group)
    return WantedLogGroup(found) if isinstance(found, LogGroup) else found
