"""Settings of the preferences changed to what a person wants, in a document that is there or not: the plan of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.fixes.preferences.document_plan import Rewriting, Writable, rewritten
from ssmtui.fixes.preferences.editing import CannotEdit, by_hand
from ssmtui.fixes.preferences.field_edit import with_fields
from ssmtui.fixes.preferences.preference_losses import lost_between
from ssmtui.language import say, say_many
from ssmtui.model.answers import Absent
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.preferences_text import read_preferences


@dataclass(frozen=True, slots=True)
class Edit:
    """What is asked for: the settings by name. `title` is empty where the settings themselves give one."""

    fix: str
    values: Mapping[str, str]
    title: str = ""
    notes: tuple[str, ...] = ()


def edited_preferences(open_: Writable, edit: Edit) -> Plan | NotApplicable:
    """The plan that changes these settings and no others, or why there is none."""
    try:
        after = with_fields(open_.text, edit.values)
    except CannotEdit as reason:
        return NotApplicable(edit.fix, by_hand(reason))
    is_new = isinstance(open_.document, Absent)
    if not is_new and after == open_.text:
        return NotApplicable(edit.fix, say("the preferences say so already"))
    before, then = read_preferences(open_.text, ""), read_preferences(after, "")
    loses = "" if is_new else lost_between(before, then)
    notes = (*edit.notes, *_to_know(before, then, edit.values))
    return rewritten(open_, Rewriting(edit.fix, edit.title or _title(edit.values), after, loses, notes))


def _title(values: Mapping[str, str]) -> str:
    if len(values) > 1:
        return say_many("Change {count} session preference", "Change {count} session preferences", len(values))
    name, value = next(iter(values.items()))
    if not value:
        return say("Clear {setting} of the session preferences", setting=name)
    if "\n" in value or len(value) > 60:
        return say("Set {setting} of the session preferences", setting=name)
    return say("Set {setting} of the session preferences to {value}", setting=name, value=value)


def _to_know(before: SessionPreferences, after: SessionPreferences, values: Mapping[str, str]) -> tuple[str, ...]:
    """What the settings mean together, as far as these changed it."""
    notes = []
    if after.run_as and not after.run_as_user and {"runAsEnabled", "runAsDefaultUser"} & values.keys():
        notes.append(
            say(
                "Run As is on and the preferences name no user: whoever has no tag SSMSessionRunAs opens no session to "
                "a Linux node."
            )
        )
    if after.run_as_user != before.run_as_user and after.run_as_user:
        notes.append(say("The user must exist on every Linux node: Session Manager falls back to no other."))
    for switch, named, setting in (
        (after.s3_encrypted_only, after.s3_bucket, "s3EncryptionEnabled"),
        (after.log_group_encrypted_only, after.log_group, "cloudWatchEncryptionEnabled"),
    ):
        if setting in values and switch is EncryptedOnly.ON and not named:
            notes.append(say("{setting} is without effect: nothing is logged there.", setting=setting))
    if after.log_streaming and not before.log_streaming and not after.log_group:
        notes.append(say("Streaming is without effect: no log group is named."))
    if after.kms_key and after.kms_key != before.kms_key:
        notes.append(
            say("Whoever opens a session needs kms:GenerateDataKey on the key, and the role of every node kms:Decrypt.")
        )
    if any(name.startswith("shellProfile.") and values[name] for name in values):
        notes.append(say("The commands run in every session, as its user; what they print is the first that is seen."))
    return tuple(notes)
