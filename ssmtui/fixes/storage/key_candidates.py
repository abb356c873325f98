"""The keys of the account as candidates: those that will do first, the others with why they will not."""

from __future__ import annotations

from collections.abc import Callable

from ssmtui.language import say, say_many
from ssmtui.model.account_keys import AccountKey, AccountKeys
from ssmtui.model.answers import Unreadable
from ssmtui.model.choice import Candidate, Choice

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
