"""What a person chose, held against what can be chosen: the values, or what is still to be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ssmtui.language import say
from ssmtui.model.choice import Choice, Choices
from ssmtui.model.plan import NotApplicable


def chosen(fix: str, choices: Choices, wanted: Sequence[Choice]) -> Mapping[str, str] | NotApplicable:
    """The value of each name, as its candidate names it; else why not, with what there is to choose.

    Only names that were chosen are in it: what is optional may be missing.
    """
    why = _why_not(choices, wanted)
    if why:
        return NotApplicable(fix, why, tuple(wanted))
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
                return say("{name}=… is needed: {what}", name=each.name, what=each.meaning)
            continue
        found = each.candidate(text)
        if found is not None and found.why_not:
            return say("{value} will not do: {why}", value=text, why=found.why_not)
        if found is None and not each.free:
            return say("{value} is none of the values that {name} can have", value=text, name=each.name)
    return ""


def _value(choice: Choice, text: str) -> str:
    found = choice.candidate(text)
    return found.value if found is not None else text
