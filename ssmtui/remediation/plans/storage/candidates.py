"""Keys, buckets and log groups that can be chosen, and why others cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ssmtui.language import say, say_many
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.preferences import LOG_BUCKET, LOG_GROUP, SESSION_KEY
from ssmtui.model.scope import Scope
from ssmtui.model.storage import AccountKey, AccountKeys, Key, WantedBucket, WantedKey, WantedLogGroup


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """What AWS says of what was chosen."""

    key: WantedKey | NoFact
    bucket: WantedBucket | NoFact
    group: WantedLogGroup | NoFact

    def faults(self, scope: Scope, values: Mapping[str, str]) -> Mapping[str, str]:
        """Why the values will not do, by the names of their settings."""
        found = {
            SESSION_KEY: unusable_key_reason(scope, self.key),
            LOG_BUCKET: say("there is no such bucket") if isinstance(self.bucket, Absent) else "",
            LOG_GROUP: say("there is no such log group: create it first") if isinstance(self.group, Absent) else "",
        }
        return {name: why for name, why in found.items() if why and values.get(name)}

    def notes(self) -> tuple[str, ...]:
        """What could not be told of them."""
        notes = []
        if isinstance(self.key, Unreadable) and self.key.action:
            notes.append(say("Whether the key will do could not be told ({action} would).", action=self.key.action))
        if isinstance(self.bucket, Unreadable) and self.bucket.action:
            notes.append(
                say("Whether the bucket exists could not be told ({action} would).", action=self.bucket.action)
            )
        if isinstance(self.group, Unreadable) and self.group.action:
            notes.append(
                say("Whether the log group exists could not be told ({action} would).", action=self.group.action)
            )
        if isinstance(self.bucket, WantedBucket) and self.bucket.bucket.foreign:
            notes.append(say("The bucket is another account's, which does not let it be looked at."))
        return tuple(notes)


def unusable_key_reason(scope: Scope, answer: WantedKey | NoFact) -> str:
    """Why sessions cannot be encrypted with a key that was chosen; empty where they can, or nothing is known of it."""
    match answer:
        case WantedKey(key=key):
            return key_fault(scope, key)
        case Absent():
            return say("there is no such key")
        case NotApplicable(why=why):
            return why
        case Unreadable():
            return ""


def key_fault(scope: Scope, key: Key) -> str:
    """Why sessions of a Region cannot be encrypted with a key; empty where they can."""
    if key.region != scope.region:
        return say("it is in another Region")
    if not key.encrypts:
        return say("it is no symmetric encryption key ({spec}, {usage})", spec=key.spec, usage=key.usage)
    if key.state not in {"Enabled", "Updating"}:
        return say("its state is {state}", state=key.state)
    return ""


WhyNot = Callable[[AccountKey], tuple[str, str]]
"""Why a key will not do, and what would make it do as text to copy; both empty where it will."""


def key_choice(keys: AccountKeys | Unreadable, why_not: WhyNot) -> Choice:
    """The choice of a key; one that is not listed may be named too (another account's, or one that was not read)."""
    return Choice("key", say("KMS key"), _candidates(keys, why_not), free=True, note=_note(keys))


def _candidates(keys: AccountKeys | Unreadable, why_not: WhyNot) -> tuple[Candidate, ...]:
    if isinstance(keys, Unreadable):
        return ()
    candidates = [_candidate(each, *why_not(each)) for each in keys.keys]
    return tuple(sorted(candidates, key=lambda each: bool(each.why_not)))


def _candidate(key: AccountKey, why_not: str, remedy: str) -> Candidate:
    arn = key.key.arn
    return Candidate(arn, ", ".join(key.aliases), why_not, also=(*key.aliases, arn.rpartition("/")[2]), remedy=remedy)


def _note(keys: AccountKeys | Unreadable) -> str:
    if isinstance(keys, Unreadable):
        needs = keys.action or "kms:ListKeys"
        return say("The keys of the account could not be listed ({action}): name one by its ARN.", action=needs)
    if keys.unlooked:
        return say_many(
            "{count} more key could not be looked at.", "{count} more keys could not be looked at.", keys.unlooked
        )
    return ""
