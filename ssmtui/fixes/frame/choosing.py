"""What a person chose, held against what can be chosen: the values, or what is still to be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ssmtui.language import say
from ssmtui.model.choice import Choice, Choices
from ssmtui.model.plan import NotApplicable


def chosen(fix: str, choices: Choices, wanted: Sequence[Choice]) -> Mapping[str, str] | NotApplicable:
    """The value of each name, as its candidate names it; else why not, with what there is to choose.

    Only names that were chosen are in it: what is optional may be missing. Nothing is offered for choice if a name that
    is needed has no value at all.
    """
    why = _why_not(choices, wanted)
    if why:
        offered = () if any(_has_nothing(each) for each in wanted) else tuple(wanted)
        return NotApplicable(fix, why, offered)
    given = ((each, choices.get(each.name)) for each in wanted)
    return {each.name: _value(each, text) for each, text in given if text is not None}


def _why_not(choices: Choices, wanted: Sequence[Choice]) -> str:
    known = {each.name for each in wanted}
    unknown = next((name for name in choices.names if name not in known), None)
    if unknown is not None:
        return say("there is no {name} to choose here", name=unknown)
    for each in wanted:
        text = choices.get(each.name)
        if text is None:
            if not each.optional:
                return _why_needed(each)
            continue
        found = each.candidate(text)
        if found is not None and found.why_not:
            return say("{value} will not do: {why}", value=text, why=found.why_not)
        if found is None and not each.free:
            return say("{value} is none of the values that {name} can have", value=text, name=each.name)
    return ""


def _why_needed(choice: Choice) -> str:
    if _has_nothing(choice):
        return choice.note or say("there is no {what} to choose in this account", what=choice.meaning)
    if not choice.free and all(each.why_not for each in choice.candidates):
        return say("no {what} in this account can be used", what=choice.meaning)
    return say("{name}=… is needed: {what}", name=choice.name, what=choice.meaning)


def _has_nothing(choice: Choice) -> bool:
    """Whether a value is needed, and there is none that could be given."""
    return not (choice.candidates or choice.free or choice.optional)


def _value(choice: Choice, text: str) -> str:
    found = choice.candidate(text)
    return found.value if found is not None else text
