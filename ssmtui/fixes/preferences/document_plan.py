"""The plan that writes the preferences document anew: every fix of a setting ends in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmtui.fixes.frame.caller_rights import CallerRights, Rights, denied_words
from ssmtui.fixes.preferences.preferences_change import CREATE, DELAY, SET_DEFAULT, STALE, UPDATE, preferences_change
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.plan import NotApplicable, Plan, Reach
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.preferences_text import PreferencesMalformed, parse_document, preferences_of
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is to be written, and what to say of it. `loses` is one text, of as many sentences as there are losses."""

    fix: str
    title: str
    after: str
    loses: str = ""
    notes: tuple[str, ...] = ()


def why_no_writing(document: PreferencesDocument | Absent, caller: CallerRights) -> str:
    """Why the document cannot be written, whatever would be in it; empty where it can."""
    if isinstance(document, PreferencesDocument):
        try:
            parse_document(document.content, document.format)
        except PreferencesMalformed as malformed:
            return say("the preferences document {malformed}: it must be corrected first", malformed=malformed)
    denial = Rights(caller).forbidden(CREATE if isinstance(document, Absent) else UPDATE)
    return denied_words(denial) if denial else ""


def rewritten(
    scope: Scope, document: PreferencesDocument | Absent, caller: CallerRights, rewriting: Rewriting
) -> Plan | NotApplicable:
    """The plan that makes the document say `after`, or why there is none."""
    why = why_no_writing(document, caller)
    if why:
        return NotApplicable(rewriting.fix, why)
    rights = Rights(caller)
    change = preferences_change(
        scope, document, rewriting.after, default_can_follow=rights.forbidden(SET_DEFAULT) is None
    )
    needed = (CREATE,) if isinstance(document, Absent) else (UPDATE, SET_DEFAULT)
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
        notes=(*change.notes, *rewriting.notes, *rights.notes(*needed), *_faults_that_stay(change.facts_after)),
        confirmation=scope.region,
    )


def _faults_that_stay(facts_after: Sequence[object]) -> tuple[str, ...]:
    documents = (getattr(each, "value", None) for each in facts_after)
    document = next((each for each in documents if isinstance(each, PreferencesDocument)), None)
    faults = preferences_of(document).faults if document is not None else ()
    return (say("The document has other faults, which stay: {faults}", faults=" ".join(faults)),) if faults else ()
