"""Fixes of KMS keys: enable, cancel deletion, tag."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import JSON, Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import JUST_IN_TIME_KEY_TAG
from ssmtui.model.storage import Key, KeyTags
from ssmtui.remediation.plans.common.fix import fix

STALE = (Key,)
ENABLED, _DISABLED = "Enabled", "Disabled"

_STATE_DELAY = translatable("Seconds to a few minutes: KMS is eventually consistent.")
_REACH = translatable("Whatever else is encrypted with this key can be used again too.")


def enable_plan(fix: str, title: str, scope: Scope, key: Key, operations: tuple[str, ...], undo: str) -> Plan:
    """The plan that makes these calls on the key, after which it is enabled. The way back disables it."""
    amid = (_DISABLED,) if len(operations) > 1 else ()
    return Plan(
        fix=fix,
        title=f"{title} {_id(key)}",
        scope=scope,
        subject=Subject(SubjectKind.KEY, key.arn),
        calls=tuple(_state_call(operation, key) for operation in operations),
        before=key.state,
        after=ENABLED,
        guards=(_state_guard(key, key.state, amid),),
        way_back=UndoPlan((_state_guard(key, ENABLED, amid),), (_state_call("DisableKey", key),)),
        reach=Reach.REGION,
        undo=undo,
        facts_after=(FactChange(Key, replace(key, state=ENABLED, deletion=None), replaces=key),),
        stale=STALE,
        delay=say(_STATE_DELAY),
        notes=(say(_REACH),),
        confirmation=scope.region,
    )


def foreign_key_reason(scope: Scope, key: Key) -> str:
    """Why the state of the key cannot be changed from here, where it is another account's; else empty."""
    if key.account == scope.account:
        return ""
    return say(
        "the key belongs to the account {account}, and only that account can change its state", account=key.account
    )


def _state_call(operation: str, key: Key) -> Call:
    return Call("kms", operation, {"KeyId": _id(key)}, f"kms:{operation}", key.arn)


def _state_guard(key: Key, expected: str, amid: tuple[str, ...]) -> Guard:
    which, path = {"KeyId": _id(key)}, "KeyMetadata.KeyState"
    return Guard(say("the key's state"), "kms", "DescribeKey", which, path, expected, amid)


def _id(key: Key) -> str:
    return key.arn.rpartition("/")[2]


_CANCEL_KEY_DELETION = "cancel-key-deletion"

# The console's and the API's waiting period is 7 to 30 days from the call: the old date cannot be had back.
_UNDO = translatable(
    "The key is disabled, which stops its use again. Its deletion is not scheduled anew: AWS "
    "would count the waiting period (at least 7 days) from the start. Schedule it by hand "
    "where it is still wanted."
)


@fix(slug=_CANCEL_KEY_DELETION, stale=STALE)
def cancel_key_deletion(scope: Scope, key: Key) -> Plan | FixNotApplicable:
    """Cancel its deletion, which leaves it disabled, and enable it."""
    pending = (
        ""
        if key.state == "PendingDeletion"
        else say("the key's state is {state}, not PendingDeletion", state=key.state)
    )
    why = foreign_key_reason(scope, key) or pending
    if why:
        return FixNotApplicable(_CANCEL_KEY_DELETION, why)
    title = say("Keep and enable the session key")
    return enable_plan(_CANCEL_KEY_DELETION, title, scope, key, ("CancelKeyDeletion", "EnableKey"), say(_UNDO))


_ENABLE_KEY = "enable-key"


@fix(slug=_ENABLE_KEY, stale=STALE)
def enable_key(scope: Scope, key: Key) -> Plan | FixNotApplicable:
    """Enable it."""
    why = foreign_key_reason(scope, key) or (
        "" if key.state == "Disabled" else say("the key's state is {state}, not Disabled", state=key.state)
    )
    if why:
        return FixNotApplicable(_ENABLE_KEY, why)
    return enable_plan(
        _ENABLE_KEY, say("Enable the session key"), scope, key, ("EnableKey",), say("The key is disabled again.")
    )


_TAG_KEY_FOR_ACCESS_REQUESTS = "tag-key-for-access-requests"
_TAG_STALE = (KeyTags,)

_VALUE = "true"
_TAG_DELAY = translatable("Seconds: KMS is eventually consistent.")
_BY_TAG = translatable(
    "Where policies grant the use of keys by their tags, this tag may open the key to whom they name; nothing else "
    "changes."
)


@fix(slug=_TAG_KEY_FOR_ACCESS_REQUESTS, stale=_TAG_STALE)
def tag_key_for_access_requests(scope: Scope, key: Key, held: KeyTags) -> Plan | FixNotApplicable:
    """Tag it."""
    was = dict(held.tags)
    why = foreign_key_reason(scope, key) or (
        say("the key has that tag already") if was.get(JUST_IN_TIME_KEY_TAG) == _VALUE else ""
    )
    if why:
        return FixNotApplicable(_TAG_KEY_FOR_ACCESS_REQUESTS, why)
    tagged = KeyTags(held.key_arn, tuple(sorted({**was, JUST_IN_TIME_KEY_TAG: _VALUE}.items())))
    before, after = _told(held), _told(tagged)
    back = _tag(key, was[JUST_IN_TIME_KEY_TAG]) if JUST_IN_TIME_KEY_TAG in was else _untag(key)
    return Plan(
        fix=_TAG_KEY_FOR_ACCESS_REQUESTS,
        title=say("Tag the session key {key} for just-in-time node access", key=_id(key)),
        scope=scope,
        subject=Subject(SubjectKind.KEY, key.arn),
        calls=(_tag(key, _VALUE),),
        before=before,
        after=after,
        guards=(_tag_guard(key, before),),
        way_back=UndoPlan((_tag_guard(key, after),), (back,)),
        reach=Reach.REGION,
        undo=say("The tag gets its former value.") if JUST_IN_TIME_KEY_TAG in was else say("The tag is taken off."),
        facts_after=(FactChange(KeyTags, tagged, replaces=held),),
        stale=_TAG_STALE,
        delay=say(_TAG_DELAY),
        notes=(say(_BY_TAG),),
        confirmation=scope.region,
    )


def _tag(key: Key, value: str) -> Call:
    parameters: dict[str, JSON] = {"KeyId": _id(key), "Tags": [{"TagKey": JUST_IN_TIME_KEY_TAG, "TagValue": value}]}
    return Call("kms", "TagResource", parameters, "kms:TagResource", key.arn)


def _untag(key: Key) -> Call:
    return Call(
        "kms", "UntagResource", {"KeyId": _id(key), "TagKeys": [JUST_IN_TIME_KEY_TAG]}, "kms:UntagResource", key.arn
    )


def _tag_guard(key: Key, expected: str) -> Guard:
    path = "Tags.*.TagKey+TagValue"
    return Guard(say("the key's tags"), "kms", "ListResourceTags", {"KeyId": _id(key)}, path, expected)


def _told(tags: KeyTags) -> str:
    return "\n".join(sorted(f"TagKey={name} TagValue={value}" for name, value in tags.tags))
