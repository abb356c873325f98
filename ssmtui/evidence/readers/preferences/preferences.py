"""The session preferences of the Region: the document as it is stored, and what it says."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.answer import MalformedAnswer
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, document_text
from ssmtui.model.nesting import IS_TOO_LONG, NESTS_TOO_DEEPLY
from ssmtui.model.preferences import SESSION_TYPE, PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import preferences_of
from ssmtui.model.scope import Scope


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ssm:GetDocument", "ssm:DescribeDocument", key=_region)
async def preferences_document(aws: Aws, scope: Scope) -> PreferencesDocument | Absent:
    """In the format in which it is stored (GetDocument converts to JSON unless told otherwise).

    The default version of the preferences is read where it is another one than the latest: which of the two a session
    uses is not documented (docs/facts/preferences.md §3). Of a document that a session names it is the default one:
    StartSession has no parameter for another.
    """
    name = scope.session_document
    try:
        described = (await aws.call("ssm", "DescribeDocument", Name=name)).part("Document")
        has_format = described.has("DocumentFormat")
        stored = described.word("DocumentFormat", DocumentFormat) if has_format else DocumentFormat.JSON
        default = described.text("DefaultVersion")
        latest, content = await _version(aws, name, default if scope.document else "$LATEST", stored)
        default_content = content if default == latest else (await _version(aws, name, default, stored))[1]
    except AwsError as error:
        if error.code != "InvalidDocument":
            raise
        return Absent(say("the document {document}", document=name), "ssm:GetDocument")
    return PreferencesDocument(
        arn=scope.session_document_arn,
        format=stored,
        latest_version=latest,
        default_version=default,
        content=read_text(content, stored),
        default_content=default_content,
        type=described.optional_text("DocumentType") or SESSION_TYPE,
    )


@derives
def session_preferences(scope: Scope, document: PreferencesDocument | Absent) -> SessionPreferences | Moot:
    """What the latest version says; AWS's defaults, where there are no preferences. No session goes by what is none."""
    if isinstance(document, Absent):
        if scope.document is not None:
            return Moot(say("the document {document} does not exist", document=scope.document))
        return SessionPreferences(scope.session_document_arn, document_exists=False)
    if document.type != SESSION_TYPE:
        return Moot(say("the document {document} is no Session document", document=scope.session_document))
    return preferences_of(document)


def read_text(content: str, stored: DocumentFormat) -> DocumentText | MalformedText:
    """What a stored document says. Raises MalformedAnswer where that is not known, though it may be known to others."""
    text = document_text(content, stored)
    if isinstance(text, MalformedText) and text.nests_too_deeply:
        raise MalformedAnswer("ssm:GetDocument", say(NESTS_TOO_DEEPLY, member="Content"))
    if isinstance(text, MalformedText) and text.is_too_long:
        raise MalformedAnswer("ssm:GetDocument", say(IS_TOO_LONG, member="Content"))
    return text


async def _version(aws: Aws, name: str, version: str, stored: DocumentFormat) -> tuple[str, str]:
    answer = await aws.call("ssm", "GetDocument", Name=name, DocumentVersion=version, DocumentFormat=stored.value)
    return answer.text("DocumentVersion"), answer.text("Content")
