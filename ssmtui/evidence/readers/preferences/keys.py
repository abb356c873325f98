"""The session key: what it is, what its policy says, and whom it is granted to."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.identity.policies import policy_in
from ssmtui.evidence.readers.preferences.references import unreadable_reference
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key, KeyElsewhere, KeyGrant, KeyGrants, KeyPolicy

_NO_SUCH_KEY = frozenset({"NotFoundException", "InvalidArnException", "InvalidParameter", "ValidationException"})
_GRANTS_A_PAGE = 100


@derives
def key_elsewhere(scope: Scope, preferences: SessionPreferences) -> KeyElsewhere | Moot:
    """A key whose ARN names another Region: no session of this one can use it, whatever it is."""
    region, account = _place_in(preferences.kms_key)
    if region in {"", scope.region}:
        return Moot(say("the preferences name no session key in another Region"))
    return KeyElsewhere(preferences.kms_key, region, account)


def _named(scope: Scope, preferences: SessionPreferences) -> Hashable:
    return preferences.kms_key


@reads("kms:DescribeKey", key=_named)
async def key(aws: Aws, scope: Scope, preferences: SessionPreferences) -> Key | Absent | Moot | Unreadable:
    """By id, ARN or alias, whichever the preferences hold; another account's by its ARN."""
    named = preferences.kms_key
    if not named:
        return Moot(say("the preferences name no session key"))
    unreadable = unreadable_reference(named, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    if key_of_another_region(scope, named):
        return Moot(say("the session key is in another Region"))
    return await find_key(aws, named)


async def find_key(aws: Aws, named: str) -> Key | Absent:
    """A key by its id, ARN or alias."""
    try:
        raw = (await aws.call("kms", "DescribeKey", KeyId=named)).part("KeyMetadata")
    except AwsError as error:
        if error.code not in _NO_SUCH_KEY:
            raise
        return Absent(say("the key {named}", named=named), "kms:DescribeKey")
    return key_of(raw)


def key_of(raw: Answer) -> Key:
    """A key from what kms:DescribeKey says of it (KeyMetadata)."""
    return Key(
        arn=raw.arn("Arn"),
        state=raw.text("KeyState"),
        usage=raw.text("KeyUsage"),
        spec=raw.optional_text("KeySpec") or raw.text("CustomerMasterKeySpec"),
        deletion=raw.optional_moment("DeletionDate"),
    )


def _arn(key: Key) -> Hashable:
    return key.arn


@reads("kms:GetKeyPolicy", key=_arn)
async def key_policy(aws: Aws, key: Key) -> KeyPolicy:
    """The one policy that a key has; it is called `default`."""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=key.arn, PolicyName="default")
    return KeyPolicy(key.arn, policy_in(answer, "Policy"))


@reads("kms:ListGrants", key=_arn)
async def key_grants(aws: Aws, key: Key) -> KeyGrants:
    """Every grant on the key."""
    return KeyGrants(key.arn, await grants_of(aws, key.arn))


async def grants_of(aws: Aws, key_arn: str) -> tuple[KeyGrant, ...]:
    """The grants of a key that name a principal."""
    grants = [
        KeyGrant(raw.text("GranteePrincipal"), raw.texts("Operations"), not raw.optional_part("Constraints").is_empty)
        async for page in aws.pages("kms", "ListGrants", KeyId=key_arn, Limit=_GRANTS_A_PAGE)
        for raw in page.parts("Grants")
        if raw.has("GranteePrincipal")
    ]
    return tuple(grants)


def key_of_another_region(scope: Scope, named: str) -> bool:
    """Whether a key's name is an ARN of another Region."""
    return _place_in(named)[0] not in {"", scope.region}


def _place_in(named: str) -> tuple[str, str]:
    """The Region and the account in an ARN, empty where it is none."""
    parts = named.split(":")
    return (parts[3], parts[4]) if len(parts) > 5 and parts[0] == "arn" else ("", "")
