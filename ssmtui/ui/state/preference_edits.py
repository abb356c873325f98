"""Settings that a person has changed in the form and not yet saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ssmtui.fixes.preferences.preference_fields import FIELD, FieldKind
from ssmtui.model.choice import Choices
from ssmtui.model.preferences import SessionPreferences


@dataclass(slots=True)
class PreferenceEdits:
    """The edits of one Region, by the name of the setting, in the order in which they were made."""

    values: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.values)

    @property
    def choices(self) -> Choices:
        """What the fix is told."""
        return Choices(tuple(self.values.items()))

    def with_(self, name: str, value: str) -> Choices:
        """What the fix would be told with one more."""
        return Choices(tuple({**self.values, name: value}.items()))

    def put(self, name: str, value: str, preferences: SessionPreferences) -> None:
        """Take an edit; one that says what is stored is none."""
        self.values[name] = value
        self.forget_what_is_so(preferences)

    def drop(self, name: str) -> None:
        """Take an edit back."""
        self.values.pop(name, None)

    def forget_what_is_so(self, preferences: SessionPreferences) -> None:
        """Drop the edits that the stored preferences say already: they have been saved."""
        self.values = {name: value for name, value in self.values.items() if FIELD[name].of(preferences) != value}


def turned_switch(name: str, preferences: SessionPreferences, edits: Mapping[str, str]) -> str | None:
    """What a switch becomes when it is turned; None for a setting that is none."""
    if FIELD[name].kind is not FieldKind.SWITCH:
        return None
    return "false" if edits.get(name, FIELD[name].of(preferences)) == "true" else "true"
