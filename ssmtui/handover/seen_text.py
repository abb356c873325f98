"""What a script can hold as it is: nothing that its reader could not see."""

from __future__ import annotations

from ssmtui.handover.request import CannotExpress
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import JSON
from ssmtui.model.scope import ScopeName
from ssmtui.model.seen_json import seen_json

_LONGEST_LINE = 100


def is_seen(text: str) -> bool:
    """Whether a text can be shown as it is: lines of printable characters, ended by newlines."""
    return all(printable(line) == line for line in text.split("\n"))


def json_document(value: JSON) -> str:
    """A value as JSON in which every character that cannot be seen is escaped: one line where it is short."""
    text = seen_json(value)
    return text if len(text) <= _LONGEST_LINE else seen_json(value, indent=2)


def whose(name: ScopeName) -> tuple[str | None, str | None]:
    """The profile and the role that a script goes by: no form of PowerShell holds one that cannot be seen.

    Raises:
        CannotExpress: one has a character that cannot be seen, or several lines.

    """
    for word in filter(None, (name.profile, name.role)):
        if printable(word) != word:
            raise CannotExpress(
                say("{word} cannot stand in a script: it could not be shown as it is.", word=printable(word))
            )
    return name.profile, name.role
