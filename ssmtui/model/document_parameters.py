"""Settings whose value whoever starts a session chooses: those that come from a parameter of the document, in words."""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.preferences import DocumentParameter


def parameter_words(name: str, parameters: tuple[DocumentParameter, ...]) -> str:
    """Where the value comes from, and what a session uses that names none."""
    default = next((each.default for each in parameters if each.name == name), None)
    if default is None:
        return say("the document's parameter {name} gives it, and has no default", name=name)
    return say(
        "the document's parameter {name} gives it: {default}, unless a session is started with another value",
        name=name,
        default=default or say("empty"),
    )
