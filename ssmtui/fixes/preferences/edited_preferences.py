"""Settings of the preferences changed to what a person wants, in a document that is there or not: the plan of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.fixes.frame.caller_rights import CallerRights
from ssmtui.fixes.preferences.document_plan import Rewriting, rewritten, why_no_writing
from ssmtui.fixes.preferences.editing import CannotEdit
from ssmtui.fixes.preferences.field_edit import with_fields
from ssmtui.fixes.preferences.preference_losses import lost_between
from ssmtui.language import say, say_many
from ssmtui.model.answers import Absent
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.preferences import DocumentFormat, EncryptedOnly, PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import SCHEMA_VERSION, read_preferences
from ssmtui.model.scope import Scope

# The User Guide's own document (getting-started-create-preferences-cli): nothing is logged, no key, and where a bucket
# or a log group is named one day, only an encrypted one will do.
NEW_DOCUMENT = json.dumps(
    {
        "schemaVersion": SCHEMA_VERSION,
        "description": "Document to hold regional settings for Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": "",
            "s3KeyPrefix": "",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": "",
            "cloudWatchEncryptionEnabled": True,
            "cloudWatchStreamingEnabled": False,
            "kmsKeyId": "",
            "runAsEnabled": False,
            "runAsDefaultUser": "",
            "idleSessionTimeout": "20",
            "maxSessionDuration": "",
            "shellProfile": {"windows": "", "linux": ""},
        },
    },
    indent=2,
)
"""What is saved where no preferences were."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is asked for: the settings by name. `title` is empty where the settings themselves give one."""

    fix: str
    values: Mapping[str, str]
    title: str = ""
    notes: tuple[str, ...] = ()


def edited_preferences(
    scope: Scope, document: PreferencesDocument | Absent, caller: CallerRights, edit: Edit
) -> Plan | NotApplicable:
    """The plan that changes these settings and no others, or why there is none."""
    why = why_no_writing(document, caller)
    if why:
        return NotApplicable(edit.fix, why)
    text, format_ = (
        (NEW_DOCUMENT, DocumentFormat.JSON) if isinstance(document, Absent) else (document.content, document.format)
    )
    try:
        after = with_fields(text, format_, edit.values)
    except CannotEdit as reason:
        return NotApplicable(edit.fix, say("the preferences document must be edited by hand: {reason}", reason=reason))
    if isinstance(document, PreferencesDocument) and after == text:
        return NotApplicable(edit.fix, say("the preferences say so already"))
    before, then = read_preferences(text, format_, ""), read_preferences(after, format_, "")
    loses = "" if isinstance(document, Absent) else lost_between(before, then)
    notes = (*edit.notes, *_to_know(before, then, edit.values))
    return rewritten(
        scope, document, caller, Rewriting(edit.fix, edit.title or _title(edit.values), after, loses, notes)
    )


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
