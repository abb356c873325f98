"""`align-preferences-versions`: make the newest version of the preferences the default version."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import DOCUMENT_NAME, Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.rights import Rights, denial_text
from ssmtui.remediation.plans.preferences.document_plan import SET_DEFAULT, STALE

_SLUG = "align-preferences-versions"

# docs/facts/preferences.md §3: which of the two a session without a document's name goes by is not documented; the
# console's Preferences page shows the default one.
_WHICH = translatable(
    "AWS does not document which of the two versions sessions go by; the console shows the default one. Should that "
    "one be right, change the newest to it instead."
)
_DELAY = translatable("None that AWS documents.")


@fix(slug=_SLUG, stale=STALE, whole_region=True)
def align_preferences_versions(
    scope: Scope,
    document: PreferencesDocument,
    caller: CallerPreferencesPermissions | Absent | NotApplicable | Unreadable,
) -> Plan | FixNotApplicable:
    """Move the default version."""
    rights = Rights(caller)
    denial = rights.forbidden(SET_DEFAULT)
    if document.default_version == document.latest_version:
        return FixNotApplicable(_SLUG, say("the newest version is the default one already"))
    if denial:
        return FixNotApplicable(_SLUG, denial_text(denial))
    was, newest = document.default_version, document.latest_version
    aligned = replace(document, default_version=newest, default_content=document.content.text)
    return Plan(
        fix=_SLUG,
        title=say("Make version {newest} of the session preferences the default", newest=newest),
        scope=scope,
        subject=Subject(SubjectKind.DOCUMENT, document.arn),
        calls=(_default(document, newest),),
        before=document.default_content,
        after=document.content.text,
        guards=(
            _described(say("the newest version"), "Document.LatestVersion", newest),
            _described(say("the default version"), "Document.DefaultVersion", was),
            _text(document, document.default_content),
        ),
        way_back=UndoPlan(
            (
                _described(say("the default version"), "Document.DefaultVersion", newest),
                _text(document, document.content.text),
            ),
            (_default(document, was),),
        ),
        reach=Reach.REGION,
        undo=say("Version {was} is the default again.", was=was),
        facts_after=(FactChange(PreferencesDocument, aligned),),
        stale=STALE,
        delay=say(_DELAY),
        notes=(say(_WHICH), *rights.notes(SET_DEFAULT)),
        confirmation=scope.region,
    )


def _default(document: PreferencesDocument, version: str) -> Call:
    parameters = {"Name": DOCUMENT_NAME, "DocumentVersion": version}
    return Call("ssm", "UpdateDocumentDefaultVersion", parameters, SET_DEFAULT, document.arn)


def _described(name: str, path: str, expected: str) -> Guard:
    return Guard(name, "ssm", "DescribeDocument", {"Name": DOCUMENT_NAME}, path, expected)


def _text(document: PreferencesDocument, content: str) -> Guard:
    parameters = {"Name": DOCUMENT_NAME, "DocumentVersion": "$DEFAULT", "DocumentFormat": document.format.value}
    return Guard(say("the default text"), "ssm", "GetDocument", parameters, "Content", content)
