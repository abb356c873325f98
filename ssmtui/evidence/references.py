"""Settings that only point at their value: `{{ssm:name}}` is a parameter that ssmtui has no permission to read."""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.preferences import is_reference


def unreadable_reference(*values: str) -> Unreadable | None:
    """What stands for whatever the values name, where one of them is a reference."""
    for value in values:
        if is_reference(value):
            return Unreadable(
                "ssm:GetParameter",
                say("the preferences hold the reference {value} instead of a value", value=value),
                source="ssm:GetDocument",
            )
    return None
