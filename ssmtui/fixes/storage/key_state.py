"""The session key brought back into use: in common to the fixes that change a key's state."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import marked, say
from ssmtui.model.plan import Call, FactChange, Guard, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from ssmtui.model.subject import Subject, SubjectKind

STALE = (Key,)
ENABLED, _DISABLED = "Enabled", "Disabled"

_DELAY = marked("Seconds to a few minutes: KMS is eventually consistent.")
_REACH = marked("Whatever else is encrypted with this key can be used again too.")


def enabled_again(fix: str, title: str, scope: Scope, key: Key, operations: tuple[str, ...], undo: str) -> Plan:
    """The plan that makes these calls on the key, after which it is enabled. The way back disables it."""
    amid = (_DISABLED,) if len(operations) > 1 else ()
    return Plan(
        fix=fix,
        title=f"{title} {_id(key)}",
        scope=scope,
        subject=Subject(SubjectKind.KEY, key.arn),
        calls=tuple(_call(operation, key) for operation in operations),
        before=key.state,
        after=ENABLED,
        guards=(_guard(key, key.state, amid),),
        way_back=WayBack((_guard(key, ENABLED, amid),), (_call("DisableKey", key),)),
        reach=Reach.REGION,
        undo=undo,
        facts_after=(FactChange(Key, replace(key, state=ENABLED, deletion=None), replaces=key),),
        stale=STALE,
        delay=say(_DELAY),
        notes=(say(_REACH),),
        confirmation=scope.region,
    )


def not_ours(scope: Scope, key: Key) -> str:
    """Why the state of the key cannot be changed from here, where it is another account's; else empty."""
    if key.account == scope.account:
        return ""
    return say(
        "the key belongs to the account {account}, and only that account can change its state", account=key.account
    )


def _call(operation: str, key: Key) -> Call:
    return Call("kms", operation, {"KeyId": _id(key)}, f"kms:{operation}", key.arn)


def _guard(key: Key, expected: str, amid: tuple[str, ...]) -> Guard:
    which, path = {"KeyId": _id(key)}, "KeyMetadata.KeyState"
    return Guard(say("the key's state"), "kms", "DescribeKey", which, path, expected, amid)


def _id(key: Key) -> str:
    return key.arn.rpartition("/")[2]
