"""The edits of the form of session preferences, whatever is edited, dropped, and stored by others meanwhile."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ssmtui.model.preferences import parse_preferences
from ssmtui.remediation.plans.preferences.fields import FIELD, FIELDS, FieldKind
from ssmtui.ui.screens.preferences_screen import PreferenceEdits, toggled_value
from tests.remediation.plans.facts import stored, text_of

NAMES = [each.name for each in FIELDS]
SWITCHES = [each.name for each in FIELDS if each.kind is FieldKind.SWITCH]
STORED = [
    parse_preferences(stored(text))
    for text in (
        text_of(),
        text_of(s3EncryptionEnabled=False, s3KeyPrefix="theirs"),
        text_of(idleSessionTimeout="30", runAsEnabled=True, runAsDefaultUser="ops"),
    )
]
VALUES = st.one_of(st.sampled_from(["", "true", "false", "30", "theirs", "ops"]), st.text(max_size=6))


class Form(RuleBasedStateMachine):
    """The edits beside a plain mapping of what was typed and is not stored."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = STORED[0]
        self.edits = PreferenceEdits()
        self.typed: dict[str, str] = {}

    def _now(self, name: str) -> str:
        return self.typed.get(name, FIELD[name].of(self.stored))

    def _forget_what_is_stored(self) -> None:
        self.typed = {name: value for name, value in self.typed.items() if FIELD[name].of(self.stored) != value}

    @rule(name=st.sampled_from(NAMES), value=VALUES)
    def edit(self, name: str, value: str) -> None:
        told = dict(self.edits.with_(name, value).values)
        assert told == {**self.edits.values, name: value}
        self.edits.put(name, value, self.stored)
        self.typed[name] = value
        self._forget_what_is_stored()

    @rule(name=st.sampled_from(NAMES))
    def drop(self, name: str) -> None:
        self.edits.drop(name)
        self.typed.pop(name, None)

    @rule(name=st.sampled_from(SWITCHES))
    def turn_twice(self, name: str) -> None:
        before = self._now(name)
        for expected in ("false", "true") if before == "true" else ("true", "false"):
            turned = toggled_value(name, self.stored, self.edits.values)
            assert turned == expected
            self.edits.put(name, turned, self.stored)
            self.typed[name] = turned
            self._forget_what_is_stored()
        assert self._now(name) == ("true" if before == "true" else "false")

    @rule(preferences=st.sampled_from(STORED))
    def somebody_stores(self, preferences: object) -> None:
        self.stored = next(each for each in STORED if each == preferences)
        self.edits.forget_what_is_so(self.stored)
        self._forget_what_is_stored()

    @invariant()
    def is_what_was_typed_and_is_not_stored(self) -> None:
        assert dict(self.edits.choices.values) == self.edits.values == self.typed
        assert bool(self.edits) == bool(self.typed)
        assert all(FIELD[name].of(self.stored) != value for name, value in self.edits.values.items())


TestForm = Form.TestCase
TestForm.settings = settings(max_examples=20, stateful_step_count=15)
