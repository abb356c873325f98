"""Why a key, a bucket or a log group will not do for sessions, by what AWS says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, NoFact, Unreadable
from ssmtui.model.preferences_text import LOG_BUCKET, LOG_GROUP, SESSION_KEY
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from ssmtui.model.wanted import WantedBucket, WantedKey, WantedLogGroup


@dataclass(frozen=True, slots=True)
class WantedFacts:
    """What AWS says of what was chosen."""

    key: WantedKey | NoFact
    bucket: WantedBucket | NoFact
    group: WantedLogGroup | NoFact

    def faults(self, scope: Scope, values: Mapping[str, str]) -> Mapping[str, str]:
        """Why the values will not do, by the names of their settings."""
        found = {
            SESSION_KEY: why_no_key(scope, self.key),
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


def why_no_key(scope: Scope, answer: WantedKey | NoFact) -> str:
    """Why sessions cannot be encrypted with a key that was chosen; empty where they can, or nothing is known of it."""
    match answer:
        case WantedKey(key=key):
            return why_key_will_not_do(scope, key)
        case Absent():
            return say("there is no such key")
        case Moot(why=why):
            return why
        case Unreadable():
            return ""


def why_key_will_not_do(scope: Scope, key: Key) -> str:
    """Why sessions of a Region cannot be encrypted with a key; empty where they can."""
    if key.region != scope.region:
        return say("it is in another Region")
    if not key.encrypts:
        return say("it is no symmetric encryption key ({spec}, {usage})", spec=key.spec, usage=key.usage)
    if key.state not in {"Enabled", "Updating"}:
        return say("its state is {state}", state=key.state)
    return ""
