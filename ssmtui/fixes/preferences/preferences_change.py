"""The change of the preferences document from one text to another: every fix of a preference is made of it.

The write names the version that was previewed, which makes it a compare-and-swap (docs/facts/preferences.md §2). The
default version is moved after it, because it is not documented which of the two a session goes by
(docs/facts/preferences.md §3).
"""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import marked, say
from ssmtui.model.answers import Absent
from ssmtui.model.document_name import DOCUMENT_NAME
from ssmtui.model.document_text import DocumentFormat, DocumentText
from ssmtui.model.plan import Call, FactChange, FromAnswer, FromGuard, Guard, Parameter, WayBack
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import preferences_of
from ssmtui.model.scope import Scope

CREATE = "ssm:CreateDocument"
UPDATE = "ssm:UpdateDocument"
SET_DEFAULT = "ssm:UpdateDocumentDefaultVersion"
STALE = (PreferencesDocument, SessionPreferences)
"""What must be read again after the document has changed."""

DELAY = marked(
    "None that AWS documents: sessions that start after the change go by it, sessions under way go on as they are."
)

_DEFAULT_STAYS = marked("The default version stays behind: it is what the console's Preferences page shows.")


@dataclass(frozen=True, slots=True)
class PreferencesChange:
    """The part of a plan that follows from the two texts; `document` and `preferences` are as they will be."""

    arn: str
    before: str
    after: str
    guards: tuple[Guard, ...]
    calls: tuple[Call, ...]
    way_back: WayBack
    undo: str
    document: PreferencesDocument
    preferences: SessionPreferences
    notes: tuple[str, ...]

    @property
    def facts_after(self) -> tuple[FactChange, ...]:
        """The document and what it says, as they are after the change."""
        return (FactChange(PreferencesDocument, self.document), FactChange(SessionPreferences, self.preferences))


def preferences_change(
    scope: Scope, document: PreferencesDocument | Absent, after: DocumentText, *, default_can_follow: bool = True
) -> PreferencesChange:
    """The change of the stored document to the text `after`; an absent one is created as JSON.

    `default_can_follow` is False where the caller may not move the default version.
    """
    if isinstance(document, Absent):
        return _creation(scope, after)
    return _update(document, after, default_can_follow=default_can_follow)


def _update(document: PreferencesDocument, after: DocumentText, *, default_can_follow: bool) -> PreferencesChange:
    before, in_step = document.content.text, document.default_version == document.latest_version
    calls = [_write(document, after.text, document.latest_version)]
    back = [_write(document, before, FromGuard(0, "DocumentVersion"))]
    notes = []
    if not in_step:
        notes.append(
            say(
                "The default version ({default_version}) is not the newest ({latest_version}): the "
                "newest is what changes.",
                default_version=document.default_version,
                latest_version=document.latest_version,
            )
        )
    if default_can_follow:
        written = FromAnswer(0, "DocumentDescription.DocumentVersion")
        calls.append(_set_default(document.arn, written))
        back.append(_set_default(document.arn, written if in_step else document.default_version))
    else:
        notes.append(
            say(
                "You are not allowed {set_default}. {default_stays}",
                set_default=SET_DEFAULT,
                default_stays=say(_DEFAULT_STAYS),
            )
        )
    then = _document_after(document, after, default_follows=default_can_follow)
    return PreferencesChange(
        arn=document.arn,
        before=before,
        after=after.text,
        guards=(
            _described(say("the newest version"), "Document.LatestVersion", document.latest_version),
            _content_guard(document.format, before),
        ),
        calls=tuple(calls),
        way_back=WayBack((_content_guard(document.format, after.text),), tuple(back)),
        undo=_undo(document, default_can_follow=default_can_follow),
        document=then,
        preferences=preferences_of(then),
        notes=tuple(notes),
    )


def _undo(document: PreferencesDocument, *, default_can_follow: bool) -> str:
    if not default_can_follow:
        return say("The text of before is written as a new version; the default version stays where it is.")
    if document.default_version == document.latest_version:
        return say("The text of before is written as a new version, which becomes the default.")
    return say(
        "The text of before is written as a new version; version {default} is default again.",
        default=document.default_version,
    )


def _creation(scope: Scope, after: DocumentText) -> PreferencesChange:
    arn = scope.arn("ssm", f"document/{DOCUMENT_NAME}")
    stored, text = after.format, after.text
    create = Call(
        "ssm",
        "CreateDocument",
        {"Name": DOCUMENT_NAME, "DocumentType": "Session", "DocumentFormat": stored.value, "Content": text},
        CREATE,
        arn,
    )
    then = PreferencesDocument(arn, stored, "1", "1", after, text)
    return PreferencesChange(
        arn=arn,
        before="",
        after=text,
        guards=(_described(say("the document"), "Document.Name", None),),
        calls=(create,),
        way_back=WayBack(
            (_content_guard(stored, text), _described(say("the newest version"), "Document.LatestVersion", "1")),
            (Call("ssm", "DeleteDocument", {"Name": DOCUMENT_NAME}, "ssm:DeleteDocument", arn),),
        ),
        undo=say("The document is deleted, if nobody has changed it since."),
        document=then,
        preferences=preferences_of(then),
        notes=(),
    )


def _write(document: PreferencesDocument, content: str, version: Parameter) -> Call:
    parameters: dict[str, Parameter] = {
        "Name": DOCUMENT_NAME,
        "DocumentVersion": version,
        "DocumentFormat": document.format.value,
        "Content": content,
    }
    return Call("ssm", "UpdateDocument", parameters, UPDATE, document.arn)


def _set_default(arn: str, version: Parameter) -> Call:
    parameters: dict[str, Parameter] = {"Name": DOCUMENT_NAME, "DocumentVersion": version}
    return Call("ssm", "UpdateDocumentDefaultVersion", parameters, SET_DEFAULT, arn, without=say(_DEFAULT_STAYS))


def _described(name: str, path: str, expected: str | None) -> Guard:
    return Guard(name, "ssm", "DescribeDocument", {"Name": DOCUMENT_NAME}, path, expected)


def _content_guard(stored: DocumentFormat, content: str) -> Guard:
    parameters = {"Name": DOCUMENT_NAME, "DocumentVersion": "$LATEST", "DocumentFormat": stored.value}
    return Guard(say("the newest text"), "ssm", "GetDocument", parameters, "Content", content)


def _document_after(
    document: PreferencesDocument, after: DocumentText, *, default_follows: bool
) -> PreferencesDocument:
    # AWS numbers versions by counting up.
    newest = str(int(document.latest_version) + 1)
    return PreferencesDocument(
        arn=document.arn,
        format=document.format,
        latest_version=newest,
        default_version=newest if default_follows else document.default_version,
        content=after,
        default_content=after.text if default_follows else document.default_content,
    )
