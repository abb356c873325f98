"""The plan that writes the preferences document anew: every fix of a setting ends in one."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.fixes.frame.caller_rights import CallerRights, Rights, denied_words
from ssmtui.fixes.preferences.new_preferences import NEW_DOCUMENT
from ssmtui.fixes.preferences.preferences_change import CREATE, DELAY, SET_DEFAULT, STALE, UPDATE, preferences_change
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, document_text
from ssmtui.model.plan import Plan, Reach
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Writable:
    """A document that can be written, by whose rights. `text` is what is edited: AWS's defaults where there is none."""

    scope: Scope
    document: PreferencesDocument | Absent
    text: DocumentText
    rights: Rights


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is to be written, and what to say of it. `loses` is one text, of as many sentences as there are losses.

    `warnings` are said before all other notes.
    """

    fix: str
    title: str
    after: DocumentText
    loses: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def writable(scope: Scope, document: PreferencesDocument | Absent, caller: CallerRights) -> Writable | str:
    """The document to edit, or why it cannot be written, whatever would be in it."""
    rights = Rights(caller)
    text = document.content if isinstance(document, PreferencesDocument) else _new()
    if isinstance(text, MalformedText):
        return to_be_corrected(text)
    denial = rights.forbidden(CREATE if isinstance(document, Absent) else UPDATE)
    return denied_words(denial) if denial else Writable(scope, document, text, rights)


def to_be_corrected(text: MalformedText) -> str:
    """Why a document that is no mapping cannot be edited."""
    return say("the preferences document {malformed}: it must be corrected first", malformed=text.why)


def rewritten(open_: Writable, rewriting: Rewriting) -> Plan:
    """The plan that makes the document say `after`."""
    rights, scope = open_.rights, open_.scope
    change = preferences_change(
        scope, open_.document, rewriting.after, default_can_follow=rights.forbidden(SET_DEFAULT) is None
    )
    needed = (CREATE,) if isinstance(open_.document, Absent) else (UPDATE, SET_DEFAULT)
    faults = change.preferences.faults
    stay = (say("The document has other faults, which stay: {faults}", faults=" ".join(faults)),) if faults else ()
    return Plan(
        fix=rewriting.fix,
        title=rewriting.title,
        scope=scope,
        subject=Subject(SubjectKind.DOCUMENT, change.arn),
        calls=change.calls,
        before=change.before,
        after=change.after,
        guards=change.guards,
        way_back=change.way_back,
        reach=Reach.REGION,
        undo=change.undo,
        facts_after=change.facts_after,
        stale=STALE,
        loses=rewriting.loses,
        delay=say(DELAY),
        notes=(*rewriting.warnings, *change.notes, *rewriting.notes, *rights.notes(*needed), *stay),
        confirmation=scope.region,
    )


def _new() -> DocumentText | MalformedText:
    return document_text(NEW_DOCUMENT, DocumentFormat.JSON)
