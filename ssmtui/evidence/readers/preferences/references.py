"""Settings that only point at their value.

`{{ssm:name}}` is a parameter that ssmtui has no permission to read; `{{ name }}` one of the document's own, whose value
whoever starts a session chooses.
"""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.document_parameters import parameter_words
from ssmtui.model.preferences import DocumentParameter, is_reference, parameter_in


def unreadable_reference(*values: str, parameters: tuple[DocumentParameter, ...] = ()) -> Unreadable | None:
    """What stands for whatever the values name, where one of them is a reference."""
    for value in values:
        if (name := parameter_in(value)) is not None:
            return Unreadable("", parameter_words(name, parameters), source="ssm:GetDocument")
        if is_reference(value):
            return Unreadable(
                "ssm:GetParameter",
                say("the preferences hold the reference {value} instead of a value", value=value),
                source="ssm:GetDocument",
            )
    return None
