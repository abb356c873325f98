"""Which checks are left out of a run: what they would tell is unknown then, and never fine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ssmtui.cli.refusals import UsageError
from ssmtui.cli.unknown_words import did_you_mean
from ssmtui.language import say
from ssmtui.model.plain_text import printable


def left_out(only: Sequence[str], skip: Sequence[str]) -> frozenset[str]:
    """The names of the checks that are left out where `only` those are wanted (all, where none is named) less `skip`.

    A word is a check's name, or the slug of a cause: it means every check that can name it.

    Raises:
        UsageError: a word is neither, or nothing is left.

    """
    if not only and not skip:
        return frozenset()
    from ssmtui.checks.check import all_checks

    everything = frozenset(check.name for check in all_checks())
    wanted = (_named(only) if only else everything) - _named(skip)
    if not wanted:
        raise UsageError(say("no check is left: --only and --skip leave all of them out"))
    return everything - wanted


def _named(words: Iterable[str]) -> frozenset[str]:
    return frozenset(name for word in words for name in _checks_of(word))


def _checks_of(word: str) -> Iterable[str]:
    from ssmtui.checks.check import all_checks

    found = [check.name for check in all_checks() if word == check.name or word in check.causes]
    if not found:
        known = {name for check in all_checks() for name in (check.name, *check.causes)}
        sentence = say("there is no check {check}, and none that can name such a cause.", check=printable(word))
        raise UsageError(sentence + (did_you_mean(word, known) or " " + say("They are listed by: ssmtui checks")))
    return found
