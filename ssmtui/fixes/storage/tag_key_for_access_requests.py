"""`tag-key-for-access-requests`: the session key gets the tag by which just-in-time node access may use it."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.storage.key_state import not_ours
from ssmtui.language import marked, say
from ssmtui.model.access_requests import KEY_TAG
from ssmtui.model.account_keys import KeyTags
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "tag-key-for-access-requests"
_STALE = (KeyTags,)

_VALUE = "true"
_DELAY = marked("Seconds: KMS is eventually consistent.")
_BY_TAG = marked(
    "Where policies grant the use of keys by their tags, this tag may open the key to whom they name; nothing else "
    "changes."
)


@fix(slug=_SLUG, stale=_STALE)
def tag_key_for_access_requests(scope: Scope, key: Key, held: KeyTags) -> Plan | NotApplicable:
    """Tag it."""
    was = dict(held.tags)
    why = not_ours(scope, key) or (say("the key has that tag already") if was.get(KEY_TAG) == _VALUE else "")
    if why:
        return NotApplicable(_SLUG, why)
    tagged = KeyTags(held.key_arn, tuple(sorted({**was, KEY_TAG: _VALUE}.items())))
    before, after = _told(held), _told(tagged)
    back = _tag(key, was[KEY_TAG]) if KEY_TAG in was else _untag(key)
    return Plan(
        fix=_SLUG,
        title=say("Tag the session key {key} for just-in-time node access", key=_id(key)),
        scope=scope,
        subject=Subject(SubjectKind.KEY, key.arn),
        calls=(_tag(key, _VALUE),),
        before=before,
        after=after,
        guards=(_guard(key, before),),
        way_back=WayBack((_guard(key, after),), (back,)),
        reach=Reach.REGION,
        undo=say("The tag gets its former value.") if KEY_TAG in was else say("The tag is taken off."),
        facts_after=(FactChange(KeyTags, tagged, replaces=held),),
        stale=_STALE,
        delay=say(_DELAY),
        notes=(say(_BY_TAG),),
        confirmation=scope.region,
    )


def _tag(key: Key, value: str) -> Call:
    parameters: dict[str, JSON] = {"KeyId": _id(key), "Tags": [{"TagKey": KEY_TAG, "TagValue": value}]}
    return Call("kms", "TagResource", parameters, "kms:TagResource", key.arn)


def _untag(key: Key) -> Call:
    return Call("kms", "UntagResource", {"KeyId": _id(key), "TagKeys": [KEY_TAG]}, "kms:UntagResource", key.arn)


def _guard(key: Key, expected: str) -> Guard:
    path = "Tags.*.TagKey+TagValue"
    return Guard(say("the key's tags"), "kms", "ListResourceTags", {"KeyId": _id(key)}, path, expected)


def _told(tags: KeyTags) -> str:
    return "\n".join(sorted(f"TagKey={name} TagValue={value}" for name, value in tags.tags))


def _id(key: Key) -> str:
    return key.arn.rpartition("/")[2]
