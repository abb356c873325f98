"""`--set NAME=VALUE`: what a fix must be told, as it is given on the command line, and what could be given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssmtui.cli.refusals import UsageError
from ssmtui.language import say
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import NotApplicable

_SHOWN = 40


def choices_in(given: Sequence[str]) -> Choices:
    """The choices of `--set` options.

    Raises:
        UsageError: one has no `=`, or a name is set twice.

    """
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(say("--set takes NAME=VALUE, and not {text}", text=printable(text)))
        if name in pairs:
            raise UsageError(say("--set {name}=… is given twice", name=printable(name)))
        pairs[name] = value
    return Choices(tuple(pairs.items()))


def what_to_set(answer: NotApplicable, others: Sequence[str]) -> str:
    """Why the fix has no plan yet, and what can be set, a line each; then the `others` that would do instead."""
    hint = (say("Others, chosen with --with: {others}", others=", ".join(others)),) if others else ()
    return "\n".join((f"{answer.fix}: {printable(answer.why)}", *_lines(answer.choices), *hint))


def _lines(choices: Sequence[Choice]) -> Iterator[str]:
    for choice in choices:
        yield f"  --set {choice.name}=…  {printable(choice.meaning)}"
        if choice.note:
            yield f"      {printable(choice.note)}"
        for candidate in choice.candidates[:_SHOWN]:
            yield _candidate(choice, candidate)
        if len(choice.candidates) > _SHOWN:
            yield f"      {say('and {count} more', count=len(choice.candidates) - _SHOWN)}"


def _candidate(choice: Choice, candidate: Candidate) -> str:
    about = f"  {candidate.about}" if candidate.about else ""
    why_not = f"  {say('will not do: {why}', why=candidate.why_not)}" if candidate.why_not else ""
    return printable(f"      {choice.name}={candidate.value}{about}{why_not}")
